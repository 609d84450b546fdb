// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's address spaces as the processor sees them: always in PAE format,
 * filled on demand from walks of the guest's own tables.  A space is found
 * again by the guest's CR3; its directories and tables come from the shadow
 * pool (shadowpage.c) and are shared with other spaces as the guest's are.
 *
 * While CR0.WP is clear the rights of the whole path are put into the last
 * entry; such pages cannot be shared, and all are volatile.
 */
#include "monitor.h"
#include "mmu/shadow.h"

#define NO_FRAME	0xffffffffu
#define SPACE_HASHES	256u
#define SPACE_SHARE	256u	/* pages of the pool per page of spaces */

struct space *current;
static struct space *spaces;
static unsigned space_count;
static uint64_t bare_directory, bare_monitor;	/* entries: the hole alone */
static struct space *space_hash[SPACE_HASHES];

bool space_uses(unsigned directory)
{
	unsigned gib;

	for (gib = 0; gib < GIBS; gib++)
		if (current->directory[gib] == directory)
			return true;
	return false;
}

static void set_slot(struct space *s, unsigned gib, unsigned directory)
{
	uint64_t entry = 0, monitor;

	shadows[s->directory[gib]].parents--;	/* those of none do not matter */
	shadows[directory].parents++;
	shadows[directory].parent = (uint16_t)(s - spaces);
	shadows[directory].used = true;
	if (directory)
		entry = block_physical(shadow_entries(directory)) | PTE_P;
	else if (gib == TOP_GIB)
		entry = bare_directory;
	monitor = entry;
	if (gib == TOP_GIB) {
		if (!directory)
			monitor = bare_monitor;
		else if (shadows[directory].twin)
			monitor = block_physical(shadow_entries(shadows[directory].twin)) | PTE_P;
	}
	s->directory[gib] = (uint16_t)directory;
	s->pdpt[gib] = entry;
	s->monitor_pdpt[gib] = monitor;
}

static void forget_in(struct space *s, unsigned directory)
{
	unsigned gib;

	for (gib = 0; gib < GIBS; gib++)
		if (s->directory[gib] == directory)
			set_slot(s, gib, 0);
}

/* A directory goes. */
void space_forget(unsigned directory)
{
	struct space *s;

	forget_in(&spaces[shadows[directory].parent], directory);
	for (s = spaces; shadows[directory].parents; s++)
		forget_in(s, directory);
}

/* ---- which space ---- */

static INLINE struct space **bucket(uint32_t key)
{
	return &space_hash[(key >> 12 ^ key >> 5) % SPACE_HASHES];
}

