/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where everything lies: the linear addresses of the hole, and the fixed start
 * of the block of RAM that POST reserves.  NASM reads the same numbers through
 * offsets.c.  docs/architecture.md draws the map.
 */
#ifndef VMI_HOLE_H
#define VMI_HOLE_H

#define PAGE_SIZE		4096u
#define PAGE_MASK		0xfffff000u

/* The guest part: what ring 1 reaches in every address space. */
#define HOLE_BASE		0xfc000000u
#define HOLE_ROM		HOLE_BASE	/* RAM copy of the ROM's resident part, read-only */
#define ROM_MAX			0x5000u		/* that part's most; there is room up to HOLE_STATE */
#define HOLE_STATE		0xfc010000u	/* struct vcpu_state, writable */
#define HOLE_GATE_INFO		0xfc011000u	/* struct gate_info, read-only */
#define HOLE_QUEUE		0xfc012000u	/* deferred calls, writable */
#define QUEUE_FULL		(PAGE_SIZE - 8u)	/* from there on: no room for one more record */
#define QUEUE_RECORD		1u		/* in a record's first word: call << 2 */
#define HOLE_GUEST_END		0xfc020000u	/* segment mode cuts limits here */

/* The gate: what the processor needs before the monitor is mapped. */
#define HOLE_GATE		0xfc020000u	/* entry and exit code, stubs */
#define HOLE_GATE_PAGES		2u
#define HOLE_GDT		0xfc040000u	/* shadow GDT, 64 KiB */
#define HOLE_IDT		0xfc050000u
#define HOLE_TSS		0xfc052000u	/* 104 bytes and the I/O bitmap */
#define HOLE_TSS_PAGES		3u
#define TSS_HEADER		104u
#define HOLE_PORT_MAP		(HOLE_TSS + TSS_HEADER)	/* a bit per port: 1 = not straight to the hardware */
#define PORT_MAP_CLOSED		0xffffu		/* as offset of the TSS's bitmap: beyond its limit */
#define HOLE_STACK		0xfc058000u	/* entry stack, a gap below it */
#define HOLE_STACK_PAGES	2u
#define HOLE_STACK_TOP		(HOLE_STACK + HOLE_STACK_PAGES * PAGE_SIZE)
#define HOLE_SYSENTER_STACK	(HOLE_STACK_TOP - 24)	/* a frame's ESP, SS and V8086 part above */
#define HOLE_LDT		0xfc070000u	/* shadow LDT, 64 KiB */
#define TABLE_PAGES		16u		/* of a shadow GDT or LDT */

/* The monitor's own: never mapped while a paged-mode guest runs. */
#define HOLE_CPU		0xfc060000u	/* struct vcpu */
#define HOLE_CPU_PAGES		4u
#define HOLE_BLOCK		0xfc400000u	/* the whole reserved block */
#define BLOCK_MAX		0x00c00000u
#define HOLE_WINDOWS		0xfe000000u	/* guest frames, one PTE each */
#define WINDOW_COUNT		1024u
#define HOLE_APIC		0xfe400000u	/* the physical local APIC */
#define HOLE_IOAPIC		0xfe401000u	/* and the first IO-APIC */

/*
 * The reserved block begins with what VMI_Init's switch needs before the
 * monitor can run: page S, the tables J that map every linear page to S (one
 * set of them non-PAE, one PAE), and the monitor's first PDPT.
 */
#define BLOCK_SWITCH		0x0000u		/* page S */
#define BLOCK_J_PD		0x1000u
#define BLOCK_J_PT		0x2000u
#define BLOCK_PDPT		0x3000u		/* J's, then the first one */
#define BLOCK_FIRST_PDPT	(BLOCK_PDPT + 32u)
#define BLOCK_J_PAE_PD		0x4000u
#define BLOCK_J_PAE_PT		0x5000u
#define BLOCK_IMAGE		0x6000u		/* the monitor is linked here */

/* Selectors of the monitor, above every one that a guest may have. */
#define GUEST_GDT_LIMIT		0xdfffu
#define MONITOR_CS		0xe000u
#define MONITOR_DS		0xe008u
#define MONITOR_TSS		0xe010u
#define MONITOR_LDT		0xe018u
#define MONITOR_GDT_LIMIT	0xe01fu

/* Vectors of the monitor. */
#define VECTOR_FIRST		0xbfu
#define VECTOR_TIMER		0xbfu		/* alone in its class, the lowest: it blocks no other */
#define VECTOR_IOAPIC		0xc8u		/* 24 pins */
#define VECTOR_PIC		0xe0u		/* sixteen lines */
#define VECTOR_PORT		0xf2u		/* VMI_OUTB OUTW OUTL INB INW INL */
#define PORT_CALLS		6u
#define PORT_GATE_SIZE		32u
#define VECTOR_CALL		0xf8u		/* monitor call, number in EBX */
#define VECTOR_DELIVER		0xf9u		/* virtual IF went up */
#define VECTOR_IRET		0xfau		/* VMI_IRET that needs the monitor */
#define VECTOR_HALT		0xfbu		/* VMI_Halt */
#define VECTOR_SPURIOUS		0xffu

#endif
