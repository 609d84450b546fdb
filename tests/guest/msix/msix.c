/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: message-signalled interrupts by a table in memory (MSI-X) come as natively, each by its entry's message and mask, wherever the table is.
 * Environments: native segment paged
 * Variants: start=first start=last
 * Qemu: -machine q35 -icount shift=5,sleep=off -rtc clock=vm -device e1000e,romfile=
 *
 * An e1000e raises any of its causes on request, and has a vector for each.
 */
#include "runtime.h"

#include <stddef.h>

#include "apic.h"
#include "pci.h"
#include "statistic.h"
#include "vmi.h"

#define E1000E_ID	0x10d38086u
#define NIC_LINEAR	0x50004000u
#define TABLE_LINEAR	0x50008000u
#define MOVED_LINEAR	0x5000c000u
#define MOVED_BY	0x00100000u
#define TABLE_BAR	3
#define TABLE_BYTES	0x4000u

/* The controller's registers, as indices, and two causes. */
#define ICR		(0xc0 / 4)
#define ICS		(0xc8 / 4)
#define IMS		(0xd0 / 4)
#define IVAR		(0xe4 / 4)
#define CAUSE_RECEIVE	0x00100000u
#define CAUSE_OTHER	0x01000000u
#define ENTRY_RECEIVE	1
#define ENTRY_OTHER	2
#define IVAR_VALUE	((8u | ENTRY_RECEIVE) | (8u | ENTRY_OTHER) << 16)

#define ENABLE		0x80000000u
#define FUNCTION_MASK	0x40000000u
#define SIZE(v)		(((v) >> 16 & 0x7ff) + 1)
#define MESSAGE_ADDRESS	0xfee00000u
#define PENDING		0x2000u		/* the bits of what waits, in the same BAR */
#define TICK_HZ		1000
#define VECTOR_RECEIVE	0x61
#define VECTOR_OTHER	0x72
#define VECTOR_LATER	0x83

enum { ADDRESS, UPPER, DATA, CONTROL, WORDS };

const struct boot_config boot_config = { .paging = BOOT_PAGING_32, .stay_native = true };

static volatile uint32_t *nic, *table, arrived[256];
static uint32_t function, capability;

static bool handle(struct trap_frame *frame)
{
	arrived[frame->vector]++;
	nic[ICR] = CAUSE_RECEIVE | CAUSE_OTHER;
	apic_write(APIC_EOI, 0);
	return true;
}

