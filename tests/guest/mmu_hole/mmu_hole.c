/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: no content of page tables, at any level, large or small, stale or not, leads to the monitor's memory.
 * Environments: paged bochs bochs-paged paged-checked
 * Variants: paging=32 paging=pae
 * Qemu: -cpu qemu32,+nx
 */
#include "mmu_hole.h"

#define STEPS		12000
#define SEEDS		4
#define LEAF_MONITOR	0x40000000u

bool pae;
uint32_t monitor_first, monitor_end;

static uint32_t wrong, ones, marks, faults;

/* Ring 3: EBX = address, ECX = value. */
static const uint8_t user_code[] __user_text = {
	0x8b, 0x03, 0xcd, TRAP_USER_EXIT,	/* mov (%ebx), %eax */
	0x89, 0x0b, 0xcd, TRAP_USER_EXIT,	/* mov %ecx, (%ebx) */
};

/* The monitor took it from the top: it begins where memory ends for the guest. */
static void find_monitor(void)
{
	uint32_t linear;

	monitor_end = RAM_END;
	for (linear = RAM_END - PAGE_SIZE; linear > MARKED_FIRST; linear -= PAGE_SIZE) {
		volatile uint32_t *word = (volatile uint32_t *)(linear + PAGE_END);
		uint32_t before = *word;

		*word = MARK;
		if (*word == MARK)
			*word = before;
		else if (monitor_end == RAM_END)
			monitor_end = linear + PAGE_SIZE;
		if (monitor_end != RAM_END && *word != 0xffffffff)
			break;
	}
	monitor_first = linear + PAGE_SIZE;
}

/* What is left there of the start would be strange entries. */
static void mark_memory(void)
{
	uint32_t linear;

	memset((void *)MARKED_FIRST, 0, monitor_first - MARKED_FIRST);
	for (linear = MARKED_FIRST; linear < RAM_END; linear += PAGE_SIZE)
		*(volatile uint32_t *)(linear + PAGE_END) = MARK;
}

static bool access_user(uint32_t linear, bool write, uint32_t *value)
{
	struct trap_frame registers = { .ebx = linear, .ecx = *value };
	struct fault fault;

	user_run((uint32_t)user_code + (write ? 4 : 0), user_stack_top(), &registers, &fault);
	if (!write)
		*value = fault.frame.eax;
	return fault.vector == TRAP_USER_EXIT;
}

static void read_one(uint32_t linear, bool user)
{
	uint32_t value = 0;
	bool got = user ? access_user(linear, false, &value) : try_read((void *)linear, &value);

	if (!got) {
		faults++;
	} else if (value == 0xffffffff) {
		ones++;
	} else if ((value & MARK_BITS) == MARK) {
		marks++;
	} else {
		wrong++;
		print("%08x shows %08x\n", linear, value);
	}
}

static void write_one(uint32_t linear, bool user)
{
	uint32_t value = MARK | random_below(0x8000) << 1;

	if (user)
		access_user(linear, true, &value);
	else
		try_write((void *)linear, value);
}

/* The hole: the monitor's part for nobody, the guest's not for ring 3. */
static void touch_hole(void)
{
	uint32_t monitors = HOLE_BLOCK + random_below((0u - HOLE_BLOCK) / 4) * 4;
	uint32_t any = HOLE_BASE + random_below((0u - HOLE_BASE) / 4) * 4, value = 0;

	wrong += try_read((void *)monitors, &value) || try_write((void *)monitors, 0);
	wrong += access_user(any, false, &value) || access_user(any, true, &value);
}

static void run(uint32_t seed)
{
	uint32_t before = wrong;
	unsigned int i, j;

	random_start(seed);
	for (i = 0; i < STEPS / SEEDS; i++) {
		if (random_below(3))
			tables_change();
		else
			tables_switch();
		for (j = random_below(8); j; j--) {
			bool user = !random_below(4);

			if (random_below(3))
				read_one(tables_address(), user);
			else
				write_one(tables_address(), user);
		}
		if (!random_below(16))
			touch_hole();
	}
	report_equal(wrong - before, 0, "seed %08x: %u reads of marked memory, %u of ones, %u faults",
		     seed, marks, ones, faults);
}

int main(void)
{
	unsigned int i;

	pae = paging_mode() == BOOT_PAGING_PAE;
	find_monitor();
	print("the monitor has %08x to %08x\n", monitor_first, monitor_end);
	mark_memory();
	report(monitor_end - monitor_first >= 0x100000, "the monitor is found");
	tables_build();
	for (i = 0; i < SEEDS; i++)
		run(0x9e3779b9u * (i + 1));
	vmi_set_deferred_mode(0);
	vmi_set_cr3(paging_kernel_root());
	report(marks > STEPS / 20 && ones > STEPS / 20 && faults > STEPS / 20, "all of it happened");
	return 0;
}
