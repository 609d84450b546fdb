// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow entries: whatever the guest's entry, the one that the processor gets maps the
 * frame that was found plain, and gives no right that the guest's lacks.  And the
 * places that the queue clears, whatever it says, lie in the shadow.
 *
 * Extract: hypervisor/mmu/shadow.h frame_of shadow_write has_reserved shadow_put shadow_offer
 * Extract: hypervisor/mmu/refill.c let_pass
 * Extract: hypervisor/mmu/shadow.c fill_rights find_table fill_large fill_entry shadow_fill
 * Extract: hypervisor/entry/defer.c find_places clear_shadow clear_elsewhere flush_many
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
	uint64_t physical, entry, pde;
	uint32_t table, rights;
	bool nx, large;
};

enum way { WAY_ABSENT, WAY_DENIED, WAY_FILLED, WAY_SLOW };
enum { STAT_HIDDEN_FAULT, STATS };
enum { SHADOW_SPLIT = 3 };

/* Of an array only what the index was is of no interest. */
template <class T> struct anywhere {
	T value;

	T &operator[](const uint32_t &) { return value; }
	const T &operator[](const uint32_t &) const { return value; }
};

struct space {
	anywhere<uint32_t> directory;
	uint32_t table_kind, halves;
};

struct shadow {
	uint32_t frame, kind, part;
	bool used, is_volatile;
};

static struct {
	anywhere<struct shadow> shadows;
} mmu;

static struct vcpu {
	struct {
		uint32_t reserved;
	} paging;
	uint32_t stats[STATS];
	struct space *space;
} the_vcpu;
static space the_space;

static vcpu *this_vcpu()
{
	return &the_vcpu;
}

/* ---- stubs: what they are asked about is remembered ---- */

static uint32_t asked;		/* the frame */
static bool was_asked, is_plain, is_closed, is_watched, is_rom, was_filled;

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

static bool frame_is_rom(uint32_t frame)
{
	return is_rom;
}

static void offer_around(uint32_t *at, halves *place, uint32_t index)
{
}

/* ---- what fill() finds above the entry that it writes ---- */

static halves shadow;			/* that entry */
static uint64_t directory_entry;	/* as it is at last */
static bool all_plain, was_plain_before, large_set, combines;
static uint32_t asked_first;

struct entry_of_table {
	operator uint64_t() const { return directory_entry; }
	uint64_t *operator&() const { return (uint64_t *)&shadow; }
};

struct entries {
	entry_of_table operator[](const uint32_t &) const { return entry_of_table(); }
};

static entries shadow_entries(uint32_t page) { return entries(); }
static uint32_t shadow_child(uint64_t entry) { return any<u32>("child"); }
static void shadow_mark(struct shadow *s, uint32_t index) { }
static uint32_t space_open_directory(uint32_t gib) { return 1; }
static bool space_combines_rights() { return combines; }
static void clear_pair(uint32_t directory, uint32_t index, bool large) { }

static bool frames_are_plain(uint32_t first, uint32_t count)
{
	asked_first = first;
	verify("all of a large page's frames are looked up", count == ENTRIES);
	return all_plain;
}

static void shadowpage_set(uint32_t directory, uint32_t index, uint64_t entry)
{
	directory_entry = entry;
	large_set = true;
}

static uint32_t open_table(uint32_t directory, uint32_t index, const translation *t, uint32_t kind, uint32_t part,
			   uint64_t flags)
{
	directory_entry = flags;
	return 1;
}

