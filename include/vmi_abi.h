/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The numbers and layouts of the VMI ABI: the ROM header, the records that
 * cross the interface, and every flag.  docs/abi.md says what they mean; the
 * section is named at each group.
 *
 * The header stands alone, freestanding, in C99 and later, C++, and (the
 * numbers only) in gas sources that go through the C preprocessor.  Constants
 * have no suffix so that all of them can read them.
 */
#ifndef VMI_ABI_H
#define VMI_ABI_H

/* ---- The ROM image (section 1) ---- */

#define VMI_ROM_SCAN_START	0xC0000	/* physical: first and ...       */
#define VMI_ROM_SCAN_END	0xE0000	/* ... one past the last address */
#define VMI_ROM_SCAN_STEP	0x800
#define VMI_ROM_AREA_END	0xF0000	/* no option ROM reaches further */

#define VMI_ROM_SIGNATURE	0xAA55		/* bytes 55 AA           */
#define VMI_SIGNATURE		0x696D5663	/* bytes `cVmi`          */
#define VMI_API_MAJOR		3	/* another major is refused      */
#define VMI_API_MINOR		0	/* a higher minor is compatible  */
#define VMI_ROM_SIZE_UNIT	512	/* what rom_length counts        */
#define VMI_PCI_SIGNATURE	0x52494350	/* bytes `PCIR`          */

/* Offsets in the image */
#define VMI_OFF_ROM_SIGNATURE	0x00
#define VMI_OFF_ROM_LENGTH	0x02
#define VMI_OFF_ROM_ENTRY	0x03
#define VMI_OFF_SIGNATURE	0x08
#define VMI_OFF_API_MINOR	0x0C
#define VMI_OFF_API_MAJOR	0x0D
#define VMI_OFF_NR_SLOTS	0x0E
#define VMI_OFF_VIRTUAL_TOP	0x10
#define VMI_OFF_LICENCE		0x16
#define VMI_OFF_PCI_HEADER	0x18
#define VMI_OFF_PNP_HEADER	0x1A
#define VMI_OFF_ELF_HEADER	0x40
#define VMI_OFF_SLOT_INIT	0x80	/* VMI_Init: near call           */
#define VMI_OFF_SLOT_GETRELOC	0x88	/* VMI_GetRelocationInfo         */
#define VMI_SLOT_SIZE		8
#define VMI_NR_SLOTS		2

/*
 * A guest keeps [virtual top, 4 GiB) free.  One that cannot read the field
 * (the proposal has none) leaves 64 MiB, so no ROM asks for more.
 */
#define VMI_HOLE_START_MIN	0xFC000000

/* The licence strings that a guest accepts */
#define VMI_LICENCE_GPL		"GPL"
#define VMI_LICENCE_GPL_V2	"GPL v2"

/* What precedes a call's name in the symbol tables of the ROM */
#define VMI_SYMBOL_PREFIX	"VMI_"		/* the entry             */
#define VMI_INLINE_PREFIX	"inline.VMI_"	/* the body to copy      */

/* ---- VMI_GetRelocationInfo (section 2) ---- */

#define VMI_RELOCATION_NONE	0	/* keep the native code          */
#define VMI_RELOCATION_CALL_REL	1	/* write `call rel32`            */
#define VMI_RELOCATION_JUMP_REL	2	/* write `jmp rel32`             */
#define VMI_RELOCATION_NOP	3	/* erase                         */

/* ---- Arguments of the calls (section 4) ---- */

#define VMI_NO_NUMBER		0xFFFF	/* a call that 3.0 does not have */

#define VMI_INTERRUPT_MASK	0x200	/* Get/SetInterruptMask: bit 9   */

#define VMI_REBOOT_SOFT		0	/* the effects of an INIT IPI    */
#define VMI_REBOOT_HARD		1	/* a reset                       */

/* UpdateKernelStack: below this the first argument is a selector (3.0) */
#define VMI_KERNEL_STACK_TSS	0x10000

#define VMI_FLUSH_TLB		0x01
#define VMI_FLUSH_GLOBAL	0x02	/* or'ed with VMI_FLUSH_TLB      */

#define VMI_LINEAR_MAP_SLOTS	4

#define VMI_APIC_REGISTER_MASK	0xFFF	/* what counts of a register     */

/* Leaves that name the monitor */
#define VMI_CPUID_BASE		0x40000000
#define VMI_CPUID_ABI		0x40000001	/* EAX version, ECX features     */

/* What is there, as that leaf says */
#define VMI_FEATURE_TIME	0x00000001	/* calls 66 to 71                */
#define VMI_FEATURE_AP		0x00000002	/* application processors        */
#define VMI_FEATURE_PAGED	0x00000004	/* paged mode: no segment is cut */

