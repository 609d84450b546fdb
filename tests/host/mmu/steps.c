// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest: random steps in a small world, so that they meet.  A few frames are
 * used as page tables, directories and data at once, a few indices at all levels,
 * and tables that have been built are changed more often than others are built.
 */
#include <string.h>

#include "mmu/sim.h"
#include "vmi_abi.h"

#define FAULTS		3u	/* an access that is legal succeeds after so many at most */
#define RECENT		8u
#define SET_CR3		(VMI_CALL_SetCR3 << 2 | QUEUE_RECORD)
#define CHECK_ALL	16u	/* steps */
#define CHECK_MEMORY	64u

/* The same in a page table and in a directory; entries of one group, of several, of a pair, and single ones. */
static const uint16_t indices[] = { 0, 1, 2, 9, 20, 33, 256, 257, 479, 511 };
#define INDICES		(sizeof(indices) / sizeof(*indices))

static uint32_t recent[RECENT];
static bool announced[TABLE_FRAMES];
static bool ended[WATCHES];
static bool flushed;		/* by this step */

/* ---- what to choose from ---- */

static uint32_t any_index(void)
{
	return chance(32) ? choose(ENTRIES) : indices[choose(INDICES)];
}

static uint32_t pick_linear(void)
{
	uint32_t linear, *place;

	if (choose(3))
		return recent[choose(RECENT)] ^ (chance(8) ? LARGE : 0);
	linear = choose(GIBS) << 30 | any_index() * LARGE | any_index() * PAGE_SIZE;
	if (linear >= HOLE_BASE && !chance(8))
		linear -= 64 * LARGE;
	place = &recent[choose(RECENT)];
	*place = linear;
	return linear;
}

static unsigned pick_table_slot(void)
{
	return choose(3) ? choose(5) : choose(TABLE_FRAMES + HIGH_FRAMES);
}

static uint32_t pick_table(void)
{
	return ram_frame[pick_table_slot()];
}

static uint32_t pick_announced(void)
{
	return ram_frame[choose(3) ? choose(5) : choose(TABLE_FRAMES)];
}

static uint32_t pick_pointers(void)
{
	return ram_frame[TABLE_FRAMES + HIGH_FRAMES + choose(POINTER_FRAMES)];
}

static uint32_t pick_root(void)
{
	uint32_t frame = oracle_pae() && choose(16) ? pick_pointers() : pick_announced();

	if (chance(64))
		frame = choose(2) ? BLOCK_FRAME + choose(64) : 0x3000 + choose(64);
	return frame * PAGE_SIZE + (oracle_pae() ? choose(4) * 32 : 0) + (chance(8) ? PTE_CACHE : 0);
}

/* ---- entries ---- */

static uint64_t pick_large(void)
{
	static const uint32_t frames[] = { 0x200, 0x800, 0, 0x400, 0xfee00, 0xfec00 };
	uint64_t frame = frames[choose(sizeof(frames) / sizeof(*frames))];

	if (chance(4))
		frame += HIGH;
	if (chance(8))
		frame += choose(ENTRIES);
	return frame << 12 | PTE_PS;
}

/* An address above 4 GiB whose low half is that of a page of the pool, or of @table's shadow. */
static uint64_t pick_alias(uint32_t table)
{
	unsigned page = mmu.hash[table % SHADOW_HASHES];

	if (!page || chance(8))
		page = 1 + choose(mmu.count);
	return (uint64_t)HIGH << 12 | shadow_physical(page);
}

static uint64_t pick_odd(void)
{
	switch (choose(6)) {
	case 0:			/* what no guest may have */
		return (uint64_t)(BLOCK_FRAME + choose(64)) << 12;
	case 1:			/* the low half is the same */
		return pick_alias(pick_table());
	case 2:
		return choose(2) ? LOCAL_APIC_BASE : IO_APIC_BASE;
	case 3:			/* no memory */
		return (uint64_t)(0x3000 + choose(64)) << 12;
	case 4:			/* reserved bits */
		return (uint64_t)pick_table() << 12 | 1ull << (32 + choose(32));
	default:
		return (uint64_t)choose(65536) << 48 | (uint64_t)choose(65536) << 32 | choose(65536) << 16 |
		       choose(65536);
	}
}

