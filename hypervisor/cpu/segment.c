// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow GDT and LDT: filled from the guest's tables, through
 * segment_sanitize() (descriptor.c), and asked for what the processor would
 * find there.
 */
#include "cpu/cpu.h"

#define DPL(d)		((d)->high >> 13 & 3)

#define shadow_gdt	((struct descriptor *)HOLE_GDT)
#define shadow_ldt	((struct descriptor *)HOLE_LDT)

/* The shadow descriptor, or NULL for null and what lies beyond the table. */
struct descriptor *segment_lookup(uint16_t selector)
{
	unsigned offset = selector & SELECTOR_INDEX;

	if (selector & SELECTOR_TI)
		return this_vcpu()->ldt && offset + 7 <= this_vcpu()->ldt_limit ? &shadow_ldt[offset / 8] : NULL;
	return offset && offset + 7 <= this_vcpu()->gdt.limit ? &shadow_gdt[offset / 8] : NULL;
}

/* The guest's own descriptor, as it is in memory. */
bool segment_guest(uint16_t selector, struct descriptor *d)
{
	uint32_t base = selector & SELECTOR_TI ? this_vcpu()->ldt_base : this_vcpu()->gdt.base;

	return segment_lookup(selector) &&
	       guest_read(base + (selector & SELECTOR_INDEX), d, sizeof(*d), ACCESS_READ);
}

/* What the shadow at @shadow is about to be made from. */
static inline void remember(const struct descriptor *shadow, uint32_t low, uint32_t high)
{
	if (shadow < shadow_gdt + GDT_RAW)
		this_vcpu()->gdt_raw[shadow - shadow_gdt] = (struct descriptor){ low, high };
}

/* Entries 0 to @end of a shadow table come from the guest's at @base. */
static void fill(struct descriptor *table, uint32_t base, unsigned end)
{
	struct descriptor d, *shadow;

	for (shadow = table; shadow < table + end; shadow++, base += 8) {
		if (!guest_read(base, &d, sizeof(d), ACCESS_READ))
			d.high = 0;
		remember(shadow, d.low, d.high);
		*shadow = segment_sanitize(d, boot.protect);
	}
}

/* Null is loaded into a live segment register that no longer can be. */
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

/* The table's pages are watched from now on; what maps them goes. */
static void watch(unsigned which, uint32_t base, uint32_t bytes)
{
	if (watch_begin(which, base, bytes))
		shadow_reset();
}

unsigned segment_load_gdt(uint32_t base, uint16_t limit)
{
	unsigned old = (this_vcpu()->gdt.limit + 1u) / 8, new = (limit + 1u) / 8;

	this_vcpu()->gdt.base = base;
	this_vcpu()->gdt.limit = limit;
	this_vcpu()->gdt_quick = 0;
	fill(shadow_gdt, base, new);
	if (old > new)
		memset(&shadow_gdt[new], 0, (old - new) * 8);
	watch(WATCH_GDT, base, limit + 1u);
	return SEGMENT_CHANGED | SEGMENT_CODE_CHANGED;
}

unsigned segment_load_ldt(uint32_t base, uint32_t limit)
{
	struct descriptor *d = &shadow_gdt[MONITOR_LDT / 8];
	uint32_t selector = limit ? MONITOR_LDT : 0;

	if (limit > 0xffff)
		limit = 0xffff;
	this_vcpu()->ldt_base = base;
	this_vcpu()->ldt_limit = limit;
	fill(shadow_ldt, base, limit ? (limit + 1u) / 8 : 0);
	d->low = HOLE_LDT << 16 | limit;
	d->high = (HOLE_LDT & 0xff000000u) | (HOLE_LDT >> 16 & 0xff) | HIGH_LDT;
	__asm__ volatile("lldt %w0" : : "r"(selector));
	watch(WATCH_LDT, base, limit ? limit + 1 : 0);
	return SEGMENT_CHANGED;
}

static inline bool in_table(unsigned which, unsigned index)
{
	return which == WATCH_GDT ? index < (this_vcpu()->gdt.limit + 1u) / 8 :
				    this_vcpu()->ldt && index < (this_vcpu()->ldt_limit + 1) / 8;
}

static inline unsigned replace(struct descriptor *shadow, const struct known_descriptor *k)
{
	struct descriptor old = *shadow, new = k->safe;

	wrap_forget();
	if (old.low == new.low && old.high == new.high)
		return 0;
	*shadow = new;
	return (old.high | new.high) & HIGH_CODE ? SEGMENT_CHANGED | SEGMENT_CODE_CHANGED : SEGMENT_CHANGED;
}

static NOINLINE unsigned learn(struct descriptor *shadow, struct known_descriptor *k, uint32_t low,
						uint32_t high)
{
	k->raw = (struct descriptor){ low, high };
	k->safe = segment_sanitize(k->raw, boot.protect);
	return replace(shadow, k);
}

