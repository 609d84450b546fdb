/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: message-signalled interrupts (MSI) of a PCI function come as natively: busy, with interrupts off, and to a driver that sleeps.
 * Environments: native segment paged
 * Variants: start=first start=last vector=a3 vector=f8
 * Qemu: -machine q35 -icount shift=5,sleep=off -rtc clock=vm -device edu
 *
 * With start=last the kernel programs the function natively, and activates then, a message
 * waiting at the local APIC.
 */
#include "runtime.h"

#include <stddef.h>

#include "apic.h"
#include "edu.h"
#include "pci.h"
#include "statistic.h"
#include "vmi.h"

#define MESSAGE_ADDRESS	0xfee00000u
#define ENABLE		0x00010000u
#define MULTIPLE	0x007e0000u
#define MODE_NMI	0x400u
#define PCIEXBAR	0x60
#define PCIEXBAR_BASE	0xfc000000u
#define CONFIG_LINEAR	0x50003000u
#define REQUESTS	50
#define TICK_HZ		100

const struct boot_config boot_config = { .paging = BOOT_PAGING_32, .stay_native = true };

static volatile uint32_t got, other;
static uint32_t capability, vector = 0x61;

static bool handle(struct trap_frame *frame)
{
	if (frame->vector == vector)
		got++;
	else
		other++;
	edu[EDU_ACKNOWLEDGE] = edu[EDU_INTERRUPTS];
	apic_write(APIC_EOI, 0);
	return true;
}

static uint32_t in(uint32_t registers, uint32_t n)
{
	return apic_read(registers + n / 32 * 0x10) >> n % 32 & 1;
}

static void set_enable(bool on)
{
	pci_write(capability, (pci_read(capability) & ~(MULTIPLE | ENABLE)) | (on ? ENABLE : 0));
}

/* Of QEMU's edu: 64-bit addresses, one vector. */
static void set_message(uint32_t address, uint32_t data)
{
	pci_write(capability + 4, address);
	pci_write(capability + 8, 0);
	pci_write(capability + 12, data);
}

static void raise(void)
{
	edu[EDU_RAISE] = EDU_RAISE_BITS;
}

static void test_registers(void)
{
	uint32_t address = MESSAGE_ADDRESS | apic_read(APIC_ID) >> 24 << 12;

	report(capability != 0, "it has the capability");
	report_equal(pci_read(capability + 4), address, "the address reads back");
	report_equal(pci_read(capability + 12) & 0xffff, vector, "and so does the data");
	report_equal(pci_read(capability) & (ENABLE | MULTIPLE), ENABLE, "enabled, one vector");
}

static void test_busy(void)
{
	uint32_t before = got, i;

	for (i = 0; i < 10; i++) {
		vmi_enable_interrupts();
		raise();
		wait_us(100);
		vmi_disable_interrupts();
	}
	report_equal(got - before, 10, "ten messages with interrupts on");
}

static void test_off(void)
{
	uint32_t before = got;

	raise();
	wait_us(100);
	report_equal(got - before, 0, "none while interrupts are off");
	report_equal(in(APIC_IRR, vector), 1, "but it waits at the local APIC");
	run_us(100);
	report_equal(got - before, 1, "it comes then");
	report_equal(in(APIC_ISR, vector), 0, "and is ended");
}

static void test_priority(void)
{
	uint32_t before = got;

	apic_write(APIC_TPR, 0xf0);
	raise();
	run_us(100);
	report_equal(got - before, 0, "none at a higher task priority");
	apic_write(APIC_TPR, 0);
	run_us(100);
	report_equal(got - before, 1, "it comes when that is lower");
}

static void on_tick(struct trap_frame *frame)
{
	(void)frame;
}

/* A driver's life: start a request, sleep until it is done. */
static void test_sleep(void)
{
	uint32_t i, turns, before = got;

	irq_set_handler(IRQ_TIMER, on_tick);
	pit_start(TICK_HZ);
	for (i = 0; i < REQUESTS; i++) {
		edu_copy(EDU_BUFFER, (uint32_t)&capability, 4, true);
		for (turns = 0; turns < 20 && got - before == i; turns++) {
			vmi_halt();
			vmi_disable_interrupts();
		}
	}
	pit_stop();
	report_equal(got - before, REQUESTS, "requests answered while the kernel sleeps");
	report_equal(in(APIC_ISR, vector), 0, "nothing is in service");
}

/* Other messages than the one at first. */
static void test_changes(void)
{
	uint32_t before = got;

	set_message(MESSAGE_ADDRESS, vector - 1);
	raise();
	run_us(100);
	report(other == 1 && got == before, "another vector");
	set_message(MESSAGE_ADDRESS | 0x55000, vector);
	raise();
	run_us(100);
	report_equal(got - before, 0, "to another local APIC");
	set_message(MESSAGE_ADDRESS | 0xff000, vector);
	raise();
	run_us(100);
	report_equal(got - before, 1, "to all");
	if (platform_is_vmi()) {
		set_message(MESSAGE_ADDRESS, MODE_NMI | vector);
		raise();
		run_us(100);
		report_equal(got - before, 1, "an NMI is dropped");
		edu[EDU_ACKNOWLEDGE] = EDU_RAISE_BITS;
	}
	set_enable(false);
	set_message(MESSAGE_ADDRESS, vector);
	raise();
	run_us(100);
	report_equal(got - before, 1, "none when it is off");
	edu[EDU_ACKNOWLEDGE] = EDU_RAISE_BITS;
	report_equal(statistic("stray"), 0, "none is a stray one");
}

/* The same registers through a Q35's configuration space in memory. */
static void test_memory(void)
{
	uint32_t base = pci_read(PCI_DEVICE(0) + PCIEXBAR) & PCIEXBAR_BASE, before = other;
	volatile uint32_t *config = (volatile uint32_t *)CONFIG_LINEAR;
	uint32_t at = (capability - edu_function) / 4;

	paging_map(CONFIG_LINEAR, base + (edu_function >> 8 << 12),
		   PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	report_equal(config[at], pci_read(capability), "memory shows the capability");
	config[at + 3] = vector - 1;
	report_equal(pci_read(capability + 12), vector - 1, "what is written there is data");
	config[at] |= ENABLE;
	raise();
	run_us(100);
	report_equal(other - before, 1, "of messages");
	config[at] &= ~ENABLE;
}

static void set_vector(void)
{
	if (boot_word_is("vector", "a3"))
		vector = 0xa3;
	if (boot_word_is("vector", "f8"))
		vector = 0xf8;
}

static bool program(void)
{
	if (!edu_find())
		return false;
	capability = pci_capability(edu_function, PCI_CAPABILITY_MSI);
	if (!capability)
		return false;
	set_message(MESSAGE_ADDRESS | apic_read(APIC_ID) >> 24 << 12, vector);
	set_enable(true);
	return true;
}

int main(void)
{
	bool last = boot_word_is("start", "last");

	if (!last)
		platform_start(false);
	set_vector();
	apic_enable();
	pit_clock_start();
	trap_set_handler((uint8_t)vector, handle);
	trap_set_handler((uint8_t)(vector - 1), handle);
	if (!program())
		return 1;
	if (last) {
		raise();
		platform_start(false);
		run_us(100);
		report_equal(got, 1, "what waited at activation comes once");
	}
	test_registers();
	test_busy();
	test_off();
	test_priority();
	test_sleep();
	test_changes();
	test_memory();
	return 0;
}
