// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to frames that are closed to the guest (mmu/frames.c): the pages of the
 * interrupt controllers and PCI configuration space, which are models, the monitor's
 * own memory, and all that is not open at all.  Stores to ROMs come here, too.  The
 * emulator calls this for each such load or store.  Where no model answers, the guest
 * finds what a PC has where there is no memory: reads give ones, writes are lost.
 *
 * The controllers' registers are 32 bits wide.  A read of a part of a register gives
 * that part.  A write to a part is lost, but for the IO-APIC, which takes its low
 * byte: some guests select a register there by a byte.
 */
#include "dev/allow.h"
#include "dev/controllers.h"
#include "dev/pci.h"

bool device_page(uint32_t linear, unsigned access)
{
	struct translation t;
	uint32_t frame;

	if (!walk(linear, access, &t))
		return false;
	frame = (uint32_t)(t.physical >> 12);
	return frame_is_closed(frame) || ((access & ACCESS_WRITE) && frame_is_rom(frame));
}

/* The model that answers at guest-physical address @physical; ones if there is none. */
static uint32_t read_register(uint64_t physical, uint32_t offset)
{
	if (apic_decodes(&this_vcpu()->apic, physical))
		return controllers_apic_read(offset);
	if (physical >> 12 == IO_APIC_BASE / PAGE_SIZE)
		return controllers_ioapic_read(offset);
	closed_note("memory", (uint32_t)physical & PAGE_MASK);
	return 0xffffffffu;
}

static void write_register(uint64_t physical, uint32_t offset, unsigned size, uint32_t value)
{
	if (apic_decodes(&this_vcpu()->apic, physical)) {
		if (size == 4)
			local_apic_write(offset, value);
	} else if (physical >> 12 == IO_APIC_BASE / PAGE_SIZE) {
		controllers_ioapic_write(offset, size == 4 ? value : value & 0xff);
	} else {
		closed_note("memory", (uint32_t)physical & PAGE_MASK);
	}
}

/*
 * The page is walked again, though device_page() has done so: the emulator keeps no
 * physical addresses.
 */
void device_access(uint32_t linear, unsigned size, bool write, uint32_t *value)
{
	uint32_t offset = linear % PAGE_SIZE;
	struct translation t;

	if (!walk(linear, ACCESS_READ, &t))
		t.physical = 0;		/* cannot be: device_page() has found it mapped */
	if (frame_is_rom((uint32_t)(t.physical >> 12))) {
		if (!write) {
			*value = 0;
			guest_read(linear, value, size, ACCESS_READ);
		}
		return;
	}
	if (pci_is_frame(t.physical >> 12)) {
		pci_memory(t.physical, size, write, value);
		return;
	}
	if (msix_is_frame(t.physical >> 12)) {
		msix_memory(t.physical, size, write, value);
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
