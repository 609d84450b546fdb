/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the ROM that POST has left is whole, whether or not its room could be given back, and the copy has what stays.
 * Environments: segment paged bochs bochs-paged
 *
 * tests/test_room.py reads the line about the sizes.
 */
#include "runtime.h"

#include "vmi.h"
#include "vmi_guest.h"

#define UNIT		512u
#define PCIR_LENGTH	0x10
#define PCIR_RUN_TIME	0x16
#define ELF_HEADER	0x40
#define ELF_TABLES	(ELF_HEADER + 28)	/* e_phoff: the first of the last tables */
#define SLOTS_END	0x90
#define RESIDENT_MAX	0x5000u		/* hypervisor/base/hole.h: ROM_MAX */

const struct boot_config boot_config = {
	.paging = BOOT_PAGING_32,
	.stay_native = true,
};

static uint32_t word(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint8_t sum(const uint8_t *bytes, uint32_t count)
{
	uint8_t total = 0;

	while (count--)
		total = (uint8_t)(total + *bytes++);
	return total;
}

/* The bytes that the ROM says stay. */
static uint32_t check_rom(const uint8_t *rom)
{
	uint32_t length = rom[2] * UNIT;
	const uint8_t *pcir = rom + word(rom + 0x18);
	uint32_t resident = word(pcir + PCIR_RUN_TIME) * UNIT;

	print("room: %u bytes, %u stay\n", length, resident);
	report_equal(sum(rom, length), 0, "the ROM's sum");
	report_equal(word(pcir + PCIR_LENGTH) * UNIT, length, "the PCI structure's length");
	report(resident > SLOTS_END && resident <= length && resident <= RESIDENT_MAX,
	       "%u bytes stay, in the hole's room", resident);
	return resident;
}

/* Entries are not the same in both. */
static void check_copy(const uint8_t *rom, uint32_t resident)
{
	const uint8_t *copy = (const uint8_t *)((const struct vmi_rom_header *)rom)->virtual_top;
	uint32_t tables = ELF_HEADER + word(rom + ELF_TABLES);

	report_equal(copy[2] * UNIT, resident, "the copy's length");
	report(memcmp(copy + ELF_HEADER, rom + ELF_HEADER, SLOTS_END - ELF_HEADER) == 0,
	       "the copy's ELF header and slots are the ROM's");
	report(tables > SLOTS_END && tables < resident &&
	       memcmp(copy + tables, rom + tables, resident - tables) == 0,
	       "so are the tables from %xh to the end", tables);
}

int main(void)
{
	struct vmi_rom rom;
	struct vmi_reason why;
	const uint8_t *bytes;
	uint32_t resident;

	if (!report(vmi_probe(0, &rom, &why) == 0, "there is a ROM"))
		return 1;
	bytes = (const uint8_t *)(uintptr_t)rom.physical;
	resident = check_rom(bytes);
	platform_start(false);
	check_copy(bytes, resident);
	vmi_set_cr2(0x600dcafe);
	report_equal(vmi_get_cr2(), 0x600dcafe, "calls work");
	return 0;
}
