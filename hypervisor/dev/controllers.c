// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's interrupt controllers.  The monitor owns the physical ones
 * (physical.c); what they bring becomes a request in the guest's models (pic.c,
 * ioapic.c and apic.c of model/), and entry/exit.c asks here what is due.
 * docs/interrupts.md follows one interrupt all the way.
 */
#include "dev/controllers.h"
#include "dev/time.h"

#define ENTRY_POLARITY	0x2000u

/* ---- what the physical side and delivery follow ---- */

/* IRQ 0 is pin 2 of the IO-APIC; nothing is at pin 0. */
static unsigned line_pin(unsigned line)
{
	return line ? line : PIC_CASCADE;
}

/* Lines that cannot take the short way: level-triggered, stale, or 7 and 15, which may be spurious. */
void controllers_note_modes(void)
{
	controllers.particular = (uint16_t)(pic_elcr(&controllers.pic) | controllers.stale_lines | 1u << 7 | 1u << 15);
}

static void set_stale(uint16_t lines)
{
	controllers.stale_lines = lines;
	controllers_note_modes();
}

/* What the physical pair has latched of a line meanwhile is what the model has. */
static COLD void open_full_lines(void)
{
	uint16_t opened = controllers.full_lines & (uint16_t)~pic_imr(&controllers.pic);

	if (!opened)
		return;
	controllers.full_lines ^= opened;
	set_stale(controllers.stale_lines | (opened & pair_status(PIC_READ_IRR)));
}

/*
 * A line of the pair is masked while its model holds it, and while the guest has
 * masked it and one edge waits: further edges would merge with the one already
 * latched.
 */
static void settle_lines(void)
{
	uint16_t mask;

	if (controllers.full_lines)
		open_full_lines();
	mask = controllers.held_lines | controllers.full_lines;
	if (mask != controllers.pair_masked)
		pair_mask(mask);
}

/* Does the processor take the pair's interrupts, whatever the IO-APIC says? */
static bool pair_is_heard(void)
{
	return apic_accepts_extint(&this_vcpu()->apic) || controllers.wired;
}

/* LINT0 is the pair's output; and what the gate may do while nothing comes out there. */
static void settle_output(void)
{
	if (apic_hears_lint0(&this_vcpu()->apic) && this_vcpu()->apic.lint0 != pic_output(&controllers.pic))
		apic_set_lint0(&this_vcpu()->apic, !this_vcpu()->apic.lint0);
	info_page_rw()->quick_lines = pair_is_heard() ? pic_open(&controllers.pic) & (uint16_t)~controllers.particular : 0;
	info_page_rw()->quick_base[0] = controllers.pic.chip[0].base;
	info_page_rw()->quick_base[1] = controllers.pic.chip[1].base;
}

/* The physical entry does as the guest's, at a vector of ours. */
static void settle_pin(unsigned pin)
{
	uint32_t entry = controllers.ioapic.entry[pin];
	uint32_t want = VECTOR_IOAPIC + pin;

	want |= entry & (IOAPIC_ENTRY_LEVEL | IOAPIC_ENTRY_MASKED | ENTRY_POLARITY);
	if (controllers.held_pins >> pin & 1)
		want |= IOAPIC_ENTRY_MASKED;
	if (want == controllers.programmed[pin])
		return;
	controllers.programmed[pin] = want;
	pins_write(IOAPIC_ENTRY + 2 * pin, want);
}

static void settle_pair(void)
{
	controllers.held_lines &= (uint16_t)~pic_take_released(&controllers.pic);
	settle_lines();
	settle_output();
	if (pic_output(&controllers.pic) || vif_pending())
		this_vcpu()->attention = 1;
}

void controllers_settle(uint32_t pins)
{
	uint32_t released = ioapic_take_released(&controllers.ioapic);

	controllers.held_pins &= ~released;
	for (pins = (pins | released) & ((1u << controllers.pins) - 1); pins; pins &= pins - 1)
		settle_pin((unsigned)__builtin_ctz(pins));
	settle_pair();
	this_vcpu()->attention = 1;
}

/* ---- what the guest does to its controllers ---- */

