/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: VMI_IRET does as IRET does: what it restores, what it keeps, and where and how a bad frame faults.
 * Environments: native bochs-native segment paged bochs bochs-paged paged-checked
 * Variants: paging=32 paging=pae
 *
 * Every entry is with null data segments. A frame that faults is reported at
 * the site, with ESP and the frame as they were.
 */
#include "runtime.h"

#include "vmi.h"

#include "jump.h"

#define SELECTOR_CODE	SELECTOR_SPARE
#define SELECTOR_STACK	(SELECTOR_SPARE + 8)
#define ACCESS_DOWN	0x17
#define FLAG_32		((uint64_t)0x00400000 << 32)
#define FLAG_PAGES	((uint64_t)0x00800000 << 32)
#define NOT_PRESENT	(~((uint64_t)ACCESS_PRESENT << 40))
#define TWO_PAGES	0x40000000u

struct frame {
	uint32_t eip, cs, eflags, esp, ss;
};

/* enter.asm, land_user.asm */
void iret_enter(const void *frame, uint32_t eflags);
void iret_arrival(void);
void arrive(void);
extern const uint8_t iret_site[], land[], land_push[], land_cli[];
extern uint32_t arrived[13], arrival_esp, land_segments[4];

static uint8_t frame_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct frame *const frame = (struct frame *)(frame_page + PAGE_SIZE / 2);
static struct jump_context back;

static void set_frame(uint32_t eip, uint32_t cs, uint32_t ss)
{
	*frame = (struct frame){
		.eip = eip, .cs = cs, .eflags = EFLAGS_FIXED | EFLAGS_IF, .esp = user_stack_top(),
		.ss = ss,
	};
}

static bool registers_right(const struct trap_frame *f)
{
	return f->eax == 0xa0000001 && f->ecx == 0xc0000002 && f->edx == 0xd0000003
	       && f->ebx == 0xb0000004 && f->ebp == 0xe0000005 && f->esi == 0x50000006
	       && f->edi == 0xf0000007;
}

/* ---- frames that fault ---- */

struct attempt {
	void *at;
	uint32_t eflags;
};

static void enter(void *argument)
{
	struct attempt *a = argument;

	iret_enter(a->at, a->eflags);
}

static void refused_at(void *at, uint32_t eflags, uint32_t vector, uint32_t error, const char *what)
{
	struct attempt a = { at, eflags };
	struct frame before = *frame;
	struct fault fault;

	vmi_disable_interrupts();
	expect_fault(enter, &a, &fault);
	if (report(fault.vector == vector && fault.error == error
		   && fault.frame.eip == (uint32_t)iret_site && fault.esp == (uint32_t)at
		   && registers_right(&fault.frame) && memcmp(&before, frame, sizeof(before)) == 0
		   && fault.handler_mask == 0, "%s", what))
		return;
	print("  got %s, error %x, eip %x, esp %x, cs %x\n", trap_name(fault.vector), fault.error,
	      fault.frame.eip, fault.esp, fault.frame.cs);
	print("  want %s, error %x, eip %x, esp %x\n", trap_name(vector), error,
	      (uint32_t)iret_site, (uint32_t)at);
}

static void refused(uint32_t cs, uint32_t ss, uint32_t vector, uint32_t error, const char *what)
{
	set_frame((uint32_t)land, cs, ss);
	refused_at(frame, 0, vector, error, what);
}

static uint64_t flat(uint32_t access, unsigned ring)
{
	return descriptor_segment(0, 0xfffff, ACCESS_PRESENT | ACCESS_DPL(ring) | access)
	       | FLAG_32 | FLAG_PAGES;
}

static void test_selectors(void)
{
	uint32_t user_code = SELECTOR_CODE | 3, user_stack_sel = SELECTOR_STACK | 3;

	refused(0, USER_SS, TRAP_PROTECTION, 0, "CS null");
	refused(GDT_ENTRIES * 8 | 3, USER_SS, TRAP_PROTECTION, GDT_ENTRIES * 8, "CS beyond the GDT");
	refused(SELECTOR_USER_DATA | 3, USER_SS, TRAP_PROTECTION, SELECTOR_USER_DATA, "CS a data segment");
	refused(SELECTOR_KERNEL_CODE | 3, USER_SS, TRAP_PROTECTION, SELECTOR_KERNEL_CODE,
		"CS the kernel's with RPL 3");
	tables_set_segment(SELECTOR_CODE, flat(ACCESS_CODE, 3) & NOT_PRESENT);
	refused(user_code, USER_SS, TRAP_NOT_PRESENT, SELECTOR_CODE, "CS not present");
	refused(USER_CS, 0, TRAP_PROTECTION, 0, "SS null");
	refused(USER_CS, GDT_ENTRIES * 8 | 3, TRAP_PROTECTION, GDT_ENTRIES * 8, "SS beyond the GDT");
	refused(USER_CS, USER_CS, TRAP_PROTECTION, SELECTOR_USER_CODE, "SS a code segment");
	refused(USER_CS, SELECTOR_USER_DATA, TRAP_PROTECTION, SELECTOR_USER_DATA, "SS with RPL 0");
	refused(USER_CS, SELECTOR_KERNEL_DATA | 3, TRAP_PROTECTION, SELECTOR_KERNEL_DATA, "SS the kernel's");
	tables_set_segment(SELECTOR_STACK, flat(ACCESS_DATA, 3) & NOT_PRESENT);
	if (platform_is_vmi())	/* TCG itself makes it #NP */
		refused(USER_CS, user_stack_sel, TRAP_STACK, SELECTOR_STACK, "SS not present");
}

