/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where everything lies: the linear addresses of the hole (the top 64 MiB, which
 * the guest leaves to the monitor), and the fixed layout at the start of the block
 * of RAM that POST reserves.  NASM gets the same numbers from offsets.c.
 * docs/architecture.md draws the map.
 */
#ifndef VMI_HOLE_H
#define VMI_HOLE_H

#define PAGE_SIZE		4096u
#define PAGE_MASK		0xfffff000u

/* The guest part: what ring 1 can reach, in every address space. */
#define HOLE_BASE		0xfc000000u
#define HOLE_ROM		HOLE_BASE	/* RAM copy of the ROM's resident part, read-only */
#define ROM_MAX			0x5000u		/* the most that part may have, in bytes */
#define HOLE_STATE		0xfc010000u	/* struct vcpu_state, writable */
#define HOLE_GATE_INFO		0xfc011000u	/* struct gate_info, read-only */
#define HOLE_QUEUE		0xfc012000u	/* deferred calls, writable */
#define QUEUE_FULL		(PAGE_SIZE - 8u)	/* a queue_head with no room left */
#define QUEUE_RECORD		1u		/* first word of a record: call << 2 | this */
#define HOLE_GUEST_END		0xfc020000u	/* segment mode cuts limits here */

/* The gate: what the processor needs in paged mode before CR3 maps the monitor. */
#define HOLE_GATE		0xfc020000u	/* entry and exit code, stubs */
#define HOLE_GATE_PAGES		2u
#define HOLE_GDT		0xfc040000u	/* shadow GDT, 64 KiB */
#define HOLE_IDT		0xfc050000u
#define HOLE_TSS		0xfc052000u	/* 104 bytes and the I/O bitmap */
#define HOLE_TSS_PAGES		3u
#define TSS_HEADER		104u
#define HOLE_PORT_MAP		(HOLE_TSS + TSS_HEADER)	/* the bitmap: 1 = the port traps */
#define PORT_MAP_CLOSED		0xffffu		/* its offset that makes all ports trap */
#define HOLE_STACK		0xfc058000u	/* entry stack; the pages below are not mapped */
#define HOLE_STACK_PAGES	2u
#define HOLE_STACK_TOP		(HOLE_STACK + HOLE_STACK_PAGES * PAGE_SIZE)
#define HOLE_SYSENTER_STACK	(HOLE_STACK_TOP - 24)	/* room for ESP to GS of struct frame */
#define HOLE_LDT		0xfc070000u	/* shadow LDT, 64 KiB */
#define TABLE_PAGES		16u		/* pages of a shadow GDT or LDT */

/* The monitor's own part: in paged mode it is never mapped while the guest runs. */
#define HOLE_CPU		0xfc060000u	/* struct vcpu */
#define HOLE_CPU_PAGES		4u
#define HOLE_BLOCK		0xfc400000u	/* the whole reserved block */
#define BLOCK_MAX		0x00c00000u
#define HOLE_WINDOWS		0xfe000000u	/* mappings of guest page frames: window.c */
#define WINDOW_COUNT		1024u
#define HOLE_APIC		0xfe400000u	/* the physical local APIC */
#define HOLE_IOAPIC		0xfe401000u	/* the first physical IO-APIC */
#define HOLE_DEVICE		0xfe402000u	/* a page of a device: hole_device() */

/*
 * The reserved block begins with what VMI_Init needs to switch page tables before
 * the monitor can run: page S with the switching code; page tables J, which map
 * every linear page to S, so that execution goes on there from any address (one set
 * non-PAE, one PAE); and the first PDPT of the monitor.
 */
#define BLOCK_SWITCH		0x0000u		/* page S */
#define BLOCK_J_PD		0x1000u
#define BLOCK_J_PT		0x2000u
#define BLOCK_PDPT		0x3000u		/* J's PDPT, then the monitor's first */
#define BLOCK_FIRST_PDPT	(BLOCK_PDPT + 32u)
#define BLOCK_J_PAE_PD		0x4000u
#define BLOCK_J_PAE_PT		0x5000u
#define BLOCK_IMAGE		0x6000u		/* the monitor is linked here */

/* Selectors of the monitor, above the limit of the guest's GDT (which LGDT enforces). */
#define GUEST_GDT_LIMIT		0xdfffu
#define MONITOR_CS		0xe000u
#define MONITOR_DS		0xe008u
#define MONITOR_TSS		0xe010u
#define MONITOR_LDT		0xe018u
#define MONITOR_GDT_LIMIT	0xe01fu

/*
 * Vectors of the monitor.  The APIC lets an interrupt through only if its class (the
 * vector's upper four bits) is above that of the one in service (SDM volume 3, 10.8.3).
 */
#define VECTOR_FIRST		0x9fu
#define VECTOR_TIMER		0x9fu		/* below all other classes: it blocks no other */
#define VECTOR_MSI		0xa0u		/* messages of PCI functions: dev/msi.c */
#define MSI_VECTORS		40u
#define VECTOR_IOAPIC		0xc8u		/* 24 pins */
#define VECTOR_PIC		0xe0u		/* sixteen lines */
#define VECTOR_PORT		0xf2u		/* VMI_OUTB OUTW OUTL INB INW INL */
#define PORT_CALLS		6u
#define PORT_GATE_SIZE		32u
#define VECTOR_CALL		0xf8u		/* monitor call, number in EBX */
#define VECTOR_DELIVER		0xf9u		/* virtual IF was set while an interrupt waits */
#define VECTOR_IRET		0xfau		/* VMI_IRET that needs the monitor */
#define VECTOR_HALT		0xfbu		/* VMI_Halt */
#define VECTOR_LAST_CALL	0xfbu		/* VECTOR_PORT to here the VMI layer uses by INT */
#define VECTOR_SPURIOUS		0xffu

#endif
