// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of a PC's pair of 8259As.  Read pic.h and docs/interrupts.md first.
 *
 * Names and behaviour follow the Intel 8259A data sheet (order 231468): ICW
 * and OCW are its initialisation and operation command words.  What the wiring of a
 * PC fixes is fixed here: the slave is on input 2 of the master (ICW3 is accepted
 * and ignored), the mode is 8086 mode, and the trigger mode of each input comes from
 * the ELCR, so the LTIM bit of ICW1 has no effect.
 */
#include "model/pic.h"

#define ICW1		0x10
#define ICW1_IC4	0x01		/* ICW4 follows */
#define ICW1_SINGLE	0x02		/* no ICW3 */
#define ICW4_AUTO_EOI	0x02
#define ICW4_NESTED	0x10

#define OCW2_EOI	0x20
#define OCW2_SPECIFIC	0x40
#define OCW2_ROTATE	0x80
#define OCW2_PLAIN	0x67		/* bits that a plain, non-rotating EOI may have */

#define OCW3		0x08
#define OCW3_READ_ISR	0x01
#define OCW3_READ	0x02
#define OCW3_POLL	0x04
#define OCW3_SMM	0x20
#define OCW3_ESMM	0x40

#define POLL_REQUEST	0x80
#define SPURIOUS	7

/* Functions that are rarely called: kept out of line, so that the others stay short. */
#define SMALL	__attribute__((noinline, cold))

/* The writable bits: inputs 0, 1, 2, 8 and 13 are edge-triggered on every PC. */
static const uint8_t elcr_writable[2] = { 0xf8, 0xde };

static unsigned rotate_right(unsigned bits, unsigned count)
{
	return (bits >> count | bits << (8 - count)) & 0xff;
}

/* The highest-priority input of a non-empty set. */
static unsigned highest_input(const struct pic_chip *c, unsigned set)
{
	unsigned first = (c->lowest + 1) & 7;

	if (!first)
		return (unsigned)__builtin_ctz(set);
	return ((unsigned)__builtin_ctz(rotate_right(set, first)) + first) & 7;
}

/* The in-service bits that block others: special mask mode ignores the masked ones. */
static unsigned in_service(const struct pic_chip *c)
{
	return c->special_mask ? c->isr & ~c->imr : c->isr;
}

/* The inputs that request service: edges that were latched, and levels. */
static unsigned requests(const struct pic_chip *c)
{
	return c->latch | (c->line & c->elcr);
}

/*
 * Note whether a mode is in use that kernels hardly use, so that the common case has
 * one flag to test.  To be called whenever one of these modes has changed.
 */
static void note_modes(struct pic_chip *c)
{
	c->unusual = c->lowest != 7 || c->icw || c->nested || c->special_mask || c->auto_eoi;
}

/* reopen() in any mode: priorities may be rotated, masks may be special. */
static SMALL void reopen_unusual(struct pic_chip *c)
{
	unsigned first = (c->lowest + 1) & 7;
	unsigned busy = rotate_right(in_service(c), first), above;

	busy &= -busy;
	above = busy - 1;
	if (c->nested)
		above |= busy & rotate_right(1 << PIC_CASCADE, first);
	above = rotate_right(above & 0xff, 8 - first);
	c->open = c->icw ? 0 : (uint8_t)(above & ~c->imr);
}

/*
 * Compute which inputs may interrupt: those that are not masked and have a higher
 * priority than every input in service.  In special fully nested mode the slave's
 * input may also interrupt itself, since the slave has its own priorities.
 */
static inline void reopen(struct pic_chip *c)
{
	unsigned busy = c->isr;

	if (c->unusual)
		reopen_unusual(c);
	else
		c->open = (uint8_t)(((busy & -busy) - 1) & ~c->imr);
}

/* The requests at the master, of which the slave's output is one. */
static unsigned master_requests(const struct pic *p)
{
	unsigned cascade = p->chip[1].next >= 0 ? 1 << PIC_CASCADE : 0;

	return requests(&p->chip[0]) | cascade;
}

