/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers, selectors and the kernel's own descriptor tables.
 *
 * The kernel never writes down its ring: after activation every kernel
 * selector has RPL 1, so what must name CS or SS reads them first.
 */
#ifndef RUNTIME_CPU_H
#define RUNTIME_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* GDT selectors, without RPL; the order is what SYSENTER and SYSEXIT want. */
#define SELECTOR_KERNEL_CODE	0x08
#define SELECTOR_KERNEL_DATA	0x10
#define SELECTOR_USER_CODE	0x18
#define SELECTOR_USER_DATA	0x20
#define SELECTOR_TSS		0x28
#define SELECTOR_SPARE		0x30	/* this one and those after it are free */
#define GDT_ENTRIES		16
#define IDT_ENTRIES		256

#define USER_CS			(SELECTOR_USER_CODE | 3)
#define USER_SS			(SELECTOR_USER_DATA | 3)

/* The access byte of a segment descriptor (SDM vol. 3, 3.4.5 and 3.5). */
#define ACCESS_PRESENT		0x80
#define ACCESS_DPL(ring)	((uint32_t)(ring) << 5)
#define ACCESS_CODE		0x1b	/* readable; accessed already */
#define ACCESS_DATA		0x13	/* writable; accessed already */
#define ACCESS_TSS		0x09	/* 32-bit, available */
#define ACCESS_INTERRUPT_GATE	0x0e	/* 32-bit */
#define ACCESS_TRAP_GATE	0x0f	/* 32-bit */

#define CR0_MP			0x00000002u
#define CR0_EM			0x00000004u
#define CR0_TS			0x00000008u
#define CR0_NE			0x00000020u
#define CR0_WP			0x00010000u
#define CR0_PG			0x80000000u
#define CR4_DE			0x00000008u
#define CR4_PSE			0x00000010u
#define CR4_PAE			0x00000020u
#define CR4_PGE			0x00000080u
#define CR4_OSFXSR		0x00000200u

#define EFLAGS_CF		0x00000001u
#define EFLAGS_FIXED		0x00000002u
#define EFLAGS_TF		0x00000100u
#define EFLAGS_IF		0x00000200u
#define EFLAGS_DF		0x00000400u
#define EFLAGS_IOPL		0x00003000u
#define EFLAGS_NT		0x00004000u
#define EFLAGS_RF		0x00010000u
#define EFLAGS_VM		0x00020000u
#define EFLAGS_AC		0x00040000u
#define EFLAGS_ID		0x00200000u
#define EFLAGS_ARITH		0x000008d5u	/* OF SF ZF AF PF CF */

#define CPUID_1_EDX_FPU		0x00000001u
#define CPUID_1_EDX_PSE		0x00000008u
#define CPUID_1_EDX_TSC		0x00000010u
#define CPUID_1_EDX_PAE		0x00000040u
#define CPUID_1_EDX_APIC	0x00000200u
#define CPUID_1_EDX_SEP		0x00000800u

/* The 32-bit TSS (SDM vol. 3, 7.2.1), with a bitmap for ports 0 to 3FFh. */
#define TSS_BITMAP_PORTS	0x400

struct tss {
	uint32_t link;
	uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
	uint32_t cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, bitmap_offset;
	uint8_t bitmap[TSS_BITMAP_PORTS / 8];
	uint8_t bitmap_end;
} __attribute__((packed));

_Static_assert(sizeof(struct tss) == 104 + TSS_BITMAP_PORTS / 8 + 1,
	       "the TSS is as the processor reads it");

static inline uint16_t read_cs(void)
{
	uint16_t selector;

	__asm__ volatile("movw %%cs, %0" : "=r" (selector));
	return selector;
}

static inline uint16_t read_ss(void)
{
	uint16_t selector;

	__asm__ volatile("movw %%ss, %0" : "=r" (selector));
	return selector;
}

/* 0 natively, 1 under the monitor. */
static inline unsigned int cpu_ring(void)
{
	return read_cs() & 3;
}

/* Leaf 1's EDX; 0 on a processor without CPUID. */
uint32_t cpu_features(void);

/*
 * Does the processor check segment limits?  TCG does not.  Takes the last entry
 * of the kernel's GDT, and FS, for a moment.
 */
bool cpu_checks_limits(void);

/* Loads the kernel's GDT, IDT and task register. */
void tables_init(void);

/* Where the kernel's tables lie. */
uint64_t *tables_gdt(void);
uint64_t *tables_idt(void);
struct tss *tables_tss(void);

uint64_t descriptor_segment(uint32_t base, uint32_t limit, uint32_t access);
uint64_t descriptor_gate(uint32_t offset, uint16_t selector, uint32_t access);

/* Changes one live entry, by VMI_WriteGDTEntry and VMI_WriteIDTEntry. */
void tables_set_segment(uint16_t selector, uint64_t descriptor);
void tables_set_gate(uint8_t vector, uint64_t descriptor);

/* Gives a vector's stub a gate of this type that rings up to dpl may INT. */
void tables_open_gate(uint8_t vector, uint32_t type, unsigned int dpl);

/* A gate to code that is no stub, by a store: before activation. */
void tables_set_raw(uint8_t vector, const void *code);

/* The stack on which ring 3 enters the kernel. */
void tables_set_kernel_stack(uint32_t esp);

#endif
