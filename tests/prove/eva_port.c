// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any port, any size: what is read of the bitmap lies in it, and a byte access goes
 * to a model or to the hardware.  The last port's wider accesses wrap.
 *
 * Proves: port.c: no run-time error for any port, nothing read beyond the bitmap
 * Options: -absolute-valid-range 0xfc052068-0xfc054067 -eva-min-loop-unroll 16
 */
#include "prove.h"

#include "dev/port.c"

uint8_t controllers_port_read(uint16_t port) { return any_u8; }
void controllers_port_write(uint16_t port, uint8_t value) { }
uint8_t wallclock_port_read(uint16_t port) { return any_u8; }
void wallclock_port_write(uint16_t port, uint8_t value) { }
uint8_t shield_read(uint16_t port) { return any_u8; }
void shield_write(uint16_t port, uint8_t value) { }

bool shield_access(uint16_t port, unsigned size, bool write, uint32_t *value)
{
	*value = any_u32;
	return any_bool();
}

void prove(void)
{
	static const uint8_t sizes[] = { 1, 2, 4 };
	uint16_t port = any_u16;
	unsigned size = sizes[any_of(0, 2)];
	uint32_t value = any_u32;

	port_in(port, size, &value);
	port_out(port, size, value);
	port_goes_straight(any_of(0, 0x10000));
}
