// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking the interrupt controllers over in VMI_Init: the models become what the
 * physical ones were programmed to, with all that waits there or is in service.
 *
 * The 8259's vectors cannot be read back, so they are learnt: a line that is
 * about to interrupt anyway is let through to see which vector arrives.  That
 * is the PIT's for the master; its tick is handed on.  For the slave the
 * real-time clock is made to interrupt.  Until this is over every vector
 * that comes is ours.
 */
#include "dev/controllers.h"
#include "entry/entry.h"
#include "start/start.h"

#define PIC_ICW1		0x11
#define PIC_ICW4		0x01
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

static uint32_t physical_bits(unsigned registers, unsigned word)
{
	return PHYSICAL_APIC(registers + word * 16);
}

/*
 * In the place of nested() meanwhile.  What the pair brings is part of taking over, and its
 * vector is all that matters.  What else comes through the local APIC is the guest's.
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

/* In service, then requested, the lowest first, as they have come. */
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
 * What the model has now the physical APIC must not bring again.  What has come since the
 * model looked is taken by adopt_event(); to take the same request twice changes nothing.
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

/* All pins are masked then, their vectors still the guest's, for the EOIs. */
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

/* Where no controller is set up to pass the pair's interrupts, its wire does. */
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
 * Let @open through for so long.  The vector of its line 0, or -1; lines with
 * no number of their own (7) are spurious.
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

/* Ends what has just come on @line; true if that was necessary. */
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

/* The slave's base, by the clock: by an interrupt that waits, or by one made. */
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

/* A PIT that is stopped, a one-shot that is over or has no count, is made to tick. */
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

/* Vectors that cannot be learnt are taken to be the BIOS's. */
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
	slave_auto_eoi = slave >= 0 && !(end_line(LINE_RTC));
	if (slave < 0)
		slave = master == 0x08 ? 0x70 : master + 8;
	else if (adoption()->waiting >> LINE_RTC & 1)
		controllers_line_edge(LINE_RTC);
	pic_set_base(&controllers.pic, 0, (uint8_t)master, auto_eoi);
	pic_set_base(&controllers.pic, 1, (uint8_t)slave, slave_auto_eoi);
}

/* ---- the pair ---- */

/* Masks, trigger modes and what is in service, which is ended here. */
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

/* The initialisation words drop the edges that wait: the model takes them. */
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

/* An interrupt brings no error code, where the exception would; returns the old gate. */
static struct descriptor set_gate(unsigned vector, struct descriptor gate)
{
	struct descriptor *d = (struct descriptor *)HOLE_IDT + vector, old = *d;

	*d = gate;
	return old;
}

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

/* From here on every interrupt is the monitor's. */
void adopt_controllers(void)
{
	struct descriptor gate_8 = set_gate(8, gate_at(8, gate_interrupt_8));
	struct descriptor gate_17 = set_gate(17, gate_at(17, gate_interrupt_17));

	set_call_gates(true);
	this_vcpu()->nested = adopt_event;
	adopt_pair();
	adopt_ioapic();
	adopt_apic(&this_vcpu()->apic);
	controllers_claim_apic();
	controllers.wired = pair_is_wired();
	program_apic();
	drain_apic();
	msi_adopt();
	learn_bases();
	program_pair();
	this_vcpu()->nested = nested;
	set_gate(8, gate_8);
	set_gate(17, gate_17);
	set_call_gates(false);
	controllers_settle(ALL_PINS);
	time_start();
	deadline_update();
	print("vmi: 8259 vectors %02x %02x, io-apic %u pins, tsc %u khz\n", controllers.pic.chip[0].base,
	      controllers.pic.chip[1].base, controllers.pins, boot.khz);
}
