/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the IO-APIC: edges, masks, level-triggered lines until their EOI, all pins, and its registers as found at activation.
 * Environments: native segment paged bochs
 * Variants: start=first start=last
 * Qemu: -machine q35 -icount shift=3,sleep=off -rtc clock=vm -device edu
 *
 * With start=last the test programs both APICs natively and activates then, with
 * interrupts waiting and in service.
 */
#include "runtime.h"

#include <stddef.h>

#include "apic.h"
#include "pci.h"
#include "vmi.h"

#define IOAPIC_LINEAR		0x50001000u
#define IOAPIC_PHYSICAL		0xfec00000u
#define IOAPIC_ID		0
#define IOAPIC_VERSION		1
#define IOAPIC_ENTRY		0x10
#define ENTRY_LEVEL		0x8000u
#define ENTRY_MASKED		0x10000u
#define ENTRY_REMOTE_IRR	0x4000u

#define PIN_TIMER		2
#define PIN_SERIAL		4
#define PINS			24
#define VECTOR_PIN		0x50		/* and on, one per pin */
#define VECTOR_SERVED		0x33
#define VECTOR_WAITS		0x43

#define ELCR			0x4d0
#define UART_DATA		0x3f8
#define UART_INTERRUPTS		0x3f9
#define UART_IDENTIFICATION	0x3fa
#define INTERRUPT_TRANSMITTER	0x02

/* QEMU's edu device: raises its INTx at will. */
#define EDU_ID			0x11e81234u
#define EDU_LINEAR		0x50002000u
#define EDU_RAISE		(0x60 / 4)
#define EDU_ACKNOWLEDGE		(0x64 / 4)

const struct boot_config boot_config = { .paging = BOOT_PAGING_32, .stay_native = true };

static volatile uint32_t arrived[256];
static void (*hook)(uint32_t vector);

static uint32_t pins_read(uint32_t index)
{
	*(volatile uint32_t *)IOAPIC_LINEAR = index;
	return *(volatile uint32_t *)(IOAPIC_LINEAR + 0x10);
}

static void pins_write(uint32_t index, uint32_t value)
{
	*(volatile uint32_t *)IOAPIC_LINEAR = index;
	*(volatile uint32_t *)(IOAPIC_LINEAR + 0x10) = value;
}

static void set_pin(unsigned int pin, uint32_t flags)
{
	pins_write(IOAPIC_ENTRY + 2 * pin + 1, apic_read(APIC_ID));
	pins_write(IOAPIC_ENTRY + 2 * pin, (VECTOR_PIN + pin) | flags);
}

static bool handle(struct trap_frame *frame)
{
	arrived[frame->vector]++;
	if (hook)
		hook(frame->vector);
	apic_write(APIC_EOI, 0);
	return true;
}

static uint32_t of_pin(unsigned int pin)
{
	return arrived[VECTOR_PIN + pin];
}

static void test_registers(void)
{
	report_equal(pins_read(IOAPIC_VERSION) >> 16 & 0xff, PINS - 1, "it has 24 pins");
	pins_write(IOAPIC_ENTRY + 7, 0x12000000);
	report_equal(pins_read(IOAPIC_ENTRY + 7), 0x12000000, "a destination is kept");
	pins_write(IOAPIC_ENTRY + 6, ENTRY_MASKED | ENTRY_LEVEL | 0x2044);
	report_equal(pins_read(IOAPIC_ENTRY + 6), ENTRY_MASKED | ENTRY_LEVEL | 0x2044,
		     "and an entry");
	pins_write(IOAPIC_ENTRY + 6, ENTRY_MASKED);
}