/* Page types of RegisterPageUsage, and levels of section 5 */
#define VMI_PAGE_PT		0x01
#define VMI_PAGE_PD		0x02
#define VMI_PAGE_PDP		0x04
#define VMI_PAGE_PML4		0x08
#define VMI_PAGE_TABLES		0x0F	/* any of the four               */
#define VMI_PAGE_GDT		0x10
#define VMI_PAGE_LDT		0x20
#define VMI_PAGE_IDT		0x40
#define VMI_PAGE_TSS		0x80

/* AllocatePage, ReleasePage: or'ed with the level; not the types above */
#define VMI_PAGE_PAE		0x10
#define VMI_PAGE_CLONE		0x20
#define VMI_PAGE_ZEROED		0x40

/* SetPxE, SetPxELong, UpdatePxE, UpdatePxELong: or'ed with the level */
#define VMI_PXE_CURRENT_AS	0x10	/* bits 12..31: address it maps  */
#define VMI_PXE_DEFER		0x20	/* may wait for the next flush   */
#define VMI_PXE_ADDRESS_MASK	0xFFFFF000

/* ClonePageTable, ClonePageDirectory: third argument */
#define VMI_CLONE_RANGE(start, count)	(((start) << 16) | (count))

/* ---- Deferral (section 6) ---- */

#define VMI_DEFER_NONE		0x00
#define VMI_DEFER_MMU		0x01
#define VMI_DEFER_CPU		0x02
#define VMI_DEFER_DT		0x04

#define VMI_LAZY_OFF		0	/* mask 0                        */
#define VMI_LAZY_MMU		1	/* mask VMI_DEFER_MMU            */
#define VMI_LAZY_CPU		2	/* mask VMI_DEFER_CPU | _DT      */

/* ---- Time (section 7) ---- */

#define VMI_CYCLES_REAL		0
#define VMI_CYCLES_AVAILABLE	1
#define VMI_CYCLES_STOLEN	2

#define VMI_ALARM_COUNTER_MASK	0x000000FF	/* VMI_CYCLES_...        */
#define VMI_ALARM_IS_ONESHOT	0x00000000
#define VMI_ALARM_IS_PERIODIC	0x00000100
#define VMI_ALARM_WIRED_IRQ0	0x00000000	/* the guest's IRQ 0     */
#define VMI_ALARM_WIRED_LVTT	0x00010000	/* its APIC timer vector */

#define VMI_WALLCLOCK_HZ	1000000000	/* wall time: ns         */

/* ---- Call sites of this guest library (docs/porting.md) ---- */

#define VMI_SITE_MAX		24	/* no site is longer             */
#define VMI_SITE_CALL		5	/* `call rel32`                  */
#define VMI_SITE_RECORD		32	/* bytes per record              */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus) && __cplusplus >= 201103L
#define VMI_STATIC_ASSERT(tag, cond)	static_assert(cond, #tag)
#elif !defined(__cplusplus) && defined(__STDC_VERSION__) && \
      __STDC_VERSION__ >= 201112L
#define VMI_STATIC_ASSERT(tag, cond)	_Static_assert(cond, #tag)
#else
#define VMI_STATIC_ASSERT(tag, cond)	\
	typedef char vmi_assert_##tag[(cond) ? 1 : -1]
#endif

#define VMI_PACKED	__attribute__((__packed__))

/* The call list: VMI_CALL_Init, ..., VMI_NR_CALLS */
enum vmi_call {
#define VMI_CALL(name, number, queue, site, place)	VMI_CALL_##name,
#include "vmi_calls.def"
	VMI_NR_CALLS
};

/* Their 3.0 numbers, VMI_NO_NUMBER where there is none: VMI_NUMBER_SetPxE */
enum vmi_number {
#define VMI_CALL(name, number, queue, site, place)	VMI_NUMBER_##name = (number),
#include "vmi_calls.def"
	VMI_NUMBER_UNKNOWN = VMI_NO_NUMBER
};

/* Bytes that a site of a call has at least: VMI_SITE_SIZE_Init, ... */
enum vmi_site_size {
#define VMI_CALL(name, number, queue, site, place)	VMI_SITE_SIZE_##name = (site),
#include "vmi_calls.def"
	VMI_SITE_SIZE_MAX = VMI_SITE_MAX
};

#define VMI_CALL(name, number, queue, site, place)				\
	VMI_STATIC_ASSERT(site_of_##name,				\
			  (site) >= VMI_SITE_CALL && (site) <= VMI_SITE_MAX);
#include "vmi_calls.def"

