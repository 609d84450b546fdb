/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: every known way out of ring 1 through a port is tried, and leads nowhere.
 * Environments: segment paged bochs
 *
 * docs/ports.md lists them. Natively each of these would succeed, and some
 * would end the run.
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"

#define PORT_92		0x92
#define PORT_92_A20	0x02
#define KBC_DATA	0x60
#define KBC_COMMAND	0x64
#define KBC_STATUS_IN	0x02		/* the controller has not taken the last byte */
#define SMI_COMMAND	0xb2
#define SMI_CALL32	0xb5		/* SeaBIOS: go to ESI in ring 0 */
#define SMI_ENTER	0x1234

#define MEGABYTE	0x100000u
#define AWAY		0x70000000u	/* nothing is mapped there */

struct bridge {
	uint32_t id;
	const char *name;
	uint8_t pam, smram;
};

static const struct bridge bridges[] = {
	{ 0x12378086, "i440FX", 0x59, 0x72 },
	{ 0x29c08086, "Q35", 0x90, 0x9d },
};

static const struct bridge *bridge;

static void keyboard_wait(void)
{
	unsigned int patience = 100000;

	while ((vmi_inb(KBC_COMMAND) & KBC_STATUS_IN) && --patience)
		vmi_pause();
}

static void keyboard(uint8_t command)
{
	keyboard_wait();
	vmi_outb(command, KBC_COMMAND);
	keyboard_wait();
}

/* With A20 off an odd megabyte is the even one below it. */
static volatile uint32_t *const even = (volatile uint32_t *)(32 * MEGABYTE);
static volatile uint32_t *const odd = (volatile uint32_t *)(33 * MEGABYTE);

static bool a20_is_on(void)
{
	*even = 0x11111111;
	*odd = 0x22222222;
	return *even == 0x11111111 && *odd == 0x22222222;
}

static void test_port_92(void)
{
	uint8_t before = vmi_inb(PORT_92) & 0xfe;

	vmi_outb(before & ~PORT_92_A20, PORT_92);
	report_equal(vmi_inb(PORT_92) & PORT_92_A20, 0, "port 92h shows A20 off");
	report(a20_is_on(), "and memory is as before");
	vmi_outw((uint16_t)before << 8, PORT_92 - 1);
	report_equal(vmi_inb(PORT_92) & PORT_92_A20, before & PORT_92_A20,
		     "as the high byte of a word");
	__asm__ volatile("outb %%al, $0x92" : : "a" (before & ~PORT_92_A20));
	report(a20_is_on(), "nor does a raw OUT turn it off");
	vmi_outb(before | PORT_92_A20, PORT_92);
	report_equal(vmi_inb(PORT_92) & PORT_92_A20, PORT_92_A20, "port 92h shows A20 on");
}

static void test_keyboard(void)
{
	keyboard(0xdd);
	report(a20_is_on(), "keyboard controller's DDh");
	keyboard(0xd1);
	vmi_outb(0xdd, KBC_DATA);
	keyboard_wait();
	report(a20_is_on(), "and D1h with A20 clear");
	keyboard(0xd1);
	vmi_outw(0xdd, KBC_DATA);
	report(a20_is_on(), "its byte in a word");
	keyboard(0xfd);
	report(a20_is_on(), "and a pulse of the line");
	keyboard(0xdf);
	keyboard(0x20);
	report(vmi_inb(KBC_DATA) != 0xff, "the controller's other commands work");
}

/* Ways to write a register of function 0 of device 0, the bridge. */
static void write_byte(uint8_t reg, uint8_t value)
{
	pci_write_byte(reg, value);
}

static void write_word(uint8_t reg, uint8_t value)
{
	pci_select(reg);
	vmi_outw((uint16_t)(value * 0x0101), PCI_DATA + (reg & 2));
}

static void write_dword(uint8_t reg, uint8_t value)
{
	pci_select(reg);
	vmi_outl(value * 0x01010101u, PCI_DATA);
}

/* QEMU ors the address's low bits into the register's number. */
static void write_odd_address(uint8_t reg, uint8_t value)
{
	vmi_outl(0x80000000 | reg, PCI_ADDRESS);
	vmi_outb(value, PCI_DATA);
}

/* The data ports' first byte as the last of a dword that begins before them. */
static void write_across(uint8_t reg, uint8_t value)
{
	pci_select(reg);
	vmi_outl((uint32_t)value << 24, PCI_DATA - 3);
	vmi_outl((uint32_t)value << 16 | (uint32_t)value << 24, PCI_DATA - 2);
}

static void write_string(uint8_t reg, uint8_t value)
{
	uint32_t address = 0x80000000 | (reg & 0xfc);

	vmi_outsl(PCI_ADDRESS, &address, 1);
	vmi_outsb(PCI_DATA + reg % 4, &value, 1);
}