/* Ticks of the PIT, a millisecond apart. */
static void test_edges(void)
{
	uint32_t before, ticks;

	set_pin(PIN_TIMER, 0);
	pit_start(1000);
	irq_mask(IRQ_TIMER);
	before = of_pin(PIN_TIMER);
	run_us(10500);
	set_pin(PIN_TIMER, ENTRY_MASKED);
	ticks = of_pin(PIN_TIMER) - before;
	run_us(10);
	before = of_pin(PIN_TIMER);
	report(ticks >= 10 && ticks <= 11, "pin 2: %u ticks in 10 ms", ticks);
	report(!(pic_in_service() & 1), "and the 8259 serves none");
	run_us(3000);
	report_equal(of_pin(PIN_TIMER), before, "none while it is masked");
	pit_stop();
	wait_us(2000);
	set_pin(PIN_TIMER, 0);
	run_us(500);
	report(of_pin(PIN_TIMER) - before <= 1, "and none that came meanwhile");
	set_pin(PIN_TIMER, ENTRY_MASKED);
}

/* The transmitter's line stays up until its reason is read. */
static void quiet_third(uint32_t vector)
{
	if (vector == VECTOR_PIN + PIN_SERIAL && of_pin(PIN_SERIAL) % 3 == 0)
		vmi_inb(UART_IDENTIFICATION);
}

static void drain_serial(void)
{
	while (!(vmi_inb(UART_DATA + 5) & 0x40))
		vmi_pause();
}

static void test_levels(void)
{
	uint32_t counts[4];

	drain_serial();
	arrived[VECTOR_PIN + PIN_SERIAL] = 0;
	hook = quiet_third;
	set_pin(PIN_SERIAL, ENTRY_LEVEL);
	vmi_outb(INTERRUPT_TRANSMITTER, UART_INTERRUPTS);
	run_us(1000);
	counts[0] = of_pin(PIN_SERIAL);
	set_pin(PIN_SERIAL, ENTRY_LEVEL | ENTRY_MASKED);
	vmi_outb(0, UART_INTERRUPTS);
	vmi_outb(INTERRUPT_TRANSMITTER, UART_INTERRUPTS);
	run_us(1000);
	counts[1] = of_pin(PIN_SERIAL);
	set_pin(PIN_SERIAL, ENTRY_LEVEL);
	run_us(1000);
	counts[2] = of_pin(PIN_SERIAL);
	vmi_outb(0, UART_INTERRUPTS);
	set_pin(PIN_SERIAL, ENTRY_MASKED);
	hook = NULL;
	run_us(1000);
	counts[3] = of_pin(PIN_SERIAL);
	report_equal(counts[0], 3, "a level comes again after each EOI until it is quieted");
	report_equal(counts[1], 3, "not while masked");
	report_equal(counts[2], 6, "but then, as it is still there");
	report_equal(counts[3], 6, "and is over");
	report(!(pins_read(IOAPIC_ENTRY + 2 * PIN_SERIAL) & ENTRY_REMOTE_IRR), "nothing is in service");
}

/* The same line at the 8259, by the ELCR. */
static uint32_t at_pair;

static void on_serial(struct trap_frame *frame)
{
	(void)frame;
	if (++at_pair % 3 == 0)
		vmi_inb(UART_IDENTIFICATION);
}

static void test_pair_levels(void)
{
	uint8_t elcr = vmi_inb(ELCR);
	uint32_t counts[3];

	apic_write(APIC_LVT_LINT0, LVT_EXTINT);		/* Bochs's BIOS leaves it masked */
	drain_serial();
	vmi_outb(elcr | 1 << IRQ_SERIAL, ELCR);
	irq_set_handler(IRQ_SERIAL, on_serial);
	vmi_outb(INTERRUPT_TRANSMITTER, UART_INTERRUPTS);
	run_us(1000);
	counts[0] = at_pair;
	irq_mask(IRQ_SERIAL);
	vmi_outb(0, UART_INTERRUPTS);
	vmi_outb(INTERRUPT_TRANSMITTER, UART_INTERRUPTS);
	run_us(1000);
	counts[1] = at_pair;
	irq_unmask(IRQ_SERIAL);
	run_us(1000);
	counts[2] = at_pair;
	vmi_outb(0, UART_INTERRUPTS);
	irq_set_handler(IRQ_SERIAL, NULL);
	vmi_outb(elcr, ELCR);
	report_equal(counts[0], 3, "8259: a level comes again after each EOI until it is quieted");
	report_equal(counts[1], 3, "not while masked");
	report_equal(counts[2], 6, "but then, as it is still there");
	report_equal(pic_in_service(), 0, "nothing is in service");
}

