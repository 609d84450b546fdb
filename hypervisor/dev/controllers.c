// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts.  The monitor owns the physical controllers; a physical interrupt
 * is ended at once and becomes a request in the guest's models (pic.c,
 * ioapic.c, apic.c), from where it is delivered when virtual IF allows.
 * docs/interrupts.md follows one all the way.
 */
#include "dev/irq.h"

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

static uint8_t pair_read(uint16_t command, uint8_t what)
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

bool apic_serves(unsigned vector)
{
	return PHYSICAL_APIC(APIC_ISR + (vector >> 5) * 16) >> (vector & 31) & 1;
}

/* IRQ 0 is pin 2 of the IO-APIC; nothing is at pin 0. */
static unsigned line_pin(unsigned line)
{
	return line ? line : PIC_CASCADE;
}

/* The lines of which there is more to know than that they interrupt. */
void irq_note_modes(void)
{
	irq.particular = (uint16_t)(pic_elcr(&irq.pic) | irq.stale_lines | 1u << 7 | 1u << 15);
}

static void set_stale(uint16_t lines)
{
	irq.stale_lines = lines;
	irq_note_modes();
}

/* What the physical pair has latched of a line meanwhile is what the model has. */
static __attribute__((noinline, cold)) void open_full_lines(void)
{
	uint16_t opened = irq.full_lines & (uint16_t)~pic_imr(&irq.pic);

	if (!opened)
		return;
	irq.full_lines ^= opened;
	set_stale(irq.stale_lines | (opened & pair_status(PIC_READ_IRR)));
}

/*
 * A line of the pair is masked while its model holds it, and while the guest has
 * masked it and one edge waits: more would come to the same.
 */
static void settle_lines(void)
{
	uint16_t mask;

	if (irq.full_lines)
		open_full_lines();
	mask = irq.held_lines | irq.full_lines;
	if (mask != pair_masked)
		pair_mask(mask);
}

/* Does the processor take the pair's interrupts, whatever the IO-APIC says? */
static bool pair_is_heard(void)
{
	return apic_accepts_extint(&cpu->apic) || irq.wired;
}

/* LINT0 is the pair's output; and what the gate may do while nothing comes out there. */
static void settle_output(void)
{
	if (apic_hears_lint0(&cpu->apic) && cpu->apic.lint0 != pic_output(&irq.pic))
		apic_set_lint0(&cpu->apic, !cpu->apic.lint0);
	cpu->info->quick_lines = pair_is_heard() ? pic_open(&irq.pic) & (uint16_t)~irq.particular : 0;
	cpu->info->quick_base[0] = irq.pic.chip[0].base;
	cpu->info->quick_base[1] = irq.pic.chip[1].base;
}

