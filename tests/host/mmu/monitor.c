// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands for the rest of the monitor: POST's part, the gate, and the few
 * functions that the real files below entry/ and cpu/ call.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mmu/sim.h"

#define FIXED_PAGES	8u	/* of the hole: see hole_build() */

struct vcpu host_vcpu;
struct vcpu_state host_state;
struct gate_info host_info;
struct boot boot;
char const_start[1], const_end[1];
extern char __start_const_after_start[], __stop_const_after_start[];

/* ---- POST and VMI_Init ---- */

static unsigned pages_of_block(unsigned pool_pages, enum protect protect)
{
	unsigned bare = protect == PROTECT_PAGED ? 2 : 1, spaces = 1, announced = 1, records = 1;

	return BLOCK_IMAGE / PAGE_SIZE + FIXED_PAGES + bare + spaces + announced + records + pool_pages;
}

static void clear(unsigned pages)
{
	memset(&host_vcpu, 0, sizeof(host_vcpu));
	memset(&host_state, 0, sizeof(host_state));
	memset(&host_info, 0, sizeof(host_info));
	memset(&boot, 0, sizeof(boot));
	memset(&mmu, 0, sizeof(mmu));
	memset(__start_const_after_start, 0, (size_t)(__stop_const_after_start - __start_const_after_start));
	memory_clear(pages * PAGE_SIZE);
}

void monitor_start(unsigned pool_pages, unsigned spaces, enum protect protect)
{
	unsigned pages = pages_of_block(pool_pages, protect);

	clear(pages);
	boot.block = BLOCK;
	boot.block_size = pages * PAGE_SIZE;
	boot.protect = protect;
	boot.vcpu = &host_vcpu;
	host_vcpu.info = &host_info;
	pool_init(HOLE_BLOCK + BLOCK_IMAGE, HOLE_BLOCK + boot.block_size);
	hole_build(&host_vcpu);
	shadow_prepare();
	mmu.space_count = spaces;	/* of those that there is room for */
}

/* ---- the gate ---- */

void monitor_enter(void)
{
	if (boot.protect == PROTECT_PAGED)
		processor_load(host_info.monitor_cr3);
}

void monitor_leave(void)
{
	if (boot.protect == PROTECT_PAGED)
		processor_load(host_info.guest_cr3);
	else
		CHECK(processor.cr3 == host_info.monitor_cr3, "the processor is in space %x", processor.cr3);
}

static enum outcome outcome;
static uint32_t reported;

enum outcome monitor_page_fault(uint32_t linear, unsigned error, uint32_t *reflected)
{
	struct frame f = {
		.vector = VECTOR_PF, .info = error, .eip = 0x100000,
		.cs = error & ERROR_U ? 3 : 1,
	};

	outcome = OUTCOME_FILLED;
	monitor_enter();
	processor.cr2 = linear;
	trap_page_fault(&f);
	monitor_leave();
	*reflected = reported;
	return outcome;
}

static void report_fault(uint32_t linear, unsigned error)
{
	CHECK(linear == processor.cr2, "a fault at %x is reflected as one at %x", processor.cr2, linear);
	outcome = OUTCOME_FAULT;
	reported = error;
}

bool deliver_flat_page_fault(struct frame *f, uint32_t linear, uint32_t error)
{
	(void)f;
	report_fault(linear, error);
	return true;
}

void reflect_fault(struct frame *f)
{
	(void)f;
	CHECK(host_vcpu.fault.vector == VECTOR_PF, "vector %u is reflected", host_vcpu.fault.vector);
	report_fault(host_vcpu.fault.cr2, host_vcpu.fault.error);
}

enum transfer transfer_fault(struct frame *f)
{
	(void)f;
	return TRANSFER_NOT_MINE;
}

void trap_emulate_access(struct frame *f)
{
	(void)f;
	outcome = OUTCOME_EMULATE;
}

/* ---- the monitor's own accesses to guest memory ---- */

uint8_t monitor_buffer[8];
bool monitor_copied;
char gate_pop_es[1], gate_pop_ds[1], gate_iret[1], gate_sysenter[1], gate_sysenter_iret[1], gate_fetched[1];
char gate_woken[1];
const uint32_t gate_irets_start[1];	/* an empty table */
extern const uint32_t gate_irets_end[1] __attribute__((alias("gate_irets_start")));
static bool fixed_up;

bool stray_interrupt(unsigned vector)
{
	(void)vector;
	return false;
}

bool stray_undelivered(void)
{
	return false;
}

bool fixup_find(struct frame *f)
{
	(void)f;
	fixed_up = true;
	return true;
}

/* One byte at @linear is reached; false: the fault was expected. */
static bool reach(uint32_t linear, unsigned access, struct mapping *m)
{
	unsigned error, faults;

	for (faults = 0; faults < 4; faults++) {
		struct frame f = { .vector = VECTOR_PF };

		if (processor_access(linear, access, m, &error)) {
			CHECK(oracle_allows(linear, m), "%x: the monitor's access by frame %llx is not allowed",
			      linear, m->frame);
			return true;
		}
		f.info = error;
		fixed_up = false;
		nested(&f);
		if (fixed_up)
			return false;
	}
	fail("%x: the monitor makes no progress", linear);
}

/* Nothing is stored in fact: see step_copy(). */
uint32_t copy_fixup(void *to, const void *from, uint32_t n)
{
	bool store = from == monitor_buffer;
	uint32_t linear = store ? (uint32_t)to : (uint32_t)from;
	uint8_t *byte = to;
	struct mapping m;

	for (; n; n--, linear++) {
		const uint8_t *frame;

		if (!reach(linear, store ? ERROR_W : 0, &m))
			break;
		frame = (const uint8_t *)ram_at(m.frame);
		if (!store)
			*byte++ = frame ? frame[linear % PAGE_SIZE] : 0xff;
	}
	monitor_copied = n == 0;
	return n;
}

/* ---- what is not part of this ---- */

void reflect(struct frame *f, unsigned vector, uint32_t error)
{
	(void)f;
	fail("vector %u, error %x is reflected from CPL 0", vector, error);
}

uint32_t debug_take_cause(void)
{
	return 0;
}

void debug_note(uint32_t cause)
{
	(void)cause;
}

bool debug_is_due(struct frame *f, uint32_t cause)
{
	(void)f;
	(void)cause;
	return false;
}

void sti_shadow_end(const struct frame *f)
{
	(void)f;
}

unsigned segment_entry_changed(uint32_t linear)
{
	(void)linear;
	return 0;
}

void direct_stack(uint16_t ss0, uint32_t esp0)
{
	(void)ss0;
	(void)esp0;
}

void direct_written(uint32_t at)
{
	(void)at;
}

void descriptors_settle(unsigned changes)
{
	(void)changes;
}

void debug_apply(void)
{
}

/* ---- mistakes ---- */

void print(const char *format, ...)
{
	char line[200];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	line[strcspn(line, "\n")] = 0;
	tell("%s", line);
}

void panic(const struct frame *f, const char *why)
{
	(void)f;
	fail("monitor bug: %s", why);
}
