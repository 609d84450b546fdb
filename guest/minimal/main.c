/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The smallest kernel that runs natively or as a VMI guest, as one file:
 * docs/porting.md walks through it.  It says on COM1 which of the two it is,
 * and ends: QEMU by isa-debug-exit (status 1), Bochs by its shutdown port.
 */
#include "vmi.h"

#define COM1		0x3F8
#define COM1_STATUS	(COM1 + 5)
#define COM1_EMPTY	0x20
#define QEMU_EXIT	0xF4
#define BOCHS_SHUTDOWN	0x8900

static void print(const char *text)
{
	for (; *text; text++) {
		while (!(vmi_inb(COM1_STATUS) & COM1_EMPTY))
			vmi_pause();
		vmi_outb((uint8_t)*text, COM1);
	}
}

/* Ring of the running code: 0 natively, 1 under the monitor */
static const char *ring(void)
{
	uint16_t cs;

	__asm__ __volatile__("movw %%cs, %0" : "=r" (cs));
	return (cs & 3) == 0 ? "0" : (cs & 3) == 1 ? "1" : "?";
}

static void leave(void)
{
	const char *word;

	for (word = "Shutdown"; *word; word++)
		vmi_outb((uint8_t)*word, BOCHS_SHUTDOWN);
	vmi_outb(0, QEMU_EXIT);
	for (;;)
		vmi_pause();
}

/* Without paging linear addresses are physical: the distance is 0 */
void kernel_main(void);
void kernel_main(void)
{
	struct vmi_rom rom;
	struct vmi_reason why;
	char line[VMI_REASON_MAX];

	if (vmi_probe(0, &rom, &why) || vmi_activate(&rom, NULL, &why)) {
		vmi_explain(&why, line, sizeof(line));
		print(line);
		print("\n");
	}
	print(vmi_is_active() ? "minimal: ok (vmi, cpl " :
				"minimal: ok (native, cpl ");
	print(ring());
	print(")\n");
	leave();
}
