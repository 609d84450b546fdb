/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a driver for a virtio device by MSI-X sleeps until each request is answered; registers beside the table are the device's own.
 * Environments: native segment paged
 * Variants: paging=32 paging=pae
 * Qemu: -device virtio-rng-pci,disable-modern=on
 *
 * Virtio's legacy interface (virtio 0.9.5, 2.3).  The device has its table and the bits of
 * what is pending in one page.
 */
#include "runtime.h"

#include "apic.h"
#include "pci.h"
#include "statistic.h"
#include "vmi.h"

#define RNG_ID		0x10051af4u
#define TABLE_BAR	1
#define TABLE_LINEAR	0x50004000u
#define ENABLE		0x80000000u
#define MESSAGE_ADDRESS	0xfee00000u
#define VECTOR		0x61
#define ENTRY		1		/* of the table; the queue's */
#define REQUESTS	50
#define TICK_HZ		100
#define PATIENCE	500		/* ticks; the host is busy at times */

/* Ports, from the I/O BAR on, once MSI-X is enabled. */
#define QUEUE_PAGE	0x08
#define QUEUE_SIZE	0x0c
#define QUEUE_SELECT	0x0e
#define QUEUE_NOTIFY	0x10
#define STATUS		0x12
#define QUEUE_ENTRY	0x16
#define STATUS_DRIVER	3
#define STATUS_OK	4

#define WRITABLE	2		/* by the device */

struct descriptor_of_buffer {
	uint64_t address;
	uint32_t bytes;
	uint16_t flags, next;
};

static uint8_t rings[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint32_t buffer[16];
static volatile uint32_t got;
static volatile uint32_t *table;
static uint16_t ports, size;

static bool handle(struct trap_frame *frame)
{
	(void)frame;
	got++;
	apic_write(APIC_EOI, 0);
	return true;
}

static void on_tick(struct trap_frame *frame)
{
	(void)frame;
}

static void start_queue(void)
{
	struct descriptor_of_buffer *d = (struct descriptor_of_buffer *)rings;

	vmi_outb(0, ports + STATUS);
	vmi_outb(STATUS_DRIVER, ports + STATUS);
	vmi_outw(0, ports + QUEUE_SELECT);
	size = vmi_inw(ports + QUEUE_SIZE);
	vmi_outw(ENTRY, ports + QUEUE_ENTRY);
	vmi_outl((uint32_t)rings / PAGE_SIZE, ports + QUEUE_PAGE);
	vmi_outb(STATUS_DRIVER | STATUS_OK, ports + STATUS);
	d->address = (uint32_t)buffer;
	d->bytes = sizeof(buffer);
	d->flags = WRITABLE;
}

/* Descriptor 0 again: it is what every entry of the ring of available ones says. */
static void request(uint32_t number)
{
	volatile uint16_t *available = (volatile uint16_t *)(rings + size * sizeof(struct descriptor_of_buffer));

	available[1] = (uint16_t)(number + 1);
	vmi_outw(0, ports + QUEUE_NOTIFY);
}

static uint32_t used(void)
{
	return *(volatile uint16_t *)(rings + PAGE_SIZE + 2);
}

static void sleep_until(uint32_t want)
{
	uint32_t turns;

	for (turns = 0; turns < PATIENCE && got != want; turns++) {
		vmi_halt();
		vmi_disable_interrupts();
	}
}

static void test_requests(void)
{
	uint32_t i;

	for (i = 0; i < REQUESTS && got == i; i++) {
		request(i);
		sleep_until(i + 1);
	}
	report_equal(got, REQUESTS, "requests answered");
	report_equal(used(), REQUESTS, "as the device says, too");
}

/* The bits of what is pending are in the table's page, where the capability says. */
static void test_pending(uint32_t offset)
{
	volatile uint32_t *pending = table + offset / 4;
	uint32_t before = got, turns;

	table[4 * ENTRY + 3] = 1;
	request(used());
	for (turns = 0; turns < PATIENCE && *pending == 0; turns++) {
		vmi_halt();
		vmi_disable_interrupts();
	}
	report_equal(got - before, 0, "none by a masked entry");
	report_equal(*pending, 1 << ENTRY, "it is pending");
	table[4 * ENTRY + 3] = 0;
	sleep_until(before + 1);
	report_equal(got - before, 1, "unmasked, it comes");
	report_equal(*pending, 0, "and is not pending any more");
}

int main(void)
{
	uint32_t function = pci_find(RNG_ID), capability;

	if (function == PCI_NONE)
		return 1;
	apic_enable();
	trap_set_handler(VECTOR, handle);
	paging_map(TABLE_LINEAR, pci_open(function, TABLE_BAR),
		   PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	pci_write(function + PCI_COMMAND, 7);
	table = (volatile uint32_t *)TABLE_LINEAR;
	ports = (uint16_t)(pci_read(function + PCI_BAR(0)) & ~3u);
	capability = pci_capability(function, PCI_CAPABILITY_MSIX);
	if (!capability)
		return 1;
	pci_write(capability, pci_read(capability) | ENABLE);
	table[4 * ENTRY] = MESSAGE_ADDRESS | apic_read(APIC_ID) >> 24 << 12;
	table[4 * ENTRY + 1] = 0;
	table[4 * ENTRY + 2] = VECTOR;
	table[4 * ENTRY + 3] = 0;
	irq_set_handler(IRQ_TIMER, on_tick);
	pit_start(TICK_HZ);
	start_queue();
	test_requests();
	test_pending(pci_read(capability + 8) & ~7u);
	report_equal(statistic("stray"), 0, "none is a stray one");
	return 0;
}