static uint64_t pick_flags(void)
{
	unsigned byte = choice_byte(), flags = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D;

	if (byte < 96)
		return flags;
	if (byte < 160)
		return PTE_P | PTE_W | PTE_U;
	flags = PTE_P | (byte & (PTE_W | PTE_U)) | (byte & 1 ? PTE_A : 0) | (byte & 8 ? PTE_D : 0);
	if (byte & 16)
		flags ^= byte & 32 ? PTE_P : PTE_CACHE;
	return flags | (chance(8) ? PTE_NX : 0);
}

static uint64_t pick_value(uint64_t old)
{
	unsigned kind = choose(32);

	if (kind < 12)
		return (uint64_t)pick_table() << 12 | pick_flags();
	if (kind < 21)
		return (uint64_t)ram_frame[choose(RAM_FRAMES)] << 12 | pick_flags();
	if (kind < 24)
		return 0;
	if (kind < 27)
		return old ^ (choose(8) ? 1ull << choose(8) : choose(2) ? PTE_NX : 1ull << choose(48));
	if (kind < 30)
		return pick_large() | pick_flags();
	return pick_odd() | pick_flags();
}

/* Where: an entry that @linear goes through, or any of a table. */
static void pick_entry(uint32_t *frame, unsigned *offset)
{
	unsigned size = oracle_entry_size();
	struct path p;

	oracle_walk(pick_linear(), 0, &p);
	if (p.entries && choose(4)) {
		unsigned i = choose(p.entries);

		*frame = p.at[i].frame;
		*offset = p.at[i].offset;
		return;
	}
	*frame = pick_table();
	*offset = any_index() * size + (size == 4 ? choose(2) * PAGE_SIZE / 2 : 0);
}

/* ---- the guest's calls ---- */

static void did_flush(bool all)
{
	if (all)
		oracle_flush_and_drop();
	else
		oracle_flush();
	flushed = true;
}

/* MOV CR3.  false: #GP. */
static bool load_root(uint32_t value)
{
	if ((machine.cr0 & CR0_PG) && oracle_pae() && !oracle_load_pdptes(value))
		return false;
	machine.cr3 = value;
	did_flush(false);
	return true;
}

/*
 * What is queued is done whenever the monitor is entered.  Of several values for CR3 the
 * last counts, or if that cannot be loaded the one before.
 */
static void queue_is_done(void)
{
	const uint32_t *queue = (const uint32_t *)HOLE_QUEUE;
	unsigned i, words = host_state.queue_head / 4, loads = 0;
	uint32_t last = 0, before = 0;

	for (i = 0; i < words; i++)
		if (queue[i] & 3) {
			if (queue[i] == SET_CR3) {
				before = last;
				last = queue[i + 1];
				loads++;
			}
			i++;
		}
	if (loads && !load_root(last) && loads > 1)
		load_root(before);
}

static void enter(void)
{
	queue_is_done();
	monitor_enter();
	defer_flush();
}

static void push(uint32_t word)
{
	*(uint32_t *)(HOLE_QUEUE + host_state.queue_head) = word;
	host_state.queue_head += 4;
}

/* ---- accesses ---- */

static void watch_may_end(void)
{
	if (!chance(4))
		return;
	enter();
	CHECK(watch_give_up(), "the watch does not end");
	monitor_leave();
	machine.watches[0] = machine.watches[1] = 0;
	ended[0] = ended[1] = true;
}

/* The monitor has decided on a page fault; true: the guest is to try again. */
static bool judge(uint32_t linear, unsigned access, enum outcome o, uint32_t reflected, const struct path *p)
{
	bool kept_out = oracle_closed(p->frame) || ((access & ERROR_W) && oracle_read_only(p->frame));

	oracle_accessed(p, access & (o == OUTCOME_FAULT ? ~ERROR_W : ~0u));
	if (p->tainted)
		return o == OUTCOME_FILLED;
	switch (o) {
	case OUTCOME_FAULT:
		CHECK(p->fault, "%x: a fault %x that is none", linear, reflected);
		CHECK(p->error == reflected, "%x: fault %x should be %x", linear, reflected, p->error);
		return false;
	case OUTCOME_EMULATE:
		CHECK(!p->fault && kept_out, "%x: emulated, frame %llx", linear, p->frame);
		return false;
	default:
		CHECK(!p->fault && !kept_out, "%x: filled, error should be %x, frame %llx", linear, p->error,
		      p->frame);
		return true;
	}
}