/* The input of @set that is served next, or -1. */
static int choose(const struct pic_chip *c, unsigned set)
{
	set &= c->open;
	return set ? (int)highest_input(c, set) : -1;
}

/* Compute which input is served next, at @c and then at the master. */
static inline __attribute__((always_inline)) void choose_next(struct pic *p, struct pic_chip *c)
{
	if (c == &p->chip[1])
		c->next = (int8_t)choose(c, requests(c));
	p->chip[0].next = (int8_t)choose(&p->chip[0], master_requests(p));
}

/* The requests at @c have changed. */
static SMALL void requests_changed(struct pic *p, struct pic_chip *c)
{
	choose_next(p, c);
}

/* The mask, the in-service bits or the modes of @c have changed, perhaps requests too. */
static SMALL void state_changed(struct pic *p, struct pic_chip *c)
{
	reopen(c);
	choose_next(p, c);
}

/*
 * The model lets go of the inputs in @set: level-triggered ones count as low until
 * they are set again.  The cascade is not reported, as it has no physical line.
 */
static void release_inputs(struct pic *p, struct pic_chip *c, unsigned set)
{
	c->line &= (uint8_t)~(set & c->elcr);
	if (c == &p->chip[1])
		p->released |= (uint16_t)(set << 8);
	else
		p->released |= (uint16_t)(set & ~(1u << PIC_CASCADE));
}

static void end_input(struct pic *p, struct pic_chip *c,
			     unsigned input, bool rotate)
{
	unsigned set = c->isr & 1u << input;

	c->isr &= (uint8_t)~set;
	if (rotate) {
		c->lowest = (uint8_t)input;
		note_modes(c);
	}
	release_inputs(p, c, set);
}

/* What both an INTA cycle and a poll do: @input of chip @c goes into service. */
static void acknowledge(struct pic *p, struct pic_chip *c, unsigned input)
{
	unsigned set = 1u << input;

	c->latch &= (uint8_t)~set;
	c->isr |= (uint8_t)set;
	if (c->auto_eoi)
		end_input(p, c, input, c->rotate_auto_eoi);
	state_changed(p, c);
}

int pic_ack(struct pic *p)
{
	struct pic_chip *master = &p->chip[0], *slave = &p->chip[1];
	int input = master->next, vector;

	if (input < 0)
		return master->base + SPURIOUS;

	if (input != PIC_CASCADE) {
		vector = master->base + input;
	} else if (slave->next < 0) {
		vector = slave->base + SPURIOUS;
	} else {
		vector = slave->base + slave->next;
		acknowledge(p, slave, (unsigned)slave->next);
	}
	acknowledge(p, master, (unsigned)input);
	return vector;
}

/*
 * pic_take() for one chip: put @input in service at once.  Nothing else is requested,
 * and serving this input only closes others, so `next` stays -1.
 */
static inline int take_input(struct pic_chip *c, unsigned input)
{
	unsigned set = 1u << input;

	if (c->unusual || !(c->open >> input & 1))
		return -1;
	c->isr |= (uint8_t)set;
	c->open &= (uint8_t)(set - 1);
	set &= c->elcr;
	c->line |= (uint8_t)set;
	return c->base + (int)input;
}

static SMALL int take_from_slave(struct pic *p, unsigned input)
{
	struct pic_chip *master = &p->chip[0];
	int vector = -1;

	if (!master->unusual && (master->open >> PIC_CASCADE & 1))
		vector = take_input(&p->chip[1], input);
	if (vector >= 0)
		take_input(master, PIC_CASCADE);
	return vector;
}

int pic_take(struct pic *p, unsigned irq)
{
	if (pic_output(p))
		return -1;
	return irq < 8 ? take_input(&p->chip[0], irq) : take_from_slave(p, irq - 8);
}

