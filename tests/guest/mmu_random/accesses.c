/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses from both rings, and the faults that they cause.
 */
#include "mmu_random.h"

#include "vmi.h"

#define PAGE_ERROR_RESERVED	0x08u

enum access { KERNEL_READ, KERNEL_WRITE, USER_READ, USER_WRITE, USER_FETCH, ACCESSES };

static const char *const names[ACCESSES] = {
	"kernel read", "kernel write", "user read", "user write", "user fetch",
};

static uint32_t fault_error, fault_address;

/* Ring 3: EBX = address, ECX = value. */
static const uint8_t user_code[] __user_text = {
	0x8b, 0x03, 0xcd, TRAP_USER_EXIT,	/* mov (%ebx), %eax */
	0x89, 0x0b, 0xcd, TRAP_USER_EXIT,	/* mov %ecx, (%ebx) */
};

/* QEMU's TCG leaves out bit 0 where a reserved bit is set; processors do not. */
static bool note_fault(struct trap_frame *frame)
{
	fault_error = frame->error;
	if (fault_error & PAGE_ERROR_RESERVED)
		fault_error |= PAGE_ERROR_PRESENT;
	fault_address = vmi_get_cr2();
	return false;
}

void access_init(void)
{
	trap_set_handler(TRAP_PAGE, note_fault);
}

static uint32_t run_user(enum access kind, uint32_t address, uint32_t value)
{
	struct trap_frame registers = { .ebx = address, .ecx = value };
	uint32_t eip = (uint32_t)user_code + (kind == USER_WRITE ? 4 : 0);
	struct fault fault;

	if (kind == USER_FETCH)
		eip = address + PAGE_SIZE / 2;
	user_run(eip, user_stack_top(), &registers, &fault);
	/* It was not the code of fill_frame(): what it wanted at last may be out of bounds. */
	if (kind == USER_FETCH && fault.vector != TRAP_USER_EXIT && fault.frame.eip != eip) {
		fault_error = fault_address = 0xffffffff;
		return 0xbad0;
	}
	return fault.vector == TRAP_USER_EXIT ? fault.frame.eax : 0xbad0 + fault.vector;
}

static uint32_t run_access(enum access kind, uint32_t address, uint32_t value)
{
	uint32_t got = 0;

	switch (kind) {
	case KERNEL_READ:
		try_read((void *)address, &got);
		return got;
	case KERNEL_WRITE:
		return try_write((void *)address, value);
	default:
		return run_user(kind, address, value);
	}
}

uint32_t access_random(void)
{
	enum access kind = random_below(ACCESSES);
	unsigned int slot = random_below(SLOTS);
	uint32_t address, value = random_below(0x10000), got, digest;

	/* Nothing is written, or run, where a table may be. */
	if (slot == SLOTS - 1 && kind != USER_READ)
		kind = KERNEL_READ;
	/* Fetches are slow: the emulator translates. */
	if (kind == USER_FETCH && random_below(4))
		kind = USER_READ;
	address = arena_address(slot, random_below(PAGES));
	fault_error = fault_address = 0xffffffff;
	got = run_access(kind, address, value);
	if (verbose)
		print("%s %08x: %08x, error %x at %08x", names[kind], address,
		      got, fault_error, fault_address);
	digest = digest_add(kind, address);
	digest = digest_add(digest, got);
	digest = digest_add(digest, fault_error);
	return digest_add(digest, fault_address);
}
