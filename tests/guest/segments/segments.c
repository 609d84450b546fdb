/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: descriptors that a guest may write: live changes, LDTs, thread-local storage at negative offsets; none reaches the monitor.
 * Environments: native bochs-native segment paged bochs bochs-paged paged-checked
 *
 * TCG checks no limits (docs/architecture.md): what needs them is tested on Bochs.
 */
#include "segments.h"

#include "runtime.h"

#include "vmi.h"
#include "vmi_guest.h"

#include "base/hole.h"
#include "jump.h"

#define PORT_POST	0x80		/* POST codes: nothing happens */
#define OUT_DX_AL	0xee
#define INT		0xcd

static uint32_t first = 0x11111111, second = 0x22222222;

uint64_t segment(uint32_t base, uint32_t limit, uint32_t access, unsigned ring, uint32_t flags)
{
	return descriptor_segment(base, limit, ACCESS_PRESENT | ACCESS_DPL(ring) | access)
	       | (uint64_t)flags << 32;
}

bool read_fs(uint32_t offset, uint32_t *value)
{
	uint32_t faulted = 1, word = 0;

	__asm__ volatile("1: movl %%fs:(%2), %1\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted), "+r" (word) : "r" (offset) : "memory", "cc");
	*value = word;
	return !faulted;
}

bool write_fs(uint32_t offset, uint32_t value)
{
	uint32_t faulted = 1;

	__asm__ volatile("1: movl %1, %%fs:(%2)\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted) : "r" (value), "r" (offset) : "memory", "cc");
	return !faulted;
}

static uint16_t read_fs_selector(void)
{
	uint32_t selector;

	__asm__ volatile("movl %%fs, %0" : "=r" (selector));
	return (uint16_t)selector;
}

/* A live register follows its descriptor; hardware wants it loaded again. */
static void test_live(void)
{
	uint32_t value = 0;

	tables_set_segment(SELECTOR_SPARE, segment((uint32_t)&first, 3, ACCESS_DATA, 0, 0));
	report(try_load_fs(SELECTOR_SPARE | cpu_ring()) && read_fs(0, &value) && value == first,
	       "FS has a new segment");
	tables_set_segment(SELECTOR_SPARE, segment((uint32_t)&second, 3, ACCESS_DATA, 0, 0));
	if (!platform_is_vmi())
		try_load_fs(SELECTOR_SPARE | cpu_ring());
	report(read_fs(0, &value) && value == second, "it changes its base");
	if (!platform_is_vmi())
		try_load_fs(0);
	tables_set_segment(SELECTOR_SPARE, 0);
	if (platform_is_vmi())
		report_equal(read_fs_selector(), 0, "FS is null when the descriptor goes");
	report(!try_load_fs(SELECTOR_SPARE | cpu_ring()), "and cannot be loaded again");
}

/* DS, ES and GS have the spare segment, and are used behind a SetGDT. */
static void read_all(const struct vmi_dtr *gdtr, uint32_t values[3])
{
	uint32_t entry = vmi_entry(VMI_CALL_SetGDT), at = (uint32_t)gdtr, ds, es, gs;

	__asm__ volatile("movl %[selector], %%ds; movl %[selector], %%es; movl %[selector], %%gs\n\t"
			 "call *%[entry]\n\t"
			 "movl %%ds:0, %%eax; movl %%es:0, %%edx; movl %%gs:0, %%ecx\n\t"
			 "movl %%ss, %[entry]; movl %[entry], %%ds; movl %[entry], %%es\n\t"
			 "xorl %[entry], %[entry]; movl %[entry], %%gs"
			 : "=a" (ds), "=d" (es), "=c" (gs), [entry] "+S" (entry)
			 : "0" (at), [selector] "D" (SELECTOR_SPARE | cpu_ring()) : "memory", "cc");
	values[0] = ds;
	values[1] = es;
	values[2] = gs;
}

/* Another GDT: what was loaded from the old one is from the new one now. */
static void test_other_gdt(void)
{
	static uint64_t other[GDT_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
	struct vmi_dtr gdtr = { .limit = sizeof(other) - 1, .base = (uint32_t)other };
	struct vmi_dtr old, seen;
	uint32_t value = 0, values[3];

	tables_set_segment(SELECTOR_SPARE, segment((uint32_t)&first, 3, ACCESS_DATA, 0, 0));
	try_load_fs(SELECTOR_SPARE | cpu_ring());
	memcpy(other, tables_gdt(), sizeof(other));
	other[SELECTOR_SPARE / 8] = segment((uint32_t)&second, 3, ACCESS_DATA, 0, 0);
	vmi_get_gdt(&old);
	vmi_set_gdt(&gdtr);
	vmi_get_gdt(&seen);
	report(seen.limit == gdtr.limit && seen.base == gdtr.base, "GetGDT says what was set");
	if (!platform_is_vmi())
		try_load_fs(SELECTOR_SPARE | cpu_ring());
	report(read_fs(0, &value) && value == second, "FS follows SetGDT");
	try_load_fs(0);
	if (platform_is_vmi()) {
		/* DS at base 0: the call reads its argument through it */
		tables_gdt()[SELECTOR_SPARE / 8] = tables_gdt()[SELECTOR_KERNEL_DATA / 8];
		vmi_set_gdt(&old);
		read_all(&gdtr, values);
		report(values[0] == second && values[1] == second && values[2] == second,
		       "DS, ES and GS follow SetGDT");
		tables_gdt()[SELECTOR_SPARE / 8] = segment((uint32_t)&first, 3, ACCESS_DATA, 0, 0);
	}
	gdtr.limit = SELECTOR_SPARE - 1;
	vmi_set_gdt(&gdtr);
	report(!try_load_fs(SELECTOR_SPARE | cpu_ring()), "a selector beyond the new limit");
	vmi_set_gdt(&old);
	report(try_load_fs(SELECTOR_SPARE | cpu_ring()) && read_fs(0, &value) && value == first,
	       "the old GDT again");
	try_load_fs(0);
}

static void set_huge_gdt(void *limit)
{
	struct vmi_dtr gdtr = {
		.limit = (uint16_t)(uint32_t)limit, .base = (uint32_t)tables_gdt(),
	};

	vmi_set_gdt(&gdtr);
}

/* Selectors from E000h on are the monitor's. */
static void test_huge_gdt(void)
{
	struct vmi_dtr seen;
	struct fault fault;

	if (!platform_is_vmi())
		return;
	expect_fault(set_huge_gdt, (void *)(GUEST_GDT_LIMIT + 1), &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0, "a GDT limit of E000h is #GP");
	vmi_get_gdt(&seen);
	report_equal(seen.limit, GDT_ENTRIES * 8 - 1, "and nothing has changed");
	report(!expect_fault(set_huge_gdt, (void *)0xdfff, &fault), "one of DFFFh is not");
	report(!try_load_fs((GUEST_GDT_LIMIT & ~7u) | cpu_ring()), "its last selector holds nothing");
	set_huge_gdt((void *)(GDT_ENTRIES * 8 - 1));
}

static void load_ldt(void *selector)
{
	vmi_set_ldt((uint32_t)selector);
}

static void load_tr(void *selector)
{
	vmi_set_tr((uint32_t)selector);
}

static void refused(void (*load)(void *), uint32_t selector, uint32_t vector, const char *what)
{
	struct fault fault;

	expect_fault(load, (void *)selector, &fault);
	report(fault.vector == vector && fault.error == (selector & ~3u), "%s: %s, error %x", what,
	       trap_name(fault.vector), fault.error);
}

/* What LLDT and LTR refuse (SDM vol. 2). */
static void test_system_loads(void)
{
	uint64_t absent = ~((uint64_t)ACCESS_PRESENT << 40);
	uint16_t tr = vmi_get_tr();

	refused(load_ldt, GDT_ENTRIES * 8, TRAP_PROTECTION, "an LDT beyond the GDT");
	refused(load_ldt, SELECTOR_KERNEL_DATA, TRAP_PROTECTION, "an LDT that is data");
	refused(load_ldt, SELECTOR_TSS, TRAP_PROTECTION, "an LDT that is a TSS");
	refused(load_ldt, SELECTOR_LDT | 4, TRAP_PROTECTION, "an LDT in an LDT");
	tables_set_segment(SELECTOR_SPARE, segment(0, 7, ACCESS_LDT, 0, 0) & absent);
	refused(load_ldt, SELECTOR_SPARE, TRAP_NOT_PRESENT, "an LDT that is not present");
	if (platform_is_vmi())		/* TCG takes it */
		refused(load_tr, 0, TRAP_PROTECTION, "a null TSS");
	refused(load_tr, GDT_ENTRIES * 8, TRAP_PROTECTION, "a TSS beyond the GDT");
	refused(load_tr, SELECTOR_TSS, TRAP_PROTECTION, "a TSS that is busy");
	refused(load_tr, SELECTOR_KERNEL_DATA, TRAP_PROTECTION, "a TSS that is data");
	tables_set_segment(SELECTOR_SPARE, segment(0, 103, ACCESS_TSS, 0, 0) & absent);
	refused(load_tr, SELECTOR_SPARE, TRAP_NOT_PRESENT, "a TSS that is not present");
	tables_set_segment(SELECTOR_SPARE, 0);
	report(vmi_get_tr() == tr && vmi_get_ldt() == 0, "nothing has changed");
}

/* Ring 3 calls a conforming segment of the kernel's, and stays in ring 3. */
static void test_conforming(void)
{
	extern const uint8_t task_conforming[];
	struct fault fault;

	tables_set_segment(SELECTOR_SPARE, segment(0, 0xfffff, ACCESS_CONFORMING, 0,
						   FLAGS_32 | FLAGS_PAGES));
	user_run((uint32_t)task_conforming, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_USER_EXIT && fault.frame.eax == (SELECTOR_SPARE | 3),
	       "a conforming segment runs in its caller's ring: %s, CS %x", trap_name(fault.vector),
	       fault.frame.eax);
	tables_set_segment(SELECTOR_SPARE, 0);
}

/* Called in a segment that ends behind the OUT, or the INT that a patcher has made of it. */
static __attribute__((noinline)) void out_and_end(void)
{
	vmi_outb(0, PORT_POST);
}

static void call_segment(void *end)
{
	static const struct {
		uint32_t offset;
		uint16_t selector;
	} __attribute__((packed)) to = { .offset = 0, .selector = SELECTOR_SPARE };

	(void)end;
	__asm__ volatile("lcall *%0" : : "m" (to) : "eax", "ecx", "edx", "memory", "cc");
}

/*
 * The processor does not say that execution runs out of a segment until it does, at the
 * next instruction.  Whatever carries the OUT out has to return there first.
 */
static void test_last_instruction(void)
{
	const uint8_t *start = (const uint8_t *)out_and_end, *end = start;
	struct fault fault;

	if (!cpu_checks_limits())
		return;
	while (*end != OUT_DX_AL && *end != INT)
		end++;
	end += *end == INT ? 2 : 1;
	tables_set_segment(SELECTOR_SPARE, segment((uint32_t)start, (uint32_t)(end - start) - 1,
						   ACCESS_CODE, 0, FLAGS_32));
	report(expect_fault(call_segment, NULL, &fault), "nothing comes behind a segment");
	report(fault.vector == TRAP_PROTECTION && fault.error == 0
	       && fault.frame.eip == (uint32_t)(end - start)
	       && (fault.frame.cs & ~3u) == SELECTOR_SPARE, "%s, error %x, at %x:%x",
	       trap_name(fault.vector), fault.error, fault.frame.cs, fault.frame.eip);
	tables_set_segment(SELECTOR_SPARE, 0);
}

int main(void)
{
	test_live();
	test_other_gdt();
	test_huge_gdt();
	test_conforming();
	test_system_loads();
	test_last_instruction();
	test_ldt();
	test_thread_local();
	test_escapes();
	return 0;
}
