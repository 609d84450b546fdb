/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: no reset leads back into code of the guest at CPL 0.
 * Environments:
 *
 * tests/test_resets.py asks for each `how`, with what the BIOS is to do after a reset in
 * `code`: the shutdown byte in CMOS.  5 and 0Ah have it jump to where 40:67h points, 9
 * has it take registers and a return from a stack there.  The code planted there says so
 * on the debug console.  Another byte of CMOS remembers the first start.
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"
#include "vmi_guest.h"

#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define CMOS_SHUTDOWN	0x0f
#define CMOS_SPARE	0x77
#define STARTED		0xa5

#define PORT_92		0x92
#define RESET_CONTROL	0xcf9
#define KBC_DATA	0x60
#define KBC_COMMAND	0x64

#define PM1_CONTROL	0x604		/* of QEMU's machines */
#define SLEEP_S3	0x2400
#define TCO		0x660		/* of a Q35: reload, and so on */

#define WATCHDOG	0x25ab8086	/* i6300esb */
#define AWAY		0x70000000u	/* nothing is mapped there */
#define LOW		0x70001000u	/* nor there: for page 0 */

#define CODE		0x8000u
#define STACK		0x8100u
#define RESET_VECTOR	(LOW + 0x467)

/* "PLANTED", by mov al, c; out 0E9h, al; then the end, for QEMU and for good. */
#define SAY(c)		0xb0, c, 0xe6, 0xe9
static const uint8_t code[] = {
	SAY('P'), SAY('L'), SAY('A'), SAY('N'), SAY('T'), SAY('E'), SAY('D'), SAY('\n'),
	0xb0, 0x11, 0xe6, 0xf4, 0xfa, 0xf4,
};

static uint8_t cmos(uint8_t index)
{
	vmi_outb(index, CMOS_INDEX);
	return vmi_inb(CMOS_DATA);
}

static void cmos_set(uint8_t index, uint8_t value)
{
	vmi_outb(index, CMOS_INDEX);
	vmi_outb(value, CMOS_DATA);
}

/* The far pointer at 40:67h; for 9 a stack of ES, DS, PUSHA's or PUSHAD's, IRET's words. */
static void plant(uint8_t shutdown)
{
	uint16_t *stack = (uint16_t *)STACK;

	memcpy((void *)CODE, code, sizeof(code));
	memset(stack, 0, 64);
	stack[10] = stack[18] = CODE;
	stack[12] = stack[20] = 2;
	paging_map(LOW, 0, PTE_PRESENT | PTE_WRITE);
	*(volatile uint32_t *)RESET_VECTOR = shutdown == 9 ? STACK : CODE;
	cmos_set(CMOS_SHUTDOWN, shutdown);
	report_equal(cmos(CMOS_SHUTDOWN), shutdown, "the shutdown byte reads as written");
}

static void keyboard(uint8_t command)
{
	while (vmi_inb(KBC_COMMAND) & 2)
		vmi_pause();
	vmi_outb(command, KBC_COMMAND);
}

static void triple_fault(void)
{
	static const struct vmi_dtr none;

	vmi_set_idt(&none);
	__asm__ volatile("int3");
}

static void watchdog_write(unsigned int reg, uint32_t value)
{
	*(volatile uint8_t *)(AWAY + 0x0c) = 0x80;
	*(volatile uint8_t *)(AWAY + 0x0c) = 0x86;
	*(volatile uint32_t *)(AWAY + reg) = value;
}

static void watchdog(void)
{
	uint32_t i, at = 0, command;

	for (i = 0; i < PCI_DEVICES; i++)
		if (pci_read(PCI_DEVICE(i)) == WATCHDOG)
			at = PCI_DEVICE(i);
	if (!report(at != 0, "there is a watchdog"))
		return;
	command = pci_read(at + 4);
	pci_select(at + 4);
	vmi_outl(command | 2, PCI_DATA);
	paging_map(AWAY, pci_read(at + 0x10) & ~0xfffu, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	pci_select(at + 0x60);
	vmi_outw(7, PCI_DATA);		/* in microseconds, no interrupt, reboot */
	watchdog_write(0, 0x1000);
	watchdog_write(4, 0x1000);
	pci_write_byte(at + 0x68, 2);
	watchdog_write(0x0c, 0x100);
}

static void tco(void)
{
	vmi_outw(4, TCO + 0x12);
	vmi_outw(0, TCO + 8);
	vmi_outw(1, TCO);
}

static const struct cause {
	const char *how;
	void (*run)(void);
	uint16_t port, first, then;
} causes[] = {
	{ "keyboard", NULL, KBC_COMMAND, 0xfe, 0xfe },
	{ "output", NULL, KBC_COMMAND, 0xd1, 0 },
	{ "port92", NULL, PORT_92, 2, 3 },
	{ "cf9", NULL, RESET_CONTROL, 2, 6 },
	{ "triple", triple_fault, 0, 0, 0 },
	{ "watchdog", watchdog, 0, 0, 0 },
	{ "tco", tco, 0, 0, 0 },
};

static void reset(void)
{
	const struct cause *c;

	if (boot_word_is("how", "soft"))
		vmi_reboot(0);
	if (boot_word_is("how", "hard"))
		vmi_reboot(1);
	for (c = causes; c < causes + sizeof(causes) / sizeof(causes[0]); c++) {
		if (!boot_word_is("how", c->how))
			continue;
		if (c->run) {
			c->run();
		} else if (c->first == 0xd1) {
			keyboard(0xd1);
			vmi_outb(2, KBC_DATA);
		} else {
			vmi_outb((uint8_t)c->first, c->port);
			vmi_outb((uint8_t)c->then, c->port);
		}
	}
}

static bool asks_what_is_refused(void)
{
	return boot_word_is("how", "s3") || boot_word_is("how", "tco");
}

static uint32_t seconds(void)
{
	return cmos(0);
}

/* Long enough for a watchdog. */
static void wait(unsigned int changes)
{
	uint32_t before = seconds();

	for (; changes; changes--, before = seconds())
		while (seconds() == before)
			vmi_pause();
}

int main(void)
{
	if (cmos(CMOS_SPARE) == STARTED) {
		cmos_set(CMOS_SPARE, 0);
		report(true, "the machine started again");
		return 0;
	}
	cmos_set(CMOS_SPARE, STARTED);
	print("first start\n");
	plant(boot_word_is("code", "9") ? 9 : boot_word_is("code", "a") ? 10 : 5);
	if (boot_word_is("how", "s3"))
		vmi_outw(SLEEP_S3, PM1_CONTROL);
	reset();
	wait(asks_what_is_refused() ? 4 : 20);
	report(asks_what_is_refused(), "nothing has happened");
	cmos_set(CMOS_SPARE, 0);
	return 0;
}
