/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's GDT, IDT and TSS.
 *
 * Each lies alone in its pages: until a kernel's first descriptor call the
 * monitor write-protects the pages that hold them, and neighbours there would
 * be emulated store by store (docs/architecture.md).
 */
#include "cpu.h"

#include "vmi.h"

#include "jump.h"
#include "memory.h"
#include "string.h"
#include "trap.h"

#define LIMIT_FLAT		0xfffff
#define FLAGS_FLAT		0x00c00000u	/* 4 KiB units, 32-bit */

struct tables {
	uint64_t gdt[GDT_ENTRIES];
	struct tss tss;
};

static union {
	struct tables t;
	uint8_t page[PAGE_SIZE];
} tables __attribute__((aligned(PAGE_SIZE)));

static union {
	uint64_t gates[IDT_ENTRIES];
	uint8_t page[PAGE_SIZE];
} idt __attribute__((aligned(PAGE_SIZE)));

_Static_assert(sizeof(tables) == PAGE_SIZE, "GDT and TSS fill one page");
_Static_assert(sizeof(idt) == PAGE_SIZE, "the IDT has a page of its own");

uint64_t *tables_gdt(void)
{
	return tables.t.gdt;
}

uint64_t *tables_idt(void)
{
	return idt.gates;
}

struct tss *tables_tss(void)
{
	return &tables.t.tss;
}

uint64_t descriptor_segment(uint32_t base, uint32_t limit, uint32_t access)
{
	uint32_t low = base << 16 | (limit & 0xffff);
	uint32_t high = (base & 0xff000000u) | (limit & 0xf0000)
			| access << 8 | (base >> 16 & 0xff);

	return (uint64_t)high << 32 | low;
}

uint64_t descriptor_gate(uint32_t offset, uint16_t selector, uint32_t access)
{
	uint32_t low = (uint32_t)selector << 16 | (offset & 0xffff);
	uint32_t high = (offset & 0xffff0000u) | access << 8;

	return (uint64_t)high << 32 | low;
}

static uint64_t flat_segment(uint32_t type, unsigned int ring)
{
	uint32_t access = ACCESS_PRESENT | ACCESS_DPL(ring) | type;

	return descriptor_segment(0, LIMIT_FLAT, access)
	       | (uint64_t)FLAGS_FLAT << 32;
}

static uint64_t stub_gate(uint8_t vector, uint32_t type, unsigned int dpl)
{
	return descriptor_gate((uint32_t)trap_stubs[vector],
			       SELECTOR_KERNEL_CODE,
			       ACCESS_PRESENT | ACCESS_DPL(dpl) | type);
}

static void fill_gdt(void)
{
	uint64_t *gdt = tables.t.gdt;

	gdt[SELECTOR_KERNEL_CODE / 8] = flat_segment(ACCESS_CODE, 0);
	gdt[SELECTOR_KERNEL_DATA / 8] = flat_segment(ACCESS_DATA, 0);
	gdt[SELECTOR_USER_CODE / 8] = flat_segment(ACCESS_CODE, 3);
	gdt[SELECTOR_USER_DATA / 8] = flat_segment(ACCESS_DATA, 3);
	gdt[SELECTOR_TSS / 8] = descriptor_segment((uint32_t)&tables.t.tss,
						   sizeof(struct tss) - 1,
						   ACCESS_PRESENT | ACCESS_TSS);
}

static void fill_idt(void)
{
	unsigned int vector;

	for (vector = 0; vector < IDT_ENTRIES; vector++)
		idt.gates[vector] = stub_gate((uint8_t)vector,
					      ACCESS_INTERRUPT_GATE, 0);
	idt.gates[TRAP_BREAKPOINT] = stub_gate(TRAP_BREAKPOINT,
					       ACCESS_INTERRUPT_GATE, 3);
	idt.gates[TRAP_OVERFLOW] = stub_gate(TRAP_OVERFLOW,
					     ACCESS_INTERRUPT_GATE, 3);
	idt.gates[TRAP_USER_EXIT] = stub_gate(TRAP_USER_EXIT,
					      ACCESS_INTERRUPT_GATE, 3);
}

static void fill_tss(void)
{
	struct tss *tss = &tables.t.tss;

	tss->ss0 = SELECTOR_KERNEL_DATA;
	tss->esp0 = trap_stack_top();
	tss->bitmap_offset = (uint16_t)__builtin_offsetof(struct tss, bitmap);
	memset(tss->bitmap, 0xff, sizeof(tss->bitmap) + 1);
}

void tables_init(void)
{
	struct vmi_dtr gdtr = {
		.limit = sizeof(tables.t.gdt) - 1,
		.base = (uint32_t)tables.t.gdt,
	};
	struct vmi_dtr idtr = {
		.limit = sizeof(idt.gates) - 1,
		.base = (uint32_t)idt.gates,
	};

	fill_gdt();
	fill_idt();
	fill_tss();
	vmi_set_gdt(&gdtr);
	reload_segments(SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA);
	vmi_set_idt(&idtr);
	vmi_set_tr(SELECTOR_TSS);
}

void tables_set_segment(uint16_t selector, uint64_t descriptor)
{
	vmi_write_gdt_entry(tables.t.gdt, selector / 8, (uint32_t)descriptor,
			    (uint32_t)(descriptor >> 32));
}

void tables_set_gate(uint8_t vector, uint64_t descriptor)
{
	vmi_write_idt_entry(idt.gates, vector, (uint32_t)descriptor,
			    (uint32_t)(descriptor >> 32));
}

void tables_open_gate(uint8_t vector, uint32_t type, unsigned int dpl)
{
	tables_set_gate(vector, stub_gate(vector, type, dpl));
}

void tables_set_raw(uint8_t vector, const void *code)
{
	idt.gates[vector] = descriptor_gate((uint32_t)code, SELECTOR_KERNEL_CODE,
					    ACCESS_PRESENT | ACCESS_INTERRUPT_GATE);
}

void tables_set_kernel_stack(uint32_t esp)
{
	tables.t.tss.ss0 = read_ss();
	vmi_update_kernel_stack(&tables.t.tss, esp);
}

bool cpu_checks_limits(void)
{
	uint16_t selector = (GDT_ENTRIES - 1) * 8;
	uint32_t passed = 0;

	tables_set_segment(selector, descriptor_segment((uint32_t)&idt, 0,
							ACCESS_PRESENT | ACCESS_DATA));
	__asm__ volatile("movl %1, %%fs\n\t"
			 "1: movl %%fs:4, %%eax\n\t"
			 "movl $1, %0\n\t"
			 "2: movl %2, %%fs\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (passed)
			 : "r" (selector | cpu_ring()), "r" (0) : "eax", "memory");
	tables_set_segment(selector, 0);
	return !passed;
}

uint32_t cpu_features(void)
{
	uint32_t eax, ebx, ecx, edx;

	vmi_cpuid(1, 0, &eax, &ebx, &ecx, &edx);
	return edx;
}
