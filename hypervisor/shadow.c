// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow page tables: what the processor walks while the guest runs.  In
 * PAE format always, filled on demand from walks of the guest's own tables, and
 * with the semantics of a TLB: a flush drops them.
 *
 * The four page directories stay; page tables come from the pool, and when
 * there is none left, all are dropped.  The fourth directory exists twice in
 * paged mode: the guest's lacks the monitor.
 */
#include "monitor.h"

#define PTE_P		0x001u
#define PTE_W		0x002u
#define PTE_U		0x004u
#define PTE_A		0x020u
#define PTE_D		0x040u
#define PTE_NX		(1ull << 63)
#define DIRECTORY_LARGE	0x200u		/* ours: holds parts of a large guest page */
#define ENTRIES		512u
#define LARGE		0x200000u

#define IO_APIC_FRAME		0xfec00u
#define LOCAL_APIC_FRAME	0xfee00u

/* A page table in use, and the directory entry that points to it. */
struct table {
	uint64_t *entries;
	unsigned directory_index;	/* 0 to 2047 */
};

static uint64_t guest_pdpt[4] __attribute__((aligned(32)));
static uint64_t monitor_pdpt[4] __attribute__((aligned(32)));
static uint64_t *directory[4];		/* [3] is the guest's */
static uint64_t *monitor_directory;	/* of the fourth GiB */
static struct table *tables;
static unsigned table_count, tables_used;

/* The pages of the interrupt controllers, of the physical and of the guest's. */
bool frame_is_device(uint64_t frame)
{
	return frame == LOCAL_APIC_FRAME || frame == IO_APIC_FRAME || frame_is_monitor(frame) ||
	       shield_is_frame(frame) || apic_decodes(&cpu->apic, frame << 12);
}

static void set_directory(unsigned index, uint64_t entry)
{
	unsigned gib = index / ENTRIES;

	directory[gib][index % ENTRIES] = entry;
	if (gib == 3)
		monitor_directory[index % ENTRIES] = entry;
}

void shadow_flush(void)
{
	cpu->stats[STAT_SHADOW_FLUSH]++;
	while (tables_used) {
		struct table *t = &tables[--tables_used];

		set_directory(t->directory_index, 0);
	}
	write_cr3(read_cr3());
}

/* The page table for @linear, or NULL. */
static uint64_t *find_table(uint32_t linear)
{
	uint64_t entry = directory[linear >> 30][linear / LARGE % ENTRIES];

	if (!(entry & PTE_P))
		return NULL;
	return (uint64_t *)(((uint32_t)entry & PAGE_MASK) - boot.block + HOLE_BLOCK);
}

static uint64_t *make_table(uint32_t linear)
{
	struct table *t;

	if (tables_used == table_count)
		shadow_flush();
	t = &tables[tables_used++];
	t->directory_index = linear / LARGE;
	memset(t->entries, 0, PAGE_SIZE);
	set_directory(t->directory_index, block_physical(t->entries) | PTE_P | PTE_W | PTE_U | PTE_A);
	return t->entries;
}

/*
 * Let the processor use translation @t.  A page that is not dirty stays
 * read-only, so that the first write is seen.  Where the guest's kernel may
 * write though the entry is read-only (CR0.WP clear), the page is the
 * supervisor's until a user access turns it back.
 */
void shadow_set(uint32_t linear, const struct translation *t, unsigned access)
{
	uint64_t *table = find_table(linear);
	uint64_t entry = (t->physical & ~0xfffull) | PTE_P | PTE_A | PTE_D | t->cache;

	if (!table)
		table = make_table(linear);
	if (t->user)
		entry |= PTE_U;
	if (t->write && t->dirty)
		entry |= PTE_W;
	else if (!t->write && (access & ACCESS_WRITE))
		entry = (entry | PTE_W) & ~(uint64_t)PTE_U;
	if (t->nx)
		entry |= PTE_NX;
	table[linear / PAGE_SIZE % ENTRIES] = entry;
	if (t->large)
		directory[linear >> 30][linear / LARGE % ENTRIES] |= DIRECTORY_LARGE;
	invlpg(linear);
}

/* The part of a large guest page goes with all that its table holds. */
static void flush_directory(unsigned index)
{
	if (directory[index / ENTRIES][index % ENTRIES] & DIRECTORY_LARGE) {
		memset(find_table(index * LARGE), 0, PAGE_SIZE);
		write_cr3(read_cr3());
	}
}

/* INVLPG: a guest page of 4 MiB spans two directory entries. */
void shadow_flush_page(uint32_t linear)
{
	unsigned index = linear / LARGE;
	uint64_t *table;

	if (linear >= HOLE_BASE)
		return;
	flush_directory(index);
	flush_directory(index ^ 1);
	table = find_table(linear);
	if (!table)
		return;
	table[linear / PAGE_SIZE % ENTRIES] = 0;
	invlpg(linear);
}

/* In POST: all memory is taken then. */
void shadow_prepare(void)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		directory[i] = pool_page();
		guest_pdpt[i] = block_physical(directory[i]) | PTE_P;
		monitor_pdpt[i] = guest_pdpt[i];
	}
	monitor_directory = directory[3];
	if (boot.protect == PROTECT_PAGED) {
		monitor_directory = pool_page();
		monitor_pdpt[3] = block_physical(monitor_directory) | PTE_P;
		hole_fill_pd3(directory[3], monitor_directory);
	} else {
		hole_fill_pd3(NULL, monitor_directory);
	}
	tables = pool_page();
	table_count = PAGE_SIZE / sizeof(*tables);
	if (table_count > pool_free_pages())
		table_count = pool_free_pages();
	for (i = 0; i < table_count; i++)
		tables[i].entries = pool_page();
}

/* From here on the processor uses the shadows. */
void shadow_start(void)
{
	cpu->info->monitor_cr3 = block_physical(monitor_pdpt);
	cpu->info->guest_cr3 = block_physical(guest_pdpt);
	write_cr3(cpu->info->monitor_cr3);
	shadow_flush();
}
