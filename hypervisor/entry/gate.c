// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills what entry.asm and the processor need, in POST: the gate's pages, the
 * monitor's own descriptors, the IDT, the TSS, and the sites that load CR3.  All
 * is reached through the block here: the hole is not mapped yet.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "entry/entry.h"

#define SEGMENT_CODE	0x00cf9b00u	/* 4 GiB, DPL 0, accessed */
#define SEGMENT_DATA	0x00cf9300u

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

#define STUB_SIZE	16u
#define PUSH_BYTE	0x6au
#define PUSH_DWORD	0x68u
#define JMP_NEAR	0xe9u
#define JMP_SHORT	0xebu

/* Where the hole's page at @linear lies in the block. */
static void *hole_page(uint32_t linear)
{
	return (void *)(hole_physical(boot.vcpu, linear) - boot.block + HOLE_BLOCK + linear % PAGE_SIZE);
}

static void set_descriptor(unsigned selector, uint32_t low, uint32_t high)
{
	struct descriptor *d = hole_page(HOLE_GDT + (selector & ~7u));

	d->low = low;
	d->high = high;
}

static void fill_gdt(void)
{
	uint32_t limit = TSS_HEADER + 8192;	/* bitmap, and the byte of ones behind */

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

static char *common_part(unsigned vector)
{
	if (vector - VECTOR_PIC < PIC_LINES)
		return gate_line;
	if (vector == VECTOR_TIMER)
		return gate_timer;
	return vector_is_physical(vector) ? gate_interrupt : gate_enter;
}

/* PUSH 0, where the processor pushes no error code; PUSH vector; JMP to the common part */
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

static bool called_by_kernel(unsigned vector)
{
	return vector == VECTOR_CALL || vector == VECTOR_DELIVER || vector == VECTOR_IRET ||
	       vector == VECTOR_HALT || is_port_call(vector);
}

/* Where the processor enters: what is frequent has ways of its own. */
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

/* The IDT's entry that leads into the monitor. */
static struct descriptor gate_to(unsigned vector)
{
	uint32_t stub = entry_of(vector);

	return (struct descriptor){
		.low = MONITOR_CS << 16 | (stub & 0xffff),
		.high = (stub & 0xffff0000u) | HIGH_INTERRUPT_GATE |
			(called_by_kernel(vector) ? GATE_DPL_1 : 0),
	};
}

/* Kept, since direct.c puts gates of the guest in the place of some. */
static void fill_idt(void)
{
	unsigned vector;

	boot.gates = pool_page();
	for (vector = 0; vector < 256; vector++)
		boot.gates[vector] = gate_to(vector);
	memcpy(hole_page(HOLE_IDT), boot.gates, 256 * sizeof(*boot.gates));
}

/*
 * All ports trap at ring 1 and 3, as the bitmap's offset lies beyond the TSS
 * until VMI_SetIOPLMask moves it (tss.c).
 */
static void fill_tss(void)
{
	uint32_t *tss = hole_page(HOLE_TSS);
	unsigned page, port;

	for (page = 0; page < HOLE_TSS_PAGES; page++)
		memset(hole_page(HOLE_TSS + page * PAGE_SIZE), 0xff, PAGE_SIZE);
	memset(tss, 0, TSS_HEADER);
	tss[TSS_ESP0] = HOLE_STACK_TOP - 16;	/* ESP0: room above for V8086's segments */
	tss[TSS_SS0] = MONITOR_DS;
	tss[TSS_IO_PERMISSION_MAP / 4] = (uint32_t)PORT_MAP_CLOSED << 16;
	for (port = 0; port < PORTS; port++)
		if (port_goes_straight(port)) {
			uint32_t at = HOLE_PORT_MAP + port / 8;

			*(uint8_t *)hole_page(at) &= (uint8_t)~(1u << port % 8);
		}
}

/* In segment mode the monitor is always mapped: skip the loads of CR3. */
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
