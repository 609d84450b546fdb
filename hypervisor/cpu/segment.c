// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow GDT and LDT, which the processor uses.  Their entries are made from the
 * guest's by segment_sanitize() (model/descriptor.c), and the emulator's questions about
 * segments are answered from them.
 */
#include "cpu/cpu.h"

#define DPL(d)		((d)->high >> HIGH_DPL_SHIFT & 3)

#define shadow_gdt	((struct descriptor *)HOLE_GDT)
#define shadow_ldt	((struct descriptor *)HOLE_LDT)

struct descriptor *segment_lookup(uint16_t selector)
{
	const struct vcpu *v = this_vcpu();
	unsigned offset = selector & SELECTOR_INDEX;

	if (selector & SELECTOR_TI)
		return v->ldt && offset + 7 <= v->ldt_limit ? &shadow_ldt[offset / 8] : NULL;
	return offset && offset + 7 <= v->gdt.limit ? &shadow_gdt[offset / 8] : NULL;
}

bool segment_guest(uint16_t selector, struct descriptor *d)
{
	uint32_t base = selector & SELECTOR_TI ? this_vcpu()->ldt_base : this_vcpu()->gdt.base;

	return segment_lookup(selector) &&
	       guest_read(base + (selector & SELECTOR_INDEX), d, sizeof(*d), ACCESS_READ);
}

/* Keep the guest's descriptor, from which @shadow is about to be made: see gdt_raw. */
static inline void remember(const struct descriptor *shadow, uint32_t low, uint32_t high)
{
	if (shadow < shadow_gdt + GDT_RAW)
		this_vcpu()->gdt_raw[shadow - shadow_gdt] = (struct descriptor){ low, high };
}

#define FILL_AT_ONCE	64u

/* How many of @n descriptors at @base can be read at once: those in one page, but at least one. */
static unsigned fill_count(uint32_t base, unsigned n)
{
	unsigned here = (PAGE_SIZE - base % PAGE_SIZE) / sizeof(struct descriptor);

	here = here ? here : 1;
	here = here < FILL_AT_ONCE ? here : FILL_AT_ONCE;
	return here < n ? here : n;
}

/*
 * Make entries 0 to @end - 1 of a shadow table from the guest's table at @base.  Where
 * that cannot be read they are not present; many are tried at once, so that a table of
 * 8192 entries in pages that are absent does not take 8192 page faults.
 */
static void fill_table(struct descriptor *table, uint32_t base, unsigned end)
{
	struct descriptor raw[FILL_AT_ONCE], *shadow = table;
	unsigned n, i;

	for (; end; end -= n, base += n * sizeof(*raw)) {
		n = fill_count(base, end);
		if (!guest_read(base, raw, n * sizeof(*raw), ACCESS_READ))
			memset(raw, 0, n * sizeof(*raw));
		for (i = 0; i < n; i++, shadow++) {
			remember(shadow, raw[i].low, raw[i].high);
			*shadow = segment_sanitize(raw[i], boot.protect);
		}
	}
}

/*
 * FS and GS hold the guest's selectors while the monitor runs, so they must be loaded
 * again after a change; the others are loaded on the way out.  A selector that can no
 * longer be loaded becomes null.  What flat.c remembers may no longer be true.
 */
