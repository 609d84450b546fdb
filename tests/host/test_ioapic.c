/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/ioapic.c */
/*
 * The IO-APIC model: registers, edge- and level-triggered pins, delivery
 * modes, remote IRR and what is let go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/ioapic.h"

#define LEVEL	IOAPIC_ENTRY_LEVEL
#define REMOTE	IOAPIC_ENTRY_REMOTE_IRR
#define MASKED	IOAPIC_ENTRY_MASKED

static uint32_t get(struct ioapic *io, unsigned reg)
{
	ioapic_write(io, IOAPIC_SELECT, reg);
	return ioapic_read(io, IOAPIC_WINDOW);
}

static void put(struct ioapic *io, unsigned reg, uint32_t value)
{
	ioapic_write(io, IOAPIC_SELECT, reg);
	ioapic_write(io, IOAPIC_WINDOW, value);
}

static uint32_t entry(struct ioapic *io, unsigned pin)
{
	return get(io, IOAPIC_ENTRY + 2 * pin);
}

static void program(struct ioapic *io, unsigned pin, uint32_t low)
{
	put(io, IOAPIC_ENTRY + 2 * pin, low);
}

static struct ioapic fresh(void)
{
	struct ioapic io;

	memset(&io, 0xa5, sizeof io);
	ioapic_init(&io);
	return io;
}

static void registers(void **state)
{
	struct ioapic io = fresh();
	unsigned pin, reg;

	(void)state;
	assert_int_equal(get(&io, IOAPIC_ID), 0);
	assert_int_equal(get(&io, IOAPIC_VERSION), 0x00170011);
	put(&io, IOAPIC_ID, 0xffffffff);
	assert_int_equal(get(&io, IOAPIC_ID), 0x0f000000);
	assert_int_equal(get(&io, IOAPIC_ARBITRATION), 0x0f000000);
	put(&io, IOAPIC_VERSION, 0);
	put(&io, IOAPIC_ARBITRATION, 0);
	assert_int_equal(get(&io, IOAPIC_VERSION), 0x00170011);
	assert_int_equal(get(&io, IOAPIC_ARBITRATION), 0x0f000000);
	for (pin = 0; pin < IOAPIC_PINS; pin++) {
		assert_int_equal(entry(&io, pin), MASKED);
		assert_int_equal(get(&io, IOAPIC_ENTRY + 2 * pin + 1), 0);
		program(&io, pin, 0xffffffff);
		put(&io, IOAPIC_ENTRY + 2 * pin + 1, 0xffffffff);
		/* delivery status and remote IRR are not writable */
		assert_int_equal(entry(&io, pin), 0x0001afff);
		assert_int_equal(get(&io, IOAPIC_ENTRY + 2 * pin + 1),
				 0xff000000);
	}
	/* what does not exist reads as 0 and takes no write */
	for (reg = 0; reg < 256; reg++) {
		if (reg < 3 || (reg >= 0x10 && reg < 0x40))
			continue;
		put(&io, reg, 0xffffffff);
		assert_int_equal(get(&io, reg), 0);
	}
	ioapic_write(&io, IOAPIC_SELECT, 0xffffff12);
	assert_int_equal(ioapic_read(&io, 0xfec00000 + IOAPIC_SELECT), 0x12);
	ioapic_write(&io, 0x20, 5);
	ioapic_write(&io, 0x40, 5);
	assert_int_equal(ioapic_read(&io, 0x20), 0);
	assert_int_equal(ioapic_read(&io, IOAPIC_WINDOW), 0x0001afff);
	assert_int_equal(io.released, 0);
}

static void edges(void **state)
{
	struct ioapic io = fresh();
	struct apic_message m;
	unsigned pin;

	(void)state;
	for (pin = 0; pin < IOAPIC_PINS; pin++) {
		program(&io, pin, 0x0800 | (0x30 + pin));
		put(&io, IOAPIC_ENTRY + 2 * pin + 1, pin << 24);
		memset(&m, 0xff, sizeof m);
		assert_true(ioapic_set_line(&io, pin, true, &m));
		assert_int_equal(m.vector, 0x30 + pin);
		assert_int_equal(m.mode, APIC_FIXED);
		assert_int_equal(m.dest, pin);
		assert_true(m.logical);
		assert_false(m.level || m.others);
		assert_false(ioapic_set_line(&io, pin, true, &m));
		assert_false(ioapic_set_line(&io, pin, false, &m));
		assert_true(ioapic_set_line(&io, pin, true, &m));
		assert_true(ioapic_pulse(&io, pin, &m));
		assert_int_equal(entry(&io, pin) & REMOTE, 0);
		ioapic_eoi(&io, (uint8_t)(0x30 + pin));
		assert_int_equal(ioapic_take_released(&io), 0);
	}
}

static void masked_edges_are_lost(void **state)
{
	struct ioapic io = fresh();
	struct apic_message m;

	(void)state;
	program(&io, 4, MASKED | 0x40);
	assert_false(ioapic_set_line(&io, 4, true, &m));
	assert_false(ioapic_pulse(&io, 4, &m));
	program(&io, 4, 0x40);
	assert_false(ioapic_set_line(&io, 4, true, &m));
	assert_int_equal(ioapic_take_released(&io), 0);
	ioapic_set_line(&io, 4, false, &m);
	assert_true(ioapic_set_line(&io, 4, true, &m));
}

