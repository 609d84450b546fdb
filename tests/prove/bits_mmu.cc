// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow entries: whatever the guest's entry, the one that the processor gets maps the
 * frame that was found plain, and gives no right that the guest's lacks.  And the
 * places that the queue clears, whatever it says, lie in the shadow.
 *
 * Extract: hypervisor/mmu/shadow.h frame_of shadow_write has_reserved shadow_put shadow_offer
 * Extract: hypervisor/mmu/refill.c let_pass
 * Extract: hypervisor/mmu/shadow.c fill_rights shadow_fill
 * Extract: hypervisor/entry/defer.c find_places entry_written
 * Proves: shadow entries: no frame but the one looked up, no right that the guest's entry lacks; the queue's places
 */
#include "symbolic.h"

#include "base/compiler.h"
#include "base/hole.h"
#include "base/x86.h"

using symbolic::any;
using symbolic::boolean;

#define PHYSICAL_MAX	43u		/* walk.c */
#define NO_FRAME	0xffffffffu
#define ACCESS_WRITE	ERROR_W

struct halves {
	uint32_t low, high;
};

struct translation {
	uint64_t physical, entry;
	uint32_t rights;
};

enum way { WAY_ABSENT, WAY_DENIED, WAY_FILLED, WAY_SLOW };
enum { STAT_HIDDEN_FAULT, STATS };

static struct vcpu {
	struct {
		uint32_t reserved;
	} paging;
	uint32_t stats[STATS];
} the_vcpu;

static vcpu *this_vcpu()
{
	return &the_vcpu;
}

/* ---- stubs: what they are asked about is remembered ---- */

static uint32_t asked;		/* the frame */
static bool was_asked, is_plain, is_closed, is_watched, was_filled, may_write;

static bool frame_is_plain(uint32_t frame)
{
	asked = frame;
	was_asked = true;
	return is_plain;
}

static bool frame_is_closed(uint32_t frame)
{
	asked = frame;
	was_asked = true;
	return is_closed;
}

static bool frame_is_watched(uint32_t frame)
{
	return is_watched;
}

static void fill(uint32_t linear, const translation *t, uint32_t access, bool watched)
{
	verify("the frame that is mapped is the one looked up", u64(asked) == t->physical >> 12);
	verify("no closed frame", !is_closed);
	verify("a watched frame only to read, and read-only", !is_watched || watched);
	verify("no write to a watched frame", implies(boolean(is_watched), (access & ACCESS_WRITE) == 0));
	was_filled = true;
}

static void offer_around(uint32_t *at, halves *place, uint32_t index)
{
}

/* ---- the places of the queue ---- */

static bool cleared;

struct byte { };
static byte page_of_shadow[2];

/* An offset in a page of shadows, in the place of an address there. */
struct place {
	bool none;
	uint32_t offset;

	place() : none(true) {}
	place(byte *page) : none(!page) {}
	explicit operator bool() const { return !none; }
	place operator+(const uint32_t &n) const
	{
		place there = *this;

		there.offset += n;
		return there;
	}
	explicit operator volatile uint32_t *() const
	{
		static uint32_t entry;

		verify("what is cleared lies in the shadow's page", offset <= PAGE_SIZE - 8);
		verify("it is the lower half of an entry", offset % 8 == 0);
		cleared = true;
		return &entry;
	}
};

struct written {
	uint32_t start, size;
	place shadow;
	uint32_t shift;
};

struct shadow_places {
	struct {
		bool some[2];

		byte *operator[](const uint32_t &part) const
		{
			verify("a table has two halves", part < 2);
			return some[part == 1] ? page_of_shadow : NULL;
		}
	} half;
	uint32_t size;
};

static shadow_places places_found;

static bool any_bool(const char *what)
{
	return any<u32>(what) == 1;
}

static bool shadow_translate(uint32_t linear, uint32_t *frame)
{
	*frame = any<u32>("frame");
	return any_bool("translated");
}

static void shadow_places(uint32_t frame, struct shadow_places *p)
{
	*p = places_found;
}

static void shadow_reset() { }
static void shadow_written(uint32_t frame, uint32_t offset) { }
static bool shadow_load_cr3(uint32_t value) { return true; }

#define uint8_t		byte
#include "bits_mmu.extracted.h"
#undef uint8_t

/* ---- proofs ---- */

static boolean has(const u32 &bits, const u32 &mask)
{
	return (bits & mask) != 0;
}

/* paging_update(): all bits from some width on, PHYSICAL_MAX at most, but for NX perhaps. */
static void any_reserved()
{
	uint32_t reserved = any<u32>("reserved"), always = ~((1u << (PHYSICAL_MAX - 32)) - 1) & ~NX_HIGH;

	assume((reserved & always) == always);
	the_vcpu.paging.reserved = reserved;
}

static halves any_entry()
{
	halves e = { any<u32>("low"), any<u32>("high") };

	return e;
}

