/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pair of 8259A interrupt controllers that a guest sees (docs/interrupts.md).
 *
 * Pure software: no port is touched here.  The monitor feeds it with what the
 * physical lines do, hands it the guest's port accesses, and asks it for the
 * vector when it can deliver one.
 *
 * A level-triggered line is masked at its physical source while the model
 * holds it.  When the model lets go of a line (its in-service bit ended, or
 * the guest has just unmasked it) it takes the line as low and reports it in
 * the `released` mask: the monitor then unmasks the source, and a line that is
 * still asserted interrupts, and is set, again.
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
	uint8_t line;		/* the input pins */
	uint8_t latch;		/* edges that were not acknowledged yet */
	uint8_t isr;
	uint8_t imr;
	uint8_t elcr;		/* 1: level-triggered */
	uint8_t base;		/* vector of input 0 */
	uint8_t lowest;		/* the input with the lowest priority */
	uint8_t icw;		/* next initialisation word, 0: operating */
	uint8_t icw1;
	bool auto_eoi;
	bool rotate_auto_eoi;
	bool nested;		/* special fully nested mode, the master's */
	bool special_mask;
	bool read_isr;		/* the command port reads ISR, not IRR */
	bool poll;		/* the next read is a poll */
	bool unusual;		/* any mode that is not the usual one */
	uint8_t open;		/* the inputs that would interrupt if they asked */
	int8_t next;		/* the one that does and is served next, or -1 */
};

struct pic {
	struct pic_chip chip[2];	/* master, slave */
	uint16_t released;
};

/* Power-on state, then everything masked, vectors where a PC's BIOS puts them. */
void pic_init(struct pic *p);

/* What the physical pair was programmed to when the monitor took it over. */
void pic_set_base(struct pic *p, unsigned chip, uint8_t base, bool auto_eoi);
void pic_set_imr(struct pic *p, uint16_t imr);

/* One byte at any of the six ports above; another port reads as FFh. */
uint8_t pic_read(struct pic *p, uint16_t port);
void pic_write(struct pic *p, uint16_t port, uint8_t value);

/*
 * The input pin @irq (0..15) changes to @level.  As on the chip, an edge whose
 * pin drops before it is acknowledged is withdrawn.
 */
void pic_set_line(struct pic *p, unsigned irq, bool level);

/* A request that stays until it is acknowledged, whatever the pin does. */
void pic_pulse(struct pic *p, unsigned irq);

/* Acknowledge (INTA): the vector to deliver; a spurious one if none is due. */
int pic_ack(struct pic *p);

/*
 * Line @irq, not the cascade, interrupts and is acknowledged at once: pic_pulse(),
 * or pic_set_line() if it is level-triggered, and pic_ack() in one, for what is
 * most frequent.  The vector; or -1, and nothing has happened, where it is not so
 * simple.
 */
int pic_take(struct pic *p, unsigned irq);

/*
 * The lines of which each would be acknowledged at once if it asked, and ended
 * without anything else to come of it: in the usual modes, while nothing asks
 * and nothing is in service.  pic_serve() is for those for which this was done
 * elsewhere: they are in service, @lines with the cascade.
 */
uint16_t pic_open(const struct pic *p);
void pic_serve(struct pic *p, uint16_t lines);

/* INTR, the master's output. */
static inline bool pic_output(const struct pic *p)
{
	return p->chip[0].next >= 0;
}

/* The lines let go since the last call, bit n for IRQ n. */
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
