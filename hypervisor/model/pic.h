/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pair of 8259A interrupt controllers that a guest sees (docs/interrupts.md).
 *
 * The model is pure software and touches no port, so the host tests compile it as it
 * is.  The monitor (dev/controllers.c) tells it what the physical lines do, passes it
 * the guest's port accesses, and asks it for the vector when it can deliver one.
 *
 * While the model has a level-triggered line asserted, that line is masked at its
 * physical source.  When the model lets go of the line (its interrupt has been ended,
 * or the guest has just unmasked it) it takes the line as low and reports it in the
 * mask "released".  The monitor then unmasks the physical source; a line that is
 * still asserted interrupts again, and is set again.
 */
#ifndef VMI_PIC_H
#define VMI_PIC_H

#include <stdbool.h>
#include <stdint.h>

#define PIC_LINES	16
#define PIC_CASCADE	2		/* the master's input for the slave */

#define PIC_MASTER_COMMAND	0x20
#define PIC_MASTER_DATA		0x21
#define PIC_SLAVE_COMMAND	0xa0
#define PIC_SLAVE_DATA		0xa1
#define PIC_MASTER_ELCR		0x4d0
#define PIC_SLAVE_ELCR		0x4d1

struct pic_chip {
	uint8_t line;		/* the input pins, as bits */
	uint8_t latch;		/* edges that were not acknowledged yet */
	uint8_t isr;		/* in service */
	uint8_t imr;		/* masked */
	uint8_t elcr;		/* 1: level-triggered */
	uint8_t base;		/* vector of input 0 */
	uint8_t lowest;		/* the input with the lowest priority */
	uint8_t icw;		/* number of the next initialisation word; 0: operating */
	uint8_t icw1;
	bool auto_eoi;
	bool rotate_auto_eoi;
	bool nested;		/* special fully nested mode; the master only */
	bool special_mask;
	bool read_isr;		/* the command port reads ISR, not IRR */
	bool poll;		/* the next read is a poll */
	bool unusual;		/* some mode is in use that kernels hardly use */
	uint8_t open;		/* the inputs that may interrupt now */
	int8_t next;		/* the input that is served next, or -1: none requests */
};

struct pic {
	struct pic_chip chip[2];	/* master, slave */
	uint16_t released;		/* to be reported by pic_take_released() */
};

/* Power-on state, but with all inputs masked and the vectors as a PC's BIOS sets them. */
void pic_init(struct pic *p);

/* Take over how the physical pair is programmed when the monitor starts. */
void pic_set_base(struct pic *p, unsigned chip, uint8_t base, bool auto_eoi);
void pic_set_imr(struct pic *p, uint16_t imr);

/* The guest reads or writes a byte at one of the six ports above, and at no other. */
uint8_t pic_read(struct pic *p, uint16_t port);
void pic_write(struct pic *p, uint16_t port, uint8_t value);

/*
 * The input pin @irq (0 to 15) changes to @level.  As on the chip, an edge is withdrawn
 * if the pin falls before it is acknowledged.
 */
void pic_set_line(struct pic *p, unsigned irq, bool level);

/* An edge that stays latched until it is acknowledged, whatever the pin does. */
void pic_pulse(struct pic *p, unsigned irq);

/* Acknowledge (INTA).  Returns the vector to deliver; a spurious one if none is due. */
int pic_ack(struct pic *p);

/*
 * The common case in one step: line @irq (not the cascade) interrupts and can be
 * acknowledged at once.  The same as pic_pulse(), or pic_set_line() if the line is
 * level-triggered, and then pic_ack().  Returns the vector; or -1, with nothing
 * changed, if it is not so simple.
 */
int pic_take(struct pic *p, unsigned irq);

/*
 * For the gate, which delivers lines without this model (entry/quick.c).  pic_open()
 * returns the lines that could each be acknowledged at once if they interrupted: none
 * unless the modes are usual, nothing is requested and nothing is in service.
 * pic_serve() tells the model afterwards that @lines, the cascade among them, are in
 * service.
 */
uint16_t pic_open(const struct pic *p);
void pic_serve(struct pic *p, uint16_t lines);

/* INTR, the master's output. */
static inline bool pic_output(const struct pic *p)
{
	return p->chip[0].next >= 0;
}

/* The lines released since the last call: bit n stands for IRQ n. */
static inline uint16_t pic_take_released(struct pic *p)
{
	uint16_t released = p->released;

	p->released = 0;
	return released;
}

static inline uint16_t pic_imr(const struct pic *p)
{
	return (uint16_t)(p->chip[0].imr | p->chip[1].imr << 8);
}

static inline uint16_t pic_elcr(const struct pic *p)
{
	return (uint16_t)(p->chip[0].elcr | p->chip[1].elcr << 8);
}

#endif