static void map(uint32_t linear, uint32_t physical, uint32_t bytes)
{
	uint32_t at;

	for (at = 0; at < bytes; at += PAGE_SIZE)
		paging_map(linear + at, physical + at, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
}

static void set_entry(unsigned int entry, uint32_t vector, uint32_t control)
{
	table[entry * WORDS + ADDRESS] = MESSAGE_ADDRESS | apic_read(APIC_ID) >> 24 << 12;
	table[entry * WORDS + UPPER] = 0;
	table[entry * WORDS + DATA] = vector;
	table[entry * WORDS + CONTROL] = control;
}

static void set_control(uint32_t bits)
{
	pci_write(capability, (pci_read(capability) & ~(ENABLE | FUNCTION_MASK)) | bits);
}

static uint32_t raised(uint32_t cause, uint32_t vector)
{
	uint32_t before = arrived[vector];

	nic[ICS] = cause;
	run_us(100);
	nic[ICR] = CAUSE_RECEIVE | CAUSE_OTHER;
	return arrived[vector] - before;
}

static void program(void)
{
	set_control(ENABLE | FUNCTION_MASK);
	set_entry(ENTRY_RECEIVE, VECTOR_RECEIVE, 0);
	set_entry(ENTRY_OTHER, VECTOR_OTHER, 0);
	set_control(ENABLE);
	nic[IVAR] = IVAR_VALUE;
	nic[IMS] = CAUSE_RECEIVE | CAUSE_OTHER;
}

static void test_registers(void)
{
	report_equal(SIZE(pci_read(capability)), 5, "the table has five entries");
	report_equal(table[ENTRY_OTHER * WORDS + DATA], VECTOR_OTHER, "the data reads back");
	report_equal(table[ENTRY_OTHER * WORDS + ADDRESS] >> 20, 0xfee, "and the address");
	report_equal(table[3 * WORDS + CONTROL], 1, "an entry not used is masked");
}

static void test_entries(void)
{
	report_equal(raised(CAUSE_RECEIVE, VECTOR_RECEIVE), 1, "a message by one entry");
	report_equal(raised(CAUSE_OTHER, VECTOR_OTHER), 1, "and by another");
	nic[ICS] = CAUSE_RECEIVE | CAUSE_OTHER;
	run_us(100);
	report(arrived[VECTOR_RECEIVE] == 2 && arrived[VECTOR_OTHER] == 2, "two at once");
	set_entry(ENTRY_OTHER, VECTOR_LATER, 0);
	report_equal(raised(CAUSE_OTHER, VECTOR_LATER), 1, "another vector");
	report_equal(arrived[VECTOR_OTHER], 2, "and no more the old one");
	set_entry(ENTRY_OTHER, VECTOR_OTHER, 0);
}

static void test_masks(void)
{
	uint32_t before = arrived[VECTOR_OTHER];

	table[ENTRY_OTHER * WORDS + CONTROL] = 1;
	nic[ICS] = CAUSE_OTHER;
	run_us(100);
	report_equal(arrived[VECTOR_OTHER] - before, 0, "none by a masked entry");
	report_equal(table[PENDING / 4], 1 << ENTRY_OTHER, "but it waits");
	table[ENTRY_OTHER * WORDS + CONTROL] = 0;
	run_us(100);
	report_equal(arrived[VECTOR_OTHER] - before, 1, "until the entry is unmasked");
	set_control(ENABLE | FUNCTION_MASK);
	nic[ICS] = CAUSE_OTHER;
	run_us(100);
	report_equal(arrived[VECTOR_OTHER] - before, 1, "none while all are masked");
	set_control(ENABLE);
	run_us(100);
	report_equal(arrived[VECTOR_OTHER] - before, 2, "but then");
}

static void on_tick(struct trap_frame *frame)
{
	(void)frame;
}

static void test_sleep(void)
{
	uint32_t i, turns, before = arrived[VECTOR_RECEIVE];

	irq_set_handler(IRQ_TIMER, on_tick);
	pit_start(TICK_HZ);
	for (i = 0; i < 50; i++) {
		nic[ICS] = CAUSE_RECEIVE;
		for (turns = 0; turns < 10 && arrived[VECTOR_RECEIVE] - before == i; turns++) {
			vmi_halt();
			vmi_disable_interrupts();
		}
	}
	pit_stop();
	report_equal(arrived[VECTOR_RECEIVE] - before, 50, "fifty messages to a kernel that sleeps");
}

/* As kernels do: measured while the function decodes nothing, then put elsewhere. */
static void test_move(void)
{
	uint32_t bar = function + PCI_BAR(TABLE_BAR), old = pci_read(bar);

	pci_select(function + PCI_COMMAND);
	vmi_outw(0, PCI_DATA);
	pci_write(bar, 0xffffffff);
	report_equal(~pci_read(bar) + 1, TABLE_BYTES, "the BAR has the size that it had");
	pci_write(bar, old + MOVED_BY);
	pci_open(function, 0);
	map(MOVED_LINEAR, old + MOVED_BY, TABLE_BYTES);
	table = (volatile uint32_t *)MOVED_LINEAR;
	report_equal(table[ENTRY_OTHER * WORDS + DATA], VECTOR_OTHER, "the table has moved");
	report_equal(raised(CAUSE_OTHER, VECTOR_OTHER), 1, "a message after that");
	set_entry(ENTRY_OTHER, VECTOR_LATER, 0);
	report_equal(raised(CAUSE_OTHER, VECTOR_LATER), 1, "and by a new vector");
}

int main(void)
{
	bool last = boot_word_is("start", "last");

	if (!last)
		platform_start(false);
	apic_enable();
	pit_clock_start();
	trap_set_handler(VECTOR_RECEIVE, handle);
	trap_set_handler(VECTOR_OTHER, handle);
	trap_set_handler(VECTOR_LATER, handle);
	function = pci_find(E1000E_ID);
	if (function == PCI_NONE)
		return 1;
	capability = pci_capability(function, PCI_CAPABILITY_MSIX);
	if (!capability)
		return 1;
	map(NIC_LINEAR, pci_open(function, 0), PAGE_SIZE);
	map(TABLE_LINEAR, pci_open(function, TABLE_BAR), TABLE_BYTES);
	nic = (volatile uint32_t *)NIC_LINEAR;
	table = (volatile uint32_t *)TABLE_LINEAR;
	program();
	if (last) {
		nic[ICS] = CAUSE_OTHER;
		platform_start(false);
		run_us(100);
		report_equal(arrived[VECTOR_OTHER], 1, "what waited at activation comes once");
		arrived[VECTOR_OTHER] = 0;
	}
	test_registers();
	test_entries();
	test_masks();
	test_sleep();
	test_move();
	report_equal(statistic("stray"), 0, "none is a stray one");
	return 0;
}
