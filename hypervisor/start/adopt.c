// SPDX-License-Identifier: GPL-2.0-only
/*
 * In VMI_Init: take over the physical interrupt controllers.  The models get the state
 * in which the guest has programmed the physical ones, with all interrupts that wait or
 * are in service there; then the physical ones are programmed for the monitor.
 *
 * The vectors of the 8259 pair cannot be read back, so they are learnt: a line that is
 * about to interrupt anyway is let through, to see which vector arrives.  For the
 * master that is the PIT's line, and its tick is handed on to the guest.  For the slave
 * the real-time clock is made to interrupt.  Until this is over every interrupt is
 * handled by adopt_event() here.
 */
#include "dev/controllers.h"
#include "entry/entry.h"
#include "start/start.h"

#define PIC_ICW1		0x11	/* edge-triggered, cascaded, ICW4 follows */
#define PIC_ICW4		0x01	/* 8086 mode */
#define LINE_PIT		0u
#define LINE_RTC		8u

#define LVT_EXTINT		0x700u
#define ENTRY_KEPT		0x1efffu	/* all but the delivery status */

#define PIT_STATUS_0		0xe2	/* read back channel 0's status */
#define PIT_MODE		0x0eu
#define PIT_OUT			0x80u
#define PIT_NO_COUNT		0x40u
#define PIT_ONE_SHOT_0		0x30	/* both bytes, mode 0 */

#define RTC_A			0x0a
#define RTC_B			0x0b
#define RTC_C			0x0c
#define RTC_A_RATE		0x0fu
#define RTC_A_1024_HZ		0x06u
#define RTC_B_PERIODIC		0x40u

#define PIT_PATIENCE_MS		60u	/* its longest period is 55 */
#define RTC_PATIENCE_MS		4u

extern char gate_interrupt_8[], gate_interrupt_17[];

static struct adoption *adoption(void)
{
	return &this_vcpu()->adoption;
}

/* Word @word of one of the APIC's 256-bit registers. */
static uint32_t physical_bits(unsigned registers, unsigned word)
{
	return PHYSICAL_APIC(registers + word * 16);
}

/*
 * Takes the place of nested() meanwhile.  An interrupt that is not in service at the local
 * APIC comes from the pair, and its vector is what we want to know.  Of the others the
 * timer's ends a wait; what else comes is the guest's.
 */
static struct frame *adopt_event(struct frame *f)
{
	bool level;

	if (!apic_isr_has(f->vector)) {
		adoption()->arrived = (int)f->vector;
		return NULL;
	}
	if (f->vector - VECTOR_MSI < MSI_VECTORS && msi_arrived(f->vector - VECTOR_MSI))
		return NULL;
	level = physical_bits(APIC_TMR, f->vector >> 5) >> (f->vector & 31) & 1;
	PHYSICAL_APIC(APIC_EOI) = 0;
	if (f->vector == VECTOR_TIMER && !adoption()->draining)
		adoption()->timed_out = true;
	else
		apic_accept(&this_vcpu()->apic, (uint8_t)f->vector, level);
	return NULL;
}

/* ---- the local APIC ---- */

/*
 * The model gets all vectors of ISR (@serve is true) or IRR.  The lowest comes first:
 * only so the model can have several in service, each interrupted by the next.
 */
static void adopt_vectors(struct apic *a, unsigned registers, bool serve)
{
	unsigned vector;

	for (vector = 0; vector < 256; vector++) {
		unsigned word = vector >> 5, bit = vector & 31;

		if (!(physical_bits(registers, word) >> bit & 1))
			continue;
		apic_accept(a, (uint8_t)vector, physical_bits(APIC_TMR, word) >> bit & 1);
		if (serve)
			apic_ack(a);
	}
}

/*
 * The physical APIC is enabled at its usual address, whatever the guest had made of it;
 * the model keeps the guest's IA32_APIC_BASE.  TPR comes last: before, it could keep the
 * vectors in ISR from being acknowledged.
 */
static void adopt_apic(struct apic *a)
{
	static const uint16_t registers[] = {
		APIC_SVR, APIC_LDR, APIC_DFR, APIC_TIMER_DIVIDE, APIC_LVT_TIMER,
		APIC_LVT_THERMAL, APIC_LVT_PERFORMANCE, APIC_LVT_LINT0, APIC_LVT_LINT1,
		APIC_LVT_ERROR,
	};
	uint64_t base = rdmsr(MSR_APIC_BASE), now = rdtsc();
	unsigned i;

	wrmsr(MSR_APIC_BASE, (base & APIC_BASE_BSP) | LOCAL_APIC_BASE | APIC_BASE_ENABLE);
	apic_init(a, (uint8_t)(PHYSICAL_APIC(APIC_ID) >> 24), base & APIC_BASE_BSP, boot.apic_tick);
	apic_set_base(a, base);
	for (i = 0; i < sizeof(registers) / sizeof(*registers); i++)
		apic_write(a, registers[i], PHYSICAL_APIC(registers[i]), now);
	apic_timer_adopt(a, PHYSICAL_APIC(APIC_TIMER_INITIAL), PHYSICAL_APIC(APIC_TIMER_CURRENT),
			 now);
	adopt_vectors(a, APIC_ISR, true);
	adopt_vectors(a, APIC_IRR, false);
	apic_write(a, APIC_TPR, PHYSICAL_APIC(APIC_TPR), now);
}

