// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shielded registers: registers of the machine by which a guest at ring 1 could take
 * away memory from under the monitor, or have its own code run at ring 0.  A write to
 * one is dropped, as if a lock bit were set, or only remembered where a guest reads it
 * back.  All else at the same ports works.  docs/ports.md names each register and says
 * why it is shielded.
 */
#include "dev/shield.h"
#include "mmu/mmu.h"

/* Commands of the keyboard controller, whose output port has A20 and the reset line. */
#define KBC_WRITE_OUTPUT	0xd1u	/* the next byte of data goes to the output port */
#define KBC_A20_OFF		0xddu
#define KBC_A20_ON		0xdfu
#define KBC_PULSE		0xf0u	/* F0h to FFh: lines whose bit is clear pulse low */
#define OUTPUT_RUN		1u	/* output port: clear is a reset; bit 1 is A20 */

#define PORT_92_A20		2u

#define CONFIG_ENABLE		0x80000000u
#define CONFIG_FUNCTION(a)	((a) >> 8 & 0xffff)
#define CONFIG_SIZE		256u

#define LPC_FUNCTION		0xf8u		/* 00:1f.0 */
#define Q35_PCIEXBAR		0x60u
#define PCIEXBAR_ENABLE		1u
#define PCIEXBAR_BASE		0xfc000000u

/* Registers first to last of a PCI function, if the host bridge is of this kind. */
struct shielded {
	uint32_t bridge;
	uint16_t function;
	uint8_t first, last;
};

#define I440FX	0x12378086u
#define I440BX	0x71908086u
#define Q35	0x29c08086u
#define OTHER	0u		/* any host bridge that is not in this list */

/* Of an unknown bridge all registers but the standard header are shielded. */
static const struct shielded shielded[] = {
	{ I440FX, 0, 0x59, 0x5f },		/* PAM */
	{ I440FX, 0, 0x72, 0x72 },		/* SMRAM */
	{ I440BX, 0, 0x59, 0x5f },
	{ I440BX, 0, 0x72, 0x73 },
	{ Q35, 0, 0x50, 0x51 },			/* TSEG's size */
	{ Q35, 0, 0x60, 0x67 },			/* PCIEXBAR */
	{ Q35, 0, 0x90, 0x97 },			/* PAM */
	{ Q35, 0, 0x9c, 0x9f },			/* SMRAM, ESMRAMC */
	{ Q35, LPC_FUNCTION, 0xf0, 0xf3 },	/* RCBA */
	{ OTHER, 0, 0x40, 0xff },
};

CONST_AFTER_START static uint32_t bridge;		/* vendor and device, or OTHER */
CONST_AFTER_START static uint32_t mmconfig_frame;	/* where MMCONFIG begins; 0: none */
struct ports ports;

/* ---- PCI configuration space ---- */

static bool is_shielded(uint16_t function, unsigned reg)
{
	const struct shielded *r;

	for (r = shielded; r < shielded + sizeof(shielded) / sizeof(shielded[0]); r++)
		if (r->bridge == bridge && r->function == function &&
		    reg >= r->first && reg <= r->last)
			return true;
	return false;
}

/*
 * The address that the guest has selected, with the two low bits clear: the byte in the
 * register is chosen by the data port's number, but QEMU would combine it with those bits,
 * and so reach another register than the one that is checked here.
 */
static uint32_t config_address(void)
{
	uint32_t address = inl(PORT_CONFIG_ADDRESS);

	if (address & 3) {
		address &= ~3u;
		outl(PORT_CONFIG_ADDRESS, address);
	}
	return address;
}

/*
 * A write to the register that PORT_CONFIG_ADDRESS selects.  If some of its bytes are
 * shielded, the others are written one by one.
 */
static void config_write(uint16_t port, unsigned size, uint32_t value)
{
	uint32_t address = config_address();
	unsigned i, kept = 0;

	if (!(address & CONFIG_ENABLE))
		return;
	for (i = 0; i < size; i++)
		if (is_shielded(CONFIG_FUNCTION(address), (address & 0xfc) + (port + i) % 4))
			kept |= 1u << i;
	if (!kept && size == 4)
		outl(port, value);
	else if (!kept && size == 2)
		outw(port, (uint16_t)value);
	else
		for (i = 0; i < size; i++)
			if (!(kept >> i & 1))
				outb((uint16_t)(port + i), (uint8_t)(value >> i * 8));
}

static uint32_t config_read(unsigned reg)
{
	outl(PORT_CONFIG_ADDRESS, CONFIG_ENABLE | reg);
	return inl(PORT_CONFIG_DATA);
}

/*
 * Reads are harmless.  A write that covers both address and data port is left to be
 * split into bytes, which come back here one at a time.
 */
bool shield_access(uint16_t port, unsigned size, bool write, uint32_t *value)
{
	unsigned last = port + size - 1;

	if (port < PORT_CONFIG_ADDRESS || last > PORT_CONFIG_DATA + 3)
		return false;
	if (!write) {
		*value = size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
	} else if (port >= PORT_CONFIG_DATA) {
		config_write(port, size, *value);
	} else if (last >= PORT_CONFIG_DATA) {
		return false;
	} else if (size == 4) {
		outl(port, *value & ~3u);
	} else if (size == 2) {
		outw(port, (uint16_t)*value);
	} else {
		outb(port, (uint8_t)*value);
	}
	return true;
}

