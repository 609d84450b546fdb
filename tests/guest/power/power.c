/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the machine goes off, or starts again, as asked for on the command line.
 * Environments: native segment
 *
 * A byte of the CMOS's remembers the first start. tests/test_power.py asks for
 * each `how`; without one only the memory for it is tried.
 */
#include "runtime.h"

#include "vmi.h"
#include "vmi_guest.h"

#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define CMOS_SPARE	0x77
#define STARTED		0xa5
#define PORT_92		0x92
#define KEYBOARD	0x64
#define KEYBOARD_RESET	0xfe

static uint8_t remembered(void)
{
	vmi_outb(CMOS_SPARE, CMOS_INDEX);
	return vmi_inb(CMOS_DATA);
}

static void remember(uint8_t value)
{
	vmi_outb(CMOS_SPARE, CMOS_INDEX);
	vmi_outb(value, CMOS_DATA);
}

/* Shutdown and Reboot with registers that mean nothing; `odd=N` has the N'th value in all. */
static void call_oddly(void)
{
	static const uint32_t values[] = { 2, 0x100, 0x80000000, 0xffffffff };
	uint32_t entry = vmi_entry(boot_word_is("how", "odd-off") ? VMI_CALL_Shutdown : VMI_CALL_Reboot);
	uint32_t value = values[0];

	if (boot_word_is("odd", "1"))
		value = values[1];
	else if (boot_word_is("odd", "2"))
		value = values[2];
	else if (boot_word_is("odd", "3"))
		value = values[3];
	__asm__ volatile("call *%3" : : "a" (value), "d" (value), "c" (value), "r" (entry));
}

int main(void)
{
	if (remembered() == STARTED) {
		remember(0);
		report(true, "the machine started again");
		return 0;
	}
	remember(STARTED);
	if (!boot_has_word("how")) {
		report_equal(remembered(), STARTED, "the CMOS remembers");
		return 0;
	}
	print("first start\n");
	if (boot_word_is("how", "off"))
		vmi_shutdown();
	else if (boot_has_word("odd"))
		call_oddly();
	else if (boot_word_is("how", "soft"))
		vmi_reboot(0);
	else if (boot_word_is("how", "hard"))
		vmi_reboot(1);
	else if (boot_word_is("how", "port"))
		vmi_outb(vmi_inb(PORT_92) | 1, PORT_92);
	else
		vmi_outb(KEYBOARD_RESET, KEYBOARD);
	for (;;)
		vmi_pause();
}
