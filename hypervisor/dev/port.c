// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports.  At ring 1 all of them trap; the interrupt controllers' go to their
 * models, those that would let the guest out to shield.c, the rest to the
 * hardware.  One bitmap in the monitor's TSS says which go straight: the gate
 * asks it for the port calls (entry.asm), and while virtual IOPL is 3 the
 * processor does for ring 3.  docs/ports.md has the policy.
 */
#include "monitor.h"

#define IO_PERMISSION_MAP	102u	/* offset in a TSS */
#define WIDEST			4u

static bool is_plain(unsigned port)
{
	return !irq_is_port((uint16_t)port) && !shield_is_port(port);
}

/*
 * Whatever the width: so a port goes straight only if those that a wider access
 * to it reaches do as well.
 */
bool port_goes_straight(unsigned port)
{
	unsigned i;

	for (i = 0; i < WIDEST; i++)
		if (port + i >= PORTS || !is_plain(port + i))
			return false;
	return true;
}

static bool straight(uint16_t port)
{
	return !(((const uint8_t *)HOLE_PORT_MAP)[port / 8] >> port % 8 & 1);
}

static uint8_t byte_in(uint16_t port)
{
	if (irq_is_port(port))
		return irq_read(port);
	return shield_is_port(port) ? shield_read(port) : inb(port);
}

static void byte_out(uint16_t port, uint8_t value)
{
	if (irq_is_port(port))
		irq_write(port, value);
	else if (shield_is_port(port))
		shield_write(port, value);
	else
		outb(port, value);
}

bool port_in(uint16_t port, unsigned size, uint32_t *value)
{
	unsigned i;

	if (!straight(port)) {
		if (size > 1 && shield_access(port, size, false, value))
			return true;
		for (*value = 0, i = 0; i < size; i++)
			*value |= (uint32_t)byte_in((uint16_t)(port + i)) << i * 8;
	} else if (size == 1) {
		*value = inb(port);
	} else if (size == 2) {
		*value = inw(port);
	} else {
		*value = inl(port);
	}
	return true;
}

bool port_out(uint16_t port, unsigned size, uint32_t value)
{
	unsigned i;

	if (!straight(port)) {
		if (size > 1 && shield_access(port, size, true, &value))
			return true;
		for (i = 0; i < size; i++)
			byte_out((uint16_t)(port + i), (uint8_t)(value >> i * 8));
	} else if (size == 1) {
		outb(port, (uint8_t)value);
	} else if (size == 2) {
		outw(port, (uint16_t)value);
	} else {
		outl(port, value);
	}
	return true;
}

static __attribute__((noinline)) void any_call(struct frame *f, unsigned call)
{
	unsigned size = 1u << call % 3;
	uint32_t value, mask = size == 4 ? 0xffffffffu : (1u << size * 8) - 1;

	if (call < 3) {
		port_out((uint16_t)f->error, size, f->eax);
	} else {
		port_in((uint16_t)f->error, size, &value);
		f->eax = (f->eax & ~mask) | (value & mask);
	}
}

/*
 * VMI_OUTB and the like, or the raw instruction, for a port that does not go
 * straight.  The gate hands it over as the error code.  Mostly an interrupt is ended.
 */
void port_call(struct frame *f)
{
	cpu->stats[STAT_CALL]++;
	if (f->vector == VECTOR_PORT && irq_is_pair(f->error))
		irq_pair_write((uint16_t)f->error, (uint8_t)f->eax);
	else
		any_call(f, f->vector - VECTOR_PORT);
}

/* ---- ring 3's permission ---- */

/* Let the processor pass what goes straight, or nothing. */
void port_open(bool ring_3)
{
	*(uint16_t *)(HOLE_TSS + IO_PERMISSION_MAP) = ring_3 ? TSS_HEADER : PORT_MAP_CLOSED;
}

void port_set_iopl(unsigned level)
{
	cpu->info->iopl = level;
	port_open(level == 3);
}

/* By virtual IOPL, or by the guest TSS's bitmap as it is now (SDM volume 1, 19.5.2). */
bool io_allowed(struct frame *f, uint16_t port, unsigned size)
{
	uint16_t base, bits;

	if (!frame_is_v86(f) && guest_info->iopl == 3)
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
	return refuse(VECTOR_GP, 0);
}