uint16_t pic_open(const struct pic *p)
{
	const struct pic_chip *master = &p->chip[0], *slave = &p->chip[1];
	unsigned open = master->open & ~(1u << PIC_CASCADE);

	if (master->unusual || slave->unusual || master->isr || slave->isr ||
	    master->next >= 0 || slave->next >= 0)
		return 0;
	if (master->open >> PIC_CASCADE & 1)
		open |= (unsigned)slave->open << 8;
	return (uint16_t)open;
}

void pic_serve(struct pic *p, uint16_t lines)
{
	p->chip[0].isr |= (uint8_t)lines;
	p->chip[1].isr |= (uint8_t)(lines >> 8);
	state_changed(p, &p->chip[1]);
	state_changed(p, &p->chip[0]);
}

/*
 * ICW1 resets the chip except its pins, its vector base and the ELCR.  That clears the
 * mask, so level-triggered lines are released along with those in service.
 */
static SMALL void start_initialisation(struct pic *p, struct pic_chip *c,
				 uint8_t value)
{
	unsigned set = c->isr | (c->line & c->elcr);

	c->latch = 0;
	c->isr = 0;
	c->imr = 0;
	c->lowest = 7;
	c->auto_eoi = false;
	c->rotate_auto_eoi = false;
	c->nested = false;
	c->special_mask = false;
	c->read_isr = false;
	c->poll = false;
	c->icw1 = value;
	c->icw = 2;
	release_inputs(p, c, set);
}

/* ICW2 to ICW4.  Not all of them come: ICW1 says which. */
static SMALL void write_icw(struct pic *p, struct pic_chip *c, uint8_t value)
{
	uint8_t done = c->icw;

	if (done == 2) {
		c->base = value & 0xf8;
	} else if (done == 4) {
		c->auto_eoi = value & ICW4_AUTO_EOI;
		c->nested = c == p->chip && (value & ICW4_NESTED);
	}

	c->icw = (uint8_t)(done + 1);
	if (c->icw == 3 && (c->icw1 & ICW1_SINGLE))
		c->icw = 4;
	if (c->icw > 4 || (c->icw == 4 && !(c->icw1 & ICW1_IC4)))
		c->icw = 0;
}

/*
 * OCW1, the mask.  A level-triggered line that is unmasked is released: what the model
 * knows of it dates from when it was masked, and the device may have withdrawn since.
 */
static __attribute__((noinline)) void write_mask(struct pic *p, struct pic_chip *c, uint8_t value)
{
	unsigned opened = c->imr & ~value;

	c->imr = value;
	release_inputs(p, c, opened & c->line & c->elcr & ~c->isr);
	state_changed(p, c);
}

/* OCW2 with an end of interrupt, in the usual modes: what kernels write most often. */
static __attribute__((noinline)) void write_eoi(struct pic *p, struct pic_chip *c, uint8_t value)
{
	unsigned set = c->isr;

	set &= value & OCW2_SPECIFIC ? 1u << (value & 7) : -set;
	c->isr &= (uint8_t)~set;
	release_inputs(p, c, set);
	reopen(c);
	choose_next(p, c);
}

/* OCW2 in any mode: ends of interrupts, and rotation of priorities. */
static void write_ocw2(struct pic *p, struct pic_chip *c, uint8_t value)
{
	bool rotate = value & OCW2_ROTATE;
	unsigned input = value & 7;

	if (value & OCW2_EOI) {
		if (!(value & OCW2_SPECIFIC)) {
			unsigned busy = in_service(c);

			if (!busy)
				return;
			input = highest_input(c, busy);
		}
		end_input(p, c, input, rotate);
	} else if (!(value & OCW2_SPECIFIC)) {
		c->rotate_auto_eoi = rotate;
	} else if (rotate) {
		c->lowest = (uint8_t)input;
	}
}

static SMALL void write_ocw3(struct pic_chip *c, uint8_t value)
{
	c->poll = value & OCW3_POLL;
	if ((value & (OCW3_READ | OCW3_POLL)) == OCW3_READ)
		c->read_isr = value & OCW3_READ_ISR;
	if (value & OCW3_ESMM)
		c->special_mask = value & OCW3_SMM;
}

