/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces: the kernel's half shared, one page table of 4 MiB private;
 * frames with a count of who maps them, for copy on write.
 */
#ifndef BENCH_SPACE_H
#define BENCH_SPACE_H

#include "bench.h"

#define PRIVATE_START	0x40000000u
#define PRIVATE_PAGES	1024u
#define PAGE_RW		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define PAGE_RO		(PTE_PRESENT | PTE_USER)

struct space {
	uint32_t root;		/* for CR3 */
	vmi_pte *table;		/* maps PRIVATE_START */
};

/* Frames that are not cleared; a frame that is put back is handed out next. */
uint32_t frame_get(void);
void frame_put(uint32_t frame);
void frame_share(uint32_t frame);
bool frame_is_shared(uint32_t frame);

void page_clear(uint32_t frame);
void page_copy(uint32_t to, uint32_t from);

/* Before any other space. */
void space_announce_kernel(void);

/* A space that maps nothing private; its tables are announced. */
void space_create(struct space *space);

/* Frees tables and private pages. */
void space_destroy(struct space *space);

/* A page table for `linear` in the kernel's own space, announced and empty. */
vmi_pte *space_kernel_table(uint32_t linear);

/* All private pages shared, copy on write in both; `defer` batches the updates. */
void space_fork(struct space *child, struct space *parent, bool defer);

/* Maps `pages` new pages, writable. */
void space_populate(struct space *space, uint32_t pages);

/* Ends the sharing of the page at `linear`, after a write fault there. */
void space_unshare(struct space *space, uint32_t linear);

/* Everything a kernel does when it changes over to another process. */
void space_switch(const struct space *to, bool defer);

#endif