/* The physical APIC serves the monitor: the pair by LINT0, the timer, and the IO-APIC's pins. */
static void program_apic(void)
{
	static const uint16_t masked[] = {
		APIC_LVT_TIMER, APIC_LVT_THERMAL, APIC_LVT_PERFORMANCE, APIC_LVT_LINT1,
		APIC_LVT_ERROR,
	};
	unsigned i;

	PHYSICAL_APIC(APIC_SVR) = APIC_SVR_ENABLE | VECTOR_SPURIOUS;
	for (i = 0; i < sizeof(masked) / sizeof(*masked); i++)
		PHYSICAL_APIC(masked[i]) = APIC_LVT_MASKED;
	PHYSICAL_APIC(APIC_TPR) = 0;
	PHYSICAL_APIC(APIC_LVT_LINT0) = LVT_EXTINT;
	PHYSICAL_APIC(APIC_TIMER_INITIAL) = 0;
	PHYSICAL_APIC(APIC_TIMER_DIVIDE) = APIC_DIVIDE_BY_1;
	PHYSICAL_APIC(APIC_LVT_TIMER) = VECTOR_TIMER;
}

static bool any_vector(unsigned registers)
{
	uint32_t any = 0;
	unsigned word;

	for (word = 0; word < 8; word++)
		any |= physical_bits(registers, word);
	return any;
}

/*
 * The model has these interrupts now, so the physical APIC must not bring them again:
 * end all that are in service, let in all that are requested.  What has come since the
 * model looked is taken by adopt_event(); to take a request twice changes nothing.
 */
static void drain_apic(void)
{
	adoption()->draining = true;
	while (any_vector(APIC_ISR))
		PHYSICAL_APIC(APIC_EOI) = 0;
	while (any_vector(APIC_IRR))
		__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	adoption()->draining = false;
}

/* ---- the IO-APIC ---- */

/*
 * A pin with Remote IRR set is level-triggered and its interrupt not ended: the model
 * holds it.  The physical pin is masked and directed to this CPU.
 */
static void adopt_pin(unsigned pin, uint32_t destination)
{
	uint32_t entry = pins_read(IOAPIC_ENTRY + 2 * pin);

	controllers.ioapic.entry[pin] = entry & ENTRY_KEPT;
	controllers.ioapic.dest[pin] = (uint8_t)(pins_read(IOAPIC_ENTRY + 2 * pin + 1) >> 24);
	if (entry & IOAPIC_ENTRY_REMOTE_IRR) {
		controllers.ioapic.line |= 1u << pin;
		controllers.held_pins |= 1u << pin;
	}
	pins_write(IOAPIC_ENTRY + 2 * pin, entry | IOAPIC_ENTRY_MASKED);
	pins_write(IOAPIC_ENTRY + 2 * pin + 1, destination);
}

/*
 * This masks all pins, but leaves them the guest's vectors: the EOIs in drain_apic() find
 * the pins by these.
 */
static void adopt_ioapic(void)
{
	uint32_t version = pins_read(IOAPIC_VERSION);
	uint32_t destination = PHYSICAL_APIC(APIC_ID) & 0xff000000u;
	unsigned pin;

	ioapic_init(&controllers.ioapic);
	if ((version & 0xff) == 0 || (version & 0xff) == 0xff)
		return;
	controllers.pins = (version >> 16 & 0xff) + 1;
	if (controllers.pins > IOAPIC_PINS)
		controllers.pins = IOAPIC_PINS;
	controllers.ioapic.id = pins_read(IOAPIC_ID);
	for (pin = 0; pin < controllers.pins; pin++)
		adopt_pin(pin, destination);
}

/*
 * If neither LVT LINT0 nor any pin of the IO-APIC lets interrupts through, the pair must
 * be wired to the processor directly (docs/interrupts.md).
 */
static bool pair_is_wired(void)
{
	unsigned pin;

	for (pin = 0; pin < controllers.pins; pin++)
		if (!(controllers.ioapic.entry[pin] & IOAPIC_ENTRY_MASKED))
			return false;
	return !apic_accepts_extint(&this_vcpu()->apic) && !apic_hears_lint0(&this_vcpu()->apic);
}

