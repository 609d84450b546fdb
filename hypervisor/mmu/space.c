// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: for each value of the guest's CR3 a PDPT, always in PAE format, which
 * the processor uses.  So a load of CR3 that was seen before is a lookup.  The
 * directories come from the shadow pool (shadowpage.c) and are shared with other
 * spaces as the guest's own directories are.
 */
#include "mmu/shadow.h"

#define SPACE_SHARE	256u	/* pages of the pool per page of spaces */

/* ---- which space ---- */

/* The head of the hash chain for CR3 value @root. */
static INLINE struct space **bucket(uint32_t root)
{
	return &mmu.space_hash[(root >> 12 ^ root >> 5) % SPACE_HASHES];
}

static void unhash_space(const struct space *s)
{
	struct space **at = bucket(s->root);

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

/* Make a space for @root out of the one that was not entered for longest. */
static NOINLINE struct space *new_space(uint32_t root, enum space_mode mode)
{
	struct space *s, *oldest = NULL;
	unsigned gib;

	for (s = mmu.spaces; s < mmu.spaces + mmu.space_count; s++)
		if (s != this_vcpu()->space && (!oldest || s->used < oldest->used))
			oldest = s;
	s = oldest;
	if (s->mode != SPACE_NONE)
		unhash_space(s);
	s->root = root;
	s->mode = (uint8_t)mode;
	s->table_kind = mode == SPACE_PAE ? SHADOW_TABLE64 : SHADOW_TABLE32;
	s->halves = mode != SPACE_PAE;
	for (gib = 0; gib < GIBS; gib++) {
		link_directory(s, gib, 0);
		s->guest_pdpte[gib] = 0;
	}
	s->next = *bucket(root);
	*bucket(root) = s;
	this_vcpu()->stats[STAT_SPACE_BUILT]++;
	return s;
}

static INLINE struct space *find_space(uint32_t root, enum space_mode mode)
{
	struct space *s;

	for (s = *bucket(root); s; s = s->next)
		if (s->root == root && s->mode == mode)
			return s;
	return new_space(root, mode);
}

static INLINE struct space *find_32(uint32_t cr3)
{
	return find_space(cr3 & PAGE_MASK, SPACE_32);
}

static INLINE struct space *find_pae(uint32_t cr3)
{
	return find_space(cr3 & ~31u, SPACE_PAE);
}

/* ---- PDPTEs, with PAE ---- */

/* Some PDPTE has changed, or the table is in no window. */
static NOINLINE bool change_pdptes(struct space *s, uint32_t cr3)
{
	uint64_t pdpte[GIBS];
	unsigned gib;

	if (!walk_pdptes(cr3, pdpte))
		return false;
	for (gib = 0; gib < GIBS; gib++)
		if (s->guest_pdpte[gib] != pdpte[gib]) {
			s->guest_pdpte[gib] = pdpte[gib];
			link_directory(s, gib, 0);
		}
	return true;
}

static INLINE bool are_as_before(const struct space *s, const uint64_t *now)
{
	const uint64_t *old = s->guest_pdpte;

	return now[0] == old[0] && now[1] == old[1] && now[2] == old[2] && now[3] == old[3];
}

/*
 * Load the guest's PDPTEs from the table at @cr3, as MOV CR3 does.  Directories of @s
 * whose PDPTE has changed since it was loaded last are unlinked.  false: a PDPTE is
 * invalid, and nothing has changed.
 */
static NOINLINE bool load_space_pdptes(struct space *s, uint32_t cr3)
{
	const uint64_t *page = window(cr3 / PAGE_SIZE);

	return (page && are_as_before(s, page + cr3 % PAGE_SIZE / 32 * GIBS)) ||
	       change_pdptes(s, cr3);
}

bool shadow_load_pdptes(void)
{
	uint32_t cr3 = this_vcpu()->cr3;

	return load_space_pdptes(find_pae(cr3), cr3);
}

/* ---- going over to a space ---- */

/*
 * Protect the directories of @s from eviction for a while.  Only needed if evict() has
 * taken marks from directories since this was done last.
 */
static NOINLINE void mark_used(struct space *s)
{
	unsigned gib;

	for (gib = 0; gib < GIBS; gib++)
		mmu.shadows[s->directory[gib]].used = true;
	s->marks_taken = mmu.marks_taken;
}

/* Make @s the current space.  Loading CR3 flushes the TLB, too. */
static INLINE void enter_space(struct space *s)
{
	struct gate_info *info = info_page_rw();
	uint32_t guest = block_physical(s->pdpt), monitor = block_physical(s->monitor_pdpt);

	if (s->marks_taken != mmu.marks_taken)
		mark_used(s);
	s->used = mmu.clock;
	this_vcpu()->space = s;
	info->guest_cr3 = guest;
	info->monitor_cr3 = monitor;
	write_cr3(monitor);
}

/* Drop the volatile shadows, and enter @s. */
static INLINE void flush_into(struct space *s)
{
	mmu.clock++;
	this_vcpu()->stats[STAT_SHADOW_FLUSH]++;
	if (mmu.volatile_first)
		shadowpage_drop_volatile();
	enter_space(s);
}

void shadow_flush(void)
{
	flush_into(this_vcpu()->space);
}

/* A space whose PDPTEs have not changed keeps its directories, so this rebuilds nothing. */
bool shadow_load_cr3(uint32_t value)
{
	struct vcpu *v = this_vcpu();
	struct space *s = v->space;

	if ((v->cr0 & CR0_PG) && (v->cr4 & CR4_PAE)) {
		s = find_pae(value);
		if (!load_space_pdptes(s, value))
			return false;
	} else if (v->cr0 & CR0_PG) {
		s = find_32(value);
	}
	v->cr3 = state_page()->cr3 = value;
	flush_into(s);
	return true;
}

void space_enter(void)
{
	struct vcpu *v = this_vcpu();

	if (!(v->cr0 & CR0_PG))
		enter_space(find_space(0, SPACE_FLAT));
	else
		enter_space(v->cr4 & CR4_PAE ? find_pae(v->cr3) : find_32(v->cr3));
}

/* ---- directories ---- */

bool space_combines_rights(void)
{
	return (this_vcpu()->cr0 & (CR0_PG | CR0_WP)) == CR0_PG;
}

/*
 * A directory is shared with other spaces if the guest has announced the table that it
 * shadows, and rights are not combined (CR0.WP).  Flat ones are all the same.  One that
 * another GiB of the space has may map, by tables never announced, what is older than
 * an INVLPG of the same page in this one: that goes.
 */
unsigned space_open_directory(unsigned gib)
{
	struct space *s = this_vcpu()->space;
	unsigned kind = SHADOW_DIRECTORY32, part = gib, directory = 0;
	uint32_t frame = this_vcpu()->cr3 / PAGE_SIZE;
	bool shared;

	if (s->mode == SPACE_PAE) {
		frame = (uint32_t)(s->guest_pdpte[gib] >> 12);
		kind = SHADOW_DIRECTORY64;
		part = gib == TOP_GIB ? gib : 0;
	} else if (s->mode == SPACE_FLAT) {
		frame = NO_FRAME;
		kind = SHADOW_FLAT;
	}
	shared = s->mode == SPACE_FLAT || (!space_combines_rights() && table_announced(frame));
	if (shared)
		directory = shadowpage_find(frame, kind, part);
	if (directory && shadowpage_is_current(directory))
		shadowpage_drop_volatile();
	if (!directory)
		directory = shadowpage_new(frame, kind, part, !shared);
	link_directory(s, gib, directory);
	reload_cr3();		/* the processor uses PDPTEs as they were when CR3 was loaded */
	return directory;
}

/* ---- start ---- */

/* Make the directories for fourth GiBs that have only the hole. */
static void prepare_bare(struct vcpu *v)
{
	uint64_t *guest = pool_page(), *monitor = guest;

	if (boot.protect == PROTECT_PAGED) {
		monitor = pool_page();
		hole_fill_pd3(v, guest, monitor);
	} else {
		hole_fill_pd3(v, NULL, guest);
	}
	v->bare_directory = block_physical(guest) | PTE_P;
	v->bare_monitor = block_physical(monitor) | PTE_P;
}

void space_prepare(void)
{
	unsigned pages = pool_free_pages() / SPACE_SHARE + 1;

	prepare_bare(boot.vcpu);
	mmu.spaces = pool_pages(pages);
	mmu.space_count = pages * PAGE_SIZE / sizeof(*mmu.spaces);
}
