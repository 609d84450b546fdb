/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a kernel that was never patched stores to its GDT, LDT, IDT and TSS, and loads them, as on hardware.
 * Environments: native bochs-native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae paging=off
 * Command line: unpatched=careful
 */
#include "runtime.h"

#include "vmi.h"

#define SPARE		SELECTOR_SPARE
#define SPARE_LDT	(SELECTOR_SPARE + 8)
#define TI		4
#define VECTOR		0x90
#define SCRATCH		0x3ff		/* a byte of COM1's that nobody minds */
#define USER_DATA	(ACCESS_PRESENT | ACCESS_DPL(3) | ACCESS_DATA)
#define FLAT		0xc0000000u	/* in bits 32 to 63: 4 KiB units, 32-bit */

static const uint8_t words[] = "first, second, third";
static uint64_t other_gdt[GDT_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
static uint64_t ldt[512] __attribute__((aligned(PAGE_SIZE)));
static uint32_t hits;

static uint64_t data_at(const void *base)
{
	return descriptor_segment((uint32_t)base, 0xfff, USER_DATA) | (uint64_t)0x00400000 << 32;
}

/* What FS reads at 0, loaded anew. */
static uint8_t through(uint16_t selector)
{
	uint8_t byte;

	__asm__ volatile("movw %w1, %%fs\n\t"
			 "movb %%fs:0, %0\n\t"
			 "movw %w2, %%fs"
			 : "=q" (byte) : "r" (selector | 3), "r" (0));
	return byte;
}

static void load_spare(void *argument)
{
	(void)argument;
	through(SPARE);
}

static void test_gdt(void)
{
	volatile uint64_t *entry = &tables_gdt()[SPARE / 8];
	volatile uint32_t *half = (volatile uint32_t *)entry;
	volatile uint8_t *byte = (volatile uint8_t *)entry;
	uint64_t d = data_at(words + 7);
	struct fault fault;

	*entry = data_at(words);
	report_equal(through(SPARE), 'f', "a descriptor is stored");
	half[0] = (uint32_t)d;
	half[1] = (uint32_t)(d >> 32);
	report_equal(through(SPARE), 's', "and changed, by halves");
	byte[2] = (uint8_t)((uint32_t)words + 15);
	report_equal(through(SPARE), words[15 + (((uint32_t)words + 7) & ~0xffu)
					   - (((uint32_t)words + 15) & ~0xffu)],
		     "a byte of its base");
	__asm__ volatile("lock; andl %1, %0" : "+m" (half[1]) : "r" (~0x8000u) : "memory", "cc");
	expect_fault(load_spare, NULL, &fault);
	report(fault.vector == TRAP_NOT_PRESENT && fault.error == SPARE,
	       "made absent by a locked AND: %s", trap_name(fault.vector));
	__asm__ volatile("cld; rep; movsl" : : "S" (&d), "D" (entry), "c" (2) : "memory");
	report_equal(through(SPARE), 's', "copied there by a string");
	__asm__ volatile("lock; xaddl %0, %1" : "+r" (hits), "+m" (half[0]) : : "memory", "cc");
	hits = 0;
	report_equal(through(SPARE), 's', "an XADD of nothing changes nothing");
}

static void test_lgdt(void)
{
	struct vmi_dtr now = { .base = (uint32_t)tables_gdt(), .limit = GDT_ENTRIES * 8 - 1 };
	struct vmi_dtr other = { .base = (uint32_t)other_gdt, .limit = sizeof(other_gdt) - 1 };

	memcpy(other_gdt, tables_gdt(), sizeof(other_gdt));
	other_gdt[SPARE / 8] = data_at(words);
	vmi_set_gdt(&other);
	report_equal(through(SPARE), 'f', "another GDT");
	*(volatile uint64_t *)&other_gdt[SPARE / 8] = data_at(words + 7);
	report_equal(through(SPARE), 's', "its entry is stored");
	vmi_set_gdt(&now);
	*(volatile uint64_t *)&tables_gdt()[SPARE / 8] = data_at(words + 15);
	report_equal(through(SPARE), 't', "the first one's again");
}

static void test_ldt(void)
{
	*(volatile uint64_t *)&tables_gdt()[SPARE_LDT / 8] =
		descriptor_segment((uint32_t)ldt, sizeof(ldt) - 1, ACCESS_PRESENT | 2);
	ldt[1] = data_at(words);
	vmi_set_ldt(SPARE_LDT);
	report_equal(through(8 | TI), 'f', "an LDT");
	*(volatile uint64_t *)&ldt[1] = data_at(words + 7);
	report_equal(through(8 | TI), 's', "its entry is stored");
	*(volatile uint64_t *)&ldt[511] = data_at(words + 15);
	report_equal(through(511 * 8 | TI), 't', "its last one");
	vmi_set_ldt(0);
}

static bool count_hit(struct trap_frame *frame)
{
	(void)frame;
	hits++;
	return true;
}

static void __user_text user_code(void)
{
	__asm__ volatile("int $0x90; int $0x81" : : : "memory");
}

static void test_idt(void)
{
	volatile uint64_t *gate = &tables_idt()[VECTOR];
	struct fault fault;

	trap_set_handler(VECTOR, count_hit);
	user_run((uint32_t)user_code, user_stack_top(), NULL, &fault);
	report_equal(fault.vector, TRAP_PROTECTION, "a gate is closed to ring 3");
	*gate = descriptor_gate(trap_stubs[VECTOR], SELECTOR_KERNEL_CODE,
				ACCESS_PRESENT | ACCESS_DPL(3) | ACCESS_TRAP_GATE);
	user_run((uint32_t)user_code, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_USER_EXIT && hits == 1, "and opened by a store");
	*gate = descriptor_gate(trap_stubs[VECTOR], SELECTOR_KERNEL_CODE,
				ACCESS_PRESENT | ACCESS_INTERRUPT_GATE);
	user_run((uint32_t)user_code, user_stack_top(), NULL, &fault);
	report_equal(fault.vector, TRAP_PROTECTION, "and closed again");
}

static void test_tss(void)
{
	struct fault fault;

	tables_tss()->esp0 -= 256;
	user_run((uint32_t)user_code, user_stack_top(), NULL, &fault);
	report_equal(fault.frame_at, trap_stack_top() - 256 - sizeof(struct trap_frame),
		     "ring 3 enters on the stack that was stored");
	tables_tss()->esp0 += 256;
	user_run((uint32_t)user_code, user_stack_top(), NULL, &fault);
	report_equal(fault.frame_at, trap_stack_top() - sizeof(struct trap_frame), "and back");
}

static void test_returns(void)
{
	uint32_t i;

	trap_set_handler(TRAP_BREAKPOINT, count_hit);
	hits = 0;
	vmi_enable_interrupts();
	for (i = 0; i < 10; i++)
		__asm__ volatile("int3");
	report_equal(vmi_get_interrupt_mask(), EFLAGS_IF, "a raw IRET restores interrupts on");
	vmi_disable_interrupts();
	__asm__ volatile("int3");
	report_equal(vmi_get_interrupt_mask(), 0, "and off");
	report_equal(hits, 11, "breakpoints");
}

/*
 * An instruction that no emulator of kernels knows: the store is done, but from
 * then on descriptors that change in memory are not followed.
 */
static void test_unknown_store(void)
{
	uint64_t value = data_at(words);
	volatile uint64_t *entry = &tables_gdt()[SPARE / 8];

	*entry = 0;
	__asm__ volatile("fninit; fildll %1; fistpll %0" : "=m" (*entry) : "m" (value));
	report(*entry == value, "a store to the GDT by the FPU");
}

int main(void)
{
	test_gdt();
	test_lgdt();
	test_ldt();
	test_idt();
	test_tss();
	test_returns();
	test_unknown_store();
	return 0;
}
