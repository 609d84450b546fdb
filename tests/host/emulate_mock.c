/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest of the emulator's host tests: see emulate_mock.h. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulate_mock.h"

#define VECTOR_SS	12
#define VECTOR_PF	14

struct mock guest;

static void trace(const char *format, ...)
{
	size_t used = strlen(guest.trace);
	va_list args;

	if (used && used + 2 < sizeof(guest.trace)) {
		strcpy(guest.trace + used, "; ");
		used += 2;
	}
	va_start(args, format);
	vsnprintf(guest.trace + used, sizeof(guest.trace) - used, format, args);
	va_end(args);
}

const char *mock_trace(void)
{
	static char copy[sizeof(guest.trace)];

	strcpy(copy, guest.trace);
	guest.trace[0] = 0;
	return copy;
}

void *mock_at(uint32_t linear)
{
	return guest.memory + (linear - MOCK_BASE);
}

uint32_t mock_read32(uint32_t linear)
{
	uint32_t value;

	memcpy(&value, mock_at(linear), 4);
	return value;
}

void mock_write32(uint32_t linear, uint32_t value)
{
	memcpy(mock_at(linear), &value, 4);
}

void mock_reset(void)
{
	uint8_t *memory = guest.memory;
	unsigned i;

	if (!memory)
		memory = mmap((void *)(uintptr_t)MOCK_BASE, MOCK_PAGES * MOCK_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (memory == MAP_FAILED)
		abort();
	memset(memory, 0xA5, MOCK_PAGES * MOCK_PAGE);
	memset(&guest, 0, sizeof(guest));
	guest.memory = memory;
	for (i = 0; i < 6; i++)
		guest.segments[i] = (struct mock_segment){ 0, 0xFFFFFFFF, (uint16_t)(0x19 + 8 * i), true, i != SEG_CS };
	guest.f = (struct frame){
		.eax = 0x11111111, .ecx = 0x22222222, .edx = 0x33333333, .ebx = 0x44444444, .ebp = STACK + 0x800,
		.esi = DATA, .edi = DATA2, .eip = CODE, .cs = 0x21, .eflags = 0x202, .esp = STACK + 0x400, .ss = 0x29,
		.es = 0x19, .ds = 0x31,
	};
	guest.fetchable = INSN_MAX;
	guest.cr[0] = 0x80000011;
	guest.cr[3] = 0x1000;
}

void mock_user(void)
{
	guest.f.cs |= 3;
	guest.f.ss |= 3;
}

/* All segments at MOCK_BASE, as V8086 mode cannot have them; what matters is that the emulator asks. */
void mock_v86(void)
{
	unsigned i;

	guest.f.eflags |= EFLAGS_VM;
	guest.f.eip = CODE - MOCK_BASE;
	guest.f.esp = STACK - MOCK_BASE + 0x400;
	for (i = 0; i < 6; i++)
		guest.segments[i] = (struct mock_segment){ MOCK_BASE, 0xFFFF, 0x1000, false, true };
	guest.iopl = 3;
}

/* ---- faults and refusal ---- */

static bool fail(unsigned vector, uint32_t error, uint32_t cr2)
{
	guest.faults++;
	guest.vector = vector;
	guest.error = error;
	guest.cr2 = cr2;
	return false;
}

/* What the emulator records by itself goes to the vCPU. */
#define NO_FAULT	0xffffffffu

struct vcpu host_vcpu;
struct vcpu_state host_state;
struct gate_info host_info;

static void forget_fault(void)
{
	host_vcpu.fault.vector = NO_FAULT;
}

static void collect_fault(void)
{
	if (host_vcpu.fault.vector != NO_FAULT)
		fail(host_vcpu.fault.vector, host_vcpu.fault.error, 0);
}

enum emulate_result mock_emulate(void)
{
	enum emulate_result result;

	forget_fault();
	result = emulate(&guest.f, &guest.ctx);
	collect_fault();
	return result;
}

enum emulate_result mock_step(const char *hex)
{
	uint8_t *at = mock_at(guest.f.eip + guest.segments[SEG_CS].base);
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		*at++ = (uint8_t)byte;
	return mock_emulate();
}

static bool permitted(const char *service)
{
	if (!guest.refuse || strcmp(guest.refuse, service))
		return true;
	return fail(VECTOR_GP, 0xBAD, 0);
}

/* ---- memory ---- */

static bool page_allows(uint32_t linear, unsigned access)
{
	uint32_t page = linear & ~(MOCK_PAGE - 1);

	if (linear - MOCK_BASE >= MOCK_PAGES * MOCK_PAGE || page == ABSENT || page == DEVICE)
		return fail(VECTOR_PF, access, linear);
	if (page == READ_ONLY && (access & ACCESS_WRITE))
		return fail(VECTOR_PF, access | 1, linear);
	return true;
}

static bool range_allows(uint32_t linear, uint32_t len, unsigned access)
{
	uint32_t i;

	if (!!(access & ACCESS_USER) != !!frame_from_user(&guest.f))
		abort();
	for (i = 0; i < len; i++)
		if (!page_allows(linear + i, access))
			return false;
	return true;
}

int guest_fetch(struct frame *f, uint8_t *buf, int max)
{
	int n = (int)guest.fetchable < max ? (int)guest.fetchable : max;

	memcpy(buf, mock_at(f->eip + guest.segments[SEG_CS].base), (size_t)n);
	if (n < max)
		fail(VECTOR_PF, 0x10, f->eip + (uint32_t)n);
	return n;
}

bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access)
{
	if (!range_allows(linear, len, access))
		return false;
	memcpy(buf, mock_at(linear), len);
	return true;
}

