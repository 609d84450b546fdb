/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where is a call in the ROM?  The image has an ELF header at 40h; from there
 * the program headers lead to the dynamic section, and that to .hash, .dynsym
 * and .dynstr.  File offsets count from 40h, addresses from the image's first
 * byte (docs/abi.md, section 1), so that an address is an offset in the image.
 */
#include "lib.h"

/* ELF's own numbers (System V ABI, chapters 4 and 5) */
#define ELF_MAGIC	0x464C457F
#define ELF_IDENT	0x00010101	/* 32-bit, little-endian, version 1 */
#define EHDR_SIZE	52
#define EHDR_TYPE	16
#define EHDR_MACHINE	18
#define EHDR_PHOFF	28
#define EHDR_PHENTSIZE	42
#define EHDR_PHNUM	44
#define ET_DYN		3
#define EM_386		3
#define PHDR_SIZE	32
#define PHDR_VADDR	8
#define PHDR_FILESZ	16
#define PT_DYNAMIC	2
#define DYN_SIZE	8
#define DT_NULL		0
#define DT_HASH		4
#define DT_STRTAB	5
#define DT_SYMTAB	6
#define DT_STRSZ	10
#define SYM_SIZE	16
#define SYM_VALUE	4
#define SYM_SIZE_FIELD	8
#define SYM_INFO	12
#define SYM_SHNDX	14
#define STB_GLOBAL	1
#define STT_OBJECT	1
#define STT_FUNC	2

static int bad_table(const struct vmi_rom *rom, struct vmi_reason *why)
{
	return vmi_blame(why, VMI_ERROR_ELF_TABLE, rom->physical, 0, 0);
}

/* The program header of the dynamic section; offset in the image, or 0 */
static uint32_t find_dynamic(const struct vmi_rom *rom)
{
	const uint8_t *elf = rom->image + VMI_OFF_ELF_HEADER;
	uint32_t count = vmi_get16(elf + EHDR_PHNUM);
	uint32_t offset = vmi_get32(elf + EHDR_PHOFF);

	if (vmi_get16(elf + EHDR_PHENTSIZE) != PHDR_SIZE ||
	    offset > rom->length)
		return 0;
	for (offset += VMI_OFF_ELF_HEADER; count--; offset += PHDR_SIZE) {
		if (!vmi_inside(rom->length, offset, PHDR_SIZE))
			return 0;
		if (vmi_get32(rom->image + offset) == PT_DYNAMIC)
			return offset;
	}
	return 0;
}

/* Note what the dynamic section says; what it does not say stays 0 */
static void read_dynamic(struct vmi_rom *rom, uint32_t offset, uint32_t size)
{
	for (; size >= DYN_SIZE; offset += DYN_SIZE, size -= DYN_SIZE) {
		uint32_t value = vmi_get32(rom->image + offset + 4);

		switch (vmi_get32(rom->image + offset)) {
		case DT_NULL:
			return;
		case DT_HASH:
			rom->hash = value;
			break;
		case DT_STRTAB:
			rom->strings = value;
			break;
		case DT_SYMTAB:
			rom->symbols = value;
			break;
		case DT_STRSZ:
			rom->strings_size = value;
			break;
		default:
			break;
		}
	}
}

/* The tables must lie in the image, whatever they hold */
static int tables_are_inside(struct vmi_rom *rom)
{
	uint32_t length = rom->length;

	if (rom->hash == 0 || rom->symbols == 0 || rom->strings == 0 ||
	    !vmi_inside(length, rom->hash, 8) ||
	    !vmi_inside(length, rom->strings, rom->strings_size))
		return 0;
	rom->nr_buckets = vmi_get32(rom->image + rom->hash);
	rom->nr_chains = vmi_get32(rom->image + rom->hash + 4);
	/* Bounded first, so that the products cannot wrap */
	if (rom->nr_buckets == 0 || rom->nr_buckets > length / 4 ||
	    rom->nr_chains > length / SYM_SIZE)
		return 0;
	return vmi_inside(length, rom->hash,
			  8 + 4 * (rom->nr_buckets + rom->nr_chains)) &&
	       vmi_inside(length, rom->symbols, SYM_SIZE * rom->nr_chains);
}

