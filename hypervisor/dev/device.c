// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that are never mapped for the guest: the interrupt controllers', which
 * are models, and the monitor's own memory.  Accesses come here from the
 * emulator.  Where no model answers it is as if there were no memory: reads
 * give ones, writes are lost.
 *
 * The controllers' registers are 32 bits wide.  Of a register read in part the
 * part is given; a write in part is lost, but for the IO-APIC's, which select
 * a register by one byte.
 */
#include "dev/irq.h"

#define IO_APIC_FRAME		0xfec00u
#define LOCAL_APIC_FRAME	0xfee00u

uint32_t first_device_frame;

/* The pages of the interrupt controllers, of the physical and of the guest's. */
bool frame_is_special(uint32_t frame)
{
	return frame == LOCAL_APIC_FRAME || frame == IO_APIC_FRAME || frame_is_monitor(frame) ||
	       shield_is_frame(frame) || apic_decodes(&cpu->apic, (uint64_t)frame << 12);
}

bool frames_are_plain(uint32_t first, unsigned count)
{
	uint32_t frame;

	for (frame = first; frame < first + count; frame++)
		if (frame_is_device(frame) || frame_is_watched(frame))
			return false;
	return true;
}

/* Whenever one of them moves. */
void device_prepare(void)
{
	uint32_t apic = (uint32_t)(cpu->apic.base >> 12);

	first_device_frame = boot.block / PAGE_SIZE;
	if (apic_globally_enabled(&cpu->apic) && apic < first_device_frame)
		first_device_frame = apic;
}

bool device_page(uint32_t linear, unsigned access)
{
	struct translation t;

	return walk(linear, access, &t) && frame_is_device((uint32_t)(t.physical >> 12));
}

static uint32_t read_register(uint64_t physical, uint32_t offset)
{
	if (apic_decodes(&cpu->apic, physical))
		return irq_apic_read(offset);
	if (physical >> 12 == IOAPIC_BASE >> 12)
		return irq_ioapic_read(offset);
	return 0xffffffffu;
}

static void write_register(uint64_t physical, uint32_t offset, unsigned size, uint32_t value)
{
	if (apic_decodes(&cpu->apic, physical)) {
		if (size == 4)
			irq_apic_write(offset, value);
	} else if (physical >> 12 == IOAPIC_BASE >> 12) {
		irq_ioapic_write(offset, size == 4 ? value : value & 0xff);
	}
}

void device_access(uint32_t linear, unsigned size, bool write, uint32_t *value)
{
	uint32_t offset = linear % PAGE_SIZE;
	struct translation t;

	if (!walk(linear, ACCESS_READ, &t))
		t.physical = 0;		/* device_page() has said that it is mapped */
	if (shield_is_frame(t.physical >> 12)) {
		shield_memory(t.physical, size, write, value);
		return;
	}
	if (write) {
		write_register(t.physical, offset, size, *value);
		return;
	}
	*value = read_register(t.physical, offset & ~3u) >> 8 * (offset & 3);
	if (size != 4)
		*value &= (1u << size * 8) - 1;
}