static void test_limits(void)
{
	uint32_t user_code = SELECTOR_CODE | 3;

	if (!cpu_checks_limits())	/* TCG neither does so nor looks at EIP at an IRET */
		return;
	tables_set_segment(SELECTOR_CODE, descriptor_segment(0, 0xfff, ACCESS_PRESENT | ACCESS_DPL(3)
							     | ACCESS_CODE) | FLAG_32);
	refused(user_code, USER_SS, TRAP_PROTECTION, 0, "EIP beyond the user's limit");
	tables_set_segment(SELECTOR_CODE, descriptor_segment(0, 0xfff, ACCESS_PRESENT | ACCESS_CODE)
			   | FLAG_32);
	refused(SELECTOR_CODE | cpu_ring(), USER_SS, TRAP_PROTECTION, 0, "EIP beyond the kernel's limit");
	tables_set_segment(SELECTOR_CODE, 0);
}

/* TSS.link is null (SDM vol. 3, 6.15, interrupt 10). */
static void test_nested_task(void)
{
	set_frame((uint32_t)land, USER_CS, USER_SS);
	refused_at(frame, EFLAGS_NT, TRAP_INVALID_TSS, 0, "NT set");
}

/* The frame's last words are on a page that is not there. */
static void test_unmapped(uint32_t words)
{
	struct frame *cut = (struct frame *)(TWO_PAGES + PAGE_SIZE - words * 4);
	struct attempt a = { cut, 0 };
	struct fault fault;

	paging_map(TWO_PAGES, memory_allocate_page(), PTE_PRESENT | PTE_WRITE);
	memcpy(cut, frame, words * 4);
	expect_fault(enter, &a, &fault);
	report(fault.vector == TRAP_PAGE && fault.error == 0 && fault.cr2 / PAGE_SIZE == TWO_PAGES / PAGE_SIZE + 1
	       && fault.frame.eip == (uint32_t)iret_site && fault.esp == (uint32_t)cut
	       && registers_right(&fault.frame) && memcmp(cut, frame, words * 4) == 0,
	       "%u words of the frame are mapped: %s, error %x, cr2 %x", words,
	       trap_name(fault.vector), fault.error, fault.cr2);
	paging_unmap(TWO_PAGES);
}

/* ---- returns to ring 3 ---- */

static struct trap_frame user;

static bool take_exit(struct trap_frame *f)
{
	user = *f;
	jump_to(&back, 1);
}

static void leave(void)
{
	vmi_disable_interrupts();
	trap_set_handler(TRAP_USER_EXIT, take_exit);
	if (jump_set(&back) == 0)
		iret_enter(frame, 0);
	trap_set_handler(TRAP_USER_EXIT, NULL);
}

static void test_user(void)
{
	uint32_t flags = EFLAGS_FIXED | EFLAGS_IF | EFLAGS_ARITH | EFLAGS_DF | EFLAGS_AC | EFLAGS_ID;

	set_frame((uint32_t)land, USER_CS, USER_SS);
	leave();
	report(registers_right(&user), "to ring 3: the registers are kept");
	report((user.cs & 0xffff) == USER_CS && (user.ss & 0xffff) == USER_SS
	       && user.esp == user_stack_top(), "to ring 3: CS, SS, ESP");
	report(!land_segments[0] && !land_segments[1] && !land_segments[2] && !land_segments[3],
	       "to ring 3: the data segments stay null");
	report_equal(user.eflags & (flags | EFLAGS_NT), EFLAGS_FIXED | EFLAGS_IF, "to ring 3: clear flags");
	frame->eflags = flags;
	leave();
	report_equal(user.eflags & (flags | EFLAGS_NT), flags, "to ring 3: set flags");
	frame->eflags = EFLAGS_FIXED | EFLAGS_IF | EFLAGS_NT;
	leave();
	report_equal(user.eflags & (flags | EFLAGS_NT), frame->eflags, "to ring 3: NT");
}