static uint32_t open_split(uint32_t directory, uint32_t index, uint32_t frame)
{
	directory_entry = PTE_W | PTE_U;
	return 1;
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

static int translations;

static bool shadow_translate(uint32_t linear, uint32_t *frame)
{
	std::string number = std::to_string(translations++);

	*frame = any<u32>(("frame" + number).c_str());
	return any_bool(("translated" + number).c_str());
}

static void shadow_places(uint32_t frame, struct shadow_places *p)
{
	*p = places_found;
}

static bool was_reset;
static void shadow_reset() { was_reset = true; }
static void shadow_written(uint32_t frame, uint32_t offset) { }
static bool shadow_load_cr3(uint32_t value) { return true; }

/* Records: eva_defer. */
struct loads {
	uint32_t count;
};
#define TAG		3u
#define RECORD(call)	2u
static uint32_t do_record(uint32_t word, uint32_t argument) { return 0; }
static void note_load(loads *l, uint32_t value) { }
static void load_cr3(const loads *l) { }
static void descriptors_settle(uint32_t changes) { }

/* The queue's page, which has a word more than the proof asks for. */
#define QUEUED	3
static uint32_t queue_words[QUEUED + 1];
#undef HOLE_QUEUE
#define HOLE_QUEUE	queue_words

template <class T> static T *operator+(T *at, const u32 &n)
{
	if (!n.known)
		abort();
	return at + n.value;
}

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

static void begin()
{
	was_asked = was_filled = cleared = false;
	translations = 0;
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

/*
 * What walk() finds, which refuses an access that the path does not allow, and leaves no
 * address beyond PHYSICAL_MAX.
 */
static translation any_translation(const u32 &access)
{
	translation t = { any<u64>("physical"), any<u64>("entry"), any<u64>("pde"), any<u32>("table") };

	t.large = any_bool("large_page");
	combines = any_bool("wp_clear");
	t.rights = t.large ? t.entry : t.entry & t.pde;
	t.nx = ((t.large ? t.entry : t.entry | t.pde) & PTE_NX) != 0;
	assume(t.physical < 1ull << PHYSICAL_MAX);
	assume(either((access & ~t.rights & (ERROR_W | ERROR_U)) == 0,
		      both(boolean(combines), (access & ERROR_U) == 0)));
	return t;
}

static void closed()
{
	uint32_t access = any<u32>("access");
	translation t = any_translation(access);
	u64 mapped, flags;
	boolean w(false), u(false), nx(false);
	bool filled;

	begin();
	is_closed = any_bool("closed");
	is_watched = any_bool("watched");
	is_rom = any_bool("rom");
	all_plain = any_bool("plain");
	directory_entry = any<u64>("directory");
	the_vcpu.space = &the_space;
	the_space.directory.value = any<u32>("opened");
	the_space.table_kind = any<u32>("kind");
	the_space.halves = any<u32>("halves");
	mmu.shadows.value.frame = any<u32>("frame");
	mmu.shadows.value.kind = any<u32>("is");
	mmu.shadows.value.part = any<u32>("part");
	large_set = false;
	asked_first = NO_FRAME;
	u64 before = directory_entry;

	filled = shadow_fill(any<u32>("linear"), &t, access);
	verify("nothing is filled for a closed frame", boolean(!(is_closed && filled)));
	if (!filled) {
		verify("nor changed", both(shadow.low == 0, directory_entry == before));
		return;
	}
	verify("the frame was looked up", u64(asked) == t.physical >> 12);
	if (large_set) {
		flags = directory_entry;
		mapped = (flags & PTE_FRAME) >> 12;
		verify("a large page is the one around the address", mapped == (t.physical >> 21) << 9);
		verify("its frames were plain, or it was there already",
		       either(both(boolean(all_plain), u64(asked_first) == mapped),
			      both((before & (PTE_P | PTE_PS)) == (PTE_P | PTE_PS), (before & PTE_FRAME) == mapped << 12)));
	} else {
		flags = (u64(shadow.high) << 32 | shadow.low) & directory_entry;
		mapped = u64(shadow.high & ~NX_HIGH) << 20 | shadow.low >> 12;
		verify("the frame that is mapped is the one looked up", mapped == asked);
		verify("a watched frame and a ROM's are read-only",
		       implies(boolean(is_watched || is_rom), !has(shadow.low, PTE_W)));
		verify("a write is not let through to them",
		       implies(boolean(is_watched || is_rom), (access & ACCESS_WRITE) == 0));
	}
	w = (flags & PTE_W) != 0;
	u = (flags & PTE_U) != 0;
	nx = ((directory_entry | u64(shadow.high) << 32) & PTE_NX) != 0;
	verify("U by both levels only if the guest's path has it", implies(u, has(t.rights, PTE_U)));
	verify("W by both levels only if the guest's path has it; while WP is clear, for a supervisor alone",
	       implies(w, either(has(t.rights, PTE_W),
				 both(both(boolean(combines), has(access, ACCESS_WRITE)), !u))));
	verify("NX if the guest's path has it", implies(boolean(t.nx), nx));
}

/*
 * What is remembered changes only as a table is looked up, when all of it is new, or by a
 * record, when nothing is left.  So a word that looks up one, one that may find that there,
 * and another one after it stand for a queue of any length.  A word is an address here,
 * or a record; those have two.
 */
static void places()
{
	begin();
	was_reset = false;
	places_found.half.some[0] = any_bool("first");
	places_found.half.some[1] = any_bool("second");
	places_found.size = any_bool("simple") ? any_bool("large") ? 8 : 4 : 0;
	for (int i = 0; i <= QUEUED; i++)
		queue_words[i] = any<u32>(("word" + std::to_string(i)).c_str());
	flush_many(QUEUED * 4);
}

/* What find_places() leaves, for any address. */
static void remembered()
{
	uint32_t linear = any<u32>("linear");
	written w;
	bool found;

	begin();
	places_found.half.some[0] = any_bool("first");
	places_found.half.some[1] = any_bool("second");
	places_found.size = any_bool("simple") ? any_bool("large") ? 8 : 4 : 0;
	found = find_places(&w, linear);
	verify("what is remembered is none, a page or half of one",
	       either(w.size == 0, either(both(w.size == PAGE_SIZE, w.shift == 0), both(w.size == PAGE_SIZE / 2, w.shift == 1))));
	verify("and aligned, around the address",
	       either(w.size == 0, both((w.start & (w.size - 1)) == 0, linear - w.start < w.size)));
	verify("of a table that was not found nothing is", implies(boolean(!found), w.size == 0));
	verify("nor of the hole", implies(linear >= HOLE_BASE, w.size == 0));
}

int main()
{
	symbolic::start();
	symbolic::run(offer);
	symbolic::run(pass);
	symbolic::run(rights);
	symbolic::run(closed);
	symbolic::run(remembered);
	symbolic::run(places);
	return symbolic::report();
}
