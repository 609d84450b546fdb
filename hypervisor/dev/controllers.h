/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt controllers that all CPUs share, for dev/ and for start/adopt.c: the
 * guest's models of the 8259 pair and the IO-APIC, what is masked at the physical ones
 * for their sake, and how the physical ones are reached.  docs/interrupts.md.
 *
 * Terms: a line is an input of the 8259 pair (0 to 15), a pin one of the IO-APIC.  A
 * line or pin is held while it is masked physically because its model still has the
 * level-triggered interrupt.  A line is full if the guest masks it and the model has
 * latched one edge: more edges would make no difference.  A line is stale if the
 * physical pair latched one more edge while it was full: that interrupt is dropped.
 */
#ifndef VMI_CONTROLLERS_H
#define VMI_CONTROLLERS_H

#include "dev/dev.h"
#include "dev/msi.h"
#include "mmu/mmu.h"

/* Shared by all CPUs: guarded by controllers.lock once there are several. */
struct controllers {
	struct pic pic;
	struct ioapic ioapic;
	unsigned pins;		/* number of the physical IO-APIC's; 0: there is no IO-APIC */
	uint16_t particular;	/* lines that cannot take the fast path */
	uint16_t held_lines;
	uint32_t held_pins;
	uint16_t full_lines;
	uint16_t stale_lines;
	bool wired;		/* the pair interrupts whatever LVT LINT0 says */
	uint16_t pair_masked;	/* mask last written to the physical pair */
	uint32_t programmed[IOAPIC_PINS];	/* last written to the physical IO-APIC */
	struct msi msi;
};
extern struct controllers controllers;

#define PIN_IRQ0	2u	/* IRQ 0 is wired there; pin 0 of the IO-APIC has no line */

/* ---- physical.c ---- */

/* OCW3: which register the command port reads. */
#define PIC_READ_IRR		0x0a
#define PIC_READ_ISR		0x0b

/* Mask the lines in @mask, bit n for line n, and unmask all others. */
void pair_mask(uint16_t mask);

/* PIC_READ_IRR or PIC_READ_ISR: of the chip with port @command, or of all 16 lines. */
uint8_t pair_read(uint16_t command, uint8_t what);
uint16_t pair_status(uint8_t what);

/* A register of the physical IO-APIC, by its index. */
uint32_t pins_read(unsigned index);
void pins_write(unsigned index, uint32_t value);

/* Is the physical local APIC serving @vector? */
bool apic_isr_has(unsigned vector);

/* ---- controllers.c ---- */

/* The trigger modes of the pair's lines have changed. */
void controllers_note_modes(void);

/* An edge at a line of the pair, or at a pin of the IO-APIC. */
void controllers_line_edge(unsigned line);
void controllers_pin_edge(unsigned pin);

/* A message for local APICs, of a PCI function or of the IO-APIC: who is addressed takes it. */
void controllers_message(const struct apic_message *m);

/* An alarm fires as IRQ 0: an edge that no device has raised. */
void controllers_tick(void);

/*
 * The models have changed, of the IO-APIC the entries of @pins: the physical
 * controllers follow, and the exit path will ask for what is due.
 */
void controllers_settle(uint32_t pins);
#define ALL_PINS	((1u << IOAPIC_PINS) - 1)

/* The pair's ports, ELCR included, a byte at a time. */
uint8_t controllers_port_read(uint16_t port);
void controllers_port_write(uint16_t port, uint8_t value);

/* Close the page where this vCPU's local APIC is now: accesses to it are emulated. */
void controllers_claim_apic(void);

/* Registers of the IO-APIC's page; @offset in that page. */
uint32_t controllers_ioapic_read(uint32_t offset);
void controllers_ioapic_write(uint32_t offset, uint32_t value);

/* The vector by which the gate may deliver the next alarm by itself; 0: it may not. */
uint8_t controllers_offer_alarm(void);

#endif