typedef void config_write(uint8_t reg, uint8_t value);

static config_write *const ways[] = {
	write_byte, write_word, write_dword, write_odd_address, write_across, write_string,
};

/* Every value that one way writes leaves the register as it was. */
static void test_register(uint8_t reg, const char *what)
{
	uint8_t before = pci_read_byte(reg);
	unsigned int i;
	bool kept = true;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		ways[i](reg, (uint8_t)~before);
		kept = kept && pci_read_byte(reg) == before;
	}
	report(kept, "%s, register %xh, keeps %xh", what, reg, before);
}

/* The ROM's shadow is as POST has locked it. */
static void test_rom_shadow(void)
{
	volatile uint32_t *bios = (volatile uint32_t *)0xf0000;
	uint32_t before = *bios;

	*bios = ~before;
	report_equal(*bios, before, "the BIOS's shadow is not writable");
	*bios = before;
}

static void test_bridge(void)
{
	uint32_t id = pci_read(0), address;
	uint8_t i, latency;

	for (i = 0; i < sizeof(bridges) / sizeof(bridges[0]); i++)
		if (bridges[i].id == id)
			bridge = &bridges[i];
	if (!report(bridge != NULL, "host bridge %x is known", id))
		return;
	for (i = 0; i < 7; i++)
		test_register(bridge->pam + i, "PAM");
	test_register(bridge->smram, "SMRAM");
	test_rom_shadow();
	latency = pci_read_byte(0x0d);
	write_byte(0x0d, latency ^ 0xf8);
	pci_select(0x0c);
	address = vmi_inl(PCI_ADDRESS);
	report_equal(address, 0x8000000c, "the address register reads back");
	write_byte(0x0d, latency);
}

/*
 * Memory over the monitor's: on Q35 by the registers of the bridge and the
 * LPC function, through the ports and through their window in memory.
 */
static volatile uint8_t *map_window(uint32_t function)
{
	uint32_t base = pci_read(0x60) & 0xfc000000;

	paging_map(AWAY, base + (function << 12), PTE_PRESENT | PTE_WRITE);
	return (volatile uint8_t *)AWAY;
}

static void test_lpc(void)
{
	uint32_t before;

	vmi_outl(0x8000f8f0, PCI_ADDRESS);
	before = vmi_inl(PCI_DATA);
	vmi_outl(0x03800001, PCI_DATA);
	report_equal(vmi_inl(PCI_DATA), before, "RCBA keeps its value");
	*(volatile uint32_t *)(map_window(0xf8) + 0xf0) = 0x03800001;
	vmi_outl(0x8000f8f0, PCI_ADDRESS);
	report_equal(vmi_inl(PCI_DATA), before, "written through memory, too");
	paging_unmap(AWAY);
}

static void test_window(void)
{
	uint32_t pciexbar = pci_read(0x60), address;
	uint8_t pam = pci_read_byte(bridge->pam);
	volatile uint8_t *window = map_window(0);

	report_equal(*(volatile uint32_t *)window, bridge->id, "the window shows the bridge");
	pci_select(0x3c);
	window[bridge->pam] = (uint8_t)~pam;
	window[bridge->smram] = 0x4a;
	*(volatile uint16_t *)(window + bridge->pam - 1) = 0x3333;
	*(volatile uint32_t *)(window + 0x60) = 0x03800001;
	address = vmi_inl(PCI_ADDRESS);
	report_equal(address, 0x8000003c, "its accesses leave CF8h alone");
	report_equal(pci_read_byte(bridge->pam), pam, "PAM through the window");
	report(pci_read_byte(bridge->smram) != 0x4a, "SMRAM through the window");
	report_equal(pci_read(0x60), pciexbar, "PCIEXBAR through the window");
	paging_unmap(AWAY);
	write_dword(0x60, 1);
	report_equal(pci_read(0x60), pciexbar, "PCIEXBAR");
}

static void smi_target(void)
{
	print("an SMI led to ring %u\n", cpu_ring());
	platform_fail("out");
}

static void test_smi(void)
{
	uint32_t eax = SMI_CALL32, ecx = SMI_ENTER, esi = (uint32_t)smi_target;

	__asm__ volatile("pushl %%ebp; movl %%esp, %%ebp; outb %%al, $0xb2; popl %%ebp"
			 : "+a" (eax), "+c" (ecx), "+S" (esi) : : "memory");
	vmi_outw(SMI_CALL32 << 8, SMI_COMMAND - 1);
	report(true, "an SMI command comes back");
}

int main(void)
{
	test_port_92();
	test_keyboard();
	test_bridge();
	if (bridge && bridge->pam == 0x90) {
		test_lpc();
		test_window();
	}
	test_smi();
	report(a20_is_on() && cpu_ring() == 1, "and the kernel is where it was");
	return 0;
}