static void verify_entry(const halves &guest, const halves &shadow, const u32 &index)
{
	u64 mapped = u64(shadow.high & ~NX_HIGH) << 20 | shadow.low >> 12;

	verify("the frame that is mapped is the one looked up", mapped == asked);
	verify("it has a number of its own", asked < NO_FRAME);
	verify("present, accessed and dirty", (shadow.low & u32(PTE_P | PTE_A | PTE_D)) == (PTE_P | PTE_A | PTE_D));
	verify("no right more than the guest's", !has(shadow.low & ~guest.low, PTE_W | PTE_U));
	verify("NX as the guest's", ((shadow.high ^ guest.high) & NX_HIGH) == 0);
	verify("not large, not global, nothing unknown",
	       (shadow.low & 0xfff & ~(PTE_P | PTE_W | PTE_U | PTE_CACHE | PTE_A | PTE_D)) == 0);
}

static halves shadow;

static void begin()
{
	was_asked = was_filled = cleared = false;
	shadow.low = 0;
	shadow.high = 0;
	any_reserved();
}

static void offer()
{
	halves guest = any_entry();
	uint32_t size = any_bool("pae") ? 8 : 4;

	begin();
	is_plain = any_bool("plain");
	if (size == 4)
		guest.high = 0;
	shadow_offer(&shadow, guest, size);
	if (!has(shadow.low, PTE_P))
		return;
	verify("what is mapped was looked up, and is plain", boolean(was_asked && is_plain));
	verify("the guest's is present and was accessed", (guest.low & (PTE_P | PTE_A)) == (PTE_P | PTE_A));
	verify("a page that is not dirty is read-only", implies(has(shadow.low, PTE_W), has(guest.low, PTE_D)));
	verify_entry(guest, shadow, 0);
}

/* resolve() has looked for reserved bits, and whether both entries allow the access. */
static void pass()
{
	halves guest = any_entry();
	uint32_t error = any<u32>("error"), at;
	bool pae = any_bool("pae");

	begin();
	is_plain = any_bool("plain");
	if (!pae)
		guest.high = 0;
	if (has_reserved(guest, pae ? 8 : 4) || !has(guest.low, PTE_P))
		return;
	assume((error & ~guest.low & (ERROR_W | ERROR_U)) == 0);
	if (let_pass(error, guest, &at, &shadow, any<u32>("index")) != WAY_FILLED) {
		verify("nothing is mapped otherwise", shadow.low == 0);
		return;
	}
	verify("what is mapped was looked up, and is plain", boolean(was_asked && is_plain));
	verify("a page that is not dirty is read-only",
	       implies(has(shadow.low, PTE_W), either(has(guest.low, PTE_D), has(error, ERROR_W))));
	verify_entry(guest, shadow, 0);
}

/* While CR0.WP is clear a supervisor may write where the rights have no W; nobody else may then. */
static void rights()
{
	uint32_t path = any<u32>("path"), entry = any<u32>("entry"), access = any<u32>("access"), got;

	begin();
	got = fill_rights(path, entry, access);
	verify("U and W, nothing else", (got & ~(PTE_U | PTE_W)) == 0);
	verify("U only if the path has it", implies(has(got, PTE_U), has(path, PTE_U)));
	verify("W only if the path has it, or for a supervisor's write, alone",
	       implies(has(got, PTE_W), either(has(path, PTE_W), both(has(access, ACCESS_WRITE), !has(got, PTE_U)))));
	verify("a page that is not dirty is read-only, but for a write",
	       implies(has(got, PTE_W), either(has(entry, PTE_D), !has(path, PTE_W))));
}

/* walk() leaves no address beyond PHYSICAL_MAX. */
static void closed()
{
	translation t = { any<u64>("physical"), any<u64>("last"), any<u32>("path") };
	uint32_t access = any<u32>("access");
	bool said;

	begin();
	is_closed = any_bool("closed");
	is_watched = any_bool("watched");
	assume(t.physical < 1ull << PHYSICAL_MAX);
	said = shadow_fill(any<u32>("linear"), &t, access);
	verify("it says what it did", boolean(said == was_filled));
}

/* A queue of two entries, at any addresses: the second finds what the first has left. */
static void places()
{
	written w;

	begin();
	places_found.half.some[0] = any_bool("first");
	places_found.half.some[1] = any_bool("second");
	places_found.size = any_bool("simple") ? any_bool("large") ? 8 : 4 : 0;
	w.size = any_bool("known") ? any_bool("half") ? PAGE_SIZE / 2 : PAGE_SIZE : 0;
	w.start = any<u32>("start") & -w.size;
	w.shift = w.size == PAGE_SIZE / 2;
	w.shadow = any_bool("shadowed") ? page_of_shadow : NULL;
	entry_written(&w, any<u32>("linear"));
	verify("what is remembered is none, a page or half of one",
	       either(w.size == 0, either(both(w.size == PAGE_SIZE, w.shift == 0), both(w.size == PAGE_SIZE / 2, w.shift == 1))));
	verify("and aligned", (w.start & (w.size - 1)) == 0 || w.size == 0);
}

int main()
{
	symbolic::start();
	symbolic::run(offer);
	symbolic::run(pass);
	symbolic::run(rights);
	symbolic::run(closed);
	symbolic::run(places);
	return symbolic::report();
}
