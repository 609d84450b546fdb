/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor and the PC around it, as the manuals number them: bits of registers,
 * page tables and descriptors, vectors, MSRs, fixed addresses and ports, and the
 * instructions that C cannot express.  The monitor's own layout is in hole.h.
 */
#ifndef VMI_X86_H
#define VMI_X86_H

#include <stdint.h>

/* ---- EFLAGS (SDM volume 1, 3.4.3) ---- */

#define EFLAGS_CF	0x00000001u
#define EFLAGS_PF	0x00000004u
#define EFLAGS_AF	0x00000010u
#define EFLAGS_ZF	0x00000040u
#define EFLAGS_SF	0x00000080u
#define EFLAGS_TF	0x00000100u
#define EFLAGS_IF	0x00000200u
#define EFLAGS_DF	0x00000400u
#define EFLAGS_OF	0x00000800u
#define EFLAGS_IOPL	0x00003000u
#define EFLAGS_IOPL_SHIFT	12
#define EFLAGS_NT	0x00004000u
#define EFLAGS_RF	0x00010000u
#define EFLAGS_VM	0x00020000u
#define EFLAGS_AC	0x00040000u
#define EFLAGS_ID	0x00200000u

/* ---- control registers (SDM volume 3, 2.5) ---- */

#define CR0_PE		0x00000001u
#define CR0_MP		0x00000002u
#define CR0_EM		0x00000004u
#define CR0_TS		0x00000008u
#define CR0_ET		0x00000010u
#define CR0_NE		0x00000020u
#define CR0_WP		0x00010000u
#define CR0_AM		0x00040000u
#define CR0_NW		0x20000000u
#define CR0_CD		0x40000000u
#define CR0_PG		0x80000000u

#define CR4_VME		0x0001u
#define CR4_PVI		0x0002u
#define CR4_TSD		0x0004u
#define CR4_DE		0x0008u
#define CR4_PSE		0x0010u
#define CR4_PAE		0x0020u
#define CR4_MCE		0x0040u
#define CR4_PGE		0x0080u
#define CR4_PCE		0x0100u
#define CR4_OSFXSR	0x0200u
#define CR4_OSXMMEXCPT	0x0400u
#define CR4_UMIP	0x0800u
#define CR4_FSGSBASE	0x10000u
#define CR4_OSXSAVE	0x40000u
#define CR4_SMEP	0x100000u
#define CR4_SMAP	0x200000u
#define CR4_PKE		0x400000u

#define EFER_NXE	0x0800u

/* ---- exceptions (SDM volume 3, 6.3) ---- */

#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_UD	6
#define VECTOR_DF	8
#define VECTOR_TS	10
#define VECTOR_NP	11
#define VECTOR_SS	12
#define VECTOR_GP	13
#define VECTOR_PF	14
#define VECTOR_AC	17
#define EXCEPTIONS	32	/* vectors from here on are for interrupts */

/* A page fault's error code; W, U and I also describe an access to be checked. */
#define ERROR_P		0x01u
#define ERROR_W		0x02u
#define ERROR_U		0x04u
#define ERROR_RSVD	0x08u
#define ERROR_I		0x10u

/* The error code of an exception that names a selector or a gate. */
#define ERROR_EXT	1u		/* an external event, not the program itself */
#define ERROR_IDT	2u

/* ---- page tables (SDM volume 3, 4.3 and 4.4) ---- */

#define PTE_P		0x001u
#define PTE_W		0x002u
#define PTE_U		0x004u
#define PTE_CACHE	0x018u		/* PWT, PCD */
#define PTE_PCD		0x010u
#define PTE_A		0x020u
#define PTE_D		0x040u
#define PTE_PS		0x080u
#define PTE_RW		0x063u		/* P, W, A and D: the processor need not write to it */
#define PTE_NX		(1ull << 63)
#define PTE_FRAME	0x000ffffffffff000ull
#define NX_HIGH		0x80000000u	/* PTE_NX in an entry's upper half */

/* PAE is the format of all tables that the processor walks once the monitor runs. */
#define ENTRIES		512u		/* entries of a PAE table */
#define ENTRIES32	1024u		/* entries of a table in 32-bit paging */
#define LARGE		0x200000u	/* bytes that one entry of a PAE directory maps */
#define GIBS		4u		/* entries of a PDPT */
#define TOP_GIB		3u		/* the one whose GiB has the hole */

/* ---- segments (SDM volume 3, 3.4) ---- */

#define SELECTOR_RPL	3u
#define SELECTOR_TI	4u
#define SELECTOR_INDEX	0xfff8u

/* The high word of a descriptor. */
#define HIGH_ACCESSED	0x00000100u
#define HIGH_WRITABLE	0x00000200u	/* data segments; readable, for code */
#define HIGH_BUSY	0x00000200u	/* TSSs */
#define HIGH_CONFORMING	0x00000400u	/* code segments */
#define HIGH_DOWN	0x00000400u	/* data segments: expand-down */
#define HIGH_CODE	0x00000800u
#define HIGH_S		0x00001000u	/* code or data, not a system descriptor */
#define HIGH_DPL_SHIFT	13
#define HIGH_P		0x00008000u
#define HIGH_B		0x00400000u
#define HIGH_G		0x00800000u