static void leave_hash(const struct space *s)
{
	struct space **at = bucket(s->key);

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

/* The one that was left longest ago becomes that of @key. */
static __attribute__((noinline)) struct space *new_space(uint32_t key)
{
	struct space *s, *oldest = NULL;
	unsigned gib;

	for (s = spaces; s < spaces + space_count; s++)
		if (s != current && (!oldest || s->used < oldest->used))
			oldest = s;
	s = oldest;
	if (s->key)
		leave_hash(s);
	s->key = key;
	s->kind = key % 4 == KEY_PAE ? SHADOW_TABLE64 : SHADOW_TABLE32;
	s->halves = key % 4 != KEY_PAE;
	for (gib = 0; gib < GIBS; gib++) {
		set_slot(s, gib, 0);
		s->guest_pdpte[gib] = 0;
	}
	s->next = *bucket(key);
	*bucket(key) = s;
	cpu->stats[STAT_SPACE_BUILT]++;
	return s;
}

static INLINE struct space *find_space(uint32_t key)
{
	struct space *s;

	for (s = *bucket(key); s; s = s->next)
		if (s->key == key)
			return s;
	return new_space(key);
}

static INLINE struct space *find_32(uint32_t cr3)
{
	return find_space((cr3 & PAGE_MASK) | KEY_32);
}

static INLINE struct space *find_pae(uint32_t cr3)
{
	return find_space((cr3 & ~31u) | KEY_PAE);
}

static __attribute__((noinline)) bool change_pdptes(struct space *s, uint32_t cr3)
{
	uint64_t pdpte[GIBS];
	unsigned gib;

	if (!walk_pdptes(cr3, pdpte))
		return false;
	for (gib = 0; gib < GIBS; gib++)
		if (s->guest_pdpte[gib] != pdpte[gib]) {
			s->guest_pdpte[gib] = pdpte[gib];
			set_slot(s, gib, 0);
		}
	return true;
}

/* PAE: what of the guest's PDPTEs is not as it was when they were loaded last for @s.  false: they cannot be. */
static __attribute__((noinline)) bool load_pdptes(struct space *s, uint32_t cr3)
{
	const uint64_t *old = s->guest_pdpte, *page = window(cr3 / PAGE_SIZE), *now = page + cr3 % PAGE_SIZE / 32 * 4;

	if (page && now[0] == old[0] && now[1] == old[1] && now[2] == old[2] && now[3] == old[3])
		return true;
	return change_pdptes(s, cr3);
}

bool shadow_load_pdptes(void)
{
	return load_pdptes(find_pae(cpu->cr3), cpu->cr3);
}

static __attribute__((noinline)) void mark_used(struct space *s)
{
	unsigned gib;

	for (gib = 0; gib < GIBS; gib++)
		shadows[s->directory[gib]].used = true;
	s->marks_taken = shadow_marks_taken;
}

/* The processor goes over to @s. */
static INLINE void enter_space(struct space *s)
{
	uint32_t guest, monitor;
	struct gate_info *info;

	if (s->marks_taken != shadow_marks_taken)
		mark_used(s);
	s->used = cpu->stats[STAT_SHADOW_FLUSH];
	current = s;
	info = cpu->info;
	guest = block_physical(s->pdpt);
	monitor = block_physical(s->monitor_pdpt);
	info->guest_cr3 = guest;
	info->monitor_cr3 = monitor;
	write_cr3(monitor);
}

static INLINE void flush(struct space *s)
{
	cpu->stats[STAT_SHADOW_FLUSH]++;
	if (volatile_first)
		shadowpage_drop_volatile();
	enter_space(s);
}

/* A flush of the guest's TLB. */
void shadow_flush(void)
{
	defer_flush();
	flush(current);
}

/* A load of CR3, with nothing left in the queue.  false: nothing has changed, the PDPTEs cannot be loaded. */
bool shadow_load_cr3(uint32_t value)
{
	struct space *s = current;

	if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE)) {
		s = find_pae(value);
		if (!load_pdptes(s, value))
			return false;
	} else if (cpu->cr0 & CR0_PG) {
		s = find_32(value);
	}
	cpu->cr3 = guest_state->cr3 = value;
	flush(s);
	return true;
}

static void enter_current(void)
{
	if (!(cpu->cr0 & CR0_PG))
		enter_space(find_space(KEY_FLAT));
	else
		enter_space(cpu->cr4 & CR4_PAE ? find_pae(cpu->cr3) : find_32(cpu->cr3));
}

/* What entries mean has changed: paging mode, CR0.WP, EFER.NXE. */
void shadow_reset(void)
{
	defer_flush();
	cpu->stats[STAT_SHADOW_RESET]++;
	device_prepare();
	fault_mode();
	shadowpage_drop_all();
	enter_current();
}

/* ---- filling ---- */

static bool combined(void)
{
	return (cpu->cr0 & (CR0_PG | CR0_WP)) == CR0_PG;
}

static unsigned open_directory(unsigned gib)
{
	unsigned key = current->key % 4, kind = SHADOW_DIRECTORY32, part = gib, directory = 0;
	uint32_t frame = cpu->cr3 / PAGE_SIZE;
	bool shared;

	if (key == KEY_PAE) {
		frame = (uint32_t)(current->guest_pdpte[gib] >> 12);
		kind = SHADOW_DIRECTORY64;
		part = gib == TOP_GIB ? gib : 0;
	} else if (key == KEY_FLAT) {
		frame = NO_FRAME;
		kind = SHADOW_FLAT;
	}
	shared = key == KEY_FLAT || (!combined() && table_announced(frame));
	if (shared)
		directory = shadowpage_find(frame, kind, part);
	if (!directory)
		directory = shadowpage_new(frame, kind, part, !shared);
	set_slot(current, gib, directory);
	write_cr3(read_cr3());		/* processors keep the PDPTEs of the last load */
	return directory;
}