/* The ROM's header (section 1).  In comments: the proposal's names. */
struct vmi_rom_header {
	uint16_t rom_signature;		/* romSignature: 55 AA           */
	uint8_t rom_length;		/* romLength: 512-byte units     */
	uint8_t rom_entry[4];		/* romEntry: 16-bit jump         */
	uint8_t pad0;			/* romPad0                       */
	uint32_t signature;		/* hyperSignature: VMI_SIGNATURE */
	uint8_t api_minor;		/* APIVersionMinor               */
	uint8_t api_major;		/* APIVersionMajor               */
	uint8_t nr_slots;		/* reserved0: jump slots         */
	uint8_t reserved1;
	uint32_t virtual_top;		/* reserved2: start of the hole  */
	uint16_t reserved3;		/* reserved3, low half           */
	uint16_t licence;		/* reserved3, high: offset       */
	uint16_t pci_header;		/* pciHeaderOffset               */
	uint16_t pnp_header;		/* pnpHeaderOffset               */
	uint32_t pad3;			/* romPad3                       */
	uint8_t reserved[32];
	uint8_t elf_header[64];		/* elfHeader                     */
	uint8_t slot_init[VMI_SLOT_SIZE];
	uint8_t slot_get_relocation_info[VMI_SLOT_SIZE];
} VMI_PACKED;

#define VMI_ASSERT_OFFSET(type, field, offset)				\
	VMI_STATIC_ASSERT(type##_##field,				\
			  offsetof(struct type, field) == (offset))

VMI_ASSERT_OFFSET(vmi_rom_header, rom_signature, VMI_OFF_ROM_SIGNATURE);
VMI_ASSERT_OFFSET(vmi_rom_header, rom_length, VMI_OFF_ROM_LENGTH);
VMI_ASSERT_OFFSET(vmi_rom_header, rom_entry, VMI_OFF_ROM_ENTRY);
VMI_ASSERT_OFFSET(vmi_rom_header, pad0, 0x07);
VMI_ASSERT_OFFSET(vmi_rom_header, signature, VMI_OFF_SIGNATURE);
VMI_ASSERT_OFFSET(vmi_rom_header, api_minor, VMI_OFF_API_MINOR);
VMI_ASSERT_OFFSET(vmi_rom_header, api_major, VMI_OFF_API_MAJOR);
VMI_ASSERT_OFFSET(vmi_rom_header, nr_slots, VMI_OFF_NR_SLOTS);
VMI_ASSERT_OFFSET(vmi_rom_header, reserved1, 0x0F);
VMI_ASSERT_OFFSET(vmi_rom_header, virtual_top, VMI_OFF_VIRTUAL_TOP);
VMI_ASSERT_OFFSET(vmi_rom_header, reserved3, 0x14);
VMI_ASSERT_OFFSET(vmi_rom_header, licence, VMI_OFF_LICENCE);
VMI_ASSERT_OFFSET(vmi_rom_header, pci_header, VMI_OFF_PCI_HEADER);
VMI_ASSERT_OFFSET(vmi_rom_header, pnp_header, VMI_OFF_PNP_HEADER);
VMI_ASSERT_OFFSET(vmi_rom_header, pad3, 0x1C);
VMI_ASSERT_OFFSET(vmi_rom_header, reserved, 0x20);
VMI_ASSERT_OFFSET(vmi_rom_header, elf_header, VMI_OFF_ELF_HEADER);
VMI_ASSERT_OFFSET(vmi_rom_header, slot_init, VMI_OFF_SLOT_INIT);
VMI_ASSERT_OFFSET(vmi_rom_header, slot_get_relocation_info,
		  VMI_OFF_SLOT_GETRELOC);
VMI_STATIC_ASSERT(rom_header_size, sizeof(struct vmi_rom_header) == 0x90);

/* What VMI_GetRelocationInfo returns in EDX:EAX (section 2) */
struct vmi_relocation {
	uint32_t eip;			/* the entry                     */
	uint8_t type;			/* VMI_RELOCATION_...            */
	uint8_t reserved[3];		/* 0                             */
} VMI_PACKED;

VMI_ASSERT_OFFSET(vmi_relocation, eip, 0);
VMI_ASSERT_OFFSET(vmi_relocation, type, 4);
VMI_ASSERT_OFFSET(vmi_relocation, reserved, 5);
VMI_STATIC_ASSERT(relocation_size, sizeof(struct vmi_relocation) == 8);

/* A descriptor table register (section 3) */
struct vmi_dtr {
	uint16_t limit;
	uint32_t base;			/* linear                        */
} VMI_PACKED;

