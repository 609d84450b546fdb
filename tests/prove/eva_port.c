// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any port, any size, any ranges of PCI functions and of ACPI: what is read of and written
 * to the bitmap lies in it, and a byte access goes to a model, to the hardware or nowhere.
 * The last port's wider accesses wrap.  That closed_note() compares texts by where they
 * are, which may be one place for equal ones, is no error.
 *
 * Proves: port.c, allow.c: no run-time error for any port, nothing beyond the bitmap
 * Options: -absolute-valid-range 0xfc052068-0xfc054067 -eva-min-loop-unroll 16 -eva-warn-undefined-pointer-comparison none
 */
#include "prove.h"

#include "dev/port.c"
#include "dev/allow.c"

struct boot boot;
struct ports ports;
struct acpi acpi;

void print(const char *format, ...) { }
uint32_t pci_read(unsigned function, unsigned reg) { return any_u32; }
uint8_t controllers_port_read(uint16_t port) { return any_u8; }
void controllers_port_write(uint16_t port, uint8_t value) { }
uint8_t wallclock_port_read(uint16_t port) { return any_u8; }
void wallclock_port_write(uint16_t port, uint8_t value) { }
uint8_t control_read(uint16_t port) { return any_u8; }
void control_write(uint16_t port, uint8_t value) { }
bool control_is_pm1(unsigned port, unsigned size) { return any_bool(); }
uint32_t control_pm1_read(unsigned port, unsigned size) { return any_u32; }
void control_pm1_write(unsigned port, unsigned size, uint32_t value) { }
uint32_t pci_port_read(uint16_t port, unsigned size) { return any_u32; }
void pci_port_write(uint16_t port, unsigned size, uint32_t value) { }
void pci_start(void) { }
void control_start(void) { }
void wallclock_start(void) { }

void *memcpy(void *to, const void *from, size_t n)
{
	//@ assert from: \valid_read((const char *)from + (0 .. n - 1));
	any_bytes(to, n);
	return to;
}

void prove(void)
{
	static const uint8_t sizes[] = { 1, 2, 4 };
	uint16_t port = any_u16;
	unsigned size = sizes[any_of(0, 2)];
	uint32_t value = any_u32;

	static struct port_range ranges[IO_RANGES];

	any_bytes(&acpi, sizeof(acpi));
	acpi.blocks = any_of(0, 3);
	any_bytes(ports.io, sizeof(ports.io));
	ports.io_count = any_of(0, IO_RANGES);
	ports.notes = any_of(0, NOTES);
	boot.devices = any_bool() ? DEVICES_OPEN : DEVICES_CONTAINED;
	allow_prepare();
	any_bytes(ranges, sizeof(ranges));
	allow_io(ranges, any_of(0, IO_RANGES));
	//@ check ranges: ports.io_count <= IO_RANGES;
	any_bytes(open_low, sizeof(open_low));
	bochs_port = any_bool();
	port_in(port, size, &value);
	port_out(port, size, value);
	port_goes_straight(any_of(0, 0x10000));
	//@ check notes: ports.notes <= NOTES;
	platform_start();
}