static bool access_memory(uint32_t linear, unsigned access, struct mapping *m)
{
	uint32_t reflected;
	struct path p;
	unsigned faults, error = access | ERROR_P;
	enum outcome o;

	for (faults = 0; faults <= FAULTS; faults++) {
		if (linear < HOLE_BASE && processor_access(linear, access, m, &error)) {
			CHECK(oracle_allows(linear, m), "%x: access %x by frame %llx is not allowed", linear, access,
			      m->frame);
			return true;
		}
		queue_is_done();
		oracle_walk(linear, access, &p);
		o = monitor_page_fault(linear, error, &reflected);
		if (!judge(linear, access, o, reflected, &p)) {
			if (o == OUTCOME_EMULATE && oracle_watched(p.frame) && !p.tainted)
				watch_may_end();
			return false;
		}
	}
	fail("%x: access %x makes no progress", linear, access);
}

static void access_somehow(uint32_t linear)
{
	static const uint8_t kinds[] = {
		0, ERROR_W, ERROR_U, ERROR_U | ERROR_W, ERROR_I, ERROR_U | ERROR_I,
	};
	unsigned access = kinds[choose(sizeof(kinds))];
	struct mapping m;

	tell("access %x to %x", access, linear);
	access_memory(linear, access, &m);
}

static void step_access(void)
{
	access_somehow(pick_linear());
}

/* Of everything a little: more page tables than the pool has pages for. */
static void step_sweep(void)
{
	unsigned n = choose(32), i = choose(INDICES), gib = choose(GIBS);

	for (; n; n--) {
		access_somehow(gib << 30 | indices[i] % 480 * LARGE | indices[n % INDICES] * PAGE_SIZE);
		i = (i + 1) % INDICES;
		gib = (gib + (i == 0)) % GIBS;
	}
}

static void step_speculate(void)
{
	unsigned i;

	for (i = 0; i < RECENT; i++)
		processor_speculate(recent[i]);
}

/* ---- changes of entries ---- */

static bool is_announced(uint32_t frame)
{
	unsigned slot = ram_slot(frame);

	return slot < TABLE_FRAMES && announced[slot];
}

static bool below_block(uint32_t frame)
{
	return ram_slot(frame) < TABLE_FRAMES;
}

static void announce(uint32_t frame)
{
	tell("announce %x", frame);
	enter();
	table_announce(frame);
	monitor_leave();
	announced[ram_slot(frame)] = true;
	oracle_dropped(frame);
}

/* A store.  The guest has promised not to, once the table is announced, if the entry is present. */
static void write_plainly(uint32_t frame, unsigned offset, uint64_t value, unsigned size)
{
	if (is_announced(frame) && (oracle_read(frame, offset, size) & PTE_P)) {
		if (!chance(32))
			return;
		oracle_taint(frame);
	}
	tell("store %x:%x = %llx", frame, offset, value);
	oracle_write(frame, offset, value, size);
}

static void write_by_call(uint32_t frame, unsigned offset, uint64_t value, unsigned size)
{
	tell("call %x:%x = %llx", frame, offset, value);
	oracle_write(frame, offset, value, size);
	enter();
	shadow_written(frame, offset);
	monitor_leave();
}

/* SetPte: by address, and through the queue. */
static void write_through(uint32_t linear, unsigned offset, uint64_t value, unsigned size)
{
	struct mapping m;
	uint64_t old;

	tell("SetPte at %x + %x = %llx", linear, offset, value);
	if (!access_memory(linear, ERROR_W, &m))
		return;
	tell("that is %llx:%x", m.frame, offset);
	old = oracle_read((uint32_t)m.frame, offset, size);
	oracle_write((uint32_t)m.frame, offset, value, size);
	if (old & PTE_P)
		push(linear + offset);
}

