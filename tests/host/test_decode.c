/* Links: hypervisor/model/decode.c */
/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decoder against the assembler (every field), against objdump (the length
 * of random instructions), and on garbage.  gen_encodings.py beside this file
 * gives the expected values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/decode.h"

#include "random.h"

#define RANDOM_INSTRUCTIONS	"20000"
#define FUZZ_ROUNDS		1000000

enum { FIELDS = 17 };

/* One line of the generator. */
struct expected {
	int bits;
	char code[64];
	uint8_t bytes[32];
	unsigned length;
	long long fields[FIELDS];	/* -1: not compared */
};

static FILE *generator(const char *arguments)
{
	char command[1024];
	const char *slash = strrchr(__FILE__, '/');
	FILE *pipe;

	snprintf(command, sizeof(command), "/usr/bin/python3 '%.*sgen_encodings.py' %s",
		 slash ? (int)(slash + 1 - __FILE__) : 0, __FILE__, arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	return pipe;
}

static unsigned from_hex(const char *text, uint8_t *bytes)
{
	unsigned n = 0, value;

	while (n < 32 && sscanf(text + 2 * n, "%2x", &value) == 1)
		bytes[n++] = (uint8_t)value;
	return n;
}

/* A copy whose end is the allocation's, for the address sanitizer. */
static uint8_t *exact_copy(const uint8_t *bytes, unsigned length)
{
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	return copy;
}

static enum decode_result decode_exact(struct insn *insn, const uint8_t *bytes, unsigned length, bool code32)
{
	uint8_t *copy = exact_copy(bytes, length);
	enum decode_result result = decode(insn, copy, length, code32);

	free(copy);
	return result;
}

static int read_expected(FILE *pipe, struct expected *e)
{
	char word[32];
	int i;

	if (fscanf(pipe, "%d %63s", &e->bits, e->code) != 2)
		return 0;
	e->length = from_hex(e->code, e->bytes);
	for (i = 0; i < FIELDS; i++) {
		assert_int_equal(fscanf(pipe, "%31s", word), 1);
		e->fields[i] = strcmp(word, "-") ? strtoll(word, NULL, 16) : -1;
	}
	return 1;
}

static void compare_fields(const struct expected *e, const struct insn *insn)
{
	static const char *const names[FIELDS] = {
		"map", "opcode", "operand size", "address size", "repeat", "lock", "modrm", "reg", "rm", "memory",
		"segment", "base", "index", "scale", "displacement", "immediate", "selector",
	};
	const long long got[FIELDS] = {
		insn->map, insn->opcode, insn->operand_size, insn->address_size, insn->repeat, insn->lock, insn->modrm,
		insn->reg, insn->rm, insn->memory, insn->segment, insn->base, insn->index, insn->scale,
		insn->displacement, insn->immediate, insn->selector,
	};
	int i;

	for (i = 0; i < FIELDS; i++) {
		long long want = e->fields[i], have = got[i];

		/* An offset has as many bits as its address. */
		if (i == 14 && insn->address_size == 2)
			want &= 0xFFFF, have &= 0xFFFF;
		if (e->fields[i] >= 0 && want != have)
			fail_msg("%d-bit %s: %s is %llx, want %llx", e->bits, e->code, names[i], have, want);
	}
}

static void assembler_table(void **state)
{
	FILE *pipe = generator("table");
	struct expected e;
	unsigned count = 0;

	(void)state;
	while (read_expected(pipe, &e)) {
		struct insn insn;
		enum decode_result result = decode_exact(&insn, e.bytes, e.length, e.bits == 32);
		unsigned part;

		if (result != DECODE_OK || insn.length != e.length)
			fail_msg("%d-bit %s: result %d, length %d", e.bits, e.code, result, insn.length);
		compare_fields(&e, &insn);
		for (part = 0; part < e.length; part++)
			assert_int_equal(decode_exact(&insn, e.bytes, part, e.bits == 32), DECODE_TRUNCATED);
		count++;
	}
	assert_int_equal(pclose(pipe), 0);
	assert_true(count > 3000);
}

/* What objdump knows and decode() leaves out, on purpose, or reads differently. */
static bool excepted(const struct insn *insn, enum decode_result result, const char *text)
{
	static const char *const unknown[] = { "xstore", "xcrypt", "montmul", "xsha", "extrq", "insertq", "%tr" };
	size_t i;

	/* VEX, EVEX and XOP: not for a kernel that this monitor hides them from. */
	if (result == DECODE_INVALID && insn->map == MAP_ONE &&
	    (insn->opcode == 0x62 || (insn->opcode & ~1) == 0xC4))
		return true;
	if (insn->map == MAP_ONE && (insn->opcode == 0x8F && insn->reg))
		return true;
	/* objdump takes FWAIT for a prefix. */
	if (insn->map == MAP_ONE && insn->opcode == 0x9B)
		return true;
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		if (strstr(text, unknown[i]))
			return true;
	return false;
}

static void objdump_lengths(void **state)
{
	FILE *pipe = generator("random 1 " RANDOM_INSTRUCTIONS);
	char line[256], hex[64], text[128];
	unsigned length, count = 0, wrong = 0;
	int bits;

	(void)state;
	while (fgets(line, sizeof(line), pipe)) {
		uint8_t bytes[32];
		struct insn insn;
		enum decode_result result;

		assert_int_equal(sscanf(line, "%d %63s %x %127[^\n]", &bits, hex, &length, text), 4);
		assert_int_equal(from_hex(hex, bytes), INSN_MAX);
		result = decode_exact(&insn, bytes, INSN_MAX, bits == 32);
		count++;
		if ((result == DECODE_OK && insn.length == length) || excepted(&insn, result, text))
			continue;
		print_error("%d-bit %s: result %d, length %d; objdump %u: %s\n", bits, hex, result,
			    insn.length, length, text);
		wrong++;
	}
	assert_int_equal(pclose(pipe), 0);
	assert_int_equal(wrong, 0);
	assert_true(count > 10000);
}

static void prefixes_to_the_limit(void **state)
{
	uint8_t bytes[20];
	struct insn insn;

	(void)state;
	memset(bytes, 0x66, sizeof(bytes));
	bytes[14] = 0x90;
	assert_int_equal(decode_exact(&insn, bytes, 15, true), DECODE_OK);
	assert_int_equal(insn.length, 15);
	assert_int_equal(insn.operand_size, 2);
	bytes[14] = 0x66;
	bytes[15] = 0x90;
	assert_int_equal(decode_exact(&insn, bytes, 14, true), DECODE_TRUNCATED);
	assert_int_equal(decode_exact(&insn, bytes, 15, true), DECODE_TOO_LONG);
	assert_int_equal(decode_exact(&insn, bytes, 20, true), DECODE_TOO_LONG);
	/* The opcode fits, its immediate does not. */
	bytes[12] = 0xB8;
	assert_int_equal(decode_exact(&insn, bytes, 15, true), DECODE_OK);
	assert_int_equal(decode_exact(&insn, bytes, 15, false), DECODE_TOO_LONG);
}

static void last_prefix_of_a_kind_counts(void **state)
{
	static const uint8_t bytes[] = { 0x64, 0xF2, 0x26, 0xF3, 0x67, 0x67, 0xF0, 0xA5 };
	struct insn insn;

	(void)state;
	assert_int_equal(decode(&insn, bytes, sizeof(bytes), true), DECODE_OK);
	assert_int_equal(insn.segment, SEG_ES);
	assert_int_equal(insn.repeat, PREFIX_REP);
	assert_int_equal(insn.address_size, 2);
	assert_true(insn.lock);
}

static void invalid_encodings(void **state)
{
	static const uint8_t bytes[][4] = {
		{ 0x0F, 0x04, 0, 0 }, { 0x0F, 0x0A, 0, 0 }, { 0x0F, 0x24, 0xC0, 0 }, { 0x0F, 0x36, 0, 0 },
		{ 0x0F, 0x3F, 0, 0 }, { 0x0F, 0xA6, 0xC0, 0 }, { 0xC4, 0xC0, 0, 0 }, { 0xC5, 0xF8, 0x77, 0 },
		{ 0x62, 0xF1, 0, 0 }, { 0x8D, 0xC0, 0, 0 }, { 0x66, 0x0F, 0x7A, 0xC0 },
	};
	struct insn insn;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		assert_int_equal(decode(&insn, bytes[i], 4, true), DECODE_INVALID);
		assert_int_equal(decode(&insn, bytes[i], 4, false), DECODE_INVALID);
	}
	/* An address is not looked at where MOV CR has a register. */
	assert_int_equal(decode(&insn, (const uint8_t *)"\x0F\x22\x05", 3, true), DECODE_OK);
	assert_int_equal(insn.length, 3);
	assert_false(insn.memory);
}

/* Any bytes: no access beyond them, and more bytes never change a result but TRUNCATED. */
static void fuzz(void **state)
{
	unsigned round, i;

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS && random_more(); round++) {
		uint8_t bytes[16];
		struct insn insn, again;
		unsigned length;
		enum decode_result result;

		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)random32();
		length = random_below(17);
		result = decode_exact(&insn, bytes, length, round & 1);
		if (result == DECODE_OK) {
			assert_in_range(insn.length, 1, length);
			assert_int_equal(decode(&again, bytes, 16, round & 1), DECODE_OK);
			assert_memory_equal(&insn, &again, sizeof(insn));
		} else if (result != DECODE_TRUNCATED) {
			assert_int_equal(decode(&again, bytes, 16, round & 1), result);
		} else {
			assert_in_range(length, 0, INSN_MAX - 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assembler_table),
		cmocka_unit_test(objdump_lengths),
		cmocka_unit_test(prefixes_to_the_limit),
		cmocka_unit_test(last_prefix_of_a_kind_counts),
		cmocka_unit_test(invalid_encodings),
		cmocka_unit_test(fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
