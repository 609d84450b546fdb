/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: V8086 mode is entered by IRET, and every exception, INT and port access there is as on hardware, with IOPL 0 and 3.
 * Environments: native bochs-native segment paged bochs bochs-paged paged-checked
 * Variants: paging=32 paging=pae
 */
#include "v86.h"

#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#include "jump.h"

#define PORT_OPEN	0x61
#define ANY_EAX		0xffffffffu
#define NONE		0xffffffffu

struct v86_frame {
	uint32_t eip, cs, eflags, esp, ss, es, ds, fs, gs;
};

/* What an exception in V8086 mode leaves, ES to GS behind the rest. */
struct v86_trap {
	struct trap_frame frame;
	uint32_t es, ds, fs, gs;
};

static struct jump_context back;
static struct v86_trap seen;
static uint32_t seen_at, seen_cr2;

static bool take(struct trap_frame *frame)
{
	if (!(frame->eflags & EFLAGS_VM))
		return false;
	seen = *(struct v86_trap *)frame;
	seen_at = (uint32_t)frame;
	seen_cr2 = vmi_get_cr2();
	jump_to(&back, 1);
}

static void run(const struct v86_case *c, void (*enter)(const void *))
{
	static struct v86_frame frame;

	seen.frame.vector = NONE;
	frame = (struct v86_frame){
		.eip = c->start, .cs = V86_CODE / 16, .esp = V86_SP, .ss = V86_SS,
		.es = V86_ES, .ds = V86_DS, .fs = V86_FS, .gs = V86_GS,
		.eflags = EFLAGS_FIXED | EFLAGS_IF | EFLAGS_VM | c->iopl << 12,
	};
	vmi_disable_interrupts();
	vmi_set_iopl_mask(c->iopl << 12);
	if (jump_set(&back) == 0)
		enter(&frame);
	vmi_set_iopl_mask(0);
}

static bool registers_right(void)
{
	const struct trap_frame *f = &seen.frame;

	return f->ecx == 0xc0000002 && f->ebp == 0xe0000005 && f->edi == 0xf0000007;
}

static bool segments_right(void)
{
	const struct trap_frame *f = &seen.frame;

	return (f->cs & 0xffff) == V86_CODE / 16 && (f->ss & 0xffff) == V86_SS
	       && (seen.es & 0xffff) == V86_ES && (seen.ds & 0xffff) == V86_DS
	       && (seen.fs & 0xffff) == V86_FS && (seen.gs & 0xffff) == V86_GS
	       && !(f->ds & 0xffff) && !(f->es & 0xffff) && !(f->fs & 0xffff) && !(f->gs & 0xffff);
}

static void check(const struct v86_case *c, const char *how)
{
	const struct trap_frame *f = &seen.frame;
	bool right = f->vector == c->vector && f->error == c->error && f->eip == c->at
		     && (f->eflags & (EFLAGS_IF | EFLAGS_IOPL)) == c->flags
		     && f->esp == V86_SP + c->sp && (c->eax == ANY_EAX || f->eax == c->eax)
		     && seen_at == trap_stack_top() - sizeof(struct v86_trap)
		     && registers_right() && segments_right();

	if (report(right, "%s, by %s", c->name, how))
		return;
	print("  got %s, error %x, eip %x, eflags %x, esp %x, eax %x, frame %x\n",
	      trap_name(f->vector), f->error, f->eip, f->eflags, f->esp, f->eax, seen_at);
	print("  cs %x ss %x ds %x es %x fs %x gs %x, in the handler %x %x %x %x\n", f->cs, f->ss,
	      seen.ds, seen.es, seen.fs, seen.gs, f->ds, f->es, f->fs, f->gs);
	print("  want %s, error %x, eip %x, flags %x, eax %x\n", trap_name(c->vector), c->error,
	      c->at, c->flags, c->eax);
}

static void prepare(void)
{
	static const uint8_t vectors[] = {
		TRAP_DIVIDE, TRAP_BREAKPOINT, TRAP_OVERFLOW, TRAP_INVALID_OPCODE,
		TRAP_PROTECTION, TRAP_PAGE, TRAP_USER_EXIT, 0x90,
	};
	uint32_t page, flags = PTE_PRESENT | PTE_WRITE | PTE_USER;
	unsigned i;

	for (i = 0; i < sizeof(vectors); i++)
		trap_set_handler(vectors[i], take);
	page = memory_allocate_page();
	memcpy((void *)page, v86_code, (size_t)(v86_code_end - v86_code));
	paging_map(V86_CODE, page, flags);
	paging_map(V86_STACK, memory_allocate_page(), flags);
	paging_unmap(V86_CODE + 0x8000);
	tables_tss()->bitmap[PORT_OPEN / 8] &= (uint8_t)~(1 << PORT_OPEN % 8);
}

/* docs/abi.md, section 10; the hardware would leave it. */
static void test_sysenter_cs(void)
{
	vmi_wrmsr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	run(v86_cases, v86_enter);
	report_equal((uint32_t)vmi_rdmsr(MSR_SYSENTER_CS), platform_is_vmi() ? 0 : SELECTOR_KERNEL_CODE,
		     "SYSENTER_CS after an entry");
	vmi_wrmsr(MSR_SYSENTER_CS, 0);
}

int main(void)
{
	const struct v86_case *c;

	prepare();
	for (c = v86_cases; c < v86_cases_end; c++) {
		run(c, v86_enter);
		check(c, "VMI_IRET");
		if (c->iopl == 0) {
			run(c, v86_enter_raw);
			check(c, "IRET");
		}
	}
	report(seen_cr2 != 0, "a page fault has CR2");
	test_sysenter_cs();
	return 0;
}