static void levels(void **state)
{
	struct ioapic io = fresh();
	struct apic_message m;

	(void)state;
	program(&io, 10, LEVEL | 0x51);
	program(&io, 11, LEVEL | 0x51);
	program(&io, 12, LEVEL | 0x52);
	assert_true(ioapic_set_line(&io, 10, true, &m));
	assert_true(m.level);
	assert_int_equal(m.vector, 0x51);
	assert_int_equal(entry(&io, 10), LEVEL | REMOTE | 0x51);
	assert_false(ioapic_set_line(&io, 10, false, &m));
	assert_false(ioapic_set_line(&io, 10, true, &m));
	assert_false(ioapic_pulse(&io, 10, &m));
	assert_true(ioapic_set_line(&io, 11, true, &m));
	assert_true(ioapic_set_line(&io, 12, true, &m));
	assert_int_equal(ioapic_take_released(&io), 0);
	/* an EOI reaches all pins of its vector, and no other */
	ioapic_eoi(&io, 0x51);
	assert_int_equal(ioapic_take_released(&io), 0x0c00);
	assert_int_equal(ioapic_take_released(&io), 0);
	assert_int_equal(entry(&io, 10), LEVEL | 0x51);
	assert_int_equal(entry(&io, 12), LEVEL | REMOTE | 0x52);
	/* the line is taken as low; set again, it interrupts again */
	assert_true(ioapic_set_line(&io, 10, true, &m));
	/* a pulse at a level-triggered pin lasts until its EOI, too */
	ioapic_eoi(&io, 0x51);
	assert_true(ioapic_pulse(&io, 10, &m));
	assert_int_equal(entry(&io, 10), LEVEL | REMOTE | 0x51);
}

static void level_behind_mask_is_sampled_anew(void **state)
{
	struct ioapic io = fresh();
	struct apic_message m;

	(void)state;
	program(&io, 9, LEVEL | MASKED | 0x61);
	assert_false(ioapic_set_line(&io, 9, true, &m));
	program(&io, 9, LEVEL | MASKED | 0x62);
	assert_int_equal(ioapic_take_released(&io), 0);
	program(&io, 9, LEVEL | 0x62);
	assert_int_equal(ioapic_take_released(&io), 1u << 9);
	assert_true(ioapic_set_line(&io, 9, true, &m));
	/* masking what is in service lets nothing go, its EOI does */
	program(&io, 9, LEVEL | MASKED | 0x62);
	program(&io, 9, LEVEL | 0x62);
	assert_int_equal(ioapic_take_released(&io), 0);
	assert_int_equal(entry(&io, 9), LEVEL | REMOTE | 0x62);
	program(&io, 9, LEVEL | MASKED | 0x62);
	ioapic_eoi(&io, 0x62);
	assert_int_equal(ioapic_take_released(&io), 1u << 9);
	assert_false(ioapic_set_line(&io, 9, true, &m));
	program(&io, 9, LEVEL | 0x62);
	assert_int_equal(ioapic_take_released(&io), 1u << 9);
}

/* How kernels end an interrupt at an IO-APIC without an EOI register. */
static void edge_and_back(void **state)
{
	struct ioapic io = fresh();
	struct apic_message m;

	(void)state;
	program(&io, 16, LEVEL | 0x71);
	assert_true(ioapic_set_line(&io, 16, true, &m));
	program(&io, 16, MASKED | 0x71);
	assert_int_equal(entry(&io, 16), MASKED | 0x71);
	assert_int_equal(ioapic_take_released(&io), 1u << 16);
	program(&io, 16, LEVEL | 0x71);
	assert_true(ioapic_set_line(&io, 16, true, &m));
	/* from edge with a high line to level: the line counts again */
	program(&io, 17, 0x72);
	assert_true(ioapic_set_line(&io, 17, true, &m));
	program(&io, 17, LEVEL | 0x72);
	assert_int_equal(ioapic_take_released(&io), 1u << 17);
}

static void delivery_modes(void **state)
{
	unsigned mode;

	(void)state;
	for (mode = 0; mode < 8; mode++) {
		struct ioapic io = fresh();
		struct apic_message m;
		bool delivered = mode == APIC_FIXED || mode == APIC_LOWEST ||
				 mode == APIC_EXTINT;

		program(&io, 0, mode << 8 | 0x20);
		assert_int_equal(ioapic_set_line(&io, 0, true, &m), delivered);
		if (delivered)
			assert_int_equal(m.mode, mode);
		program(&io, 1, LEVEL | mode << 8 | 0x20);
		assert_int_equal(ioapic_set_line(&io, 1, true, &m), delivered);
		/* only what gets an EOI is in service */
		assert_int_equal(entry(&io, 1) & REMOTE,
				 mode <= APIC_LOWEST ? REMOTE : 0);
	}
}

/* The entry that an EOI finds is the present one, as on the chip. */
static void vector_changes_in_service(void **state)
{
	struct ioapic io = fresh();
	struct apic_message m;

	(void)state;
	program(&io, 5, LEVEL | 0x81);
	assert_true(ioapic_set_line(&io, 5, true, &m));
	program(&io, 5, LEVEL | 0x82);
	ioapic_eoi(&io, 0x81);
	assert_int_equal(ioapic_take_released(&io), 0);
	ioapic_eoi(&io, 0x82);
	assert_int_equal(ioapic_take_released(&io), 1u << 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers),
		cmocka_unit_test(edges),
		cmocka_unit_test(masked_edges_are_lost),
		cmocka_unit_test(levels),
		cmocka_unit_test(level_behind_mask_is_sampled_anew),
		cmocka_unit_test(edge_and_back),
		cmocka_unit_test(delivery_modes),
		cmocka_unit_test(vector_changes_in_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