/* ---- pins 16 to 23: q35 has PCI devices there ---- */

static volatile uint32_t *edu;

static void acknowledge_edu(uint32_t vector)
{
	if (vector >= VECTOR_PIN + 16 && arrived[vector] % 2 == 0)
		edu[EDU_ACKNOWLEDGE] = 1;
}

static bool find_edu(void)
{
	uint32_t slot;

	for (slot = 0; slot < PCI_DEVICES; slot++) {
		if (pci_read(PCI_DEVICE(slot)) != EDU_ID)
			continue;
		pci_select(PCI_DEVICE(slot) + 4);
		vmi_outw(2, PCI_DATA);
		paging_map(EDU_LINEAR, pci_read(PCI_DEVICE(slot) + 0x10) & ~0xfffu,
			   PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
		edu = (volatile uint32_t *)EDU_LINEAR;
		return true;
	}
	return false;
}

static void test_high_pins(void)
{
	uint32_t pin, total = 0, pins = 0;

	if (!find_edu()) {
		report_skip("no device at pins 16 to 23");
		return;
	}
	hook = acknowledge_edu;
	for (pin = 16; pin < PINS; pin++)
		set_pin(pin, ENTRY_LEVEL | 0x2000);
	edu[EDU_RAISE] = 1;
	run_us(1000);
	for (pin = 16; pin < PINS; pin++) {
		total += of_pin(pin);
		pins += of_pin(pin) != 0;
		set_pin(pin, ENTRY_MASKED);
	}
	hook = NULL;
	report(pins == 1 && total == 2, "a PCI device's line: %u interrupts at %u pins", total, pins);
}

/* ---- what is there at activation ---- */

static uint32_t in_service_then;

/* The kernel activates inside a handler, another interrupt waiting. */
static void activate_inside(uint32_t vector)
{
	if (vector != VECTOR_SERVED)
		return;
	hook = NULL;
	apic_write(APIC_ICR_LOW, ICR_SELF | VECTOR_WAITS);
	apic_write(APIC_ICR_LOW, ICR_SELF | (VECTOR_SERVED - 1));
	platform_start(false);
	in_service_then = apic_read(APIC_ISR + 0x10) >> VECTOR_SERVED % 32 & 1;
}

static void activate_last(void)
{
	uint32_t entry;

	set_pin(PIN_TIMER, 0);
	set_pin(PIN_SERIAL, ENTRY_LEVEL | ENTRY_MASKED);
	entry = pins_read(IOAPIC_ENTRY + 2 * PIN_SERIAL);
	hook = activate_inside;
	apic_write(APIC_ICR_LOW, ICR_SELF | VECTOR_SERVED);
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
	report_equal(in_service_then, 1, "what was in service is");
	report_equal(arrived[VECTOR_SERVED], 1, "and comes once");
	report_equal(arrived[VECTOR_WAITS], 1, "what waited comes once");
	report_equal(arrived[VECTOR_SERVED - 1], 1, "be it lower or higher");
	report_equal(pins_read(IOAPIC_ENTRY + 2 * PIN_SERIAL), entry, "the entries are as they were");
	report(!(apic_read(APIC_ISR + 0x10) | apic_read(APIC_ISR + 0x20) | apic_read(APIC_IRR + 0x10)),
	       "nothing is left over");
	set_pin(PIN_TIMER, ENTRY_MASKED);
}

int main(void)
{
	unsigned int vector;

	if (!boot_word_is("start", "last"))
		platform_start(false);
	apic_map();
	paging_map(IOAPIC_LINEAR, IOAPIC_PHYSICAL, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	for (vector = 0x30; vector < VECTOR_PIN + PINS; vector++)
		trap_set_handler((uint8_t)vector, handle);
	pit_clock_start();
	apic_write(APIC_SVR, SVR_ENABLED);
	if (boot_word_is("start", "last"))
		activate_last();
	test_registers();
	test_edges();
	test_levels();
	test_pair_levels();
	test_high_pins();
	return 0;
}