/* ---- PCI configuration space in memory (MMCONFIG) ---- */

/* MMCONFIG has a page for each function; host bridge (00:00.0) and LPC bridge are shielded. */
bool shield_is_frame(uint64_t frame)
{
	return mmconfig_frame &&
	       (frame == mmconfig_frame || frame == mmconfig_frame + LPC_FUNCTION);
}

static uint8_t config_byte(uint32_t address, bool write, uint8_t value)
{
	uint16_t port = (uint16_t)(PORT_CONFIG_DATA + address % 4);

	outl(PORT_CONFIG_ADDRESS, CONFIG_ENABLE | (address & ~3u));
	if (!write)
		return inb(port);
	config_write(port, 1, value);
	return 0;
}

/*
 * An access to the page of such a function is made through the ports instead, where it
 * is checked.  Neither function has registers beyond the first 256 bytes: these read as
 * zero.  The address that the guest has selected at the ports is put back.
 */
void shield_memory(uint64_t physical, unsigned size, bool write, uint32_t *value)
{
	uint32_t saved = inl(PORT_CONFIG_ADDRESS), reg = (uint32_t)physical % PAGE_SIZE;
	uint32_t function = (uint32_t)((physical >> 12) - mmconfig_frame);
	uint32_t result = 0;
	unsigned i;

	for (i = 0; i < size && reg + i < CONFIG_SIZE; i++) {
		uint8_t byte = write ? (uint8_t)(*value >> i * 8) : 0;

		byte = config_byte(function << 8 | (reg + i), write, byte);
		result |= (uint32_t)byte << i * 8;
	}
	outl(PORT_CONFIG_ADDRESS, saved);
	if (!write)
		*value = result;
}

/* ---- single ports: A20, the keyboard controller, SMI ---- */

/* The guest reads bit A20 as it has written it; the physical A20 stays on. */
uint8_t shield_read(uint16_t port)
{
	uint8_t value = inb(port);

	if (port == PORT_92)
		value = (uint8_t)((value & ~PORT_92_A20) | ports.port_92_a20);
	return value;
}

/* Commands that change A20 are dropped; of those that pulse lines only the reset is passed. */
static void keyboard_command(uint8_t command)
{
	ports.output_follows = command == KBC_WRITE_OUTPUT;
	if (ports.output_follows || command == KBC_A20_OFF || command == KBC_A20_ON)
		return;
	if (command >= KBC_PULSE)
		command |= KEYBOARD_RESET;	/* sets all bits but bit 0, the reset line */
	outb(PORT_KEYBOARD_COMMAND, command);
}

/* A byte for the output port is dropped, unless it asks for a reset. */
static void keyboard_data(uint8_t value)
{
	if (!ports.output_follows)
		outb(PORT_KEYBOARD_DATA, value);
	else if (!(value & OUTPUT_RUN))
		outb(PORT_KEYBOARD_COMMAND, KEYBOARD_RESET);
	ports.output_follows = false;
}

/*
 * Some commands make the firmware's SMM handler call code at an address that the
 * caller chooses, with all rights.  Only those that turn ACPI on and off pass: F1h and
 * F0h with the PIIX4, 2 and 3 with the ICH9.
 */
static void smi_command(uint8_t value)
{
	if (value == 0xf0 || value == 0xf1 || value == 2 || value == 3)
		outb(PORT_SMI_COMMAND, value);
}

void shield_write(uint16_t port, uint8_t value)
{
	switch (port) {
	case PORT_KEYBOARD_COMMAND:
		keyboard_command(value);
		break;
	case PORT_KEYBOARD_DATA:
		keyboard_data(value);
		break;
	case PORT_SMI_COMMAND:
		smi_command(value);
		break;
	case PORT_92:
		ports.port_92_a20 = value & PORT_92_A20;
		outb(PORT_92, value | PORT_92_A20);
		break;
	default:
		shield_access(port, 1, true, &(uint32_t){ value });
	}
}

void shield_start(void)
{
	static const uint32_t known[] = { I440FX, I440BX, Q35 };
	uint32_t saved = inl(PORT_CONFIG_ADDRESS), id = config_read(0), pciexbar;
	unsigned i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (id == known[i])
			bridge = id;
	if (bridge == Q35) {
		pciexbar = config_read(Q35_PCIEXBAR);
		if (pciexbar & PCIEXBAR_ENABLE)
			mmconfig_frame = (pciexbar & PCIEXBAR_BASE) >> 12;
	}
	if (mmconfig_frame) {
		frames_claim(CLAIM_CONFIG_BRIDGE, mmconfig_frame);
		frames_claim(CLAIM_CONFIG_LPC, mmconfig_frame + LPC_FUNCTION);
	}
	outl(PORT_CONFIG_ADDRESS, saved);
	ports.port_92_a20 = inb(PORT_92) & PORT_92_A20;
}