/* Hardware would give ring 3 the interrupt flag; a guest cannot (docs/abi.md, section 4). */
static void test_iopl(void)
{
	if (!platform_is_vmi())
		return;
	set_frame((uint32_t)land_cli, USER_CS, USER_SS);
	frame->eflags |= EFLAGS_IOPL;
	trap_set_handler(TRAP_PROTECTION, take_exit);
	leave();
	trap_set_handler(TRAP_PROTECTION, NULL);
	report(user.vector == TRAP_PROTECTION && user.eip == (uint32_t)land_cli, "IOPL 3 in the image: %s",
	       trap_name(user.vector));
	report(!(user.eflags & EFLAGS_IOPL), "is not loaded");
}

static void test_stack(uint64_t descriptor, uint32_t esp, uint32_t top, const char *what)
{
	uint32_t *word = (uint32_t *)(top - 4);

	*word = 0;
	tables_set_segment(SELECTOR_STACK, descriptor);
	set_frame((uint32_t)land_push, USER_CS, SELECTOR_STACK | 3);
	frame->esp = esp;
	leave();
	report((user.ss & 0xffff) == (SELECTOR_STACK | 3) && (user.esp & 0xffff) == ((esp - 4) & 0xffff),
	       "%s: SS, SP", what);
	report_equal(*word, 0x600dbeef, "%s: PUSH", what);
	tables_set_segment(SELECTOR_STACK, 0);
}

static void test_stacks(void)
{
	uint32_t base = (uint32_t)user_stack, access = ACCESS_PRESENT | ACCESS_DPL(3);

	test_stack(descriptor_segment(base, 0xfff, access | ACCESS_DATA), 0x800, base + 0x800,
		   "a 16-bit stack");
	test_stack(descriptor_segment(base, 0x1ff, access | ACCESS_DOWN), 0x800, base + 0x800,
		   "a 16-bit stack that expands down");
	test_stack(descriptor_segment(base, 0x1ff, access | ACCESS_DOWN) | FLAG_32, 0x800, base + 0x800,
		   "a stack that expands down");
	test_stack(descriptor_segment(base, 0xfff, access | ACCESS_DATA) | FLAG_32, 0x800, base + 0x800,
		   "a small stack");
}

/* ---- returns to the kernel ---- */

void arrive(void)
{
	jump_to(&back, 1);
}

static void test_kernel(uint32_t mask)
{
	uint32_t flags = EFLAGS_FIXED | EFLAGS_ARITH | EFLAGS_DF | mask, after;

	set_frame((uint32_t)iret_arrival, SELECTOR_KERNEL_CODE | cpu_ring(), 0);
	frame->eflags = flags;
	vmi_set_interrupt_mask(mask ? 0 : EFLAGS_IF);
	if (jump_set(&back) == 0) {
		arrival_esp = (uint32_t)frame_page + 1024;
		iret_enter(frame, 0);
	}
	after = vmi_get_interrupt_mask();
	vmi_disable_interrupts();
	report_equal(after, mask, "to the kernel: interrupts");
	report(arrived[7] == 0xa0000001 && arrived[6] == 0xc0000002 && arrived[5] == 0xd0000003
	       && arrived[4] == 0xb0000004 && arrived[2] == 0xe0000005 && arrived[1] == 0x50000006
	       && arrived[0] == 0xf0000007 && !(arrived[9] & 0xffff) && !(arrived[10] & 0xffff),
	       "to the kernel: the registers are kept");
	report_equal(arrived[3], (uint32_t)&frame->esp, "to the kernel: ESP");
	report_equal(arrived[8] & (EFLAGS_ARITH | EFLAGS_DF), flags & (EFLAGS_ARITH | EFLAGS_DF),
		     "to the kernel: flags");
	report_equal(arrived[11] & 0xffff, SELECTOR_KERNEL_CODE | cpu_ring(), "to the kernel: CS");
}

/* A segment that goes while it is in ES: null for a guest, which is not told. */
static void test_live_segment(void)
{
	uint32_t selector = SELECTOR_STACK | cpu_ring(), es;

	if (!platform_is_vmi())
		return;
	tables_set_segment(SELECTOR_STACK, flat(ACCESS_DATA, 0));
	__asm__ volatile("movl %0, %%es" : : "r" (selector));
	tables_set_segment(SELECTOR_STACK, 0);
	__asm__ volatile("movl %%es, %0; movl %1, %%es" : "=&r" (es) : "r" ((uint32_t)read_ss()));
	report_equal(es & 0xffff, 0, "ES is null after its descriptor has gone");
}

int main(void)
{
	test_kernel(0);
	test_kernel(EFLAGS_IF);
	test_user();
	test_iopl();
	test_stacks();
	test_selectors();
	test_limits();
	test_nested_task();
	set_frame((uint32_t)land, USER_CS, USER_SS);
	test_unmapped(2);
	test_unmapped(3);
	test_unmapped(4);
	test_live_segment();
	return 0;
}
