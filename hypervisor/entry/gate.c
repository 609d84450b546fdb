// SPDX-License-Identifier: GPL-2.0-only
/*
 * In POST: fill what entry.asm and the processor need, which is the gate's pages, the
 * monitor's own descriptors, the IDT and the TSS; and patch the places in the gate that
 * load CR3.  The hole is not mapped yet, so all is written through the reserved block.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "entry/entry.h"

/* The high word of the monitor's segments: 4 GiB, DPL 0, accessed. */
#define SEGMENT_CODE	0x00cf9b00u
#define SEGMENT_DATA	0x00cf9300u

/* A place in the gate that loads CR3 (LOAD_CR3 in entry.asm). */
struct cr3_site {
	uint8_t *code;
	uint32_t size;
};
/* linker/monitor.ld */
extern char gate_load[], gate_code_size[];

/* entry.asm */
extern char gate_enter[], gate_line[], gate_timer[], gate_interrupt[], gate_halt[];
extern char gate_sysenter[], port_gates[], gate_protection[], gate_call[], gate_page_fault[];
extern const struct cr3_site cr3_sites_start[], cr3_sites_end[];

/* One stub a vector, and the opcodes of which stubs are made. */
#define STUB_SIZE	16u
#define PUSH_BYTE	0x6au
#define PUSH_DWORD	0x68u
#define JMP_NEAR	0xe9u
#define JMP_SHORT	0xebu

/* Address @linear of the hole, as it can be reached in POST: through the block. */
static void *hole_page(uint32_t linear)
{
	uint32_t page = hole_physical(boot.vcpu, linear) - boot.block + HOLE_BLOCK;

	return (void *)(page + linear % PAGE_SIZE);
}

static void set_descriptor(unsigned selector, uint32_t low, uint32_t high)
{
	struct descriptor *d = hole_page(HOLE_GDT + (selector & SELECTOR_INDEX));

	d->low = low;
	d->high = high;
}

static void fill_gdt(void)
{
	/* Up to the I/O bitmap, and the byte of ones that has to follow it. */
	uint32_t limit = TSS_HEADER + PORTS / 8;

	set_descriptor(MONITOR_CS, 0xffff, SEGMENT_CODE);
	set_descriptor(MONITOR_DS, 0xffff, SEGMENT_DATA);
	set_descriptor(MONITOR_TSS, HOLE_TSS << 16 | limit,
		       (HOLE_TSS & 0xff000000u) | (HOLE_TSS >> 16 & 0xffu) | HIGH_TSS_AVAILABLE);
}

/* The stubs lie behind the gate's code. */
static uint32_t stub_of(unsigned vector)
{
	return (HOLE_GATE + (uint32_t)gate_code_size + STUB_SIZE - 1) / STUB_SIZE * STUB_SIZE +
	       vector * STUB_SIZE;
}

static void put_dword(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
}

/* Where the stub of @vector jumps to. */
static char *common_part(unsigned vector)
{
	if (vector - VECTOR_PIC < PIC_LINES)
		return gate_line;
	if (vector == VECTOR_TIMER)
		return gate_timer;
	return vector_is_physical(vector) ? gate_interrupt : gate_enter;
}

/* PUSH 0, where the processor pushes no error code; PUSH vector; JMP to the common part. */
static void write_stub(unsigned vector)
{
	uint32_t at = stub_of(vector);
	uint8_t *p = hole_page(at), *start = p;

	if (!has_error_code(vector)) {
		*p++ = PUSH_BYTE;
		*p++ = 0;
	}
	*p = PUSH_DWORD;
	put_dword(p + 1, vector);
	p += 5;
	*p = JMP_NEAR;
	p += 5;
	put_dword(p - 4, (uint32_t)common_part(vector) - (at + (uint32_t)(p - start)));
}

static void fill_gate(void)
{
	unsigned vector;

	memcpy(hole_page(HOLE_GATE), gate_load, (uint32_t)gate_code_size);
	for (vector = 0; vector < 256; vector++)
		write_stub(vector);
}

static bool is_port_call(unsigned vector)
{
	return vector - VECTOR_PORT < PORT_CALLS;
}