/* What the gate has delivered by itself, and the guest has not ended yet (quick.c). */
static void learn_service(void)
{
	uint16_t lines = (uint16_t)state_page()->in_service;

	if (!lines)
		return;
	state_page()->in_service = 0;
	pic_serve(&controllers.pic, lines);
	settle_output();
}

static bool is_elcr(uint16_t port)
{
	return (port & ~1u) == PIC_MASTER_ELCR;
}

uint8_t controllers_port_read(uint16_t port)
{
	uint8_t value;

	learn_service();
	value = pic_read(&controllers.pic, port);
	settle_pair();	/* a read may be a poll, which acknowledges */
	return value;
}

void controllers_port_write(uint16_t port, uint8_t value)
{
	learn_service();
	pic_write(&controllers.pic, port, value);
	if (is_elcr(port)) {
		outb(port, value);
		controllers_note_modes();
	}
	settle_pair();
}

void controllers_pair_write(uint16_t port, uint8_t value)
{
	learn_service();
	pic_write(&controllers.pic, port, value);
	settle_pair();
}

/*
 * An interrupt of the local APIC's, in service alone, the guest may end without
 * us (vmi/apic.asm).  This withdraws the offer.
 */
static void learn_end(void)
{
	if (!this_vcpu()->end_offered)
		return;
	alarm_learn();
	this_vcpu()->end_offered = false;
	info_page_rw()->alarm_vector = 0;
	if (!state_page()->apic_serves)
		apic_write(&this_vcpu()->apic, APIC_EOI, 0, 0);
	state_page()->apic_serves = 0;
}

static void offer_end(unsigned vector)
{
	if (!apic_serves_alone(&this_vcpu()->apic, vector))
		return;
	this_vcpu()->end_offered = true;
	state_page()->apic_serves = 1;
}

/* The vector by which the gate may deliver the next alarm, or 0: it is as if in service, and ended. */
uint8_t controllers_offer_alarm(void)
{
	bool serving;
	int vector;

	learn_end();
	vector = apic_serve_alarm(&this_vcpu()->apic, &serving);
	if (vector < 0)
		return 0;
	this_vcpu()->end_offered = true;
	state_page()->apic_serves = serving;
	return (uint8_t)vector;
}

/* The local APIC's next vector, or -1. */
static INLINE int apic_next(void)
{
	if (!this_vcpu()->apic.irr_words)
		return -1;
	learn_end();
	return apic_pending(&this_vcpu()->apic);
}

static INLINE bool pair_waits(void)
{
	return pic_output(&controllers.pic) && (this_vcpu()->extint || pair_is_heard());
}

uint32_t controllers_apic_read(uint32_t offset)
{
	learn_end();
	return apic_read(&this_vcpu()->apic, offset, rdtsc());
}

/* Priority and end of interrupt are what is written most, and concern no clock. */
bool controllers_apic_write(uint32_t offset, uint32_t value)
{
	bool timed = (offset & 0xfff) > APIC_EOI;
	struct apic_message message;
	int ended;

	learn_end();
	if ((offset & 0xfff) == APIC_LVT_LINT0) {
		controllers.wired = false;
		apic_set_lint0(&this_vcpu()->apic, pic_output(&controllers.pic));	/* it was not listened to */
	}
	apic_write(&this_vcpu()->apic, offset, value, timed ? rdtsc() : 0);
	ended = apic_take_eoi_vector(&this_vcpu()->apic);
	if (ended >= 0) {
		ioapic_eoi(&controllers.ioapic, (uint8_t)ended);
		controllers_settle(0);
	}
	if (timed) {
		apic_take_ipi(&this_vcpu()->apic, &message);	/* there is no other CPU */
		settle_output();	/* perhaps it takes the pair's interrupts now, or no more */
	}
	if (apic_next() >= 0 || pair_waits() || vif_pending())
		this_vcpu()->attention = 1;
	return timed;
}

/* The page of the guest's local APIC is closed, wherever that is. */
void controllers_claim_apic(void)
{
	const struct apic *a = &this_vcpu()->apic;

	frames_claim(CLAIM_GUEST_APIC, apic_globally_enabled(a) ? (uint32_t)(a->base >> 12) : NO_FRAME);
}

bool controllers_set_apic_base(uint64_t value)
{
	learn_end();
	if (!apic_set_base(&this_vcpu()->apic, value))
		return false;
	controllers_claim_apic();
	settle_pair();
	this_vcpu()->attention = 1;
	return true;
}

