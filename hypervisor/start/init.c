// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second half of VMI_Init (the first is vmi/init.asm, then enter.asm).  The monitor
 * runs in its first address space, and nothing of the guest has changed yet.  Either
 * adopt the guest's state, build all that the guest will run on, and fill the frame by
 * which it goes on at CPL 1; or refuse, before any state is lost.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "emulate/emulate.h"
#include "start/init.h"
#include "start/start.h"

CONST_AFTER_START struct init_registers init_registers;

int init_main(struct frame *f);

static bool has_nx(void)
{
	uint32_t r[4];

	cpuid(LEAF_EXTENDED, 0, r);
	if (r[0] < LEAF_EXTENDED_FEATURES)
		return false;
	cpuid(LEAF_EXTENDED_FEATURES, 0, r);
	return (r[3] & FEATURE_NX) != 0;
}

/* Control registers, and EFER with NXE set: the shadows use NX wherever the CPU has it. */
static void adopt_control(void)
{
	if (has_nx()) {
		this_vcpu()->efer = rdmsr(MSR_EFER);
		wrmsr(MSR_EFER, this_vcpu()->efer | EFER_NXE);
	}
	info_page_rw()->idt.limit = 0;
	vcpu_load_control(init_registers.cr0, init_registers.cr3, init_registers.cr4);
}

static void adopt_tables(const struct init_stack *s)
{
	vcpu_lidt(s->idt_limit, s->idt_base);
	if (!vcpu_lldt((uint16_t)s->ldt))
		vcpu_lldt(0);
	vcpu_adopt_tr((uint16_t)s->tr);
}

/*
 * The guest goes on behind its call of VMI_Init, with EAX = 0.  FS and GS are no part of
 * a frame: the processor loads them now.
 */
static void adopt_frame(struct frame *f, const struct init_stack *s)
{
	f->edi = s->edi;
	f->esi = s->esi;
	f->ebp = s->ebp;
	f->ebx = s->ebx;
	f->edx = s->edx;
	f->ecx = s->ecx;
	f->eax = 0;
	f->ds = s->ds;
	f->es = s->es;
	f->eip = s->return_address;
	f->cs = (s->cs & 0xfffc) | 1;
	f->ss = (s->ss & 0xfffc) | 1;
	f->esp = init_registers.esp + sizeof(*s);
	f->eflags = s->eflags | EFLAGS_IF;
	fixup_load_fs(s->fs & 0xffff);
	fixup_load_gs(s->gs & 0xffff);
	vif_load(s->eflags);
}

/*
 * Can the guest go on from its state under the monitor?  Its stack must be readable, and
 * its CS and SS usable at ring 1.
 */
static bool acceptable(struct init_stack *s)
{
	if (!vcpu_accepts_cr4(init_registers.cr4))
		return false;
	walk_start();
	if ((this_vcpu()->cr0 & CR0_PG) && (this_vcpu()->cr4 & CR4_PAE) && !shadow_load_pdptes())
		return false;
	shadow_start();
	if (!guest_read(init_registers.esp, s, sizeof(*s), ACCESS_READ))
		return false;
	if (s->gdt_limit > GUEST_GDT_LIMIT)
		return false;	/* the selectors behind that are the monitor's */
	descriptors_settle(segment_load_gdt(s->gdt_base, s->gdt_limit));
	return segment_check_code((s->cs & 0xfffc) | 1, 1, s->return_address) &&
	       segment_check_stack((s->ss & 0xfffc) | 1, 1, VECTOR_GP);
}

/*
 * From enter.asm.  Returns 0 if the guest goes on by @f; or -1: refused, and it goes on as
 * it came.  The interrupt controllers are taken over last, since that cannot be undone.
 */
int init_main(struct frame *f)
{
	const struct vcpu *v = this_vcpu();
	struct init_stack s;

	adopt_control();
	if (!acceptable(&s)) {
		if (has_nx())
			wrmsr(MSR_EFER, v->efer);
		return -1;
	}
	adopt_tables(&s);
	adopt_frame(f, &s);
	msr_adopt();
	debug_adopt(s.dr7);
	__asm__ volatile("ltr %w0" : : "r"(MONITOR_TSS));
	platform_start();
	adopt_controllers();
	hole_seal();
	print("vmi: guest at cpl 1, paging %s\n",
	      !(v->cr0 & CR0_PG) ? "off" : v->cr4 & CR4_PAE ? "pae" : "32-bit");
	return 0;
}