bool guest_write(uint32_t linear, const void *buf, uint32_t len, unsigned access)
{
	if (!(access & ACCESS_WRITE))
		abort();
	if (!range_allows(linear, len, access))
		return false;
	memcpy(mock_at(linear), buf, len);
	return true;
}

bool device_page(uint32_t linear, unsigned access)
{
	if (guest.ctx.cause != EMULATE_PAGE || !!(access & ACCESS_USER) != !!frame_from_user(&guest.f))
		abort();
	if (guest.device_read_only && (access & ACCESS_WRITE))
		return false;
	return (linear & ~(MOCK_PAGE - 1)) == DEVICE;
}

void device_access(uint32_t linear, unsigned size, bool write, uint32_t *value)
{
	if (size != 1 && size != 2 && size != 4)
		abort();
	if (write)
		memcpy(mock_at(linear), value, size);
	else
		*value = 0, memcpy(value, mock_at(linear), size);
	trace("%s%u %x=%x", write ? "write" : "read", size, linear - DEVICE,
	      *value & (0xFFFFFFFFu >> (32 - 8 * size)));
}

/* ---- segments ---- */

bool segment_linear(struct frame *f, unsigned segment, uint32_t offset, uint32_t len, bool write, uint32_t *linear)
{
	const struct mock_segment *s = &guest.segments[segment];

	(void)f;
	*linear = s->base + offset;
	if (!len)
		return true;
	if ((write && !s->writable) || offset > s->limit || len - 1 > s->limit - offset)
		return fail(segment == SEG_SS ? VECTOR_SS : VECTOR_GP, 0, 0);
	return true;
}

bool segment_is_32bit(struct frame *f, unsigned segment)
{
	(void)f;
	return guest.segments[segment].wide;
}

uint16_t segment_selector(struct frame *f, unsigned segment)
{
	(void)f;
	return guest.segments[segment].selector;
}

bool segment_load(struct frame *f, unsigned segment, uint16_t selector)
{
	(void)f;
	if (!permitted("segment_load"))
		return false;
	trace("load %u %x", segment, selector);
	guest.segments[segment].selector = selector;
	return true;
}

/* ---- transfers ---- */

static bool transfer(struct frame *f, const char *name)
{
	if (!permitted(name))
		return false;
	f->eip = 0x5000;
	f->eflags |= EFLAGS_RF;
	return true;
}

bool transfer_iret(struct frame *f, unsigned operand_size)
{
	trace("iret %u", operand_size);
	return transfer(f, "transfer_iret");
}

