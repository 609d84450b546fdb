/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's page tables: 4 KiB pages, two levels or PAE as configured at
 * boot, one identity mapping of the first 64 MiB (page 0 stays unmapped), and
 * if asked for the same pages once more at HIGH_ALIAS.
 *
 * Entries are 64 bits wide here whatever the mode. Every change goes through
 * VMI_SetPte or VMI_SetPteLong.
 */
#ifndef RUNTIME_PAGING_H
#define RUNTIME_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "memory.h"

#define HIGH_ALIAS	0xc0000000u

#define PTE_PRESENT	0x001u
#define PTE_WRITE	0x002u
#define PTE_USER	0x004u
#define PTE_UNCACHED	0x010u
#define PTE_ACCESSED	0x020u
#define PTE_DIRTY	0x040u
#define PTE_LARGE	0x080u
#define PTE_GLOBAL	0x100u
#define PTE_FLAGS	0xfffu
#define PTE_NX		(1ull << 63)	/* in PAE's entries */

/* Builds the tables and turns paging on; before activation. */
void paging_init(const struct boot_config *config);

enum boot_paging paging_mode(void);

/* The value for CR3 of the address space that paging_init() built. */
uint32_t paging_kernel_root(void);

/*
 * A further address space. It shares the kernel's page tables and starts with
 * none of its own: map what differs by paging_map_in().
 */
uint32_t paging_new_root(void);

/*
 * Maps a page; missing page tables are allocated. A mapping that was present
 * before is invalidated. The short forms use the kernel's own root.
 */
void paging_map_in(uint32_t root, uint32_t linear, uint32_t frame,
		   uint32_t flags);
void paging_map(uint32_t linear, uint32_t frame, uint32_t flags);
void paging_unmap(uint32_t linear);

/* The entry that maps a page, 0 if there is no page table. */
uint64_t paging_entry(uint32_t linear);

/* Replaces the entry, and invalidates nothing: that is the caller's part. */
void paging_set_entry(uint32_t linear, uint64_t entry);

/*
 * Announces an address space to the monitor (VMI_RegisterPageUsage): its
 * directories, the table for one address, and the kernel's own tables.
 */
void paging_announce(uint32_t root, uint32_t linear);

/* Address of the entry itself (4 or 8 bytes), NULL if there is no table. */
void *paging_entry_address(uint32_t root, uint32_t linear);

#endif