/* Types of system descriptors: in the high word, with P set and DPL 0; and alone. */
#define HIGH_LDT		0x00008200u
#define HIGH_TSS_AVAILABLE	0x00008900u
#define HIGH_INTERRUPT_GATE	0x00008e00u
#define TYPE_SHIFT		8
#define TYPE_MASK		0x1fu	/* S and the type */
#define TYPE_LDT		0x02u
#define TYPE_TSS_AVAILABLE	0x09u
#define TYPE_TSS_BUSY		0x0bu

/* Bits of the high word of a gate. */
#define GATE_P		0x00008000u
#define GATE_DPL_1	0x00002000u
#define GATE_DPL_3	0x00006000u
#define GATE_32		0x00000800u
#define GATE_TRAP	0x00000100u

/* ---- the 32-bit TSS (SDM volume 3, 7.2.1), in dwords and bytes ---- */

#define TSS_ESP0		1
#define TSS_SS0			2
#define TSS_ESP1		3
#define TSS_SS1			4
#define TSS_IO_PERMISSION_MAP	102u	/* in bytes: the word there is the bitmap's offset */

/* ---- model-specific registers (SDM volume 4) ---- */

#define MSR_TSC			0x010u
#define MSR_APIC_BASE		0x01bu
#define MSR_SYSENTER_CS		0x174u
#define MSR_SYSENTER_ESP	0x175u
#define MSR_SYSENTER_EIP	0x176u
#define MSR_PAT			0x277u
#define MSR_EFER		0xc0000080u

/* ---- CPUID ---- */

#define FEATURE_PSE36	(1u << 17)	/* leaf 1, EDX */
#define FEATURE_APIC	(1u << 9)
#define FEATURE_SEP	(1u << 11)
#define FEATURE_PAT	(1u << 16)
#define FEATURE_XSAVE	(1u << 26)	/* leaf 1, ECX */
#define FEATURE_NX	(1u << 20)	/* leaf 80000001h, EDX */
#define LEAF_EXTENDED	0x80000000u
#define LEAF_EXTENDED_FEATURES	0x80000001u
#define LEAF_ADDRESS_SIZES	0x80000008u

/* ---- fixed addresses and ports of a PC ---- */

#define LOCAL_APIC_BASE		0xfee00000u
#define IO_APIC_BASE		0xfec00000u

#define PORT_PIT_CHANNEL_0	0x40
#define PORT_PIT_CHANNEL_2	0x42
#define PORT_PIT_COMMAND	0x43
#define PORT_KEYBOARD_DATA	0x60
#define PORT_SPEAKER		0x61
#define PORT_KEYBOARD_COMMAND	0x64
#define PORT_CMOS_INDEX		0x70
#define PORT_CMOS_DATA		0x71
#define PORT_92			0x92
#define PORT_SMI_COMMAND	0xb2
#define PORT_SMI_STATUS		0xb3
#define PORT_DEBUG_CONSOLE	0xe9
#define PORT_CONFIG_ADDRESS	0xcf8
#define PORT_RESET_CONTROL	0xcf9
#define PORT_CONFIG_DATA	0xcfc

#define KEYBOARD_RESET		0xfeu	/* command: pulse the reset line */

/* ---- instructions ---- */

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %w1" : : "a"(v), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %w1" : : "a"(v), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %w1" : : "a"(v), "Nd"(port));
}

#ifdef VMI_HOST		/* a test on the host is the processor */
uint32_t read_cr0(void);
uint32_t read_cr2(void);
uint32_t read_cr3(void);
uint32_t read_cr4(void);
void write_cr0(uint32_t v);
void write_cr2(uint32_t v);
void write_cr3(uint32_t v);
void write_cr4(uint32_t v);
void invlpg(uint32_t linear);
void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4]);
#else
#define READ_REGISTER(name) \
	static inline uint32_t read_##name(void) \
	{ \
		uintptr_t v; \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(v) : : "memory"); \
		return (uint32_t)v; \
	}
#define WRITE_REGISTER(name) \
	static inline void write_##name(uint32_t v) \
	{ \
		__asm__ volatile("mov %0, %%" #name : : "r"((uintptr_t)v) : "memory"); \
	}
READ_REGISTER(cr0)
READ_REGISTER(cr2)
READ_REGISTER(cr3)
READ_REGISTER(cr4)
WRITE_REGISTER(cr0)
WRITE_REGISTER(cr2)
WRITE_REGISTER(cr3)
WRITE_REGISTER(cr4)
#undef READ_REGISTER
#undef WRITE_REGISTER

static inline void invlpg(uint32_t linear)
{
	__asm__ volatile("invlpg (%0)" : : "r"((uintptr_t)linear) : "memory");
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(subleaf));
}
#endif

/* Flush all TLB entries that are not global. */
static inline void reload_cr3(void)
{
	write_cr3(read_cr3());
}

static inline uint64_t rdtsc(void)
{
	uint64_t v;

	__asm__ volatile("rdtsc" : "=A"(v));
	return v;
}

static inline uint64_t rdmsr(uint32_t index)
{
	uint64_t v;

	__asm__ volatile("rdmsr" : "=A"(v) : "c"(index));
	return v;
}

static inline void wrmsr(uint32_t index, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "A"(v), "c"(index));
}

static inline void cpu_pause(void)
{
	__asm__ volatile("pause");
}

#endif