/* The physical entry does as the guest's, at a vector of ours. */
static void settle_pin(unsigned pin)
{
	uint32_t entry = irq.ioapic.entry[pin];
	uint32_t want = VECTOR_IOAPIC + pin;

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
	if (pic_output(&irq.pic) || guest_state->pending)
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

/* What the gate has delivered by itself, and the guest has not ended yet (quick.c). */
static void learn_service(void)
{
	uint16_t lines = (uint16_t)guest_state->in_service;

	if (!lines)
		return;
	guest_state->in_service = 0;
	pic_serve(&irq.pic, lines);
	settle_output();
}

static bool is_elcr(uint16_t port)
{
	return (port & ~1u) == PIC_MASTER_ELCR;
}

/* The CMOS clock's ports are watched along with the controllers'. */
bool irq_is_port(uint16_t port)
{
	return irq_is_pair(port) || is_elcr(port) || wallclock_is_port(port);
}

uint8_t irq_read(uint16_t port)
{
	uint8_t value;

	if (wallclock_is_port(port))
		return inb(port);
	learn_service();
	value = pic_read(&irq.pic, port);
	settle_pair();	/* a read may be a poll, which acknowledges */
	return value;
}

void irq_write(uint16_t port, uint8_t value)
{
	if (!irq_is_pair(port) && wallclock_is_port(port)) {
		wallclock_write(port, value);
		return;
	}
	learn_service();
	pic_write(&irq.pic, port, value);
	if (is_elcr(port)) {
		outb(port, value);
		irq_note_modes();
	}
	settle_pair();
}

/* A byte to a command or data port of the pair, from the kernel: what it writes most. */
void irq_pair_write(uint16_t port, uint8_t value)
{
	learn_service();
	pic_write(&irq.pic, port, value);
	settle_pair();
}

/*
 * An interrupt of the local APIC's, in service alone, the guest may end without
 * us (vmi/apic.asm).  From here on it may not any more.
 */
static void learn_end(void)
{
	if (!cpu->end_offered)
		return;
	alarm_learn();
	cpu->end_offered = false;
	cpu->info->alarm_vector = 0;
	if (!guest_state->apic_serves)
		apic_write(&cpu->apic, APIC_EOI, 0, 0);
	guest_state->apic_serves = 0;
}

static void offer_end(unsigned vector)
{
	if (!apic_serves_alone(&cpu->apic, vector))
		return;
	cpu->end_offered = true;
	guest_state->apic_serves = 1;
}

/* The vector by which the gate may deliver the next alarm, or 0: it is as if in service, and ended. */
uint8_t irq_offer_alarm(void)
{
	bool serving;
	int vector;

	learn_end();
	vector = apic_serve_alarm(&cpu->apic, &serving);
	if (vector < 0)
		return 0;
	cpu->end_offered = true;
	guest_state->apic_serves = serving;
	return (uint8_t)vector;
}

uint32_t irq_apic_read(uint32_t offset)
{
	learn_end();
	return apic_read(&cpu->apic, offset, rdtsc());
}

/* Priority and end of interrupt are what is written most, and concern no clock. */
void irq_apic_write(uint32_t offset, uint32_t value)
{
	bool timed = (offset & 0xfff) > APIC_EOI;
	struct apic_message message;
	int ended;

	learn_end();
	if ((offset & 0xfff) == APIC_LVT_LINT0) {
		irq.wired = false;
		apic_set_lint0(&cpu->apic, pic_output(&irq.pic));	/* it was not listened to */
	}
	apic_write(&cpu->apic, offset, value, timed ? rdtsc() : 0);
	ended = apic_take_eoi_vector(&cpu->apic);
	if (ended >= 0) {
		ioapic_eoi(&irq.ioapic, (uint8_t)ended);
		irq_settle(0);
	}
	if (timed) {
		apic_take_ipi(&cpu->apic, &message);	/* there is no other CPU */
		settle_output();	/* perhaps it takes the pair's interrupts now, or no more */
		deadline_update();
	}
	if (irq_waits() || guest_state->pending)
		cpu->attention = 1;
}

bool irq_set_apic_base(uint64_t value)
{
	learn_end();
	if (!apic_set_base(&cpu->apic, value))
		return false;
	settle_pair();
	cpu->attention = 1;
	return true;
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
	learn_end();
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
	learn_service();
	irq_line_edge(0);
	irq_pin_edge(line_pin(0));
	settle_output();
	cpu->attention = 1;
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

/* What such a line needs first; false: it has not interrupted. */
static __attribute__((noinline, cold)) bool begin_line(unsigned line)
{
	if (spurious(line)) {
		set_stale(0);		/* it may have been such a line's that fell */
		return false;
	}
	if (irq.stale_lines >> line & 1) {
		set_stale(irq.stale_lines & (uint16_t)~(1u << line));
		pair_end(line);
		return false;
	}
	if (pic_elcr(&irq.pic) >> line & 1) {
		irq.held_lines |= (uint16_t)(1u << line);
		settle_lines();
	}
	return true;
}

/* The long way: the model is told, and irq_work() asks it. */
static __attribute__((noinline, cold)) void request_line(unsigned line)
{
	if (pic_elcr(&irq.pic) >> line & 1) {
		pic_set_line(&irq.pic, line, true);
	} else {
		irq_line_edge(line);
		irq.full_lines |= (uint16_t)(1u << line) & pic_imr(&irq.pic);
	}
	settle_pair();
}

/*
 * Is the guest where an interrupt can be delivered without anything else to be
 * done before?  Not where transfer_forward() has work.
 */
static bool guest_is_ready(const struct frame *f)
{
	if (cpu->attention || cpu->apic.irr_words || frame_is_v86(f))
		return false;
	if (f->cs & 2)
		return true;
	return (guest_state->virtual_if & EFLAGS_IF) && f->eip < HOLE_BASE;
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
	guest_state->pending = 0;
	if (!inject_interrupt(f, (unsigned)vector))
		reflect_fault(f);
	return true;
}

static void line_interrupt(struct frame *f, unsigned line)
{
	if ((irq.particular >> line & 1) && !begin_line(line))
		return;
	pair_end(line);
	if (!take_line(f, line))
		request_line(line);
}

static void pin_interrupt(unsigned pin)
{
	struct apic_message m;

	if (irq.ioapic.entry[pin] & IOAPIC_ENTRY_LEVEL) {
		irq.held_pins |= 1u << pin;
		if (ioapic_set_line(&irq.ioapic, pin, true, &m))
			send(&m);
		settle_pin(pin);
	} else {
		irq_pin_edge(pin);
	}
	PHYSICAL_APIC(APIC_EOI) = 0;
}

bool irq_is_physical(unsigned vector)
{
	return vector - VECTOR_FIRST < VECTOR_PIC + PIC_LINES - VECTOR_FIRST || vector == VECTOR_SPURIOUS;
}

/* The local APIC's own, and what comes through it. */
static __attribute__((noinline)) void apic_interrupt(unsigned vector)
{
	cpu->attention = 1;
	if (vector - VECTOR_IOAPIC < IOAPIC_PINS) {
		cpu->stats[STAT_INTERRUPT]++;
		pin_interrupt(vector - VECTOR_IOAPIC);
	} else if (vector == VECTOR_TIMER) {
		cpu->stats[STAT_TIMER]++;
		PHYSICAL_APIC(APIC_EOI) = 0;
		deadline_expire();
	}
}

void irq_physical(struct frame *f)
{
	unsigned vector = f->vector;

	if (vector - VECTOR_PIC >= PIC_LINES) {
		apic_interrupt(vector);
		return;
	}
	cpu->stats[STAT_INTERRUPT]++;
	learn_service();
	line_interrupt(f, vector - VECTOR_PIC);
}

/* ---- delivery ---- */

/* The local APIC's next vector, or -1. */
static int apic_next(void)
{
	if (!cpu->apic.irr_words)
		return -1;
	learn_end();
	return apic_pending(&cpu->apic);
}

static bool pair_waits(void)
{
	return pic_output(&irq.pic) && (cpu->extint || pair_is_heard());
}

bool irq_waits(void)
{
	return apic_next() >= 0 || pair_waits();
}

/* What the APIC has next comes first. */
static unsigned acknowledge(int next)
{
	unsigned vector = (unsigned)next;

	if (next >= 0) {
		apic_serve(&cpu->apic, vector);
		offer_end(vector);
		return vector;
	}
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
	if (f->eip < HOLE_BASE || cpu->halted)
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
	int next = apic_next();
	bool waits = next >= 0 || pair_waits();

	if (waits && can_take(f)) {
		if (go_between(f) && !inject_interrupt(f, acknowledge(next)))
			reflect_fault(f);
		waits = irq_waits();
		cpu->attention = waits;		/* through a trap gate it goes on */
	}
	cpu->state->pending = waits ? EFLAGS_IF : 0;
}
