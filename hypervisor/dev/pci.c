// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space.  The guest reads and writes it by ports CF8h to CFFh and, on
 * a Q35, by memory; both ways come here, are made into accesses to one dword, and pass
 * the table of rules.  The hardware's address register is the monitor's alone: what the
 * guest has selected is remembered beside it.
 */
#include "dev/bar.h"
#include "dev/control.h"
#include "dev/msi.h"
#include "dev/pci.h"
#include "dev/ports.h"
#include "mmu/mmu.h"

#define CONFIG_KEPT		0xfffffffcu	/* bits of the address that read back */
#define CONFIG_FUNCTION(a)	((a) >> 8 & 0xffff)
#define CONFIG_REGISTER(a)	((a) & 0xfc)
#define CONFIG_SIZE		256u

#define Q35_PCIEXBAR		0x60u
#define PCIEXBAR_ENABLE		1u
#define PCIEXBAR_BASE		0xfc000000u
#define PCIEXBAR_FRAMES		0x10000u	/* or a half or a quarter of that: bits 1 and 2 */

#define Q35	0x29c08086u		/* vendor and device of its host bridge */

CONST_AFTER_START static uint32_t mmconfig_frame;	/* where MMCONFIG begins; 0: none */
CONST_AFTER_START static uint32_t mmconfig_frames;	/* a frame for each function */

/* ---- the rules ---- */

/* A row of the table says what one kind of register is, docs/ports.md why. */
static const struct config_rule rules[] = {
	{ 0x000, 0xfff, NULL, function_write },
	{ 0x04, 0x05, NULL, command_write },
	{ 0x10, 0x33, bar_read, bar_write },
	{ 0x34, 0xff, msi_config_read, msi_config_write },
};
#define RULES_END	(rules + sizeof(rules) / sizeof(rules[0]))

/* The lanes of the dword at @reg that lie in registers first to last of rule @r. */
static uint32_t rule_lanes(const struct config_rule *r, unsigned reg)
{
	uint32_t lanes = 0;
	unsigned i;

	for (i = 0; i < 4; i++)
		if (reg + i >= r->first && reg + i <= r->last)
			lanes |= 0xffu << i * 8;
	return lanes;
}

static bool rule_fits(const struct config_rule *r, const struct config_access *a)
{
	return a->reg <= r->last && a->reg + 3u >= r->first;
}

/* ---- the guest's accesses ---- */

static void guest_config_read(struct config_access *a)
{
	const struct config_rule *r;

	a->value = pci_read(a->function, a->reg);
	for (r = rules; r < RULES_END; r++)
		if (r->read && rule_fits(r, a))
			r->read(a);
}

static void guest_config_write(struct config_access *a)
{
	const struct config_rule *r;
	struct config_access part;

	for (r = rules; r < RULES_END; r++) {
		if (!r->write || !rule_fits(r, a))
			continue;
		part = *a;
		part.lanes &= rule_lanes(r, a->reg);
		a->lanes &= ~part.lanes;
		if (part.lanes)
			r->write(&part);
		a->lanes |= part.lanes;
		a->value = (a->value & ~part.lanes) | (part.value & part.lanes);
	}
	if (a->lanes)
		pci_write(a);
	msi_config_written(a);
}

/* @size bytes, from byte @first of a dword on. */
static uint32_t lanes_of(unsigned first, unsigned size)
{
	return (size == 4 ? 0xffffffffu : (1u << size * 8) - 1) << first * 8;
}

/* The address register: hardware takes nothing but dwords there. */
static uint32_t address_read(unsigned first, unsigned size)
{
	return (ports.config_address & lanes_of(first, size)) >> first * 8;
}

static struct config_access selected(unsigned first, unsigned size)
{
	return (struct config_access){
		.function = CONFIG_FUNCTION(ports.config_address),
		.reg = CONFIG_REGISTER(ports.config_address),
		.lanes = lanes_of(first, size),
	};
}

