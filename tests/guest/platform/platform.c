/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: nothing of the platform can be turned against the monitor: every port in every width, memory that is no RAM, every register of every PCI function.
 * Environments: segment paged paged-checked bochs bochs-paged
 *
 * What the monitor's memory looks like afterwards tests/test_platform.py compares; for
 * that the word `wait` keeps the machine on.
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"

#define AWAY		0x70000000u	/* nothing is mapped there */
#define RAM_END		0x04000000u	/* of a machine with 64 MiB */
#define HPET		0xfed00000u
#define MESSAGES	0xfee01000u
#define CHIPSET		0xfec00000u	/* from here to FF000000h every page is tried */
#define CHIPSET_END	0xff000000u
#define STEP		(509 * PAGE_SIZE)
#define TARGET		(32u << 20)	/* RAM of this kernel's, over which BARs are laid */

#define FUNCTIONS	256u		/* of bus 0 */
#define REG_COMMAND	0x04
#define REG_BAR		0x10
#define CLASS_VGA	0x0300

/* ---- ports ---- */

/* What ends the run or is this test's own output. */
static const struct {
	uint16_t first, last;
} spared[] = {
	{ 0xe9, 0xe9 }, { 0xf4, 0xf7 }, { 0x3f8, 0x402 }, { 0x8900, 0x8900 },
	/* disk controllers: Bochs panics at what makes no sense there */
	{ 0x170, 0x177 }, { 0x1f0, 0x1f7 }, { 0x3f0, 0x3f7 },
};

static bool is_spared(uint32_t port, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < sizeof(spared) / sizeof(spared[0]); i++)
		if (port <= spared[i].last && port + size > spared[i].first)
			return true;
	return false;
}

static uint32_t read_port(uint16_t port, unsigned int size)
{
	return size == 1 ? vmi_inb(port) : size == 2 ? vmi_inw(port) : vmi_inl(port);
}

static void write_port(uint16_t port, unsigned int size, uint32_t value)
{
	if (size == 1)
		vmi_outb((uint8_t)value, port);
	else if (size == 2)
		vmi_outw((uint16_t)value, port);
	else
		vmi_outl(value, port);
}

/* Neither value asks for a reset where there is a bit for that. */
static void test_ports(void)
{
	uint32_t port;
	unsigned int size;

	for (size = 1; size <= 4; size *= 2)
		for (port = 0; port + size <= 0x10000; port++) {
			if (is_spared(port, size))
				continue;
			read_port((uint16_t)port, size);
			write_port((uint16_t)port, size, 0);
			write_port((uint16_t)port, size, 0x5a5a5a5a);
		}
	report_equal(cpu_ring(), 1, "every port, in every width");
	report_equal(vmi_inb(0x5658), 0xff, "a port that nobody knows reads as ones");
}

/* ---- memory ---- */

