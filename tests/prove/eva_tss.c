// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any TSS of the guest's, and any stores to watched tables.
 *
 * Proves: tss.c, guestwrite.c: no run-time error for any TSS and any store
 * Options: -absolute-valid-range 0xfc052000-0xfc054067 -eva-min-loop-unroll 20 -eva-slevel 200
 */
#include "mmu.h"
#include "cpu/cpu.h"

bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access)
{
	any_bytes(buf, len);
	return any_bool();
}

enum store guest_store(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	return (enum store)any_of(STORE_FAULT, STORE_WATCHED);
}

bool walk(uint32_t linear, unsigned access, struct translation *t)
{
	t->physical = any_u64;
	return any_bool();
}

bool segment_check_stack(uint16_t selector, unsigned ring, unsigned vector)
{
	return any_bool();
}

/* Which looks whether there is such an entry. */
unsigned segment_entry_stored(unsigned which, unsigned index)
{
	return any_of(0, 3);
}

void descriptors_settle(unsigned changes) { }

#include "cpu/tss.c"
#include "cpu/guestwrite.c"

void prove(void)
{
	static const uint8_t sizes[] = { 1, 2, 4 };
	static uint8_t buffer[8];
	struct frame f;
	uint16_t ss;
	uint32_t esp, size = any_of(0, 8);

	any_machine();
	any_bytes(&f, sizeof(f));
	tss_kernel_stack(&ss, &esp);
	tss_set_iopl(any_of(0, 3));
	io_allowed(&f, any_u16, sizes[any_of(0, 2)]);
	guest_write(any_u32, buffer, size, any_u32);
}
