/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: what works under the policy "contained": IDE by PIO, VGA, keyboard controller, PIT and clock; and that DMA does not.
 * Environments: native segment paged
 * Qemu: -fw_cfg name=opt/vmi/devices,string=contained -vga std -drive if=ide,driver=null-co,size=1M,read-zeroes=on
 *
 * Natively there is no policy, and DMA is as always.
 */
#include "runtime.h"

#include "irq.h"
#include "pci.h"
#include "vmi.h"

#define AWAY		0x70000000u	/* nothing is mapped there */
#define VGA_TEXT	0xb8000u

#define IRQ_IDE		14
#define IDE_DATA	0x1f0
#define IDE_COUNT	0x1f2
#define IDE_SECTOR	0x1f3
#define IDE_DRIVE	0x1f6
#define IDE_COMMAND	0x1f7
#define IDE_CONTROL	0x3f6
#define IDE_LBA		0xe0
#define IDE_READ	0x20
#define IDE_WRITE	0x30
#define IDE_IDENTIFY	0xec
#define IDE_READY	0x40	/* and not busy, and no error */
#define IDE_WANTS	0x48
#define SECTOR_WORDS	256
#define MODEL		27	/* words of what IDENTIFY tells */
#define SECTORS		60

#define KEYBOARD_DATA	0x60
#define KEYBOARD	0x64
#define KEYBOARD_TEST	0xaa
#define KEYBOARD_GOOD	0x55
#define KEYBOARD_FULL	1

#define DMA_MASK	0x0f	/* ISA: all masks */
#define PIIX_IDE	(PCI_DEVICE(1) | 0x100)	/* function 1 */

static uint16_t sector[SECTOR_WORDS];
static volatile unsigned int interrupts, ticks;

static void on_disk(struct trap_frame *frame)
{
	(void)frame;
	vmi_inb(IDE_COMMAND);		/* takes the request back */
	interrupts++;
}

static void on_tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
}

static void wait_for(volatile unsigned int *counter, unsigned int from)
{
	uint64_t end = pit_clock() + PIT_HZ;

	vmi_enable_interrupts();
	while (*counter == from && pit_clock() < end)
		vmi_pause();
	vmi_disable_interrupts();
}

static void command(uint8_t number, const char *what)
{
	unsigned int before = interrupts;

	vmi_outb(IDE_LBA, IDE_DRIVE);
	vmi_outb(1, IDE_COUNT);
	vmi_outb(0, IDE_SECTOR);
	vmi_outb(number, IDE_COMMAND);
	if (number == IDE_WRITE) {
		while ((vmi_inb(IDE_CONTROL) & 0x88) != 8)
			vmi_pause();
		vmi_outsw(IDE_DATA, sector, SECTOR_WORDS);
	}
	wait_for(&interrupts, before);
	report_equal(interrupts, before + 1, "%s", what);
}

static void test_disk(void)
{
	unsigned int i;

	irq_set_handler(IRQ_IDE, on_disk);
	vmi_outb(0, IDE_CONTROL);
	command(IDE_IDENTIFY, "IDENTIFY interrupts");
	vmi_insw(IDE_DATA, sector, SECTOR_WORDS);
	report_equal(sector[MODEL], 'Q' << 8 | 'E', "the disk's model");
	report_equal(sector[SECTORS], (1 << 20) / 512, "its sectors");
	command(IDE_READ, "a read interrupts");
	vmi_insw(IDE_DATA, sector, SECTOR_WORDS);
	for (i = 0; i < SECTOR_WORDS && !sector[i]; i++)
		;
	report_equal(i, SECTOR_WORDS, "words read");
	command(IDE_WRITE, "a write interrupts");
	report_equal(vmi_inb(IDE_COMMAND) & 0x89, 0, "and went well");
}

static void test_screen(void)
{
	volatile uint16_t *text = (volatile uint16_t *)AWAY;
	uint16_t before;

	paging_map(AWAY, VGA_TEXT, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	before = text[0];
	text[0] = 0x0741;
	report_equal(text[0], 0x0741, "a letter on the screen");
	text[0] = before;
	paging_unmap(AWAY);
}

static void test_keyboard(void)
{
	uint64_t end = pit_clock() + PIT_HZ;

	while (vmi_inb(KEYBOARD) & KEYBOARD_FULL)	/* a key's break code, maybe */
		vmi_inb(KEYBOARD_DATA);
	vmi_outb(KEYBOARD_TEST, KEYBOARD);
	while (!(vmi_inb(KEYBOARD) & KEYBOARD_FULL) && pit_clock() < end)
		vmi_pause();
	report_equal(vmi_inb(KEYBOARD_DATA), KEYBOARD_GOOD, "the keyboard controller tests itself");
}

static void test_tick(void)
{
	pit_set_hook(on_tick);
	pit_start(100);
	wait_for(&ticks, 0);
	pit_stop();
	report(ticks, "the PIT ticks");
}

/* No function becomes a bus master, and there is no ISA DMA controller. */
static void test_dma(void)
{
	pci_write(PIIX_IDE + PCI_COMMAND, pci_read(PIIX_IDE + PCI_COMMAND) | PCI_COMMAND_MASTER);
	report_equal(pci_read(PIIX_IDE + PCI_COMMAND) & PCI_COMMAND_MASTER,
		     platform_is_vmi() ? 0 : PCI_COMMAND_MASTER, "a bus master");
	if (platform_is_vmi())
		report_equal(vmi_inb(DMA_MASK), 0xff, "the ISA DMA controller");
}

int main(void)
{
	pit_clock_start();
	test_disk();
	test_screen();
	test_keyboard();
	test_tick();
	test_dma();
	return 0;
}
