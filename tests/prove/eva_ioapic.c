// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any call, in any state at all: no invariant is needed.
 *
 * Proves: ioapic.c: no run-time error for any call in any state
 */
#include "prove.h"

#include "model/ioapic.c"

void prove(void)
{
	struct apic_message m;
	struct ioapic io;

	ioapic_init(&io);
	any_bytes(&io, sizeof(io));
	ioapic_read(&io, any_u32);
	ioapic_write(&io, any_u32, any_u32);
	ioapic_set_line(&io, any_of(0, IOAPIC_PINS - 1), any_bool(), &m);
	ioapic_pulse(&io, any_of(0, IOAPIC_PINS - 1), &m);
	ioapic_eoi(&io, any_u8);
	ioapic_take_released(&io);
}