static void write_somehow(uint32_t frame, unsigned offset, uint64_t value, unsigned size)
{
	if (choose(2))
		write_plainly(frame, offset, value, size);
	else
		write_by_call(frame, offset, value, size);
}

static void step_write(void)
{
	unsigned size = oracle_entry_size(), way = choose(16), offset;
	uint64_t value;
	uint32_t frame;

	pick_entry(&frame, &offset);
	if (oracle_closed(frame))
		return;
	value = pick_value(oracle_read(frame, offset, size));
	if (size == 4)
		value = (uint32_t)value;
	if (way < 7)
		write_plainly(frame, offset, value, size);
	else if (way < 12)
		write_by_call(frame, offset, value, size);
	else
		write_through(pick_linear() & PAGE_MASK, offset, value, size);
}

/* Several that belong together: tables of a directory, pages of tables; what attacks are made of. */
static void step_build(void)
{
	unsigned size = oracle_entry_size(), n = 2 + choose(4), i = any_index(), k = any_index();
	uint32_t top = pick_table(), below = pick_table();

	for (; n; n--) {
		write_plainly(top, i * size, (uint64_t)below << 12 | pick_flags(), size);
		write_plainly(below, k * size, (uint64_t)pick_table() << 12 | pick_flags(), size);
		top = choose(2) ? below : pick_table();
		below = pick_table();
		i = choose(2) ? k : any_index();
		k = any_index();
	}
}

/* A large page becomes a page table, or the other way round, while both its halves may be in use. */
static void step_resize(void)
{
	static const uint16_t large[] = { 0, 0x400, 0x800 };
	uint32_t linear = pick_linear();
	unsigned size = oracle_entry_size(), i;
	uint64_t value;
	struct path p;

	for (i = 0; i < 3; i++) {
		oracle_walk(linear, 0, &p);
		if (!p.entries || oracle_closed(p.at[0].frame))
			return;
		value = oracle_read(p.at[0].frame, p.at[0].offset, size);
		value = value & PTE_PS || choose(2) ? pick_table() << 12 : large[choose(3)] << 12 | PTE_PS;
		write_somehow(p.at[0].frame, p.at[0].offset, value | PTE_P | PTE_W | PTE_U, size);
		access_somehow(linear);
		linear ^= choose(2) ? LARGE : choose(ENTRIES) * PAGE_SIZE;
		access_somehow(linear);
	}
}

/* The table of a directory's entry for @linear: it becomes @table, mostly. */
static void point(uint32_t linear, uint32_t table)
{
	unsigned size = oracle_entry_size();
	struct path p;

	oracle_walk(linear, 0, &p);
	if (p.entries && !oracle_closed(p.at[0].frame) && choose(8))
		write_somehow(p.at[0].frame, p.at[0].offset, (uint64_t)table << 12 | PTE_P | PTE_W | PTE_U, size);
}

static void announce_directory(uint32_t linear)
{
	struct path p;

	oracle_walk(linear, 0, &p);
	if (p.entries && below_block(p.at[0].frame) && choose(8))
		announce(p.at[0].frame);
}

/*
 * Two directories share a table; one of them goes, and another table takes its page
 * in the pool; then the shared one goes.  One index in all of them, and an entry whose
 * low half is the address of a shadow: whoever takes the one for the other is found.
 */
static void step_exchange(void)
{
	unsigned size = oracle_entry_size();
	uint32_t shared = pick_announced(), other = pick_table(), x = any_index() & 255;
	uint32_t one = choose(GIBS) << 30 | any_index() % 480 * LARGE, two = choose(GIBS) << 30 | x * LARGE;
	uint32_t beside = (one & 3u << 30) | any_index() % 480 * LARGE | x * PAGE_SIZE;

	point(one, shared);
	point(two, shared);
	point(beside, other);
	announce_directory(one);
	announce_directory(two);
	announce(shared);
	access_somehow(one);
	access_somehow(two);
	write_somehow(other, x * size, pick_alias(shared) | PTE_P | PTE_W | PTE_U | PTE_A, size);
	announce_directory(two);
	access_somehow(beside);
	if (choose(4))
		announce(shared);
	access_somehow(one);
}