static uint32_t data_read(unsigned first, unsigned size)
{
	struct config_access a = selected(first, size);

	if (!(ports.config_address & CONFIG_ENABLE))
		return 0xffffffffu >> (32 - size * 8);
	guest_config_read(&a);
	return (a.value & a.lanes) >> first * 8;
}

static void data_write(unsigned first, unsigned size, uint32_t value)
{
	struct config_access a = selected(first, size);

	if (!(ports.config_address & CONFIG_ENABLE))
		return;
	a.value = value << first * 8;
	guest_config_write(&a);
}

/* Accesses that lie in both dwords are made byte by byte. */
uint32_t pci_port_read(uint16_t port, unsigned size)
{
	unsigned first = port % 4, i;
	uint32_t value = 0;

	if (first + size > 4) {
		for (i = 0; i < size; i++)
			value |= pci_port_read((uint16_t)(port + i), 1) << i * 8;
		return value;
	}
	if (port == PORT_RESET_CONTROL && size == 1)
		return control_read(port);
	return port < PORT_CONFIG_DATA ? address_read(first, size) : data_read(first, size);
}

void pci_port_write(uint16_t port, unsigned size, uint32_t value)
{
	unsigned i;

	if (port == PORT_CONFIG_ADDRESS && size == 4)
		ports.config_address = value & CONFIG_KEPT;
	else if (port == PORT_RESET_CONTROL && size == 1)
		control_write(port, (uint8_t)value);
	else if (port >= PORT_CONFIG_DATA && port % 4 + size <= 4)
		data_write(port % 4, size, value);
	else if (size > 1)
		for (i = 0; i < size; i++)
			pci_port_write((uint16_t)(port + i), 1, value >> i * 8 & 0xff);
}

/* ---- MMCONFIG ---- */

/* MMCONFIG has a page for each function. */
bool pci_is_frame(uint64_t frame)
{
	return frame - mmconfig_frame < mmconfig_frames;
}

/*
 * Registers beyond the first 256 bytes, where extended capabilities are, read as zero: the
 * function has none.  One of them (SR-IOV) makes functions that nobody here would know of.
 * An access has at most four bytes but may lie in two dwords.
 */
void pci_memory(uint64_t physical, unsigned size, bool write, uint32_t *value)
{
	unsigned reg = (uint32_t)physical % PAGE_SIZE, i;
	struct config_access a = { .function = (uint16_t)((physical >> 12) - mmconfig_frame) };
	uint32_t result = 0;

	for (i = 0; i < size && reg + i < CONFIG_SIZE; i += 4 - (reg + i) % 4) {
		unsigned first = (reg + i) % 4, rest = size - i;

		a.reg = (uint16_t)((reg + i) & ~3u);
		a.lanes = lanes_of(first, rest < 4 - first ? rest : 4 - first);
		a.value = *value >> i * 8 << first * 8;
		if (write)
			guest_config_write(&a);
		else
			guest_config_read(&a);
		result |= (a.value & a.lanes) >> first * 8 << i * 8;
	}
	if (!write)
		*value = result;
}

/* Of the host bridges that are known only the Q35's has such a window. */
static void find_mmconfig(void)
{
	uint32_t pciexbar;

	if (pci_read(PCI_BRIDGE, 0) != Q35)
		return;
	pciexbar = pci_read(PCI_BRIDGE, Q35_PCIEXBAR);
	if (!(pciexbar & PCIEXBAR_ENABLE))
		return;
	mmconfig_frame = (pciexbar & PCIEXBAR_BASE) >> 12;
	mmconfig_frames = PCIEXBAR_FRAMES >> (pciexbar >> 1 & 3);
}

void pci_start(void)
{
	ports.config_address = inl(PORT_CONFIG_ADDRESS) & CONFIG_KEPT;
	find_mmconfig();
	bars_start(mmconfig_frame);
}