/* ---- the pair's vectors ---- */

/*
 * Unmask the lines in @open for at most so long, until an interrupt comes that is line 0
 * of a chip: the low three bits of its vector are 0.  Others, such as a spurious one (line
 * 7), are ignored.  Returns the vector, or -1.
 */
static int wait_vector(uint16_t open, uint32_t milliseconds)
{
	adoption()->timed_out = false;
	PHYSICAL_APIC(APIC_TIMER_INITIAL) = deadline_ticks((uint64_t)boot.khz * milliseconds);
	do {
		adoption()->arrived = -1;
		pair_mask((uint16_t)~open);
		__asm__ volatile("sti; hlt; cli" : : : "memory");
		pair_mask(0xffff);
	} while (!adoption()->timed_out && (adoption()->arrived < 0 || adoption()->arrived & 7));
	PHYSICAL_APIC(APIC_TIMER_INITIAL) = 0;
	return adoption()->arrived & 7 ? -1 : adoption()->arrived;
}

/*
 * End the interrupt that has just come on @line.  false: it was ended already, so the
 * guest has the chip in automatic-EOI mode.
 */
static bool end_line(unsigned line)
{
	if (!(pair_status(PIC_READ_ISR) >> line & 1))
		return false;
	pair_end(line);
	return true;
}

static uint8_t rtc_read(uint8_t index)
{
	outb(PORT_CMOS_INDEX, index);
	return inb(PORT_CMOS_DATA);
}

static void rtc_write(uint8_t index, uint8_t value)
{
	outb(PORT_CMOS_INDEX, index);
	outb(PORT_CMOS_DATA, value);
}

/*
 * The vector of the slave's line 0, which is the real-time clock: if no interrupt of it
 * waits, its periodic interrupt is turned on for a moment.
 */
static int slave_vector(void)
{
	uint16_t open = 1u << LINE_RTC | 1u << PIC_CASCADE;
	uint8_t a, b;
	int vector;

	if (pair_status(PIC_READ_IRR) >> LINE_RTC & 1)
		return wait_vector(open, RTC_PATIENCE_MS);
	a = rtc_read(RTC_A);
	b = rtc_read(RTC_B);
	rtc_read(RTC_C);
	rtc_write(RTC_A, (uint8_t)((a & ~RTC_A_RATE) | RTC_A_1024_HZ));
	rtc_write(RTC_B, b | RTC_B_PERIODIC);
	vector = wait_vector(open, RTC_PATIENCE_MS);
	rtc_write(RTC_B, b);
	rtc_write(RTC_A, a);
	rtc_read(RTC_C);
	return vector;
}

/*
 * Would the PIT tick by itself?  In mode 0 it would not if its one shot is over (OUT is
 * high) or has no count yet: then it is made to, and the tick is not the guest's.
 */
static bool make_tick(void)
{
	uint8_t status;

	outb(PORT_PIT_COMMAND, PIT_STATUS_0);
	status = inb(PORT_PIT_CHANNEL_0);
	if ((adoption()->waiting >> LINE_PIT & 1) || (status & PIT_MODE) ||
	    !(status & (PIT_OUT | PIT_NO_COUNT)))
		return false;
	outb(PORT_PIT_COMMAND, PIT_ONE_SHOT_0);
	outb(PORT_PIT_CHANNEL_0, 2);
	outb(PORT_PIT_CHANNEL_0, 0);
	return true;
}

/*
 * Where no interrupt can be made to come, the vectors are taken to be those that the BIOS
 * sets up, 08h and 70h; or the slave's follow the master's, if those are known to be others.
 * An interrupt that the guest would have got anyway is handed on.
 */
static void learn_bases(void)
{
	int master, slave;
	bool auto_eoi, slave_auto_eoi, made = make_tick();

	master = wait_vector(1u << LINE_PIT, PIT_PATIENCE_MS);
	auto_eoi = master >= 0 && !end_line(LINE_PIT);
	if (master >= 0 && !made) {
		controllers_line_edge(LINE_PIT);
		if (!(adoption()->waiting >> LINE_PIT & 1))
			controllers_pin_edge(PIN_IRQ0);
	}
	if (master < 0)
		master = 0x08;
	slave = slave_vector();
	slave_auto_eoi = slave >= 0 && !end_line(LINE_RTC);
	if (slave < 0)
		slave = master == 0x08 ? 0x70 : master + 8;
	else if (adoption()->waiting >> LINE_RTC & 1)
		controllers_line_edge(LINE_RTC);
	pic_set_base(&controllers.pic, 0, (uint8_t)master, auto_eoi);
	pic_set_base(&controllers.pic, 1, (uint8_t)slave, slave_auto_eoi);
}

