// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's interrupt controllers.  The monitor owns the physical ones
 * (physical.c); an interrupt that arrives there becomes a request in the guest's
 * models (pic.c, ioapic.c and apic.c of model/), and entry/exit.c asks here which
 * vector is to be delivered next.  docs/interrupts.md follows one interrupt all
 * the way.
 *
 * Sections: how the physical side and the gate follow a change of the models; the
 * guest's accesses; interrupts that arrive; the interrupt that is due.
 */
#include "dev/controllers.h"
#include "dev/time.h"

#define ENTRY_POLARITY	0x2000u

/* ---- the physical side and the gate follow the models ---- */

/*
 * Lines that cannot take the fast path: level-triggered, stale, or 7 and 15, which
 * may be spurious.
 */
void controllers_note_modes(void)
{
	controllers.particular = (uint16_t)(pic_elcr(&controllers.pic) | controllers.stale_lines |
					    1u << 7 | 1u << 15);
}

static void set_stale(uint16_t lines)
{
	controllers.stale_lines = lines;
	controllers_note_modes();
}

/*
 * The guest has unmasked full lines.  If the physical pair has latched another edge
 * of such a line meanwhile, that edge merges with the one in the model: the line is
 * stale, and the interrupt that it is about to make will be dropped (begin_line()).
 */
static COLD void open_full_lines(void)
{
	uint16_t opened = controllers.full_lines & (uint16_t)~pic_imr(&controllers.pic);

	if (!opened)
		return;
	controllers.full_lines ^= opened;
	set_stale(controllers.stale_lines | (opened & pair_status(PIC_READ_IRR)));
}

/*
 * A line of the physical pair is masked while its model holds it, and while the
 * guest has masked it and one edge waits: further edges would merge with the one
 * already latched.
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

/*
 * The pair's output may have changed: it is LINT0 of the local APIC.  The gate is
 * told which lines it may deliver without the monitor (entry/quick.c).
 */
static void settle_output(void)
{
	struct apic *a = &this_vcpu()->apic;
	struct gate_info *info = info_page_rw();

	if (apic_hears_lint0(a) && a->lint0 != pic_output(&controllers.pic))
		apic_set_lint0(a, !a->lint0);
	info->quick_lines = pair_is_heard() ?
			    pic_open(&controllers.pic) & (uint16_t)~controllers.particular : 0;
	info->quick_base[0] = controllers.pic.chip[0].base;
	info->quick_base[1] = controllers.pic.chip[1].base;
}

/*
 * The physical redirection entry gets the trigger mode, polarity and mask of the
 * guest's, but a vector of the monitor's range.  A held pin is masked.
 */
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

/* ---- the guest's accesses ---- */

/*
 * The gate may have delivered an interrupt of the pair that the guest has not ended
 * yet (entry/quick.c); the model learns here that it is in service.  Every function
 * that asks or changes the model of the pair calls this first.
 */
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
 * If an interrupt of the local APIC is edge-triggered and alone in service, the guest
 * is offered to end it without the monitor, by clearing apic_serves (vmi/apic.asm).
 * This withdraws the offer, and the model learns whether the guest has taken it.
 * Every function that asks or changes the model of the local APIC calls this first.
 */
static void learn_end(void)
{
	struct vcpu *v = this_vcpu();

	if (!v->end_offered)
		return;
	alarm_learn();
	v->end_offered = false;
	info_page_rw()->alarm_vector = 0;
	if (!state_page()->apic_serves)
		apic_write(&v->apic, APIC_EOI, 0, 0);
	state_page()->apic_serves = 0;
}

static void offer_end(unsigned vector)
{
	if (!apic_serves_alone(&this_vcpu()->apic, vector))
		return;
	this_vcpu()->end_offered = true;
	state_page()->apic_serves = 1;
}

/*
 * The model puts the alarm's vector in service now, before the alarm fires.  Unless it
 * was in service already, apic_serves stays clear: the interrupt counts as ended, so
 * an alarm that is never delivered leaves no trace at the next learn_end().
 */
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

/*
 * Most writes go to the task priority and to EOI.  No register up to EOI concerns the
 * timer, an IPI or LINT0: a write to one skips that work, and the TSC is not read.
 */
