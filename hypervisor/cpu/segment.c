// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow GDT and LDT: filled from the guest's tables, through
 * segment_sanitize() (descriptor.c), and asked for what the processor would
 * find there.
 */
#include "monitor.h"

#define HIGH_WRITABLE	0x00000200u
#define HIGH_CONFORMING	0x00000400u
#define HIGH_DOWN	0x00000400u
#define HIGH_CODE	0x00000800u
#define HIGH_P		0x00008000u
#define HIGH_B		0x00400000u
#define DPL(d)		((d)->high >> 13 & 3)

#define SELECTOR_TI	4u
#define SELECTOR_INDEX	0xfff8u
#define TYPE_LDT	0x00008200u

#define KNOWN		16u

#define shadow_gdt	((struct descriptor *)HOLE_GDT)
#define shadow_ldt	((struct descriptor *)HOLE_LDT)

/* The shadow descriptor, or NULL for null and what lies beyond the table. */
struct descriptor *segment_lookup(uint16_t selector)
{
	unsigned offset = selector & SELECTOR_INDEX;

	if (selector & SELECTOR_TI)
		return cpu->ldt && offset + 7 <= cpu->ldt_limit ? &shadow_ldt[offset / 8] : NULL;
	return offset && offset + 7 <= cpu->gdt.limit ? &shadow_gdt[offset / 8] : NULL;
}

/* The guest's own descriptor, as it is in memory. */
bool segment_guest(uint16_t selector, struct descriptor *d)
{
	uint32_t base = selector & SELECTOR_TI ? cpu->ldt_base : cpu->gdt.base;

	return segment_lookup(selector) &&
	       guest_read(base + (selector & SELECTOR_INDEX), d, sizeof(*d), ACCESS_READ);
}

