// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports.  All of them trap at ring 1; the interrupt controllers' go to their
 * models, the rest to the hardware.
 */
#include "monitor.h"

#define IO_PERMISSION_MAP	102u	/* offset in a TSS */

bool port_in(uint16_t port, unsigned size, uint32_t *value)
{
	if (size == 1 && irq_is_port(port))
		*value = irq_read(port);
	else if (size == 1)
		*value = inb(port);
	else if (size == 2)
		*value = inw(port);
	else
		*value = inl(port);
	return true;
}

bool port_out(uint16_t port, unsigned size, uint32_t value)
{
	if (size == 1 && irq_is_port(port))
		irq_write(port, (uint8_t)value);
	else if (size == 1)
		outb(port, (uint8_t)value);
	else if (size == 2)
		outw(port, (uint16_t)value);
	else
		outl(port, value);
	return true;
}

/* Ring 3: by virtual IOPL, or by the guest TSS's bitmap as it is now. */
bool io_allowed(struct frame *f, uint16_t port, unsigned size)
{
	uint16_t base, bits;

	if (!frame_is_v86(f) && cpu->iopl == 3)
		return true;
	if (IO_PERMISSION_MAP + 1 <= cpu->tss_limit) {
		if (!guest_read(cpu->tss_base + IO_PERMISSION_MAP, &base, 2, ACCESS_READ))
			return false;
		if (base + port / 8u + 1 <= cpu->tss_limit) {
			if (!guest_read(cpu->tss_base + base + port / 8, &bits, 2, ACCESS_READ))
				return false;
			if (!(bits >> port % 8 & ((1u << size) - 1)))
				return true;
		}
	}
	fault_record(VECTOR_GP, 0);
	return false;
}