/*
 * The bits PTE_U and PTE_W of an entry of ours for one of @rights.  A page that
 * is not dirty stays read-only, so that the first write is seen.
 */
static inline uint32_t fill_rights(uint32_t rights, uint32_t entry, unsigned access)
{
	if (!(rights & PTE_W))
		return access & ACCESS_WRITE ? PTE_W : rights & PTE_U;
	return entry & PTE_D ? rights & (PTE_U | PTE_W) : rights & PTE_U;
}

/* Is entry @index a large page, or the parts of one? */
static bool maps_large(unsigned directory, unsigned index)
{
	uint64_t entry = shadow_entries(directory)[index];
	unsigned table = shadowpage_child(entry);

	return (entry & PTE_P) && (!table || shadows[table].kind == SHADOW_SPLIT);
}

/*
 * Entry @index is to be a large page, or a page table's: what it was goes.  In
 * 32-bit mode the other entry of the guest's one must not be the other kind.
 */
static void part_pair(unsigned directory, unsigned index, bool large)
{
	const uint64_t *entries = shadow_entries(directory);
	bool other = current->key % 4 == KEY_32 && (entries[index ^ 1] & PTE_P) &&
		     maps_large(directory, index ^ 1) != large;

	if (!other && !(entries[index] & PTE_P))
		return;
	shadowpage_clear(directory, index);
	if (other)
		shadowpage_clear(directory, index ^ 1);
	write_cr3(read_cr3());
}

/* The shadow of the guest's table @t->table becomes that under entry @index of @directory. */
static unsigned open_table(unsigned directory, unsigned index, const struct translation *t,
			   unsigned kind, unsigned part, uint64_t flags)
{
	bool shared = !shadows[directory].is_volatile && table_announced(t->table);
	unsigned table = 0;

	part_pair(directory, index, false);
	if (shared)
		table = shadowpage_find(t->table, kind, part);
	if (!table)
		table = shadowpage_new(t->table, kind, part, !shared);
	shadowpage_link(directory, index, table, flags);
	return table;
}

/* That table, which mostly is in place. */
static inline unsigned find_table(unsigned directory, unsigned index, const struct translation *t,
				  bool all_rights)
{
	unsigned kind = current->kind, part = index & current->halves;
	uint64_t flags = all_rights ? PTE_W | PTE_U : t->pde & (PTE_W | PTE_U | PTE_NX);
	uint64_t entry = shadow_entries(directory)[index];
	unsigned table = shadowpage_child(entry);
	const struct shadow *s = &shadows[table];

	if (table && s->frame == t->table && s->kind == kind && s->part == part &&
	    !((entry ^ flags) & (PTE_W | PTE_U | PTE_NX)))
		return table;
	return open_table(directory, index, t, kind, part, flags);
}

static unsigned open_split(unsigned directory, unsigned index, uint32_t frame)
{
	unsigned table = shadowpage_child(shadow_entries(directory)[index]);

	if (table && shadows[table].kind == SHADOW_SPLIT && shadows[table].frame == frame)
		return table;
	part_pair(directory, index, true);
	table = shadowpage_new(frame, SHADOW_SPLIT, 0, shadows[directory].is_volatile);
	shadowpage_link(directory, index, table, PTE_W | PTE_U);
	return table;
}