/* The IO-APIC's page answers if there is an IO-APIC. */
uint32_t controllers_ioapic_read(uint32_t offset)
{
	return controllers.pins ? ioapic_read(&controllers.ioapic, offset) : 0xffffffffu;
}

void controllers_ioapic_write(uint32_t offset, uint32_t value)
{
	ioapic_write(&controllers.ioapic, offset, value);
	controllers_settle(ALL_PINS);
}

/* ---- what arrives ---- */

/* What a pin of the IO-APIC sends arrives at the local APICs it is meant for. */
static void send(const struct apic_message *m)
{
	learn_end();
	if (m->mode == APIC_EXTINT)
		this_vcpu()->extint = true;
	else if (apic_matches(&this_vcpu()->apic, m->dest, m->logical))
		apic_accept(&this_vcpu()->apic, m->vector, m->level);
}

void controllers_line_edge(unsigned line)
{
	pic_pulse(&controllers.pic, line);
}

void controllers_pin_edge(unsigned pin)
{
	struct apic_message m;

	if (ioapic_pulse(&controllers.ioapic, pin, &m))
		send(&m);
}

/* An edge at IRQ 0 that no device has raised: an alarm's. */
void controllers_tick(void)
{
	learn_service();
	controllers_line_edge(0);
	controllers_pin_edge(line_pin(0));
	settle_output();
	this_vcpu()->attention = 1;
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
static COLD bool begin_line(unsigned line)
{
	if (spurious(line)) {
		set_stale(0);		/* it may have been such a line's that fell */
		return false;
	}
	if (controllers.stale_lines >> line & 1) {
		set_stale(controllers.stale_lines & (uint16_t)~(1u << line));
		pair_end(line);
		return false;
	}
	if (pic_elcr(&controllers.pic) >> line & 1) {
		controllers.held_lines |= (uint16_t)(1u << line);
		settle_lines();
	}
	return true;
}

static COLD void request_line(unsigned line)
{
	if (pic_elcr(&controllers.pic) >> line & 1) {
		pic_set_line(&controllers.pic, line, true);
	} else {
		controllers_line_edge(line);
		controllers.full_lines |= (uint16_t)(1u << line) & pic_imr(&controllers.pic);
	}
	settle_pair();
}

/*
 * The short way, where nothing else waits: all that the long one would find is
 * this line.
 */
static int take_line(unsigned line)
{
	int vector;

	if (this_vcpu()->apic.irr_words || !pair_is_heard())
		return -1;
	vector = pic_take(&controllers.pic, line);
	if (vector < 0)
		return -1;
	this_vcpu()->extint = false;
	vif_set_pending(false);
	return vector;
}

int controllers_line_arrived(unsigned line, bool guest_is_ready)
{
	int vector = -1;

	learn_service();
	if ((controllers.particular >> line & 1) && !begin_line(line))
		return -1;
	pair_end(line);
	if (guest_is_ready)
		vector = take_line(line);
	if (vector < 0)
		request_line(line);
	return vector;
}

void controllers_pin_arrived(unsigned pin)
{
	struct apic_message m;

	if (controllers.ioapic.entry[pin] & IOAPIC_ENTRY_LEVEL) {
		controllers.held_pins |= 1u << pin;
		if (ioapic_set_line(&controllers.ioapic, pin, true, &m))
			send(&m);
		settle_pin(pin);
	} else {
		controllers_pin_edge(pin);
	}
	PHYSICAL_APIC(APIC_EOI) = 0;
}

/* ---- what is due ---- */

/* What the APIC has next comes first. */
int controllers_next(void)
{
	int next = apic_next();

	if (next >= 0)
		return next;
	return pair_waits() ? CONTROLLERS_PAIR : CONTROLLERS_NONE;
}

unsigned controllers_acknowledge(int next)
{
	unsigned vector = (unsigned)next;

	if (next >= 0) {
		apic_serve(&this_vcpu()->apic, vector);
		offer_end(vector);
		return vector;
	}
	this_vcpu()->extint = false;
	vector = (unsigned)pic_ack(&controllers.pic);
	settle_pair();	/* in automatic-EOI mode it is ended, too */
	return vector;
}