bool controllers_apic_write(uint32_t offset, uint32_t value)
{
	bool timed = (offset & 0xfff) > APIC_EOI;
	struct vcpu *v = this_vcpu();
	struct apic_message message;
	int ended;

	learn_end();
	if ((offset & 0xfff) == APIC_LVT_LINT0) {
		controllers.wired = false;
		/* The model was not told of LINT0 while the entry could not hear it. */
		apic_set_lint0(&v->apic, pic_output(&controllers.pic));
	}
	apic_write(&v->apic, offset, value, timed ? rdtsc() : 0);
	ended = apic_take_eoi_vector(&v->apic);
	if (ended >= 0) {
		ioapic_eoi(&controllers.ioapic, (uint8_t)ended);
		controllers_settle(0);
	}
	if (timed) {
		apic_take_ipi(&v->apic, &message);	/* dropped: there is no other CPU */
		settle_output();	/* the processor may begin or cease to hear the pair */
	}
	if (apic_next() >= 0 || pair_waits() || vif_pending())
		v->attention = 1;
	return timed;
}

void controllers_claim_apic(void)
{
	const struct apic *a = &this_vcpu()->apic;

	frames_claim(CLAIM_GUEST_APIC,
		     apic_globally_enabled(a) ? (uint32_t)(a->base >> 12) : NO_FRAME);
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

/* On a machine without an IO-APIC its page reads as ones, as memory that is absent. */
uint32_t controllers_ioapic_read(uint32_t offset)
{
	return controllers.pins ? ioapic_read(&controllers.ioapic, offset) : 0xffffffffu;
}

void controllers_ioapic_write(uint32_t offset, uint32_t value)
{
	ioapic_write(&controllers.ioapic, offset, value);
	controllers_settle(ALL_PINS);
}

/* ---- interrupts that arrive ---- */

void controllers_message(const struct apic_message *m)
{
	struct vcpu *v = this_vcpu();

	learn_end();
	if (m->mode == APIC_EXTINT)
		v->extint = true;
	else if (apic_matches(&v->apic, m->dest, m->logical))
		apic_accept(&v->apic, m->vector, m->level);
}

void controllers_line_edge(unsigned line)
{
	pic_pulse(&controllers.pic, line);
}

void controllers_pin_edge(unsigned pin)
{
	struct apic_message m;

	if (ioapic_pulse(&controllers.ioapic, pin, &m))
		controllers_message(&m);
}

void controllers_tick(void)
{
	learn_service();
	controllers_line_edge(0);
	controllers_pin_edge(PIN_IRQ0);
	settle_output();
	this_vcpu()->attention = 1;
}

/*
 * The pair also interrupts at line 7 or 15 if a request went away before it was
 * acknowledged; the line is not in service then.  A spurious 15 has left the cascade in
 * service at the master, which is ended here.
 */
static bool line_is_spurious(unsigned line)
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

/*
 * The first steps for a line that cannot take the fast path.  false: the interrupt is
 * spurious or stale, and is dropped.
 */
static COLD bool begin_line(unsigned line)
{
	if (line_is_spurious(line)) {
		/* The request that went away may have been that of a stale line. */
		set_stale(0);
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
 * The short way, where nothing else waits: request and acknowledge in one step.  The
 * slow path would find no other interrupt than this line's.  -1: it is not so simple, and
 * nothing has happened.
 */
static int take_line(unsigned line)
{
	struct vcpu *v = this_vcpu();
	int vector;

	if (v->apic.irr_words || !pair_is_heard())
		return -1;
	vector = pic_take(&controllers.pic, line);
	if (vector < 0)
		return -1;
	v->extint = false;
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

/*
 * A level-triggered pin is held (masked at the physical IO-APIC) before its interrupt
 * is ended: the device still asserts it, and it would interrupt again at once.
 */
void controllers_pin_arrived(unsigned pin)
{
	struct apic_message m;

	if (controllers.ioapic.entry[pin] & IOAPIC_ENTRY_LEVEL) {
		controllers.held_pins |= 1u << pin;
		if (ioapic_set_line(&controllers.ioapic, pin, true, &m))
			controllers_message(&m);
		settle_pin(pin);
	} else {
		controllers_pin_edge(pin);
	}
	PHYSICAL_APIC(APIC_EOI) = 0;
}

/* ---- the interrupt that is due ---- */

/* The local APIC's vectors come before the pair. */
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
	settle_pair();	/* in automatic-EOI mode the acknowledge also ends it */
	return vector;
}