/* All 2 MiB by one entry, if all of them may be mapped. */
static bool fill_large(unsigned directory, unsigned index, const struct translation *t, uint64_t flags)
{
	uint64_t old = shadow_entries(directory)[index];
	uint64_t base = t->physical & ~(uint64_t)(LARGE - 1);

	if ((old & (PTE_P | PTE_PS)) != (PTE_P | PTE_PS) || (old & PTE_FRAME) != base) {
		if (!frames_are_plain((uint32_t)(base >> 12), ENTRIES))
			return false;
		part_pair(directory, index, true);
	}
	shadowpage_set(directory, index, base | flags | PTE_PS);
	return true;
}

/* The part of shadow_fill() for all cases. */
static void fill(uint32_t linear, const struct translation *t, unsigned access, bool watched)
{
	unsigned gib = linear >> 30, index = linear / LARGE % ENTRIES, table;
	unsigned directory = current->directory[gib];
	bool path = t->large || combined();
	uint32_t low = (uint32_t)t->entry, high = (uint32_t)(t->entry >> 32) & NX_HIGH;
	uint32_t frame = (uint32_t)(t->physical >> 12);
	uint64_t *at;

	if (!directory)
		directory = open_directory(gib);
	if (path)
		high = t->nx ? NX_HIGH : 0;
	low = fill_rights(path ? t->rights : low, low, access) | (low & PTE_CACHE) | PTE_P | PTE_A | PTE_D;
	if (!t->large) {
		table = find_table(directory, index, t, path);
	} else {
		if (fill_large(directory, index, t, (uint64_t)high << 32 | low))
			return;
		table = open_split(directory, index, frame / ENTRIES * ENTRIES);
	}
	shadows[table].used = true;
	index = linear / PAGE_SIZE % ENTRIES;
	shadowpage_mark(&shadows[table], index);
	at = &shadow_entries(table)[index];
	if (watched)
		low &= ~PTE_W;
	shadow_write(at, frame << 12 | low, high | frame >> 20);
}

/*
 * Let the processor use translation @t.  false: it is no page that a guest may
 * reach.
 */
bool shadow_fill(uint32_t linear, const struct translation *t, unsigned access)
{
	uint32_t frame = (uint32_t)(t->physical >> 12);
	bool watched = frame_is_watched(frame);

	if (frame_is_device(frame) || (watched && (access & ACCESS_WRITE)))
		return false;
	cpu->stats[STAT_HIDDEN_FAULT]++;
	fill(linear, t, access, watched);
	invlpg(linear);
	return true;
}

/* ---- INVLPG ---- */

/* If entry @index maps a large page all of that goes, and out of the TLB if it was in parts. */
static void flush_large(unsigned directory, unsigned index)
{
	bool parts = shadowpage_child(shadow_entries(directory)[index]) != 0;

	if (!maps_large(directory, index))
		return;
	shadowpage_clear(directory, index);
	if (parts)
		write_cr3(read_cr3());
}

/*
 * A guest's page of 4 MiB spans two entries of a directory.  Where one of them
 * points to a page table the other is no such page: see part_pair().
 */
void shadow_flush_large(unsigned directory, uint32_t linear)
{
	unsigned index = linear / LARGE % ENTRIES;

	flush_large(directory, index);
	if (current->key % 4 == KEY_32)
		flush_large(directory, index ^ 1);
	invlpg(linear ^ LARGE);
}

/* ---- start ---- */

/* In POST: all memory is taken then. */
void shadow_prepare(void)
{
	unsigned pages = pool_free_pages() / SPACE_SHARE + 1;
	uint64_t *guest = pool_page(), *monitor = guest;

	if (boot.protect == PROTECT_PAGED) {
		monitor = pool_page();
		hole_fill_pd3(guest, monitor);
	} else {
		hole_fill_pd3(NULL, guest);
	}
	bare_directory = block_physical(guest) | PTE_P;
	bare_monitor = block_physical(monitor) | PTE_P;
	spaces = pool_pages(pages);
	space_count = pages * PAGE_SIZE / sizeof(*spaces);
	walk_prepare();
	tables_prepare();
	shadowpage_prepare();
}

/* From here on the processor uses the shadows. */
void shadow_start(void)
{
	current = spaces;
	device_prepare();
	fault_mode();
	enter_current();
}