/*
 * Vectors that the VMI layer calls by INT, and so have gates of DPL 1.  All others have
 * DPL 0: a guest's INT n there is #GP, and is emulated.
 */
static bool called_by_kernel(unsigned vector)
{
	return vector == VECTOR_CALL || vector == VECTOR_DELIVER || vector == VECTOR_IRET ||
	       vector == VECTOR_HALT || is_port_call(vector);
}

/* Where the processor enters.  Frequent vectors have code of their own instead of a stub. */
static uint32_t entry_of(unsigned vector)
{
	if (is_port_call(vector))
		return (uint32_t)port_gates + (vector - VECTOR_PORT) * PORT_GATE_SIZE;
	if (vector == VECTOR_GP)
		return (uint32_t)gate_protection;
	if (vector == VECTOR_CALL)
		return (uint32_t)gate_call;
	if (vector == VECTOR_HALT)
		return (uint32_t)gate_halt;
	if (vector == VECTOR_PF)
		return (uint32_t)gate_page_fault;
	return stub_of(vector);
}

/* An entry of the IDT, of DPL 0, that leads to @code in the gate. */
static struct descriptor interrupt_gate(uint32_t code)
{
	return (struct descriptor){
		.low = MONITOR_CS << 16 | (code & 0xffff),
		.high = (code & 0xffff0000u) | HIGH_INTERRUPT_GATE,
	};
}

struct descriptor gate_common(unsigned vector)
{
	return interrupt_gate(stub_of(vector));
}

/* The IDT's entry that leads into the monitor. */
static struct descriptor gate_to(unsigned vector)
{
	struct descriptor gate = interrupt_gate(entry_of(vector));

	if (called_by_kernel(vector))
		gate.high |= GATE_DPL_1;
	return gate;
}

/*
 * The gates are also kept in boot.gates: cpu/direct.c replaces some of them in the IDT
 * by gates of the guest, and later puts them back.
 */
static void fill_idt(void)
{
	unsigned vector;

	boot.gates = pool_page();
	for (vector = 0; vector < 256; vector++)
		boot.gates[vector] = gate_to(vector);
	memcpy(hole_page(HOLE_IDT), boot.gates, 256 * sizeof(*boot.gates));
}

/*
 * All ports trap at rings 1 and 3, because the offset of the I/O bitmap lies beyond the
 * limit of the TSS.  When virtual IOPL is 3, cpu/tss.c moves it to the bitmap, so that
 * ring 3 reaches the ports that go straight.
 */
static void fill_tss(void)
{
	uint32_t *tss = hole_page(HOLE_TSS);
	unsigned page, port;

	for (page = 0; page < HOLE_TSS_PAGES; page++)
		memset(hole_page(HOLE_TSS + page * PAGE_SIZE), 0xff, PAGE_SIZE);
	memset(tss, 0, TSS_HEADER);
	/* The last 16 bytes of a struct frame lie above ESP0, unless it is of V8086 mode. */
	tss[TSS_ESP0] = HOLE_STACK_TOP - 16;
	tss[TSS_SS0] = MONITOR_DS;
	tss[TSS_IO_PERMISSION_MAP / 4] = (uint32_t)PORT_MAP_CLOSED << 16;
	for (port = 0; port < PORTS_FIXED; port++)
		if (port_goes_straight(port)) {
			uint32_t at = HOLE_PORT_MAP + port / 8;

			*(uint8_t *)hole_page(at) &= (uint8_t)~(1u << port % 8);
		}
}

/* In segment mode the monitor is always mapped: a jump skips each load of CR3. */
static void patch_cr3_sites(void)
{
	const struct cr3_site *site;

	for (site = cr3_sites_start; site < cr3_sites_end; site++) {
		uint8_t *code = hole_page((uint32_t)site->code);

		code[0] = JMP_SHORT;
		code[1] = (uint8_t)(site->size - 2);
	}
}

void gate_prepare(void)
{
	fill_gate();
	fill_gdt();
	fill_idt();
	fill_tss();
	boot.sysenter_entry = (uint32_t)gate_sysenter;
	if (boot.protect == PROTECT_SEGMENT)
		patch_cr3_sites();
}
