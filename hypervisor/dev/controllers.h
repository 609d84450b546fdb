/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's interrupt controllers, for dev/ and for start/adopt.c: the models
 * of those that all CPUs share, what is masked at the physical ones on their
 * account, and how the physical ones are reached.  docs/interrupts.md.
 */
#ifndef VMI_CONTROLLERS_H
#define VMI_CONTROLLERS_H

#include "dev/dev.h"
#include "mmu/mmu.h"

/* Shared by all CPUs: guarded by controllers.lock once there are several. */
struct controllers {
	struct pic pic;
	struct ioapic ioapic;
	unsigned pins;		/* of the physical IO-APIC; 0: there is none */
	uint16_t particular;	/* lines, by controllers_note_modes() */
	uint16_t held_lines;	/* level-triggered: masked while a model holds them */
	uint32_t held_pins;
	uint16_t full_lines;	/* edge-triggered: the guest masks them, and the model has latched an edge */
	uint16_t stale_lines;	/* latched at the physical pair while they were full */
	bool wired;		/* the pair interrupts whatever LVT LINT0 says */
	uint16_t pair_masked;	/* as written to the physical pair */
	uint32_t programmed[IOAPIC_PINS];	/* and to the physical IO-APIC */
};
extern struct controllers controllers;

/* ---- physical.c ---- */

#define PIC_READ_IRR		0x0a
#define PIC_READ_ISR		0x0b

void pair_mask(uint16_t mask);
uint8_t pair_read(uint16_t command, uint8_t what);
uint16_t pair_status(uint8_t what);	/* PIC_READ_IRR or _ISR, of all lines */

uint32_t pins_read(unsigned index);
void pins_write(unsigned index, uint32_t value);

/* Is the physical local APIC serving @vector? */
bool apic_isr_has(unsigned vector);

/* ---- controllers.c ---- */

void controllers_note_modes(void);

/* An edge at a line of the pair, or at a pin of the IO-APIC. */
void controllers_line_edge(unsigned line);
void controllers_pin_edge(unsigned pin);

/* An edge at IRQ 0 that no device has raised: an alarm's. */
void controllers_tick(void);

/*
 * The models have changed, @pins of the IO-APIC by a write: let the physical
 * side and delivery follow.
 */
void controllers_settle(uint32_t pins);
#define ALL_PINS	((1u << IOAPIC_PINS) - 1)

/* The pair's ports, ELCR included, a byte at a time. */
uint8_t controllers_port_read(uint16_t port);
void controllers_port_write(uint16_t port, uint8_t value);

/* The page of this vCPU's local APIC is closed to the guest, wherever that is now. */
void controllers_claim_apic(void);

uint32_t controllers_ioapic_read(uint32_t offset);
void controllers_ioapic_write(uint32_t offset, uint32_t value);

/* The vector by which the gate may deliver the next alarm, or 0: it is as if in service, and ended. */
uint8_t controllers_offer_alarm(void);

#endif