static void step_pointers(void)
{
	uint32_t frame = pick_pointers();
	unsigned offset = choose(4) * 32 + choose(GIBS) * 8;
	uint64_t value = (uint64_t)pick_table() << 12 | PTE_P;

	if (chance(8))
		value = choose(2) ? 0 : pick_odd() | PTE_P;
	tell("PDPTE %x:%x = %llx", frame, offset, value);
	oracle_write(frame, offset, value, 8);
}

/* ---- calls ---- */

static void step_announce(void)
{
	announce(pick_announced());
}

static void step_release(void)
{
	uint32_t frame = pick_announced();

	tell("release %x", frame);
	enter();
	table_release(frame);
	monitor_leave();
	announced[ram_slot(frame)] = false;
	oracle_dropped(frame);
}

/* Others that are never announced, or that are no RAM. */
static void step_announce_odd(void)
{
	uint32_t frame = choose(2) ? pick_table() : BLOCK_FRAME + choose(64);
	unsigned slot = ram_slot(frame);

	if (slot < TABLE_FRAMES)
		return;
	tell("announce or release %x", frame);
	enter();
	if (choose(2))
		table_announce(frame);
	else
		table_release(frame);
	monitor_leave();
}

static void step_root(void)
{
	uint32_t value = pick_root();
	bool good;

	tell("CR3 = %x", value);
	enter();
	good = vcpu_set_cr3(value);
	monitor_leave();
	CHECK(good == load_root(value), "CR3 = %x: %u is wrong", value, good);
}

static void step_flush(void)
{
	bool good;

	tell("flush");
	enter();
	good = vcpu_set_cr3(machine.cr3);
	monitor_leave();
	CHECK(good == load_root(machine.cr3), "flush: %u is wrong", good);
}

static void flush_page(uint32_t linear)
{
	tell("INVLPG %x", linear);
	enter();
	vcpu_invlpg(linear);
	monitor_leave();
	oracle_flush_page(linear);
	flushed = true;
}

static void step_flush_page(void)
{
	flush_page(pick_linear());
}

static void step_queue(void)
{
	uint32_t word;

	if (choose(2)) {
		word = pick_root();
		tell("queue: CR3 = %x", word);
		push(SET_CR3);
		push(word);
	} else {
		word = (pick_linear() & PAGE_MASK) + any_index() * 8;
		tell("queue: %x", word);
		push(word);
	}
}

/* A large page that is in parts here, of which some are in the TLB: one INVLPG takes all of them. */
static void step_parts(void)
{
	uint32_t linear = pick_linear() & -2 * LARGE;
	struct path p;

	oracle_walk(linear, 0, &p);
	if (!p.entries || oracle_closed(p.at[0].frame))
		return;
	write_somehow(p.at[0].frame, p.at[0].offset, BLOCK_FRAME / ENTRIES * LARGE | PTE_PS | PTE_P | PTE_U | PTE_W,
		      oracle_entry_size());
	access_somehow(linear + any_index() * PAGE_SIZE);
	access_somehow(linear + any_index() * PAGE_SIZE);
	if (choose(4))
		step_sweep();
	flush_page(linear + any_index() * PAGE_SIZE);
}

/* One directory in two GiBs: what is forgotten in the one that is not open yet is forgotten. */
static void step_twice(void)
{
	uint32_t linear = (pick_linear() & ~(3u << 30)) | choose(2) << 30, root = machine.cr3;
	unsigned pointers = root & 0xfe0, gib = linear >> 30;
	uint64_t pdpte;
	struct path p;

	if (!oracle_pae() || !(machine.cr0 & CR0_PG) || ram_slot(root / PAGE_SIZE) == NO_SLOT ||
	    oracle_closed(root / PAGE_SIZE))
		return;
	pdpte = oracle_read(root / PAGE_SIZE, pointers + gib * 8, 8);
	oracle_write(root / PAGE_SIZE, pointers + (gib ^ 1) * 8, pdpte, 8);
	announce_directory(linear);
	step_flush();
	access_somehow(linear);
	oracle_walk(linear, 0, &p);
	if (p.entries == 2 && !oracle_closed(p.at[1].frame))
		write_plainly(p.at[1].frame, p.at[1].offset, pick_value(0), 8);
	flush_page(linear ^ 1u << 30);
	access_somehow((linear ^ 1u << 30) ^ choose(2) * PAGE_SIZE);
}