/* What the shadow at @shadow is about to be made from. */
static inline void remember(const struct descriptor *shadow, uint32_t low, uint32_t high)
{
	if (shadow < shadow_gdt + GDT_RAW)
		cpu->gdt_raw[shadow - shadow_gdt] = (struct descriptor){ low, high };
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

/*
 * Every change of a shadow table ends here.  Null is loaded into a live segment
 * register that no longer can be.
 */
void segment_reload(void)
{
	struct flat *flat = cpu->info->flat;
	uint32_t fs, gs;

	flat[FLAT_EXCEPTION].ss = flat[FLAT_PAGE_FAULT].ss = flat[FLAT_INTERRUPT].ss = 0;
	__asm__ volatile("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
	if (gate_load_fs(fs & 0xffff))
		gate_load_fs(0);
	if (gate_load_gs(gs & 0xffff))
		gate_load_gs(0);
}

void segment_load_gdt(uint32_t base, uint16_t limit)
{
	unsigned old = (cpu->gdt.limit + 1u) / 8, new = (limit + 1u) / 8;

	cpu->gdt.base = base;
	cpu->gdt.limit = limit;
	cpu->gdt_quick = 0;
	fill(shadow_gdt, base, new);
	if (old > new)
		memset(&shadow_gdt[new], 0, (old - new) * 8);
	direct_update_all();
	segment_reload();
	watch_begin(WATCH_GDT, base, limit + 1u);
}

/* @limit 0: none. */
void segment_load_ldt(uint32_t base, uint32_t limit)
{
	struct descriptor *d = &shadow_gdt[MONITOR_LDT / 8];
	uint32_t selector = limit ? MONITOR_LDT : 0;

	if (limit > 0xffff)
		limit = 0xffff;
	cpu->ldt_base = base;
	cpu->ldt_limit = limit;
	fill(shadow_ldt, base, limit ? (limit + 1u) / 8 : 0);
	d->low = HOLE_LDT << 16 | limit;
	d->high = (HOLE_LDT & 0xff000000u) | (HOLE_LDT >> 16 & 0xff) | TYPE_LDT;
	__asm__ volatile("lldt %w0" : : "r"(selector));
	segment_reload();
	watch_begin(WATCH_LDT, base, limit ? limit + 1 : 0);
}

static inline bool in_table(unsigned which, unsigned index)
{
	return which == WATCH_GDT ? index < (cpu->gdt.limit + 1u) / 8 :
				    cpu->ldt && index < (cpu->ldt_limit + 1) / 8;
}

/* Results of segment_sanitize(), which depend on nothing else.  Entries of zeros are right, too. */
static struct known {
	struct descriptor raw, safe;
} known[KNOWN];

static inline unsigned replace(struct descriptor *shadow, const struct known *k)
{
	struct descriptor old = *shadow, new = k->safe;

	cpu->wrap.eip = 0xffffffffu;	/* an instruction may fault again */
	if (old.low == new.low && old.high == new.high)
		return 0;
	*shadow = new;
	return (old.high | new.high) & HIGH_CODE ? SEGMENT_CHANGED | SEGMENT_CODE_CHANGED : SEGMENT_CHANGED;
}

static __attribute__((noinline)) unsigned learn(struct descriptor *shadow, struct known *k, uint32_t low,
						uint32_t high)
{
	k->raw = (struct descriptor){ low, high };
	k->safe = segment_sanitize(k->raw, boot.protect);
	return replace(shadow, k);
}

/* The guest's descriptor is that: kernels ask for the same ones again and again. */
static __attribute__((noinline)) unsigned update(struct descriptor *shadow, uint32_t low, uint32_t high)
{
	struct known *k = &known[(low >> 28 ^ high) % KNOWN];

	remember(shadow, low, high);
	if (k->raw.low != low || k->raw.high != high)
		return learn(shadow, k, low, high);
	return replace(shadow, k);
}

/* After the last of several changes, all of them taken together. */
void segment_settle(unsigned changes)
{
	if (changes & SEGMENT_CODE_CHANGED)
		direct_update_all();
	if (changes)
		segment_reload();
}

/* Look what the entry is now. */
static unsigned look(unsigned which, unsigned index)
{
	uint32_t base = which == WATCH_GDT ? cpu->gdt.base : cpu->ldt_base;
	struct descriptor d;

	if (!in_table(which, index) || !guest_read(base + index * 8, &d, sizeof(d), ACCESS_READ))
		return 0;
	return update(which == WATCH_GDT ? &shadow_gdt[index] : &shadow_ldt[index], d.low, d.high);
}

/* By a store. */
void segment_follow(unsigned which, unsigned index)
{
	segment_settle(look(which, index));
}

/* From the first call on: what lies in the hole is not the guest's. */
static void go_quicker(void)
{
	uint32_t bytes = (cpu->gdt.limit + 1u) & ~7u;

	if (bytes > sizeof(cpu->gdt_raw))
		bytes = sizeof(cpu->gdt_raw);
	if (cpu->gdt.base <= HOLE_BASE - bytes)
		cpu->gdt_quick = bytes;
}

/* By a call: the guest has changed the descriptor at @at.  What has changed here is for segment_settle(). */
unsigned segment_written(uint32_t at)
{
	uint32_t in_gdt = at - cpu->gdt.base, in_ldt = at - cpu->ldt_base;
	unsigned changes = 0;

	if (in_gdt % 8 == 0 && in_table(WATCH_GDT, in_gdt / 8)) {
		watch_end(WATCH_GDT);
		go_quicker();
		changes = look(WATCH_GDT, in_gdt / 8);
	}
	if (in_ldt % 8 == 0 && in_table(WATCH_LDT, in_ldt / 8)) {
		watch_end(WATCH_LDT);
		changes |= look(WATCH_LDT, in_ldt / 8);
	}
	return changes;
}

/*
 * The same for the GDT, whose entries most are, and are often written as they
 * were: that is told by cpu->gdt_raw, which follows every change of the shadow.
 */
unsigned segment_written_gdt(uint32_t at)
{
	uint32_t offset = at - cpu->gdt.base, low, high;
	const struct descriptor *raw = (const struct descriptor *)((char *)cpu->gdt_raw + offset);

	if (offset >= cpu->gdt_quick || offset % 8)
		return segment_written(at);
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
		gate_load_fs(selector);
	else
		gate_load_gs(selector);
	return true;
}
