/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest for the emulator's host tests: flat memory whose linear addresses
 * are the test process's own, pages with attributes, segments, and a processor
 * whose every service writes a line into a trace.
 */
#ifndef EMULATE_MOCK_H
#define EMULATE_MOCK_H

#include "emulate/emulate.h"
#include "emulate/services.h"
#include "model/decode.h"

#define MOCK_BASE	0x10000000u
#define MOCK_PAGES	8u
#define MOCK_PAGE	4096u

/* The pages' uses; data has two neighbours to cross into. */
#define CODE		(MOCK_BASE)
#define DATA		(MOCK_BASE + 1 * MOCK_PAGE)
#define DATA2		(MOCK_BASE + 2 * MOCK_PAGE)
#define STACK		(MOCK_BASE + 3 * MOCK_PAGE)
#define DEVICE		(MOCK_BASE + 4 * MOCK_PAGE)
#define PROTECTED	(MOCK_BASE + 5 * MOCK_PAGE)
#define ABSENT		(MOCK_BASE + 6 * MOCK_PAGE)
#define READ_ONLY	(MOCK_BASE + 7 * MOCK_PAGE)

struct mock_segment {
	uint32_t base, limit;
	uint16_t selector;
	bool wide, writable;
};

struct mock {
	struct frame f;
	struct emulate_context ctx;
	struct mock_segment segments[6];
	uint8_t *memory;		/* at MOCK_BASE */
	unsigned fetchable;		/* bytes that guest_fetch has */
	char trace[4096];		/* services, separated by "; " */
	/* the last fault; faults counts them */
	unsigned faults, vector;
	uint32_t error, cr2;
	const char *refuse;		/* the service whose name this is records #GP(0xBAD) */
	uint32_t cr[5], port_value;
	uint64_t msr;
	bool interrupts;
	bool device_read_only;
	unsigned iopl;
};

extern struct mock guest;

/* A flat ring-1 guest with all registers set to something. */
void mock_reset(void);
void mock_v86(void);
void mock_user(void);

/* Emulates what is at CS:EIP. */
enum emulate_result mock_emulate(void);

/* Puts the hexadecimal code at CS:EIP and emulates it. */
enum emulate_result mock_step(const char *hex);

/* The trace since the last call. */
const char *mock_trace(void);

/* Memory at a linear address. */
void *mock_at(uint32_t linear);
uint32_t mock_read32(uint32_t linear);
void mock_write32(uint32_t linear, uint32_t value);

#endif