static uint32_t touch(uint32_t physical)
{
	volatile uint32_t *page = (volatile uint32_t *)AWAY;
	uint32_t value;

	paging_map(AWAY, physical, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	value = page[0];
	page[0] = 0;
	page[1] = 0xffffffff;
	page[PAGE_SIZE / 4 - 1] = 0x55555555;
	paging_unmap(AWAY);
	return value;
}

static void test_memory(void)
{
	uint32_t at;

	for (at = RAM_END; at < CHIPSET; at += STEP)
		touch(at);
	for (at = CHIPSET; at < CHIPSET_END; at += PAGE_SIZE)
		touch(at);
	for (; at >= CHIPSET_END; at += STEP)
		touch(at);
	report_equal(cpu_ring(), 1, "memory that is no RAM");
	report_equal(touch(HPET), 0xffffffff, "there is no HPET");
	report_equal(touch(MESSAGES), 0xffffffff, "nor a window for messages to processors");
}

/* ---- PCI ---- */

static void write_register(uint32_t address, uint32_t value)
{
	pci_select(address);
	vmi_outl(value, PCI_DATA);
}

static void test_registers(void)
{
	uint32_t function, reg, before, count = 0;

	for (function = 0; function < FUNCTIONS; function++) {
		if (pci_read(function << 8) == 0xffffffff)
			continue;
		count++;
		for (reg = 0; reg < 0x100; reg += 4) {
			before = pci_read(function << 8 | reg);
			write_register(function << 8 | reg, 0xffffffff);
			write_register(function << 8 | reg, before);
		}
	}
	report(count > 1, "every register of %u functions", count);
}

static uint32_t find_vga(void)
{
	uint32_t function;

	for (function = 0; function < FUNCTIONS; function++)
		if (pci_read(function << 8) != 0xffffffff
		    && pci_read(function << 8 | 8) >> 16 == CLASS_VGA
		    && (pci_read(function << 8 | REG_BAR) & 0xfffffff9) > 8)
			return function << 8;
	return 0;
}

static bool frame_buffer_works(uint32_t base)
{
	volatile uint32_t *page = (volatile uint32_t *)AWAY;
	bool works;

	paging_map(AWAY, base + 0x10000, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	page[0] = 0x12345678;
	works = page[0] == 0x12345678;
	page[0] = 0;
	paging_unmap(AWAY);
	return works;
}

/* Laid over what it must not cover, the BAR shows what was written and decodes nothing. */
static void lay(uint32_t bar, uint32_t size, uint32_t place)
{
	volatile uint32_t *ram = (volatile uint32_t *)TARGET;

	*ram = 0x600dcafe;
	write_register(bar, place);
	report_equal(pci_read(bar) & ~0xfu, place & ~(size - 1), "laid over %xh", place);
	report_equal(*ram, 0x600dcafe, "memory is what it was");
	report_equal(cpu_ring(), 1, "and so is the monitor");
}

static void test_bar(void)
{
	static const uint32_t places[] = {
		TARGET, 0x03000000, 0, 0xfee00000, 0xfec00000, HPET, 0xff000000,
	};
	uint32_t bar = find_vga() | REG_BAR, before, size;
	unsigned int i;

	if (bar == REG_BAR) {
		report_skip("no VGA with a frame buffer");
		return;
	}
	before = pci_read(bar);
	write_register(bar, 0xffffffff);
	size = -(pci_read(bar) & ~0xfu);
	report(size >= 0x100000 && !(size & (size - 1)), "sizing gives %xh", size);
	write_register(bar, before);
	report_equal(pci_read(bar), before, "and what was there comes back");
	report(frame_buffer_works(before & ~0xfu), "and is decoded");
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		lay(bar, size, places[i]);
	write_register(bar, before ^ 0x20000000);
	report(frame_buffer_works((before ^ 0x20000000) & ~0xfu), "it can be moved");
	report(!frame_buffer_works(before & ~0xfu), "and then is not where it was");
	write_register(bar, before);
	report(frame_buffer_works(before & ~0xfu), "and moved back");
}

/* ---- the policy `contained` ---- */

static void test_contained(void)
{
	uint32_t function, masters = 0;

	for (function = 0; function < FUNCTIONS; function++) {
		if (pci_read(function << 8) == 0xffffffff)
			continue;
		write_register(function << 8 | REG_COMMAND, 7);
		if (pci_read(function << 8 | 8) >> 24 != 6 && pci_read(function << 8 | REG_COMMAND) & 4)
			masters++;
	}
	report_equal(masters, 0, "no function is a bus master");
	vmi_outb(0x12, 0x81);
	report_equal(vmi_inb(0x81), 0xff, "there are no DMA pages");
	report_equal(vmi_inl(0x514), 0xffffffff, "nor fw_cfg's DMA");
}

int main(void)
{
	if (boot_has_word("contained"))
		test_contained();
	test_ports();
	test_memory();
	test_bar();
	test_registers();
	test_bar();
	vmi_set_cr2(0x600dcafe);
	report_equal(vmi_get_cr2(), 0x600dcafe, "calls work");
	if (boot_has_word("wait")) {
		print("attacked\n");
		for (;;)
			vmi_pause();
	}
	return 0;
}
