// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of ports that are open to the guest.  What is not known to be harmless is
 * not in it: there a guest finds what it finds where no device is, ones.  Ports that a
 * model serves are in port.c's table instead, and those of PCI functions are open where
 * these decode them (bar.c).
 */
#include "dev/acpi.h"
#include "dev/allow.h"
#include "dev/pci.h"
#include "dev/ports.h"

#define EXIT_PORT	0xf4
#define FW_CFG_SELECT	0x510
#define FW_CFG_DATA	0x511
#define BOCHS_PORT	0x8900

#define SUBSYSTEM	0x2c
#define VBE_FUNCTION	0x11111234u	/* the VGA of QEMU and Bochs */
#define DEVICES		32u

/* ---- what is there, by its own word ---- */

static bool has_debug_console(void)
{
	return inb(PORT_DEBUG_CONSOLE) == PORT_DEBUG_CONSOLE;
}

/* QEMU's isa-debug-exit reads as 0. */
static bool has_exit(void)
{
	return inb(EXIT_PORT) == 0;
}

static bool has_fw_cfg(void)
{
	outw(FW_CFG_SELECT, 0);
	return inb(FW_CFG_DATA) == 'Q' && inb(FW_CFG_DATA) == 'E' && inb(FW_CFG_DATA) == 'M' &&
	       inb(FW_CFG_DATA) == 'U';
}

/* QEMU's functions have a subsystem, those of Bochs have none. */
static bool has_bochs(void)
{
	return has_debug_console() && pci_read(PCI_BRIDGE, SUBSYSTEM) == 0;
}

static bool has_vbe(void)
{
	unsigned i;

	for (i = 0; i < DEVICES; i++)
		if (pci_read(PCI_FUNCTION(0, i, 0), 0) == VBE_FUNCTION)
			return true;
	return false;
}

/* ---- the list ---- */

/*
 * @dma: closed by the policy "contained".  Some rows go on for three ports where there
 * is nothing: a port goes straight only if the next three are open (port.c).
 */
static const struct open_ports {
	uint16_t first, last;
	bool dma;
	bool (*there)(void);
} list[] = {
	{ 0x00, 0x0f, true, NULL },		/* DMA controller */
	{ 0x40, 0x46, false, NULL },		/* PIT */
	{ 0x61, 0x61, false, NULL },		/* speaker, PIT channel 2 */
	{ 0x80, 0x80, false, NULL },		/* POST codes: written to wait */
	{ 0x81, 0x8f, true, NULL },		/* DMA pages */
	{ 0xc0, 0xdf, true, NULL },		/* second DMA controller */
	{ PORT_DEBUG_CONSOLE, PORT_DEBUG_CONSOLE, false, has_debug_console },
	{ 0xed, 0xed, false, NULL },		/* nothing: written to wait */
	{ 0xf0, 0xf1, false, NULL },		/* FPU errors */
	{ EXIT_PORT, EXIT_PORT + 3, false, has_exit },
	{ 0x170, 0x17a, false, NULL },		/* IDE */
	{ 0x1ce, 0x1d0, false, has_vbe },
	{ 0x1f0, 0x1fa, false, NULL },
	{ 0x200, 0x207, false, NULL },		/* joystick */
	{ 0x220, 0x22f, true, NULL },		/* sound card */
	{ 0x278, 0x27a, false, NULL },		/* parallel ports */
	{ 0x2e8, 0x2ef, false, NULL },		/* serial ports */
	{ 0x2f8, 0x2ff, false, NULL },
	{ 0x300, 0x31f, false, NULL },		/* network card */
	{ 0x330, 0x331, false, NULL },		/* MIDI */
	{ 0x376, 0x376, false, NULL },		/* IDE */
	{ 0x378, 0x37a, false, NULL },
	{ 0x388, 0x38b, false, NULL },		/* FM sound */
	{ 0x3b0, 0x3df, false, NULL },		/* VGA; a parallel port */
	{ 0x3e8, 0x3ef, false, NULL },
	{ 0x3f0, 0x3f5, true, NULL },		/* floppy disks */
	{ 0x3f6, 0x3f6, false, NULL },		/* IDE */
	{ 0x3f7, 0x3f7, true, NULL },
	{ 0x3f8, 0x402, false, NULL },
	{ FW_CFG_SELECT, FW_CFG_DATA, false, has_fw_cfg },
	{ 0x514, 0x51b, true, has_fw_cfg },
	{ BOCHS_PORT, BOCHS_PORT, false, has_bochs },
};

CONST_AFTER_START static uint8_t open_low[PORTS_FIXED / 8];
CONST_AFTER_START static bool bochs_port;

static bool is_acpi(unsigned port)
{
	unsigned i;

	for (i = 0; i < acpi.blocks; i++)
		if (port >= acpi.ports[i].first && port <= acpi.ports[i].last)
			return true;
	return false;
}

bool port_is_open(unsigned port)
{
	if (port < PORTS_FIXED)
		return open_low[port / 8] >> port % 8 & 1;
	return is_acpi(port) || (port == BOCHS_PORT && bochs_port);
}

static void open_one(unsigned port)
{
	if (port < PORTS_FIXED)
		open_low[port / 8] |= (uint8_t)(1u << port % 8);
	else if (port == BOCHS_PORT)
		bochs_port = true;
}

void allow_prepare(void)
{
	const struct open_ports *p;
	unsigned port;

	for (p = list; p < list + sizeof(list) / sizeof(list[0]); p++)
		if (!p->there || p->there())
			for (port = p->first; port <= p->last; port++)
				open_one(port);
	for (port = 0; port < PORTS_FIXED; port++)
		if (is_acpi(port))
			open_one(port);
}

/* ---- the log ---- */

/* The table is small, so that a guest cannot fill the log. */
void closed_note(const char *what, uint32_t where)
{
	unsigned i;

	for (i = 0; i < ports.notes; i++)
		if (ports.noted[i].what == what && ports.noted[i].where == where)
			return;
	if (ports.notes == NOTES)
		return;
	ports.noted[ports.notes].what = what;
	ports.noted[ports.notes++].where = where;
	print("vmi: %s %x is closed to the guest%s\n", what, where,
	      ports.notes == NOTES ? "; others will not be logged" : "");
}