int vmi_elf_open(struct vmi_rom *rom, struct vmi_reason *why)
{
	const uint8_t *elf = rom->image + VMI_OFF_ELF_HEADER;
	uint32_t header, dynamic, size;

	rom->hash = rom->nr_buckets = rom->nr_chains = 0;
	rom->symbols = rom->strings = rom->strings_size = 0;
	if (!vmi_inside(rom->length, VMI_OFF_ELF_HEADER, EHDR_SIZE) ||
	    vmi_get32(elf) != ELF_MAGIC ||
	    (vmi_get32(elf + 4) & 0xFFFFFF) != ELF_IDENT ||
	    vmi_get16(elf + EHDR_TYPE) != ET_DYN ||
	    vmi_get16(elf + EHDR_MACHINE) != EM_386)
		return vmi_blame(why, VMI_ERROR_ELF_HEADER, rom->physical,
				 vmi_get32(elf), ELF_MAGIC);
	header = find_dynamic(rom);
	if (header == 0)
		return bad_table(rom, why);
	dynamic = vmi_get32(rom->image + header + PHDR_VADDR);
	size = vmi_get32(rom->image + header + PHDR_FILESZ);
	if (!vmi_inside(rom->length, dynamic, size))
		return bad_table(rom, why);
	read_dynamic(rom, dynamic, size);
	if (!tables_are_inside(rom))
		return bad_table(rom, why);
	return 0;
}

/* The System V hash, taken up where it was left: names come in two parts */
static uint32_t hash_on(uint32_t hash, const char *text)
{
	for (; *text; text++) {
		hash = (hash << 4) + (uint8_t)*text;
		hash ^= (hash & 0xF0000000) >> 24;
		hash &= 0x0FFFFFFF;
	}
	return hash;
}

/* Whether the name at `offset` of the strings is prefix + name */
static int name_is(const struct vmi_rom *rom, uint32_t offset,
		   const char *prefix, const char *name)
{
	const uint8_t *strings = rom->image + rom->strings;

	for (; offset < rom->strings_size; offset++) {
		const char *next = *prefix ? prefix++ : name++;

		if (strings[offset] != (uint8_t)*next)
			return 0;
		if (*next == '\0')
			return 1;
	}
	return 0;
}

/* The defined global symbol prefix + name of that type, or NULL */
static const uint8_t *find_symbol(const struct vmi_rom *rom, uint32_t type,
				  const char *prefix, const char *name)
{
	uint32_t hash = hash_on(hash_on(0, prefix), name);
	const uint8_t *buckets = rom->image + rom->hash + 8;
	const uint8_t *chains = buckets + 4 * rom->nr_buckets;
	uint32_t steps = rom->nr_chains;
	uint32_t index = vmi_get32(buckets + 4 * (hash % rom->nr_buckets));

	/* A damaged chain may be a ring: no more steps than symbols */
	while (index != 0 && index < rom->nr_chains && steps--) {
		const uint8_t *symbol = rom->image + rom->symbols +
					SYM_SIZE * index;

		if (symbol[SYM_INFO] == (STB_GLOBAL << 4 | type) &&
		    vmi_get16(symbol + SYM_SHNDX) != 0 &&
		    name_is(rom, vmi_get32(symbol), prefix, name))
			return symbol;
		index = vmi_get32(chains + 4 * index);
	}
	return NULL;
}

int vmi_rom_entry(const struct vmi_rom *rom, enum vmi_call call,
		  uint32_t *offset)
{
	const uint8_t *symbol = find_symbol(rom, STT_FUNC, VMI_SYMBOL_PREFIX,
					    vmi_call_name(call));

	if (symbol == NULL)
		return -1;
	*offset = vmi_get32(symbol + SYM_VALUE);
	/* Entry 0 would be the signature: no code starts in the header */
	if (*offset < VMI_OFF_SLOT_INIT || *offset >= rom->length)
		return -1;
	return 0;
}

int vmi_rom_inline(const struct vmi_rom *rom, enum vmi_call call,
		   uint32_t *offset, uint32_t *size)
{
	const uint8_t *symbol = find_symbol(rom, STT_OBJECT,
					    VMI_INLINE_PREFIX,
					    vmi_call_name(call));

	if (symbol == NULL)
		return -1;
	*offset = vmi_get32(symbol + SYM_VALUE);
	*size = vmi_get32(symbol + SYM_SIZE_FIELD);
	return vmi_inside(rom->length, *offset, *size) ? 0 : -1;
}
