/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page faults that the kernel gets: from either ring, with the smallest of
 * handlers (entries.asm) and with one that ends a copy on write.
 */
#include "space.h"
#include "ring.h"

#define FAULTS		200
#define COWS		64
#define HANDLER		2		/* instructions, beside the return */
#define NOWHERE		0x60000000u	/* mapped by nobody */

/* entries.asm */
extern const uint8_t fault_skip[], fault_skip_vmi[];
void fault_touch(uint32_t n, void *page);

/* tasks_user.asm */
extern const uint8_t task_faults[];

static struct space cow_space;

static void set_fault_gate(uint32_t entry)
{
	tables_set_gate(TRAP_PAGE, descriptor_gate(entry, SELECTOR_KERNEL_CODE,
						   ACCESS_PRESENT | ACCESS_INTERRUPT_GATE));
}

static void from_kernel(const uint8_t *entry)
{
	set_fault_gate((uint32_t)entry);
	bench_units(FAULTS);
	bench_loops(FAULTS);
	bench_extra(HANDLER);
	bench_start();
	fault_touch(FAULTS, (void *)NOWHERE);
	bench_stop();
	set_fault_gate(trap_stubs[TRAP_PAGE]);
}

static void run_kernel(void)
{
	from_kernel(fault_skip);
}

static void run_kernel_vmi(void)
{
	from_kernel(fault_skip_vmi);
}

static void run_user(void)
{
	set_fault_gate((uint32_t)fault_skip_vmi);
	ring_measure(task_faults, NOWHERE, HANDLER);
	set_fault_gate(trap_stubs[TRAP_PAGE]);
}

static bool handle_cow(struct trap_frame *frame)
{
	uint32_t address = vmi_get_cr2();

	if (!(frame->error & PAGE_ERROR_PRESENT))
		return false;
	space_unshare(&cow_space, address & -PAGE_SIZE);
	return true;
}

/* The parent writes to what it shares with a child: fault, copy, remap. */
static void run_cow(void)
{
	struct space child;
	unsigned int i;

	trap_set_handler(TRAP_PAGE, handle_cow);
	space_create(&cow_space);
	space_populate(&cow_space, COWS);
	vmi_set_cr3(cow_space.root);
	space_fork(&child, &cow_space, true);
	bench_units(COWS);
	for (i = 0; i < COWS; i++) {
		bench_start();
		*(volatile uint32_t *)(PRIVATE_START + i * PAGE_SIZE) = i;
		bench_stop();
	}
	vmi_set_cr3(paging_kernel_root());
	space_destroy(&child);
	space_destroy(&cow_space);
	trap_set_handler(TRAP_PAGE, NULL);
}

/* The parent reads what it has written to before a fork: no fault of its own. */
static void run_forked_read(void)
{
	struct space child;
	unsigned int i;

	space_create(&cow_space);
	space_populate(&cow_space, COWS);
	vmi_set_cr3(cow_space.root);
	for (i = 0; i < COWS; i++)
		*(volatile uint32_t *)(PRIVATE_START + i * PAGE_SIZE) = i;
	space_fork(&child, &cow_space, true);
	bench_units(COWS);
	bench_start();
	for (i = 0; i < COWS; i++)
		(void)*(volatile uint32_t *)(PRIVATE_START + i * PAGE_SIZE);
	bench_stop();
	vmi_set_cr3(paging_kernel_root());
	space_destroy(&child);
	space_destroy(&cow_space);
}

const struct bench fault_benches[] = {
	{ "fault-kernel", run_kernel, 0, { 0 } },
	{ "fault-kernel-vmi-iret", run_kernel_vmi, 0, { 0 } },
	{ "fault-user", run_user, 0, { 0 } },
	{ "cow-fault", run_cow, 0, { 0 } },
	{ "forked-read", run_forked_read, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
