// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts.  The monitor owns the physical controllers; a physical interrupt
 * is ended at once and becomes a request in the guest's models (pic.c,
 * ioapic.c, apic.c), from where it is delivered when virtual IF allows.
 * docs/interrupts.md follows one all the way.
 */
#include "irq.h"

#define ENTRY_POLARITY	0x2000u

struct irq_controllers irq;

static uint16_t pair_masked;		/* as written to the physical pair */
static uint32_t programmed[IOAPIC_PINS];	/* and to the physical IO-APIC */

/* ---- the physical side ---- */

void pair_mask(uint16_t mask)
{
	pair_masked = mask;
	outb(PIC_MASTER_DATA, (uint8_t)mask);
	outb(PIC_SLAVE_DATA, (uint8_t)(mask >> 8));
}

void pair_end(unsigned line)
{
	if (line >= PIC_SLAVE_LINES) {
		outb(PIC_SLAVE_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | (line - PIC_SLAVE_LINES)));
		line = PIC_CASCADE;
	}
	outb(PIC_MASTER_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | line));
}

uint8_t pair_read(uint16_t command, uint8_t what)
{
	outb(command, what);
	return inb(command);
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

bool apic_serves(unsigned vector)
{
	return PHYSICAL_APIC(APIC_ISR + (vector >> 5) * 16) >> (vector & 31) & 1;
}

/* IRQ 0 is pin 2 of the IO-APIC; nothing is at pin 0. */
static unsigned line_pin(unsigned line)
{
	return line ? line : PIC_CASCADE;
}

/*
 * A line of the pair is masked while its model holds it, and where the guest
 * takes it at the IO-APIC alone: it would only be told of everything twice.
 */
static void settle_lines(void)
{
	uint16_t mask = irq.held_lines | (pic_imr(&irq.pic) & irq.at_pins);

	if (mask != pair_masked)
		pair_mask(mask);
}

/* LINT0 is the pair's output. */
static void settle_output(void)
{
	if (apic_hears_lint0(&cpu->apic) && cpu->apic.lint0 != pic_output(&irq.pic))
		apic_set_lint0(&cpu->apic, !cpu->apic.lint0);
}

static void note_line(unsigned pin, bool taken)
{
	unsigned line = pin == PIC_CASCADE ? 0 : pin;

	if (!pin || line >= PIC_LINES)
		return;
	irq.at_pins &= (uint16_t)~(1u << line);
	if (taken)
		irq.at_pins |= (uint16_t)(1u << line);
}

/* The physical entry does as the guest's, at a vector of ours. */
static void settle_pin(unsigned pin)
{
	uint32_t entry = irq.ioapic.entry[pin];
	uint32_t want = VECTOR_IOAPIC + pin;

	note_line(pin, !(entry & IOAPIC_ENTRY_MASKED));
	want |= entry & (IOAPIC_ENTRY_LEVEL | IOAPIC_ENTRY_MASKED | ENTRY_POLARITY);
	if (irq.held_pins >> pin & 1)
		want |= IOAPIC_ENTRY_MASKED;
	if (want == programmed[pin])
		return;
	programmed[pin] = want;
	pins_write(IOAPIC_ENTRY + 2 * pin, want);
}

static void settle_pair(void)
{
	irq.held_lines &= (uint16_t)~pic_take_released(&irq.pic);
	settle_lines();
	settle_output();
	if (pic_output(&irq.pic) || cpu->state->pending)
		cpu->attention = 1;
}

void irq_settle(uint32_t pins)
{
	uint32_t released = ioapic_take_released(&irq.ioapic);

	irq.held_pins &= ~released;
	for (pins = (pins | released) & ((1u << irq.pins) - 1); pins; pins &= pins - 1)
		settle_pin((unsigned)__builtin_ctz(pins));
	settle_pair();
	cpu->attention = 1;
}

/* ---- what the guest does to its controllers ---- */

static bool is_elcr(uint16_t port)
{
	return (port & ~1u) == PIC_MASTER_ELCR;
}

/* The CMOS clock's ports are watched along with the controllers'. */
bool irq_is_port(uint16_t port)
{
	return pic_is_port(port) || is_elcr(port) || wallclock_is_port(port);
}

uint8_t irq_read(uint16_t port)
{
	uint8_t value;

	if (wallclock_is_port(port))
		return inb(port);
	value = pic_read(&irq.pic, port);
	settle_pair();	/* a read may be a poll, which acknowledges */
	return value;
}

void irq_write(uint16_t port, uint8_t value)
{
	if (!pic_is_port(port) && wallclock_is_port(port)) {
		wallclock_write(port, value);
		return;
	}
	pic_write(&irq.pic, port, value);
	if (is_elcr(port))
		outb(port, value);
	settle_pair();
}

uint32_t irq_apic_read(uint32_t offset)
{
	return apic_read(&cpu->apic, offset, rdtsc());
}

void irq_apic_write(uint32_t offset, uint32_t value)
{
	struct apic_message message;
	int ended;

	if ((offset & 0xfff) == APIC_LVT_LINT0) {
		irq.wired = false;
		apic_set_lint0(&cpu->apic, pic_output(&irq.pic));	/* it was not listened to */
	}
	apic_write(&cpu->apic, offset, value, rdtsc());
	ended = apic_take_eoi_vector(&cpu->apic);
	if (ended >= 0) {
		ioapic_eoi(&irq.ioapic, (uint8_t)ended);
		irq_settle(0);
	}
	apic_take_ipi(&cpu->apic, &message);	/* there is no other CPU */
	deadline_update();
	cpu->attention = 1;
}

/* The IO-APIC's page answers if there is an IO-APIC. */
uint32_t irq_ioapic_read(uint32_t offset)
{
	return irq.pins ? ioapic_read(&irq.ioapic, offset) : 0xffffffffu;
}

void irq_ioapic_write(uint32_t offset, uint32_t value)
{
	ioapic_write(&irq.ioapic, offset, value);
	irq_settle(ALL_PINS);
}

/* ---- physical interrupts ---- */

/* What a pin of the IO-APIC sends arrives at the local APICs it is meant for. */
static void send(const struct apic_message *m)
{
	if (m->mode == APIC_EXTINT)
		cpu->extint = true;
	else if (apic_matches(&cpu->apic, m->dest, m->logical))
		apic_accept(&cpu->apic, m->vector, m->level);
}

void irq_line_edge(unsigned line)
{
	pic_pulse(&irq.pic, line);
}

void irq_pin_edge(unsigned pin)
{
	struct apic_message m;

	if (ioapic_pulse(&irq.ioapic, pin, &m))
		send(&m);
}

/* An edge at IRQ 0 that no device has raised: an alarm's. */
void irq_tick(void)
{
	irq_line_edge(0);
	irq_pin_edge(line_pin(0));
	irq_settle(0);
}

/* Lines 7 and 15 also stand for a request that went away. */
static bool spurious(unsigned line)
{
	uint16_t command = line >= PIC_SLAVE_LINES ? PIC_SLAVE_COMMAND : PIC_MASTER_COMMAND;
	uint8_t isr;

	if (line % PIC_SLAVE_LINES != 7)
		return false;
	isr = pair_read(command, PIC_READ_ISR);
	if (isr & 0x80)
		return false;
	if (line >= PIC_SLAVE_LINES)
		pair_end(PIC_CASCADE);
	return true;
}

/* Does the processor take the pair's interrupts, whatever the IO-APIC says? */
static bool pair_is_heard(void)
{
	return apic_accepts_extint(&cpu->apic) || irq.wired;
}

/* Masked until the model lets go of it: see settle_lines(). */
static void hold_line(unsigned line)
{
	irq.held_lines |= (uint16_t)(1u << line);
	settle_lines();
}

/*
 * Is the guest where an interrupt can be delivered without anything else to be
 * done before?  Not in the monitor, not where transfer_forward() has work.
 */
static bool guest_is_ready(const struct frame *f)
{
	if (cpu->attention || cpu->apic.irr_words || frame_is_v86(f))
		return false;
	return (f->cs & 3) == 3 || ((f->cs & 3) && (cpu->state->virtual_if & EFLAGS_IF) && f->eip < HOLE_BASE);
}

/*
 * The short way of an interrupt, from the line to the handler: where nothing else
 * waits and the guest is ready, all that irq_work() would find is this.
 */
static bool take_line(struct frame *f, unsigned line)
{
	int vector;

	if (!guest_is_ready(f) || !pair_is_heard())
		return false;
	vector = pic_take(&irq.pic, line);
	if (vector < 0)
		return false;
	cpu->extint = false;
	cpu->state->pending = 0;
	if (!inject_interrupt(f, (unsigned)vector))
		reflect_fault(f);
	return true;
}

static void line_interrupt(struct frame *f, unsigned line)
{
	bool level = pic_elcr(&irq.pic) >> line & 1;

	if (spurious(line))
		return;
	if (level)
		hold_line(line);
	pair_end(line);
	if (take_line(f, line))
		return;
	if (level)
		pic_set_line(&irq.pic, line, true);
	else
		irq_line_edge(line);
	settle_pair();
}

static void pin_interrupt(unsigned pin)
{
	struct apic_message m;
	uint32_t held = 0;

	if (irq.ioapic.entry[pin] & IOAPIC_ENTRY_LEVEL) {
		held = 1u << pin;
		irq.held_pins |= held;
		if (ioapic_set_line(&irq.ioapic, pin, true, &m))
			send(&m);
	} else {
		irq_pin_edge(pin);
	}
	irq_settle(held);
	PHYSICAL_APIC(APIC_EOI) = 0;
}

bool irq_is_physical(unsigned vector)
{
	return vector - VECTOR_FIRST <= VECTOR_TIMER - VECTOR_FIRST || vector == VECTOR_SPURIOUS;
}

void irq_physical(struct frame *f)
{
	unsigned vector = f->vector;

	cpu->stats[vector == VECTOR_TIMER ? STAT_TIMER : STAT_INTERRUPT]++;
	if (vector - VECTOR_PIC < PIC_LINES) {
		line_interrupt(f, vector - VECTOR_PIC);
		return;
	}
	cpu->attention = 1;
	if (vector - VECTOR_IOAPIC < IOAPIC_PINS) {
		pin_interrupt(vector - VECTOR_IOAPIC);
	} else if (vector == VECTOR_TIMER) {
		PHYSICAL_APIC(APIC_EOI) = 0;
		deadline_expire();
	}
}

/* ---- delivery ---- */

static bool apic_waits(void)
{
	return cpu->apic.irr_words && apic_pending(&cpu->apic) >= 0;
}

static bool pair_waits(void)
{
	return pic_output(&irq.pic) && (cpu->extint || pair_is_heard());
}

bool irq_waits(void)
{
	return apic_waits() || pair_waits();
}

static unsigned acknowledge(void)
{
	unsigned vector;

	if (apic_waits())
		return (unsigned)apic_ack(&cpu->apic);
	cpu->extint = false;
	vector = (unsigned)pic_ack(&irq.pic);
	settle_pair();	/* in automatic-EOI mode it is ended, too */
	return vector;
}

static bool can_take(const struct frame *f)
{
	return !cpu->sti_shadow && (frame_forces_if(f) || (cpu->state->virtual_if & EFLAGS_IF));
}

/* A return that the guest has begun comes first; if that faults, it leaves them disabled. */
static bool go_between(struct frame *f)
{
	if (f->eip < HOLE_BASE)
		return true;
	transfer_forward(f);
	return can_take(f);
}

/*
 * The last thing before the guest runs: deliver, or leave the note that makes
 * the guest ask when it sets virtual IF.
 */
void irq_work(struct frame *f)
{
	bool waits = irq_waits();

	if (waits && can_take(f)) {
		if (go_between(f) && !inject_interrupt(f, acknowledge()))
			reflect_fault(f);
		waits = irq_waits();
		cpu->attention = waits;		/* through a trap gate it goes on */
	}
	cpu->state->pending = waits ? EFLAGS_IF : 0;
}