/* ---- control registers ---- */

/* With PAE, whoever changes these loads the PDPTEs. */
#define CR0_LOADS	(CR0_PG | CR0_CD | CR0_NW)
#define CR4_LOADS	(CR4_PAE | CR4_PSE | CR4_PGE)

static bool loads(uint32_t cr0, uint32_t cr4)
{
	return !(cr0 & CR0_PG) || !(cr4 & CR4_PAE) || oracle_load_pdptes(machine.cr3);
}

static void set_cr0(uint32_t value)
{
	uint32_t changed = value ^ machine.cr0;
	bool good, expect;

	tell("CR0 = %x", value);
	enter();
	good = vcpu_write_cr(0, value);
	monitor_leave();
	expect = !(changed & CR0_LOADS) || loads(value, machine.cr4);
	CHECK(good == expect, "CR0 = %x: %u is wrong", value, good);
	if (!good)
		return;
	machine.cr0 = value;
	if (changed & (CR0_PG | CR0_WP))
		did_flush(true);
	else if (changed & CR0_LOADS)
		did_flush(false);
}

static void set_cr4(uint32_t value)
{
	uint32_t changed = value ^ machine.cr4;
	bool good, expect;

	tell("CR4 = %x", value);
	enter();
	good = vcpu_write_cr(4, value);
	monitor_leave();
	expect = !(changed & CR4_LOADS) || loads(machine.cr0, value);
	CHECK(good == expect, "CR4 = %x: %u is wrong", value, good);
	if (!good)
		return;
	machine.cr4 = value;
	if (changed & (CR4_PAE | CR4_PSE))
		did_flush(true);
	else if (changed & CR4_PGE)
		did_flush(false);
}

static void step_control(void)
{
	switch (choose(8)) {
	case 0:
	case 1:
		set_cr0(machine.cr0 ^ CR0_WP);
		break;
	case 2:
		set_cr0(machine.cr0 ^ CR0_CD);
		break;
	case 3:
		set_cr0(machine.cr0 | CR0_PG | (machine.cr0 & CR0_PG ? 0 : CR0_WP));
		break;
	case 4:
		set_cr4(machine.cr4 ^ CR4_PSE);
		break;
	case 5:
		set_cr4(machine.cr4 ^ CR4_PGE);
		break;
	case 6:
		set_cr4(machine.cr4 | (chance(4) ? CR4_PAE : 0));
		break;
	default:		/* as emulate/msr.c does it */
		tell("NXE %u", !machine.nxe);
		enter();
		this_vcpu()->efer ^= EFER_NXE;
		shadow_reset();
		monitor_leave();
		machine.nxe = !machine.nxe;
		did_flush(true);
	}
}

/* ---- frames that are not simply mapped ---- */

static void step_claim(void)
{
	uint32_t frame = choose(2) ? NO_FRAME : ram_frame[choose(RAM_FRAMES)];

	tell("the APIC is at %x", frame);
	enter();
	frames_claim(CLAIM_GUEST_APIC, frame);
	shadow_reset();
	monitor_leave();
	machine.apic_frame = frame;
	did_flush(true);
}

/* As segment.c does it; what is watched is found by the guest's tables. */
static void begin_watch(unsigned which, uint32_t base, unsigned bytes)
{
	unsigned i, pages = bytes ? (base % PAGE_SIZE + bytes + PAGE_SIZE - 1) / PAGE_SIZE : 0;
	struct path p;

	enter();
	if (watch_begin(which, base, bytes)) {
		shadow_reset();
		did_flush(true);
	}
	monitor_leave();
	if (ended[which])
		return;
	machine.watches[which] = pages;
	for (i = 0; i < pages; i++) {
		oracle_walk((base & PAGE_MASK) + i * PAGE_SIZE, 0, &p);
		machine.watched[which * WATCH_PAGES + i] = p.fault ? 0 : (uint32_t)p.frame;
	}
	oracle_believe_memory();	/* those walks have set A */
}

