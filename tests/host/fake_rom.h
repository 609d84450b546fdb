/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ROM made by hand, field by field from docs/abi.md, for the tests of the
 * guest library: not by the build's tools, which may share an error with it.
 */
#ifndef FAKE_ROM_H
#define FAKE_ROM_H

#include <stdint.h>

#define FAKE_PHYSICAL	0xC8000u
#define FAKE_TOP	0xFC000000u
#define FAKE_MAX	0x8000u

/* Where things are */
#define FAKE_PCIR	0xA0u
#define FAKE_LICENCE	0xC0u
#define FAKE_PHDRS	0x100u		/* PT_LOAD, PT_DYNAMIC */
#define FAKE_DYNAMIC	0x180u
#define FAKE_HASH	0x200u

#define FAKE_FUNC	2u
#define FAKE_OBJECT	1u
#define FAKE_GLOBAL	0x10u

struct fake_symbol {
	char name[40];
	uint32_t value, size;
	uint8_t info;
	uint16_t section;
};

struct fake_rom {
	uint32_t length;		/* a multiple of 512 */
	struct fake_symbol symbols[256];
	uint32_t nr_symbols;		/* the first is the null symbol */
	uint32_t code;			/* next free offset for bodies */
	/* As built */
	uint32_t dynsym, dynstr, dynstr_size;
	uint8_t bytes[FAKE_MAX];
};

/* Numbers in the image, whatever the host's byte order */
void fake_put16(struct fake_rom *rom, uint32_t offset, uint32_t value);
void fake_put32(struct fake_rom *rom, uint32_t offset, uint32_t value);
uint32_t fake_get32(const struct fake_rom *rom, uint32_t offset);

/* No symbols yet; code from `code` on */
void fake_begin(struct fake_rom *rom, uint32_t length, uint32_t code);
void fake_symbol(struct fake_rom *rom, const char *name, uint8_t type,
		 uint32_t value, uint32_t size);

/* An entry `VMI_<name>`, or a body `inline.VMI_<name>`; return its offset */
uint32_t fake_entry(struct fake_rom *rom, const char *name);
uint32_t fake_body(struct fake_rom *rom, const char *name,
		   const uint8_t *bytes, uint32_t size);

/* Header, ELF tables and checksum */
void fake_finish(struct fake_rom *rom);
void fake_sum(struct fake_rom *rom);

/* A ROM with every call and the bodies that the real one has */
void fake_whole(struct fake_rom *rom);

#endif /* FAKE_ROM_H */