bool transfer_far_return(struct frame *f, unsigned operand_size, uint32_t release)
{
	trace("retf %u %x", operand_size, release);
	return transfer(f, "transfer_far_return");
}

bool transfer_far_jump(struct frame *f, uint16_t selector, uint32_t offset)
{
	trace("jmpf %x:%x", selector, offset);
	return transfer(f, "transfer_far_jump");
}

bool transfer_far_call(struct frame *f, unsigned operand_size, uint16_t selector, uint32_t offset, uint32_t next)
{
	trace("callf %u %x:%x from %x", operand_size, selector, offset, next - CODE);
	return transfer(f, "transfer_far_call");
}

bool transfer_sysexit(struct frame *f)
{
	trace("sysexit");
	return transfer(f, "transfer_sysexit");
}

/* ---- the virtual processor ---- */

uint32_t vcpu_read_cr(unsigned number)
{
	return guest.cr[number];
}

bool vcpu_write_cr(unsigned number, uint32_t value)
{
	trace("cr%u=%x", number, value);
	return permitted("vcpu_write_cr");
}

bool vcpu_read_dr(unsigned number, uint32_t *value)
{
	*value = 0xD0 + number;
	return permitted("vcpu_read_dr");
}

bool vcpu_write_dr(unsigned number, uint32_t value)
{
	trace("dr%u=%x", number, value);
	return permitted("vcpu_write_dr");
}

bool msr_read(uint32_t index, uint64_t *value)
{
	trace("rdmsr %x", index);
	*value = guest.msr;
	return permitted("msr_read");
}

bool msr_write(uint32_t index, uint64_t value)
{
	trace("wrmsr %x %llx", index, (unsigned long long)value);
	return permitted("msr_write");
}

uint64_t vcpu_read_tsc(void)
{
	trace("rdtsc");
	return 0x123456789ABCDEFull;
}

bool vcpu_read_pmc(uint32_t counter, uint64_t *value)
{
	trace("rdpmc %x", counter);
	*value = guest.msr;
	return permitted("vcpu_read_pmc");
}

void vcpu_clts(void)
{
	trace("clts");
}

bool vcpu_xsetbv(uint32_t index, uint32_t low, uint32_t high)
{
	trace("xsetbv %x %x %x", index, low, high);
	return permitted("vcpu_xsetbv");
}

void vcpu_wbinvd(void)
{
	trace("wbinvd");
}

void vcpu_invlpg(uint32_t linear)
{
	trace("invlpg %x", linear);
}

static bool load_table(const char *name, uint32_t limit, uint32_t base)
{
	trace("%s %x %x", name, limit, base);
	return permitted(name);
}

bool vcpu_lgdt(uint16_t limit, uint32_t base)
{
	return load_table("lgdt", limit, base);
}

bool vcpu_lidt(uint16_t limit, uint32_t base)
{
	return load_table("lidt", limit, base);
}

bool vcpu_lldt(uint16_t selector)
{
	trace("lldt %x", selector);
	return permitted("lldt");
}

bool vcpu_ltr(uint16_t selector)
{
	trace("ltr %x", selector);
	return permitted("ltr");
}

bool vcpu_get_if(void)
{
	return guest.interrupts;
}

void vcpu_set_if(bool on)
{
	trace("if=%d", on);
	guest.interrupts = on;
}

unsigned vcpu_iopl(void)
{
	return guest.iopl;
}

void vcpu_halt(void)
{
	trace("halt");
}

/* ---- ports ---- */

bool io_allowed(struct frame *f, uint16_t port, unsigned size)
{
	if (!frame_from_user(f))
		abort();
	trace("allowed %x %u", port, size);
	return permitted("io_allowed");
}

bool port_in(uint16_t port, unsigned size, uint32_t *value)
{
	if (!permitted("port_in"))
		return false;
	*value = guest.port_value & (0xFFFFFFFFu >> (32 - 8 * size));
	trace("in%u %x=%x", size, port, *value);
	guest.port_value += 0x01010101;
	return true;
}

bool port_out(uint16_t port, unsigned size, uint32_t value)
{
	trace("out%u %x=%x", size, port, value);
	return permitted("port_out");
}