static void step_watch(void)
{
	unsigned which = choose(WATCHES), bytes = choose(2 * PAGE_SIZE);
	uint32_t base = pick_linear() + choose(PAGE_SIZE);

	if (chance(8)) {
		tell("watch %u ends", which);
		enter();
		watch_end(which);
		monitor_leave();
		machine.watches[which] = 0;
		ended[which] = true;
		return;
	}
	tell("watch %u: %x, %x bytes", which, base, bytes);
	begin_watch(which, base, bytes);
}

/* ---- guest memory, as the monitor reads and writes it ---- */

/* What is to be stored is there already, so that the oracle need not be told. */
static void fill_buffer(const struct path *p, uint32_t linear, unsigned length)
{
	const uint8_t *from = (const uint8_t *)ram_at(p->frame);
	unsigned i;

	for (i = 0; i < length; i++)
		monitor_buffer[i] = from ? from[(linear + i) % PAGE_SIZE] : 0;
}

/* In one page of RAM, or a closed one, and none of those that the walk itself changes. */
static bool is_simple(const struct path *p, uint32_t linear, unsigned length)
{
	unsigned i;

	for (i = 0; i < p->entries; i++)
		if (p->at[i].frame == p->frame)
			return false;
	return !p->tainted && (linear ^ (linear + length - 1)) < PAGE_SIZE &&
	       (p->fault || oracle_closed(p->frame) || ram_at(p->frame));
}

static bool read_or_store(uint32_t linear, unsigned length, unsigned access, const struct path *p)
{
	enum store result;

	if (!(access & ERROR_W))
		return guest_read(linear, monitor_buffer, length, access);
	result = guest_store(linear, monitor_buffer, length, access);
	CHECK(result != STORE_WATCHED || oracle_watched(p->frame), "%x: no watched store", linear);
	CHECK(result != STORE_DONE || p->fault || monitor_copied || !oracle_watched(p->frame),
	      "%x: a watched store", linear);
	return result != STORE_FAULT;
}

/* A TLB may know more than the tables, but what fails fails by the tables. */
static void step_copy(void)
{
	unsigned length = 1 + choose(8), access = choose(2) ? ERROR_U : 0, i;
	uint32_t linear = pick_linear() + choose(PAGE_SIZE);
	const struct fault *f = &this_vcpu()->fault;
	struct path p;
	bool good;

	access |= choose(2) ? ERROR_W : 0;
	tell("copy %u at %x, %x", length, linear, access);
	enter();
	oracle_walk(linear, access, &p);
	fill_buffer(&p, linear, length);
	good = !(access & ERROR_W) || is_simple(&p, linear, length);
	if (good)
		good = read_or_store(linear, length, access, &p);
	monitor_leave();
	oracle_believe_memory();
	if (!is_simple(&p, linear, length))
		return;
	CHECK(good || (p.fault && f->error == p.error && f->cr2 == linear), "%x: fault %x should be %x", linear,
	      f->error, p.error);
	CHECK(!good || !p.fault || !(access & ERROR_U), "%x: no fault, but should be %x", linear, p.error);
	if (!good || p.fault || monitor_copied || !oracle_closed(p.frame) || (access & ERROR_W))
		return;
	for (i = 0; i < length; i++)
		CHECK(monitor_buffer[i] == 0xff, "%x: a closed frame reads as %x", linear, monitor_buffer[i]);
}

/* ---- the run ---- */

static const struct {
	void (*step)(void);
	unsigned weight;		/* of 256 */
} steps[] = {
	{ step_sweep, 3 }, { step_access, 65 }, { step_write, 52 }, { step_build, 8 }, { step_resize, 6 }, { step_exchange, 8 }, { step_announce, 26 },
	{ step_flush_page, 20 }, { step_root, 20 }, { step_flush, 7 }, { step_release, 7 },
	{ step_pointers, 4 }, { step_queue, 6 }, { step_speculate, 6 }, { step_control, 5 },
	{ step_claim, 2 }, { step_watch, 2 }, { step_announce_odd, 3 }, { step_copy, 4 }, { step_parts, 1 }, { step_twice, 1 },
};