void segment_reload(void)
{
	struct flat *flat = info_page_rw()->flat;
	uint32_t fs, gs;

	flat[FLAT_EXCEPTION].ss = flat[FLAT_PAGE_FAULT].ss = flat[FLAT_INTERRUPT].ss = 0;
	__asm__ volatile("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	if (fixup_load_fs(fs & 0xffff))
		fixup_load_fs(0);
	if (fixup_load_gs(gs & 0xffff))
		fixup_load_gs(0);
}

/* Watch the pages of a table that was loaded; drop the shadows that map them writable. */
static void watch_table(unsigned which, uint32_t base, uint32_t bytes)
{
	if (watch_begin(which, base, bytes))
		shadow_reset();
}

unsigned segment_load_gdt(uint32_t base, uint16_t limit)
{
	struct vcpu *v = this_vcpu();
	unsigned old = (v->gdt.limit + 1u) / 8, new = (limit + 1u) / 8;

	v->gdt.base = base;
	v->gdt.limit = limit;
	v->gdt_quick = 0;
	fill_table(shadow_gdt, base, new);
	if (old > new)
		memset(&shadow_gdt[new], 0, (old - new) * 8);
	watch_table(WATCH_GDT, base, limit + 1u);
	return SEGMENT_CHANGED | SEGMENT_CODE_CHANGED;
}

/* The processor's LDT is the shadow LDT, by a descriptor of the monitor in the shadow GDT. */
unsigned segment_load_ldt(uint32_t base, uint32_t limit)
{
	struct descriptor *d = &shadow_gdt[MONITOR_LDT / 8];
	uint32_t selector = limit ? MONITOR_LDT : 0;

	if (limit > 0xffff)
		limit = 0xffff;
	this_vcpu()->ldt_base = base;
	this_vcpu()->ldt_limit = limit;
	fill_table(shadow_ldt, base, limit ? (limit + 1u) / 8 : 0);
	d->low = HOLE_LDT << 16 | limit;
	d->high = (HOLE_LDT & 0xff000000u) | (HOLE_LDT >> 16 & 0xff) | HIGH_LDT;
	__asm__ volatile("lldt %w0" : : "r"(selector));
	watch_table(WATCH_LDT, base, limit ? limit + 1 : 0);
	return SEGMENT_CHANGED;
}

/* Is there an entry @index in the loaded table @which? */
static inline bool in_table(unsigned which, unsigned index)
{
	const struct vcpu *v = this_vcpu();

	return which == WATCH_GDT ? index < (v->gdt.limit + 1u) / 8 :
				    v->ldt && index < (v->ldt_limit + 1) / 8;
}

/* Write a shadow entry.  Returns what has changed, as SEGMENT_* bits. */
static inline unsigned replace_entry(struct descriptor *shadow, const struct known_descriptor *k)
{
	struct descriptor old = *shadow, new = k->safe;

	wrap_forget();
	if (old.low == new.low && old.high == new.high)
		return 0;
	*shadow = new;
	return (old.high | new.high) & HIGH_CODE ? SEGMENT_CHANGED | SEGMENT_CODE_CHANGED :
						   SEGMENT_CHANGED;
}

/* The cache does not have this descriptor: put it there. */
static NOINLINE unsigned learn_descriptor(struct descriptor *shadow, struct known_descriptor *k,
					  uint32_t low, uint32_t high)
{
	k->raw = (struct descriptor){ low, high };
	k->safe = segment_sanitize(k->raw, boot.protect);
	return replace_entry(shadow, k);
}

/*
 * Update the shadow of the guest's descriptor @low, @high.  Kernels write the same few
 * again and again, at a task switch for instance, so results are cached.
 */
static NOINLINE unsigned update_entry(struct descriptor *shadow, uint32_t low, uint32_t high)
{
	struct known_descriptor *k = &this_vcpu()->known[(low >> 28 ^ high) % KNOWN_DESCRIPTORS];

	remember(shadow, low, high);
	if (k->raw.low != low || k->raw.high != high)
		return learn_descriptor(shadow, k, low, high);
	return replace_entry(shadow, k);
}

/* The store may have changed a part of the entry, so all of it is read again. */
unsigned segment_entry_stored(unsigned which, unsigned index)
{
	uint32_t base = which == WATCH_GDT ? this_vcpu()->gdt.base : this_vcpu()->ldt_base;
	struct descriptor d;

	if (!in_table(which, index) || !guest_read(base + index * 8, &d, sizeof(d), ACCESS_READ))
		return 0;
	return update_entry(which == WATCH_GDT ? &shadow_gdt[index] : &shadow_ldt[index],
			    d.low, d.high);
}

/*
 * From the first call on, segment_entry_changed() may compare with gdt_raw; but not if
 * the table reaches into the hole, where the guest has no memory.
 */
static void use_gdt_raw(void)
{
	struct vcpu *v = this_vcpu();
	uint32_t bytes = (v->gdt.limit + 1u) & ~7u;

	if (bytes > sizeof(v->gdt_raw))
		bytes = sizeof(v->gdt_raw);
	if (v->gdt.base <= HOLE_BASE - bytes)
		v->gdt_quick = bytes;
}

/* The slow path: the first call for a table, the LDT, and GDT entries beyond gdt_raw. */
static NOINLINE unsigned any_entry_changed(uint32_t at)
{
	uint32_t in_gdt = at - this_vcpu()->gdt.base, in_ldt = at - this_vcpu()->ldt_base;
	unsigned changes = 0;

	if (in_gdt % 8 == 0 && in_table(WATCH_GDT, in_gdt / 8)) {
		watch_end(WATCH_GDT);
		use_gdt_raw();
		changes = segment_entry_stored(WATCH_GDT, in_gdt / 8);
	}
	if (in_ldt % 8 == 0 && in_table(WATCH_LDT, in_ldt / 8)) {
		watch_end(WATCH_LDT);
		changes |= segment_entry_stored(WATCH_LDT, in_ldt / 8);
	}
	return changes;
}

/*
 * Most calls are for the GDT, and many write what was there before.  To see that, the
 * guest's entry is compared with the one that the shadow was made from (gdt_raw).
 */
unsigned segment_entry_changed(uint32_t at)
{
	const struct vcpu *v = this_vcpu();
	uint32_t offset = at - v->gdt.base, low, high;
	const struct descriptor *raw = (const void *)((const char *)v->gdt_raw + offset);

	if (offset >= v->gdt_quick || offset % 8)
		return any_entry_changed(at);
	__asm__ goto("1: movl (%2), %0\n\t" FIXUP("%l[bad]") "\n\t"
		     "1: movl 4(%2), %1\n\t" FIXUP("%l[bad]")
		     : "=&r"(low), "=&r"(high) : "r"(at) : "memory" : bad);
	if (low != raw->low || high != raw->high)
		return update_entry((struct descriptor *)(HOLE_GDT + offset), low, high);
bad:
	return 0;
}

/* ---- the emulator's view ---- */

uint16_t segment_selector(struct frame *f, unsigned segment)
{
	uint32_t s;

	if (frame_is_v86(f) && segment != SEG_CS && segment != SEG_SS) {
		const uint32_t *v86 = &f->v86_es;
		static const uint8_t place[] = { 0, 0, 0, 1, 2, 3 };

		return (uint16_t)v86[place[segment]];
	}
	switch (segment) {
	case SEG_ES:
		return (uint16_t)f->es;
	case SEG_CS:
		return (uint16_t)f->cs;
	case SEG_SS:
		return (uint16_t)f->ss;
	case SEG_DS:
		return (uint16_t)f->ds;
	case SEG_FS:
		__asm__ volatile("mov %%fs, %0" : "=r"(s));
		return (uint16_t)s;
	default:
		__asm__ volatile("mov %%gs, %0" : "=r"(s));
		return (uint16_t)s;
	}
}

bool segment_is_32bit(struct frame *f, unsigned segment)
{
	struct descriptor *d;

	if (frame_is_v86(f))
		return false;
	d = segment_lookup(segment_selector(f, segment));
	return d && (d->high & HIGH_B);
}

/* Are @len bytes at @offset within the limit of @d, be it expand-up or expand-down? */
static bool in_limit(const struct descriptor *d, uint32_t offset, uint32_t len)
{
	uint32_t limit = descriptor_limit(*d), last = offset + len - 1;

	if (last < offset)
		return false;
	if (descriptor_is_down(*d))
		return offset > limit && last <= (d->high & HIGH_B ? 0xffffffffu : 0xffff);
	return last <= limit;
}

bool segment_linear(struct frame *f, unsigned segment, uint32_t offset, uint32_t len, bool write,
		    uint32_t *linear)
{
	unsigned vector = segment == SEG_SS ? VECTOR_SS : VECTOR_GP;
	uint16_t selector = segment_selector(f, segment);
	struct descriptor *d, guest;

	if (frame_is_v86(f)) {
		*linear = (selector << 4) + offset;
		return (offset <= 0xffff && offset + len <= 0x10000) || refuse(vector, 0);
	}
	d = segment_lookup(selector);
	*linear = (d ? descriptor_base(*d) : 0) + offset;
	if (!len)
		return true;
	if (!d || !(d->high & HIGH_P))
		return refuse(vector, 0);
	if (write && (d->high & (HIGH_CODE | HIGH_WRITABLE)) != HIGH_WRITABLE)
		return refuse(vector, 0);
	if (segment != SEG_CS && (d->high & HIGH_CODE) && !(d->high & HIGH_WRITABLE))
		return refuse(vector, 0);
	if (in_limit(d, offset, len))
		return true;
	/* Segment mode may have cut the shadow's limit: the guest's own limit decides. */
	if (boot.protect == PROTECT_SEGMENT && segment_guest(selector, &guest) &&
	    in_limit(&guest, offset, len))
		return true;
	return refuse(vector, 0);
}

bool segment_check_code(uint16_t selector, unsigned ring, uint32_t eip)
{
	struct descriptor *d = segment_lookup(selector);
	uint32_t error = selector & (SELECTOR_INDEX | SELECTOR_TI);

	if (!d || !(d->high & HIGH_CODE))
		return refuse(VECTOR_GP, error);
	if (d->high & HIGH_CONFORMING ? DPL(d) > ring : DPL(d) != ring)
		return refuse(VECTOR_GP, error);
	if (!(d->high & HIGH_P))
		return refuse(VECTOR_NP, error);
	return eip <= descriptor_limit(*d) || refuse(VECTOR_GP, 0);
}

bool segment_check_stack(uint16_t selector, unsigned ring, unsigned vector)
{
	struct descriptor *d = segment_lookup(selector);
	uint32_t error = selector & (SELECTOR_INDEX | SELECTOR_TI);

	if (!d || (d->high & (HIGH_CODE | HIGH_WRITABLE)) != HIGH_WRITABLE || DPL(d) != ring)
		return refuse(vector, error);
	return (d->high & HIGH_P) || refuse(VECTOR_SS, error);
}

/* May ring 1 load @selector into a data segment register?  (SDM volume 3, 5.6) */
static bool check_data(uint16_t selector)
{
	struct descriptor *d = segment_lookup(selector);
	uint32_t error = selector & (SELECTOR_INDEX | SELECTOR_TI);
	unsigned rpl = selector & SELECTOR_RPL;

	if (!(selector & (SELECTOR_INDEX | SELECTOR_TI)))
		return true;
	if (!d || (d->high & (HIGH_CODE | HIGH_WRITABLE)) == HIGH_CODE)
		return refuse(VECTOR_GP, error);
	if ((d->high & (HIGH_CODE | HIGH_CONFORMING)) != (HIGH_CODE | HIGH_CONFORMING) &&
	    (DPL(d) < rpl || DPL(d) < 1))
		return refuse(VECTOR_GP, error);
	return (d->high & HIGH_P) || refuse(VECTOR_NP, error);
}

bool segment_load(struct frame *f, unsigned segment, uint16_t selector)
{
	if (segment == SEG_SS) {
		if ((selector & SELECTOR_RPL) == 0)
			selector |= 1;
		if (!segment_check_stack(selector, 1, VECTOR_GP))
			return false;
		if ((selector & SELECTOR_RPL) != 1)
			return refuse(VECTOR_GP, selector & (SELECTOR_INDEX | SELECTOR_TI));
		f->ss = selector;
		return true;
	}
	if (!check_data(selector))
		return false;
	if (segment == SEG_DS)
		f->ds = selector;
	else if (segment == SEG_ES)
		f->es = selector;
	else if (segment == SEG_FS)
		fixup_load_fs(selector);
	else
		fixup_load_gs(selector);
	return true;
}
