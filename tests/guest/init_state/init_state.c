/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: VMI_Init succeeds whatever flags, breakpoints and control bits its caller has, and they are as they were.
 * Environments: segment paged bochs
 * Variants: with=nothing with=df with=nt with=tf with=all with=breakpoints with=cr4
 * Qemu: -cpu max
 */
#include "runtime.h"

#include "vmi.h"

#define SMEP_SMAP_UMIP	(1u << 20 | 1u << 21 | 1u << 11)
#define CR4_VME_PVI	3u

const struct boot_config boot_config = { .paging = BOOT_PAGING_32, .stay_native = true };

static volatile uint32_t steps, data;
static uint32_t entry, result, after;

static bool step(struct trap_frame *frame)
{
	frame->eflags |= EFLAGS_RF;	/* past a breakpoint on an instruction */
	steps++;
	return true;
}

static void init_with(uint32_t flags)
{
	uint32_t image;

	__asm__ volatile(
		"pushfl; orl %2, (%%esp); popfl; call *%3;"
		"pushfl; popl %1; pushl $2; popfl; cld"
		: "=a"(result), "=&b"(image) : "S"(flags), "D"(entry) : "ecx", "edx", "memory", "cc");
	after = image;
	report_equal(result, 0, "VMI_Init");
	print("platform: vmi, cpl %u (called directly)\n", cpu_ring());
	/* A raw PUSHF shows neither virtual IF nor the guest's IOPL; TF ended with POPF. */
	flags &= ~(EFLAGS_IOPL | EFLAGS_TF | EFLAGS_RF);
	report((after & flags) == flags, "the flags %x are still set: %x", flags, after);
	report(cpu_ring() == 1, "the guest is in ring 1");
}

static uint32_t flags_of_variant(void)
{
	if (boot_word_is("with", "df"))
		return EFLAGS_DF;
	if (boot_word_is("with", "nt"))
		return EFLAGS_NT;
	if (boot_word_is("with", "tf"))
		return EFLAGS_TF;
	if (boot_word_is("with", "all"))
		return EFLAGS_DF | EFLAGS_NT | EFLAGS_AC | EFLAGS_IOPL;
	return 0;
}

/* On VMI_Init itself, on its stack, and on data that counts when all is over. */
static void test_breakpoints(void)
{
	uint32_t before;

	vmi_set_dr(0, entry);
	vmi_set_dr(1, (uint32_t)__builtin_frame_address(0) - 128);
	vmi_set_dr(2, (uint32_t)&data);
	vmi_set_dr7(0x400 | 0x3f | 0xd0000000u | 0x00d00000u | 0x0d000000u);
	init_with(0);
	report((vmi_get_dr7() & 0x3f) == 0x3f, "the breakpoints are armed");
	before = steps;
	data = 1;
	report_equal(steps - before, 1, "one that is met");
	vmi_set_dr7(0x400);
}

/* Bits that only newer processors have: what can be set natively. */
static void test_cr4(void)
{
	uint32_t eax, ebx, ecx, edx, wanted = vmi_get_cr4() | CR4_VME_PVI, before;
	struct fault fault;

	vmi_cpuid(7, 0, &eax, &ebx, &ecx, &edx);
	if ((ebx & 1u << 7) && (ebx & 1u << 20))
		wanted |= SMEP_SMAP_UMIP;
	vmi_set_cr4(wanted);
	before = vmi_get_cr4();
	init_with(0);
	report_equal(vmi_get_cr4(), before, "CR4");
	vmi_set_cr4(before);
	report_equal(vmi_get_cr4(), before, "CR4 is written as it is");
	user_run(0x1000000, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_PAGE, "ring 3 runs, to %s", trap_name(fault.vector));
}

int main(void)
{
	struct vmi_rom rom;
	struct vmi_reason why;

	vmi_disable_interrupts();
	trap_set_handler(TRAP_DEBUG, step);
	if (!report(vmi_probe(0, &rom, &why) == 0, "there is a ROM"))
		return 1;
	entry = (uint32_t)&((const struct vmi_rom_header *)rom.image)->slot_init;
	if (boot_word_is("with", "breakpoints"))
		test_breakpoints();
	else if (boot_word_is("with", "cr4"))
		test_cr4();
	else
		init_with(flags_of_variant());
	if (boot_word_is("with", "tf"))
		report(steps > 0, "it was stepped through natively, and behind: %u", steps);
	return 0;
}