static void make_step(void)
{
	unsigned byte = choice_byte(), i;

	for (i = 0; byte >= steps[i].weight; i++)
		byte -= steps[i].weight;
	steps[i].step();
}

static void check_step(unsigned long n)
{
	unsigned i;

	mmu_check();
	CHECK(host_vcpu.cr3 == machine.cr3 && host_vcpu.cr0 == machine.cr0 && host_vcpu.cr4 == machine.cr4,
	      "CR3 is %x and should be %x", host_vcpu.cr3, machine.cr3);
	for (i = 0; i < 3; i++)
		processor_check(recent[whim(RECENT)]);
	if (flushed || !(n % CHECK_ALL))
		processor_check_all();
	if (!(n % CHECK_MEMORY))
		oracle_check_memory();
	flushed = false;
}

/* A directory with a page table for each index, and pages in those. */
static void build_tables(void)
{
	unsigned size = oracle_entry_size(), i, k, gib;
	uint64_t flags = PTE_P | PTE_W | PTE_U;

	for (i = 0; i < POINTER_FRAMES; i++)
		for (k = 0; k < 16; k++) {
			gib = k % GIBS;
			oracle_write(ram_frame[TABLE_FRAMES + HIGH_FRAMES + i], k * 8,
				     (uint64_t)ram_frame[gib == 0 ? 0 : choose(4)] << 12 | PTE_P, 8);
		}
	for (i = 0; i < INDICES; i++) {
		oracle_write(ram_frame[0], indices[i] * size, (uint64_t)ram_frame[1 + i % 4] << 12 | flags, size);
		oracle_write(ram_frame[1 + i % 4], indices[i] * size, (uint64_t)ram_frame[i * 3] << 12 | flags, size);
	}
	oracle_flush();
}

static void start(void)
{
	static const uint8_t bits[] = { 36, 40, 52, 32 };
	unsigned mode = choose(8), pool = 6 + choose(choose(2) ? 5 : 33), spaces = 2 + choose(5);
	enum protect protect = choose(2) ? PROTECT_PAGED : PROTECT_SEGMENT;

	processor_reset();
	processor.physical_bits = bits[choose(sizeof(bits))];
	monitor_start(pool, spaces, protect);
	oracle_reset();
	tell("pool of %u, %u spaces, protection %u, mode %u, %u bits", pool, spaces, protect, mode,
	     processor.physical_bits);
	machine.cr0 = CR0_PE | CR0_ET | (chance(8) ? 0 : CR0_WP) | (mode ? CR0_PG : 0);
	machine.cr4 = (mode >= 4 ? CR4_PAE : 0) | (choose(4) ? CR4_PSE : 0);
	machine.nxe = choose(2);
	build_tables();
	machine.cr3 = pick_root() & ~31u;
	if ((machine.cr0 & CR0_PG) && oracle_pae() && !oracle_load_pdptes(machine.cr3)) {
		machine.cr3 = ram_frame[TABLE_FRAMES + HIGH_FRAMES] * PAGE_SIZE;
		CHECK(oracle_load_pdptes(machine.cr3), "no PDPTEs to begin with");
	}
}

/* As start/init.c does it. */
static void adopt(void)
{
	this_vcpu()->efer = machine.nxe ? EFER_NXE : 0;
	vcpu_load_control(machine.cr0, machine.cr3, machine.cr4);
	if ((machine.cr0 & CR0_PG) && oracle_pae())
		CHECK(shadow_load_pdptes(), "the PDPTEs are not loaded");
	shadow_start();
	monitor_leave();
	oracle_flush();
}

unsigned long run(unsigned long count)
{
	unsigned long n;
	unsigned i;

	memset(announced, 0, sizeof(announced));
	memset(ended, 0, sizeof(ended));
	flushed = false;
	story_start();
	start();
	for (i = 0; i < RECENT; i++)
		recent[i] = i % GIBS << 30 | indices[i] * LARGE | indices[(i + 3) % INDICES] * PAGE_SIZE;
	adopt();
	for (n = 0; n < count && !choice_exhausted(); n++) {
		if (oracle_is_full() || host_state.queue_head > QUEUE_FULL - 64)
			step_flush();
		make_step();
		check_step(n);
	}
	oracle_check_memory();
	return n;
}
