/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's interrupt controllers: the models of those that all CPUs share,
 * what is masked at the physical ones on their account, and how the physical
 * ones are reached.  irq.c and irq_adopt.c; docs/interrupts.md.
 */
#ifndef VMI_IRQ_H
#define VMI_IRQ_H

#include "model/ioapic.h"
#include "monitor.h"
#include "model/pic.h"

struct irq_controllers {
	struct pic pic;
	struct ioapic ioapic;
	unsigned pins;		/* of the physical IO-APIC; 0: there is none */
	uint16_t particular;	/* lines, by irq_note_modes() */
	uint16_t held_lines;	/* level-triggered: masked while a model holds them */
	uint32_t held_pins;
	uint16_t full_lines;	/* edge-triggered: the guest masks them, and the model has latched an edge */
	uint16_t stale_lines;	/* latched at the physical pair while they were full */
	bool wired;		/* the pair interrupts whatever LVT LINT0 says */
};
extern struct irq_controllers irq;

#define PIC_EOI_SPECIFIC	0x60
#define PIC_READ_IRR		0x0a
#define PIC_READ_ISR		0x0b
#define PIC_SLAVE_LINES		8u

#define PHYSICAL_APIC(offset)	(*(volatile uint32_t *)(HOLE_APIC + (offset)))

/* The physical pair. */
void pair_mask(uint16_t mask);
uint16_t pair_status(uint8_t what);	/* PIC_READ_IRR or _ISR, of all lines */

/* The physical IO-APIC. */
uint32_t pins_read(unsigned index);
void pins_write(unsigned index, uint32_t value);

static INLINE void pair_end(unsigned line)
{
	if (line >= PIC_SLAVE_LINES) {
		outb(PIC_SLAVE_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | (line - PIC_SLAVE_LINES)));
		line = PIC_CASCADE;
	}
	outb(PIC_MASTER_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | line));
}

void irq_note_modes(void);

/* Is the physical local APIC serving @vector? */
bool apic_serves(unsigned vector);

/* An edge at a line of the pair, or at a pin of the IO-APIC. */
void irq_line_edge(unsigned line);
void irq_pin_edge(unsigned pin);

/*
 * The models have changed, @pins of the IO-APIC by a write: let the physical
 * side and delivery follow.
 */
void irq_settle(uint32_t pins);
#define ALL_PINS	((1u << IOAPIC_PINS) - 1)

#endif