VMI_ASSERT_OFFSET(vmi_dtr, limit, 0);
VMI_ASSERT_OFFSET(vmi_dtr, base, 2);
VMI_STATIC_ASSERT(dtr_size, sizeof(struct vmi_dtr) == 6);

/* Page table entries: 32-bit paging, and PAE */
typedef uint32_t vmi_pte;
typedef uint64_t vmi_pte_long;

/*
 * VMI_SetInitialAPState (section 8).  Exactly 90 bytes are read; selectors
 * have RPL 0, hidden parts are loaded from the table at gdtr_base.
 */
struct vmi_ap_state {
	uint32_t cr0;			/* PE and PG set                 */
	uint32_t cr2;
	uint32_t cr3;
	uint32_t cr4;
	uint64_t efer;			/* LME and LMA clear             */
	uint32_t eip;
	uint32_t eflags;		/* IF: virtual IF                */
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
	uint32_t esp;
	uint32_t ebp;
	uint32_t esi;
	uint32_t edi;
	uint16_t cs;
	uint16_t ss;
	uint16_t ds;
	uint16_t es;
	uint16_t fs;
	uint16_t gs;
	uint16_t ldtr;
	uint16_t gdtr_limit;
	uint32_t gdtr_base;		/* linear                        */
	uint32_t idtr_base;		/* linear                        */
	uint16_t idtr_limit;
} VMI_PACKED;

VMI_ASSERT_OFFSET(vmi_ap_state, cr0, 0);
VMI_ASSERT_OFFSET(vmi_ap_state, cr2, 4);
VMI_ASSERT_OFFSET(vmi_ap_state, cr3, 8);
VMI_ASSERT_OFFSET(vmi_ap_state, cr4, 12);
VMI_ASSERT_OFFSET(vmi_ap_state, efer, 16);
VMI_ASSERT_OFFSET(vmi_ap_state, eip, 24);
VMI_ASSERT_OFFSET(vmi_ap_state, eflags, 28);
VMI_ASSERT_OFFSET(vmi_ap_state, eax, 32);
VMI_ASSERT_OFFSET(vmi_ap_state, ebx, 36);
VMI_ASSERT_OFFSET(vmi_ap_state, ecx, 40);
VMI_ASSERT_OFFSET(vmi_ap_state, edx, 44);
VMI_ASSERT_OFFSET(vmi_ap_state, esp, 48);
VMI_ASSERT_OFFSET(vmi_ap_state, ebp, 52);
VMI_ASSERT_OFFSET(vmi_ap_state, esi, 56);
VMI_ASSERT_OFFSET(vmi_ap_state, edi, 60);
VMI_ASSERT_OFFSET(vmi_ap_state, cs, 64);
VMI_ASSERT_OFFSET(vmi_ap_state, ss, 66);
VMI_ASSERT_OFFSET(vmi_ap_state, ds, 68);
VMI_ASSERT_OFFSET(vmi_ap_state, es, 70);
VMI_ASSERT_OFFSET(vmi_ap_state, fs, 72);
VMI_ASSERT_OFFSET(vmi_ap_state, gs, 74);
VMI_ASSERT_OFFSET(vmi_ap_state, ldtr, 76);
VMI_ASSERT_OFFSET(vmi_ap_state, gdtr_limit, 78);
VMI_ASSERT_OFFSET(vmi_ap_state, gdtr_base, 80);
VMI_ASSERT_OFFSET(vmi_ap_state, idtr_base, 84);
VMI_ASSERT_OFFSET(vmi_ap_state, idtr_limit, 88);
VMI_STATIC_ASSERT(ap_state_size, sizeof(struct vmi_ap_state) == 90);

/*
 * One call site, as the macros of vmi_site.h and vmi.inc record it in the
 * section .vmi_sites: the native instructions fill the first native_length
 * bytes of the site, multi-byte NOPs the rest.
 */
struct vmi_site {
	uint32_t address;		/* linear, of the first byte     */
	uint16_t call;			/* enum vmi_call                 */
	uint8_t length;			/* of the site                   */
	uint8_t native_length;
	uint8_t native[VMI_SITE_MAX];	/* zeros behind native_length    */
} VMI_PACKED;

VMI_ASSERT_OFFSET(vmi_site, address, 0);
VMI_ASSERT_OFFSET(vmi_site, call, 4);
VMI_ASSERT_OFFSET(vmi_site, length, 6);
VMI_ASSERT_OFFSET(vmi_site, native_length, 7);
VMI_ASSERT_OFFSET(vmi_site, native, 8);
VMI_STATIC_ASSERT(site_size, sizeof(struct vmi_site) == VMI_SITE_RECORD);

#endif /* __ASSEMBLER__ */
#endif /* VMI_ABI_H */