/* The guest's descriptor is that: kernels ask for the same ones again and again. */
static NOINLINE unsigned update(struct descriptor *shadow, uint32_t low, uint32_t high)
{
	struct known_descriptor *k = &this_vcpu()->known[(low >> 28 ^ high) % KNOWN_DESCRIPTORS];

	remember(shadow, low, high);
	if (k->raw.low != low || k->raw.high != high)
		return learn(shadow, k, low, high);
	return replace(shadow, k);
}

/* Re-read the guest's entry and update its shadow. */
unsigned segment_entry_stored(unsigned which, unsigned index)
{
	uint32_t base = which == WATCH_GDT ? this_vcpu()->gdt.base : this_vcpu()->ldt_base;
	struct descriptor d;

	if (!in_table(which, index) || !guest_read(base + index * 8, &d, sizeof(d), ACCESS_READ))
		return 0;
	return update(which == WATCH_GDT ? &shadow_gdt[index] : &shadow_ldt[index], d.low, d.high);
}

/* From the first call on: what lies in the hole is not the guest's. */
static void go_quicker(void)
{
	uint32_t bytes = (this_vcpu()->gdt.limit + 1u) & ~7u;

	if (bytes > sizeof(this_vcpu()->gdt_raw))
		bytes = sizeof(this_vcpu()->gdt_raw);
	if (this_vcpu()->gdt.base <= HOLE_BASE - bytes)
		this_vcpu()->gdt_quick = bytes;
}

static NOINLINE unsigned any_entry_changed(uint32_t at)
{
	uint32_t in_gdt = at - this_vcpu()->gdt.base, in_ldt = at - this_vcpu()->ldt_base;
	unsigned changes = 0;

	if (in_gdt % 8 == 0 && in_table(WATCH_GDT, in_gdt / 8)) {
		watch_end(WATCH_GDT);
		go_quicker();
		changes = segment_entry_stored(WATCH_GDT, in_gdt / 8);
	}
	if (in_ldt % 8 == 0 && in_table(WATCH_LDT, in_ldt / 8)) {
		watch_end(WATCH_LDT);
		changes |= segment_entry_stored(WATCH_LDT, in_ldt / 8);
	}
	return changes;
}

/*
 * Most entries are the GDT's, and many are written as they were before: that is
 * told by this_vcpu()->gdt_raw, which follows every change of the shadow.
 */
unsigned segment_entry_changed(uint32_t at)
{
	uint32_t offset = at - this_vcpu()->gdt.base, low, high;
	const struct descriptor *raw = (const struct descriptor *)((char *)this_vcpu()->gdt_raw + offset);

	if (offset >= this_vcpu()->gdt_quick || offset % 8)
		return any_entry_changed(at);
	__asm__ goto("1: movl (%2), %0\n\t" FIXUP("%l[bad]") "\n\t"
		     "1: movl 4(%2), %1\n\t" FIXUP("%l[bad]")
		     : "=&r"(low), "=&r"(high) : "r"(at) : "memory" : bad);
	if (low != raw->low || high != raw->high)
		return update((struct descriptor *)(HOLE_GDT + offset), low, high);
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
	if (!d || !(d->high & HIGH_P))
		return refuse(vector, 0);
	*linear = descriptor_base(*d) + offset;
	if (!len)
		return true;
	if (write && (d->high & (HIGH_CODE | HIGH_WRITABLE)) != HIGH_WRITABLE)
		return refuse(vector, 0);
	if (segment != SEG_CS && (d->high & HIGH_CODE) && !(d->high & HIGH_WRITABLE))
		return refuse(vector, 0);
	if (in_limit(d, offset, len))
		return true;
	/* Segment mode may have cut it: then the hole's memory is not present. */
	if (boot.protect == PROTECT_SEGMENT && segment_guest(selector, &guest) &&
	    in_limit(&guest, offset, len))
		return true;
	return refuse(vector, 0);
}

/* May ring @ring run at @selector:@eip, by a return or an interrupt gate? */
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

/* May ring @ring have @selector as its stack?  @vector: #GP, or #TS. */
bool segment_check_stack(uint16_t selector, unsigned ring, unsigned vector)
{
	struct descriptor *d = segment_lookup(selector);
	uint32_t error = selector & (SELECTOR_INDEX | SELECTOR_TI);

	if (!d || (d->high & (HIGH_CODE | HIGH_WRITABLE)) != HIGH_WRITABLE || DPL(d) != ring)
		return refuse(vector, error);
	return (d->high & HIGH_P) || refuse(VECTOR_SS, error);
}

static bool check_data(uint16_t selector)
{
	struct descriptor *d = segment_lookup(selector);
	uint32_t error = selector & (SELECTOR_INDEX | SELECTOR_TI);
	unsigned rpl = selector & 3;

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
		if ((selector & 3) == 0)
			selector |= 1;
		if (!segment_check_stack(selector, 1, VECTOR_GP))
			return false;
		if ((selector & 3) != 1)
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
