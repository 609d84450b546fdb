/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ROM of fake_rom.h, laid out in file order: header, PCI header, licence,
 * program headers, dynamic section, .hash, .dynsym, .dynstr; code where
 * fake_begin() was told.
 */
#include "fake_rom.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define BUCKETS	7u

void fake_put16(struct fake_rom *rom, uint32_t offset, uint32_t value)
{
	rom->bytes[offset] = (uint8_t)value;
	rom->bytes[offset + 1] = (uint8_t)(value >> 8);
}

void fake_put32(struct fake_rom *rom, uint32_t offset, uint32_t value)
{
	fake_put16(rom, offset, value);
	fake_put16(rom, offset + 2, value >> 16);
}

uint32_t fake_get32(const struct fake_rom *rom, uint32_t offset)
{
	const uint8_t *bytes = rom->bytes + offset;

	return bytes[0] | (uint32_t)bytes[1] << 8 |
	       (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void fake_begin(struct fake_rom *rom, uint32_t length, uint32_t code)
{
	assert(length % 512 == 0 && length <= FAKE_MAX && code < length);
	memset(rom, 0, sizeof(*rom));
	rom->length = length;
	rom->code = code;
	rom->nr_symbols = 1;
}

void fake_symbol(struct fake_rom *rom, const char *name, uint8_t type,
		 uint32_t value, uint32_t size)
{
	struct fake_symbol *symbol = &rom->symbols[rom->nr_symbols++];

	assert(rom->nr_symbols <= 256);
	snprintf(symbol->name, sizeof(symbol->name), "%s", name);
	symbol->value = value;
	symbol->size = size;
	symbol->info = (uint8_t)(FAKE_GLOBAL | type);
	symbol->section = 1;
}

uint32_t fake_entry(struct fake_rom *rom, const char *name)
{
	char full[40];
	uint32_t offset = rom->code;

	snprintf(full, sizeof(full), "VMI_%s", name);
	fake_symbol(rom, full, FAKE_FUNC, offset, 1);
	rom->bytes[offset] = 0xC3;
	rom->code += 16;
	assert(rom->code <= rom->length);
	return offset;
}

uint32_t fake_body(struct fake_rom *rom, const char *name,
		   const uint8_t *bytes, uint32_t size)
{
	char full[40];
	uint32_t offset = rom->code;

	snprintf(full, sizeof(full), "inline.VMI_%s", name);
	fake_symbol(rom, full, FAKE_OBJECT, offset, size);
	if (size != 0)
		memcpy(rom->bytes + offset, bytes, size);
	rom->code += size + 1;
	assert(rom->code <= rom->length);
	return offset;
}

/* The System V ABI's hash function, in the wording of its figure 5-13 */
static uint32_t sysv_hash(const char *name)
{
	uint32_t h = 0, g;

	while (*name) {
		h = (h << 4) + (uint8_t)*name++;
		g = h & 0xf0000000u;
		if (g)
			h ^= g >> 24;
		h &= ~g;
	}
	return h;
}

static void put_header(struct fake_rom *rom)
{
	memcpy(rom->bytes, "\x55\xAA", 2);
	rom->bytes[2] = (uint8_t)(rom->length / 512);
	memcpy(rom->bytes + 3, "\xEB\xFE\x90", 3);
	memcpy(rom->bytes + 8, "cVmi\x00\x03\x02\x00", 8);
	fake_put32(rom, 0x10, FAKE_TOP);
	fake_put16(rom, 0x16, FAKE_LICENCE);
	fake_put16(rom, 0x18, FAKE_PCIR);
	memcpy(rom->bytes + FAKE_LICENCE, "GPL v2", 7);
	memcpy(rom->bytes + FAKE_PCIR, "PCIR\xFF\xFF\xFF\xFF", 8);
	memcpy(rom->bytes + 0x80, "\xC3", 1);
	memcpy(rom->bytes + 0x88, "\xC3", 1);
}

static void put_elf_header(struct fake_rom *rom)
{
	memcpy(rom->bytes + 0x40, "\x7F" "ELF\1\1\1", 7);
	fake_put16(rom, 0x40 + 16, 3);			/* ET_DYN */
	fake_put16(rom, 0x40 + 18, 3);			/* EM_386 */
	fake_put32(rom, 0x40 + 20, 1);
	fake_put32(rom, 0x40 + 28, FAKE_PHDRS - 0x40);
	fake_put16(rom, 0x40 + 40, 52);
	fake_put16(rom, 0x40 + 42, 32);
	fake_put16(rom, 0x40 + 44, 2);
	fake_put32(rom, FAKE_PHDRS, 1);			/* PT_LOAD */
	fake_put32(rom, FAKE_PHDRS + 32, 2);		/* PT_DYNAMIC */
	fake_put32(rom, FAKE_PHDRS + 32 + 4, FAKE_DYNAMIC - 0x40);
	fake_put32(rom, FAKE_PHDRS + 32 + 8, FAKE_DYNAMIC);
	fake_put32(rom, FAKE_PHDRS + 32 + 16, 48);
}

static void put_dynamic(struct fake_rom *rom)
{
	const uint32_t entries[][2] = {
		{ 4, FAKE_HASH }, { 5, rom->dynstr }, { 6, rom->dynsym },
		{ 10, rom->dynstr_size }, { 11, 16 }, { 0, 0 },
	};
	uint32_t i;

	for (i = 0; i < 6; i++) {
		fake_put32(rom, FAKE_DYNAMIC + 8 * i, entries[i][0]);
		fake_put32(rom, FAKE_DYNAMIC + 8 * i + 4, entries[i][1]);
	}
}

static void put_symbols(struct fake_rom *rom)
{
	uint32_t count = rom->nr_symbols;
	uint32_t next = 1, i;

	rom->dynsym = FAKE_HASH + 8 + 4 * (BUCKETS + count);
	rom->dynstr = rom->dynsym + 16 * count;
	fake_put32(rom, FAKE_HASH, BUCKETS);
	fake_put32(rom, FAKE_HASH + 4, count);
	for (i = 1; i < count; i++) {
		const struct fake_symbol *symbol = &rom->symbols[i];
		uint32_t at = rom->dynsym + 16 * i;
		uint32_t bucket = FAKE_HASH + 8 +
				  4 * (sysv_hash(symbol->name) % BUCKETS);

		fake_put32(rom, at, next);
		fake_put32(rom, at + 4, symbol->value);
		fake_put32(rom, at + 8, symbol->size);
		rom->bytes[at + 12] = symbol->info;
		fake_put16(rom, at + 14, symbol->section);
		/* In front of its chain */
		fake_put32(rom, FAKE_HASH + 8 + 4 * (BUCKETS + i),
			   fake_get32(rom, bucket));
		fake_put32(rom, bucket, i);
		strcpy((char *)rom->bytes + rom->dynstr + next, symbol->name);
		next += (uint32_t)strlen(symbol->name) + 1;
	}
	rom->dynstr_size = next;
}

void fake_sum(struct fake_rom *rom)
{
	uint32_t length = rom->bytes[2] * 512u, i;
	uint8_t sum = 0;

	rom->bytes[6] = 0;
	for (i = 0; i < length && i < rom->length; i++)
		sum = (uint8_t)(sum + rom->bytes[i]);
	rom->bytes[6] = (uint8_t)-sum;
}

void fake_finish(struct fake_rom *rom)
{
	put_header(rom);
	put_elf_header(rom);
	put_symbols(rom);
	put_dynamic(rom);
	fake_sum(rom);
}

void fake_whole(struct fake_rom *rom)
{
	static const char *const names[] = {
#define VMI_CALL(name, number, queue, site, place)	#name,
#include "vmi_calls.def"
	};
	static const uint8_t body[24] = {
		0x36, 0xC6, 0x05, 0x01, 0x00, 0x01, 0xFC, 0x00, 0x36, 0xF6,
		0x05, 0x05, 0x00, 0x01, 0xFC, 0x02, 0x74, 0x02, 0xCD, 0xF9,
		0x40, 0x48, 0x43, 0x4B,
	};
	uint32_t i;

	fake_begin(rom, FAKE_MAX, 0x6000);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fake_entry(rom, names[i]);
	fake_body(rom, "DisableInterrupts", body, 8);
	fake_body(rom, "EnableInterrupts", body, 20);
	fake_body(rom, "GetInterruptMask", body + 8, 6);
	fake_body(rom, "SetInterruptMask", body, 24);
	fake_body(rom, "IODelay", body, 0);
	fake_finish(rom);
}