/* ---- the pair ---- */

/*
 * The model gets masks, trigger modes, and the lines that are in service; those are ended
 * at the physical pair, from the lowest priority on.
 */
static void adopt_pair(void)
{
	uint16_t imr = (uint16_t)(inb(PIC_MASTER_DATA) | inb(PIC_SLAVE_DATA) << 8);
	uint16_t isr = pair_status(PIC_READ_ISR);
	unsigned line;

	adoption()->waiting = pair_status(PIC_READ_IRR);
	pair_mask(0xffff);
	pic_init(&controllers.pic);
	pic_write(&controllers.pic, PIC_MASTER_ELCR, inb(PIC_MASTER_ELCR));
	pic_write(&controllers.pic, PIC_SLAVE_ELCR, inb(PIC_SLAVE_ELCR));
	controllers_note_modes();
	controllers.pic.chip[0].isr = (uint8_t)isr;
	controllers.pic.chip[1].isr = (uint8_t)(isr >> 8);
	pic_set_imr(&controllers.pic, imr);
	controllers.held_lines = isr & pic_elcr(&controllers.pic);
	for (line = PIC_LINES; line--;)
		if (isr >> line & 1)
			pair_end(line);
}

/* The initialisation words make the chips forget edges that wait: the model gets them. */
static void program_pair(void)
{
	uint16_t irr = pair_status(PIC_READ_IRR) & (uint16_t)~pic_elcr(&controllers.pic);
	unsigned line;

	outb(PIC_MASTER_COMMAND, PIC_ICW1);
	outb(PIC_SLAVE_COMMAND, PIC_ICW1);
	outb(PIC_MASTER_DATA, VECTOR_PIC);
	outb(PIC_SLAVE_DATA, VECTOR_PIC + PIC_SLAVE_LINES);
	outb(PIC_MASTER_DATA, 1 << PIC_CASCADE);
	outb(PIC_SLAVE_DATA, PIC_CASCADE);
	outb(PIC_MASTER_DATA, PIC_ICW4);
	outb(PIC_SLAVE_DATA, PIC_ICW4);
	pair_mask(0xffff);
	for (line = 0; line < PIC_LINES; line++)
		if (irr >> line & 1 && line != PIC_CASCADE)
			controllers_line_edge(line);
}

/* Put @gate into the IDT; returns the old one. */
static struct descriptor set_gate(unsigned vector, struct descriptor gate)
{
	struct descriptor *d = (struct descriptor *)HOLE_IDT + vector, old = *d;

	*d = gate;
	return old;
}

/* The gate of @vector, but leading to @code. */
static struct descriptor gate_at(unsigned vector, const char *code)
{
	struct descriptor d = ((struct descriptor *)HOLE_IDT)[vector];

	d.low = (d.low & 0xffff0000u) | ((uint32_t)code & 0xffff);
	d.high = (d.high & 0xffff) | ((uint32_t)code & 0xffff0000u);
	return d;
}

/*
 * The guest's own interrupts may wait at any vector, also at those by which the VMI layer
 * calls the monitor: meanwhile no vector has a way of its own.
 */
static void set_call_gates(bool common)
{
	unsigned vector;

	for (vector = VECTOR_PORT; vector <= VECTOR_LAST_CALL; vector++)
		set_gate(vector, common ? gate_common(vector) : boot.gates[vector]);
}

/*
 * Meanwhile interrupts come at the guest's vectors.  The PIT may have vector 8, as in the
 * BIOS, and the local APIC may have been sent vector 17.  The exceptions at these two
 * push an error code, an interrupt does not: other gates stand there meanwhile.
 */
void adopt_controllers(void)
{
	struct descriptor gate_8 = set_gate(8, gate_at(8, gate_interrupt_8));
	struct descriptor gate_17 = set_gate(17, gate_at(17, gate_interrupt_17));
	struct vcpu *v = this_vcpu();

	set_call_gates(true);
	v->nested = adopt_event;
	adopt_pair();
	adopt_ioapic();
	adopt_apic(&v->apic);
	controllers_claim_apic();
	controllers.wired = pair_is_wired();
	program_apic();
	drain_apic();
	msi_adopt();
	learn_bases();
	program_pair();
	v->nested = nested;
	set_gate(8, gate_8);
	set_gate(17, gate_17);
	set_call_gates(false);
	controllers_settle(ALL_PINS);
	time_start();
	deadline_update();
	print("vmi: 8259 vectors %02x %02x, io-apic %u pins, tsc %u khz\n",
	      controllers.pic.chip[0].base, controllers.pic.chip[1].base, controllers.pins,
	      boot.khz);
}
