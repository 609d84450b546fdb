// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of what the guest has put off (vmi/defer.asm fills it): addresses of
 * page-table entries that have changed, and records of calls.  All of it is done
 * in order, at whatever asks for a part of it.  The queue lies in memory of the
 * guest's: each word is read once and believed only as the guest's wish.
 */
#include "monitor.h"
#include "vmi_abi.h"

#define RECORD_WORDS	3u
#define TAG		3u

static void write_descriptor(uint32_t table, uint32_t index)
{
	struct descriptor d;

	if (guest_read(table + index * 8, &d, sizeof(d), ACCESS_READ))
		segment_write(table, index, d);
}

/* What cannot be done is dropped: there is nobody to tell. */
static void do_record(unsigned call, uint32_t first, uint32_t second)
{
	switch (call) {
	case VMI_CALL_SetCR3:
		if (!cpu_write_cr(3, first))
			cpu->state->cr3 = cpu->cr3;
		break;
	case VMI_CALL_UpdateKernelStack:
		vcpu_kernel_stack(first & 0xffff, second);
		break;
	case VMI_CALL_WriteGDTEntry:
	case VMI_CALL_WriteLDTEntry:
		write_descriptor(first, second);
		break;
	case VMI_CALL_WriteIDTEntry:
		if (first == cpu->idt.base)
			direct_write(second);
		break;
	}
}

void defer_work(void)
{
	const volatile uint32_t *queue = (const volatile uint32_t *)HOLE_QUEUE;
	unsigned i = 0, end = cpu->state->queue_head / 4;

	if (!end)
		return;
	cpu->state->queue_head = 0;
	cpu->stats[STAT_QUEUE_FLUSH]++;
	if (end > PAGE_SIZE / 4)
		end = PAGE_SIZE / 4;
	while (i < end) {
		uint32_t word = queue[i++];

		if (!(word & TAG)) {
			shadow_written(word);
		} else if (end - i >= RECORD_WORDS - 1) {
			do_record(word >> 2, queue[i], queue[i + 1]);
			i += RECORD_WORDS - 1;
		}
	}
}

/* A handler is about to run at ring 1: where the code at @eip is to go on. */
uint32_t defer_region(uint32_t eip)
{
	uint32_t offset = eip - HOLE_ROM;
	unsigned i;

	for (i = 0; i < REGIONS; i++)
		if (offset - boot.regions[i].start < boot.regions[i].end - boot.regions[i].start)
			return HOLE_ROM + boot.regions[i].start;
	return eip;
}