static SMALL void write_elcr(struct pic *p, unsigned which, uint8_t value)
{
	struct pic_chip *c = &p->chip[which];
	uint8_t elcr = value & elcr_writable[which];
	unsigned changed = c->elcr ^ elcr;

	/* An input that is level-triggered before or after the change is released as such. */
	c->elcr |= elcr;
	c->latch &= (uint8_t)~changed;
	release_inputs(p, c, changed & c->line);
	c->elcr = elcr;
	requests_changed(p, c);
}

static struct pic_chip *select_chip(struct pic *p, uint16_t port)
{
	return &p->chip[port >> 7 & 1];
}

/* All writes that pic_write() has not handled itself. */
static SMALL void write_mode(struct pic *p, struct pic_chip *c, uint16_t port, uint8_t value)
{
	if (port & 1)
		write_icw(p, c, value);
	else if (value & ICW1)
		start_initialisation(p, c, value);
	else if (value & OCW3)
		write_ocw3(c, value);
	else
		write_ocw2(p, c, value);
	note_modes(c);
	state_changed(p, c);
}

/* What kernels write for each interrupt, an EOI or the mask, is tested for first. */
void pic_write(struct pic *p, uint16_t port, uint8_t value)
{
	struct pic_chip *c = select_chip(p, port);

	if (port & 0x400)
		write_elcr(p, port & 1, value);
	else if (!(port & 1) && !c->unusual && (value & (OCW2_EOI | ~OCW2_PLAIN)) == OCW2_EOI)
		write_eoi(p, c, value);
	else if (port & 1 && !c->icw)
		write_mask(p, c, value);
	else
		write_mode(p, c, port, value);
}

static uint8_t poll(struct pic *p, struct pic_chip *c)
{
	int input = c->next;

	c->poll = false;
	if (input < 0)
		return 0;
	acknowledge(p, c, (unsigned)input);
	return (uint8_t)(POLL_REQUEST | input);
}

uint8_t pic_read(struct pic *p, uint16_t port)
{
	struct pic_chip *c = select_chip(p, port);

	if (port & 0x400)
		return p->chip[port & 1].elcr;
	if (c->poll)
		return poll(p, c);
	if (port & 1)
		return c->imr;
	if (c->read_isr)
		return c->isr;
	return (uint8_t)(c == p->chip ? master_requests(p) : requests(c));
}

void pic_set_line(struct pic *p, unsigned irq, bool level)
{
	struct pic_chip *c = &p->chip[irq >> 3 & 1];
	unsigned set = 1u << (irq & 7);

	if (level) {
		c->latch |= (uint8_t)(set & ~c->line & ~c->elcr);
		c->line |= (uint8_t)set;
	} else {
		c->latch &= (uint8_t)~(set & c->line);
		c->line &= (uint8_t)~set;
	}
	requests_changed(p, c);
}

void pic_pulse(struct pic *p, unsigned irq)
{
	struct pic_chip *c = &p->chip[irq >> 3 & 1];

	c->latch |= (uint8_t)(1u << (irq & 7));
	requests_changed(p, c);
}

void pic_set_base(struct pic *p, unsigned chip, uint8_t base, bool auto_eoi)
{
	struct pic_chip *c = &p->chip[chip];

	c->base = base & 0xf8;
	c->auto_eoi = auto_eoi;
	note_modes(c);
}

void pic_set_imr(struct pic *p, uint16_t imr)
{
	p->chip[0].imr = (uint8_t)imr;
	p->chip[1].imr = (uint8_t)(imr >> 8);
	state_changed(p, &p->chip[1]);
	state_changed(p, &p->chip[0]);
}

void pic_init(struct pic *p)
{
	*p = (struct pic){ 0 };
	p->chip[0].lowest = 7;
	p->chip[1].lowest = 7;
	pic_set_base(p, 0, 0x08, false);
	pic_set_base(p, 1, 0x70, false);
	pic_set_imr(p, 0xffff);
}
