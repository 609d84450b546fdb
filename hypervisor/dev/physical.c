// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to the physical interrupt controllers, which the monitor owns: the 8259
 * pair by ports, IO-APIC and local APIC in pages that hole.c maps.  What is written
 * there is decided in controllers.c and, at the start, in start/adopt.c.
 */
#include "dev/controllers.h"
#include "dev/ports.h"

struct controllers controllers;
struct ports ports;

void pair_mask(uint16_t mask)
{
	controllers.pair_masked = mask;
	outb(PIC_MASTER_DATA, (uint8_t)mask);
	outb(PIC_SLAVE_DATA, (uint8_t)(mask >> 8));
}

uint8_t pair_read(uint16_t command, uint8_t what)
{
	outb(command, what);
	return inb(command);
}

uint16_t pair_status(uint8_t what)
{
	return (uint16_t)(pair_read(PIC_MASTER_COMMAND, what) |
			  pair_read(PIC_SLAVE_COMMAND, what) << 8);
}

uint32_t pins_read(unsigned index)
{
	*(volatile uint32_t *)(HOLE_IOAPIC + IOAPIC_SELECT) = index;
	return *(volatile uint32_t *)(HOLE_IOAPIC + IOAPIC_WINDOW);
}

void pins_write(unsigned index, uint32_t value)
{
	*(volatile uint32_t *)(HOLE_IOAPIC + IOAPIC_SELECT) = index;
	*(volatile uint32_t *)(HOLE_IOAPIC + IOAPIC_WINDOW) = value;
}

bool apic_isr_has(unsigned vector)
{
	return PHYSICAL_APIC(APIC_ISR + (vector >> 5) * 16) >> (vector & 31) & 1;
}

bool stray_interrupt(unsigned vector)
{
	if (!apic_isr_has(vector))
		return false;
	PHYSICAL_APIC(APIC_EOI) = 0;
	this_vcpu()->stats[STAT_STRAY]++;
	return true;
}

bool stray_undelivered(void)
{
	unsigned vector;

	for (vector = 255; vector >= STRAY_FIRST; vector--)
		if (stray_interrupt(vector))
			return true;
	return false;
}
