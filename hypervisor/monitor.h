/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the monitor's files offer each other, by file, in reading order.
 * emulate.h names the services that the instruction emulator asks for.
 */
#ifndef VMI_MONITOR_H
#define VMI_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vcpu.h"
#include "model/descriptor.h"
#include "emulate/emulate.h"
#include "base/frame.h"
#include "base/hole.h"

#define INLINE		inline __attribute__((always_inline))
#define NORETURN	__attribute__((noreturn))
#define PRINTF(n)	__attribute__((format(printf, n, (n) + 1)))

#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_DF	8
#define VECTOR_TS	10
#define VECTOR_NP	11
#define VECTOR_SS	12

/* head.asm, linker/monitor.ld */
extern char monitor_end[], gate_load[], gate_code_size[];

/*
 * The critical part of VMI_IRET and VMI_SYSEXIT: from the store to virtual IF
 * on, by offset in the ROM (vmi/transition.asm).
 */
struct return_path {
	uint32_t entry, critical, popped, last, end;
};
enum { RETURN_IRET, RETURN_SYSEXIT, RETURN_PATHS };

/* Where the VMI layer adds to the queue, likewise (vmi/defer.asm). */
struct region {
	uint32_t start, end;
};
#define REGIONS	6u

/* post.c: written once, while the BIOS runs the ROM */
struct boot {
	uint32_t block, block_size;	/* physical */
	uint32_t rom;			/* where the BIOS put it */
	enum protect protect;
	uint32_t khz;			/* of the TSC */
	uint32_t apic_tick;		/* cycles per tick of the local APIC's timer, APIC_TICK() */
	uint32_t apic_rate;		/* ticks per cycle, for scale31() */
	struct return_path returns[RETURN_PATHS];
	struct region regions[REGIONS];
	uint8_t *iret;			/* VMI_IRET in the copy at HOLE_ROM */
	uint8_t iret_bytes[2];		/* its own, until it is first called */
};
extern struct boot boot;

/* The block is mapped at HOLE_BLOCK. */
static inline uint32_t block_physical(const void *p)
{
	return (uint32_t)p - HOLE_BLOCK + boot.block;
}

static inline bool frame_is_monitor(uint64_t frame)
{
	return frame - boot.block / PAGE_SIZE < boot.block_size / PAGE_SIZE;
}

/* protect.c, probe.asm, gate.c: POST's */
const char *protect_choose(const char *built_in);
bool limits_enforced(void);
void gate_prepare(void);

/* console.c: the debug console */
void print(const char *format, ...) PRINTF(1);

/* memory.c, freestanding C needs them */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

/* pool.c: zeroed pages of the block; NULL when there are none */
void pool_init(uint32_t first, uint32_t end);
void *pool_page(void);
void *pool_pages(unsigned count);
unsigned pool_free_pages(void);

/* hole.c: the page tables of the hole */
extern uint64_t *window_pt[];
void hole_build(void);
void hole_map_cpu(struct vcpu *c, uint32_t state, uint32_t info);
void hole_map_rom(uint32_t physical);
uint32_t hole_physical(uint32_t linear);
void hole_fill_pd3(uint64_t *guest, uint64_t *monitor);

/* window.c: guest frames, mapped for a moment */
void *window_open(uint32_t frame);

static INLINE void *window(uint32_t frame)
{
	unsigned slot = frame % WINDOW_COUNT;

	if (cpu->window_tag[slot] == frame + 1)
		return (void *)(HOLE_WINDOWS + slot * PAGE_SIZE);
	return window_open(frame);
}

/* Entry @index of a guest's table, of @size bytes, if the table is in its window; else NULL. */
static INLINE uint32_t *seen(uint32_t frame, unsigned index, const unsigned size)
{
	unsigned slot = frame % WINDOW_COUNT;

	if (cpu->window_tag[slot] != frame + 1)
		return NULL;
	return (uint32_t *)(HOLE_WINDOWS + slot * PAGE_SIZE + index % (PAGE_SIZE / size) * size);
}

/* walk.c: the guest's own page tables */
struct translation {
	uint64_t physical;	/* of the byte */
	uint64_t entry;		/* the last one, with A and D as they are now */
	uint64_t pde;		/* the one above it, if it is not large */
	uint32_t table;		/* the frame of the page table, likewise */
	uint32_t rights;	/* by the whole path: the bits PTE_W and PTE_U count */
	bool nx, large;		/* nx: likewise */
};
bool walk(uint32_t linear, unsigned access, struct translation *t);
bool walk_pdptes(uint32_t cr3, uint64_t pdpte[4]);
uint64_t walk_reserved(void);
uint64_t walk_read_changing(const volatile uint32_t *word);
void walk_prepare(void);
void walk_start(void);

/* shadow.c: the page tables that the processor uses */
void shadow_prepare(void);
void shadow_start(void);
bool shadow_fill(uint32_t linear, const struct translation *t, unsigned access);
void shadow_flush(void);
void shadow_flush_page(uint32_t linear);
void shadow_reset(void);
bool shadow_load_cr3(uint32_t value);
bool shadow_load_pdptes(void);

/* pagetype.c: the page tables that the guest has announced */
void tables_prepare(void);
bool table_announced(uint32_t frame);
void table_announce(uint32_t frame);
void table_release(uint32_t frame);

/* device.c: what is never mapped for the guest; emulate.h has more */
extern uint32_t first_device_frame;	/* none is below */
void device_prepare(void);
bool frame_is_special(uint32_t frame);
bool frames_are_plain(uint32_t first, unsigned count);

static inline bool frame_is_device(uint32_t frame)
{
	return frame >= first_device_frame && frame_is_special(frame);
}

/* defer.c: what the guest has put off */
void defer_flush_all(void);

static inline void defer_flush(void)
{
	if (guest_state->queue_head)
		defer_flush_all();
}

uint32_t defer_region(uint32_t eip);

/* watch.c: tables that the guest may still write to */
void watch_begin(unsigned which, uint32_t base, uint32_t bytes);
void watch_end(unsigned which);
bool frame_is_in_watch(uint32_t frame);

static INLINE bool frame_is_watched(uint32_t frame)
{
	return frame - cpu->watch_first < cpu->watch_frames && frame_is_in_watch(frame);
}

bool watch_write(uint32_t linear, const void *buf, uint32_t len);
bool watch_called(const struct frame *f, uint32_t linear);
bool watch_give_up(void);

/* guestmem.c */
bool refuse(unsigned vector, uint32_t error);	/* fault_record(), and false */
bool guest_probe(uint32_t linear, uint32_t len, unsigned access);
/* In an asm(), behind "1:" and an instruction: on a fault, on to the label @bad. */
#define FIXUP(bad)	".pushsection .extable, \"a\", @progbits\n\t.long 1b, " bad "\n\t.popsection"
uint32_t copy_fixup(void *to, const void *from, uint32_t n);	/* entry.asm: bytes left */

/* A guest may have it mapped, and written to without more ado. */
static INLINE bool frame_is_plain(uint32_t frame)
{
	return !frame_is_device(frame) && !frame_is_watched(frame);
}

/* segment.c: the shadow tables */
struct descriptor *segment_lookup(uint16_t selector);
bool segment_guest(uint16_t selector, struct descriptor *d);
void segment_load_gdt(uint32_t base, uint16_t limit);
void segment_load_ldt(uint32_t base, uint32_t limit);
enum { SEGMENT_CHANGED = 1, SEGMENT_CODE_CHANGED = 2 };
unsigned segment_written(uint32_t at);
unsigned segment_written_gdt(uint32_t at);
void segment_settle(unsigned changes);
bool segment_check_code(uint16_t selector, unsigned ring, uint32_t eip);
bool segment_check_stack(uint16_t selector, unsigned ring, unsigned vector);
void segment_follow(unsigned which, unsigned index);
void segment_reload(void);
uint32_t gate_load_fs(uint32_t selector);	/* entry.asm: 0, or 1 if it cannot be loaded */
uint32_t gate_load_gs(uint32_t selector);
uint32_t gate_xsetbv(uint32_t index, uint32_t low, uint32_t high);	/* likewise */

/* wrap.c: segments that wrap around 4 GiB, in segment mode */
bool wrap_fault(struct frame *f);

/* inject.c: events into the guest */

/* SDM volume 3, table 6-1: 8, 10 to 14, 17. */
static inline bool has_error_code(unsigned vector)
{
	return vector < 32 && (0x00027d00u >> vector & 1);
}

void reflect(struct frame *f, unsigned vector, uint32_t error);
void reflect_fault(struct frame *f);
void reflect_soft(struct frame *f, unsigned vector, unsigned length);
bool inject_interrupt(struct frame *f, unsigned vector);

/* direct.c: the guest's gates that need no monitor */
void direct_written(uint32_t at);
void direct_table(bool by_call);
void direct_update_all(void);
void direct_stack(uint16_t ss0, uint32_t esp0);
struct descriptor gate_monitor(unsigned vector);	/* gate.c */

/* transfer.c: returns of the guest kernel */
void transfer_by_call(struct frame *f);
void transfer_forward(struct frame *f);
bool transfer_fault(struct frame *f);

/* irq.c: physical interrupts and the guest's controllers */
bool irq_is_physical(unsigned vector);
void irq_physical(struct frame *f);
void irq_work(struct frame *f);
bool irq_is_port(uint16_t port);

/* The 8259 pair's command and data ports. */
static inline bool irq_is_pair(unsigned port)
{
	return (port & ~0x81u) == 0x20;
}

uint8_t irq_read(uint16_t port);
void irq_write(uint16_t port, uint8_t value);
void irq_pair_write(uint16_t port, uint8_t value);
uint32_t irq_apic_read(uint32_t offset);
void irq_apic_write(uint32_t offset, uint32_t value);
bool irq_set_apic_base(uint64_t value);
uint8_t irq_offer_alarm(void);
uint32_t irq_ioapic_read(uint32_t offset);
void irq_ioapic_write(uint32_t offset, uint32_t value);
void irq_tick(void);
bool irq_waits(void);

/* irq_adopt.c: what they were when VMI_Init was called */
void irq_take_over(void);
bool irq_adopt_event(unsigned vector);

/* calibrate.c, deadline.c: the clock and the timer */
#define NEVER		(~0ull)
void calibrate(void);
uint32_t deadline_ticks(uint64_t cycles);
uint64_t deadline_next(void);
void deadline_update(void);
void deadline_expire(void);
void deadline_kept(void);

/* time.c: counters and alarms */
#define MSR_TAKE_FROM	0x40000000u	/* for tests: see docs/time.md */
#define MSR_TAKE_TO	0x40000001u
void time_start(void);
void time_take(void);
bool time_write_msr(uint32_t index, uint64_t value);
void time_wasted(uint64_t from);
bool alarm_expire(void);
bool alarm_is_simple(uint64_t when);
void alarm_delivered(void);

/* Before anybody looks at the alarms: has the gate delivered one (quick.c)? */
static INLINE void alarm_learn(void)
{
	if (guest_state->alarm_fired)
		alarm_delivered();
}
void call_set_alarm(struct frame *f);
void call_cancel_alarm(struct frame *f);

/* wallclock.c */
bool wallclock_is_port(uint16_t port);
void wallclock_write(uint16_t port, uint8_t value);
uint64_t wallclock_time(void);
bool wallclock_updated(void);

/* Ring 3 runs with interrupts on, whatever virtual IF says; V8086 mode with virtual IOPL 3 has it. */
static inline bool frame_forces_if(const struct frame *f)
{
	return frame_from_user(f) && !(frame_is_v86(f) && guest_info->iopl == 3);
}

/* flat.c: inject.c's short way; false: take the long one */
bool deliver_flat_exception(struct frame *f, unsigned vector, uint32_t error);
void reflect_page_fault(struct frame *f, uint32_t linear, uint32_t error);
bool deliver_flat_interrupt(struct frame *f, unsigned vector);

/* call.c: what ring 1 asks for; call_mmu.c */
void call_dispatch(struct frame *f);
bool call_stack_argument(struct frame *f, uint32_t *value);
void call_register_page(struct frame *f);
void call_allocate_page(struct frame *f);
void call_release_page(struct frame *f);
void call_clone(struct frame *f);
void call_inval_page(struct frame *f);

/* port.c; emulate.h has more */
#define PORTS		0x10000u
#define PORT_MAP_CLOSED	0xffffu		/* as offset of the TSS's bitmap: beyond its limit */
bool port_goes_straight(unsigned port);
void port_call(struct frame *f);
void port_set_iopl(unsigned level);
void port_open(bool ring_3);

/* shield.c: what would let the guest out */
bool shield_is_port(unsigned port);
bool shield_access(uint16_t port, unsigned size, bool write, uint32_t *value);
uint8_t shield_read(uint16_t port);
void shield_write(uint16_t port, uint8_t value);
void shield_start(void);
bool shield_is_frame(uint64_t frame);
void shield_memory(uint64_t physical, unsigned size, bool write, uint32_t *value);

/* vcpu.c, cpuid.c: the guest's processor; emulate.h has more */
void vcpu_load_control(uint32_t cr0, uint32_t cr3, uint32_t cr4);
void vcpu_adopt_tr(uint16_t selector);
bool vcpu_set_cr3(uint32_t value);
void cpu_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4]);

/* msr.c */
void msr_adopt(void);
void msr_set_sysenter_cs(uint32_t value);
uint32_t msr_read_fixup(uint32_t index, uint64_t *value);	/* entry.asm: 0, or 1 if there is none */
uint32_t pmc_read_fixup(uint32_t counter, uint64_t *value);

/* debug.c: debug registers, #DB */
void debug_adopt(void);
void debug_apply(void);
void debug_stepped(struct frame *f);
void debug_exception(struct frame *f);
bool debug_nested(struct frame *f);
void debug_deliver(struct frame *f);

/* trap.c */
void trap(struct frame *f);
void trap_port(struct frame *f);
void trap_interrupt(struct frame *f);
void trap_halt(struct frame *f);
void trap_emulate_access(struct frame *f);
void trap_shadow_end(const struct frame *f);
void trap_attend(struct frame *f);

/* Around everything that is done for the guest.  While it runs cpu->sti_shadow comes with cpu->attention. */
static inline void trap_begin(const struct frame *f)
{
	if (cpu->sti_shadow)
		trap_shadow_end(f);
}

static inline void trap_end(struct frame *f)
{
	if (cpu->attention)
		trap_attend(f);
	frame_clean(f);
}

/* fault.c: page faults of the guest's */
void trap_page_fault(struct frame *f);
void fault_mode(void);

/* entry.asm */
void gate_resume(struct frame *f) NORETURN;
void gate_sleep(struct frame *f) NORETURN;

/* stop.c: the ends of a guest and of the monitor */
void guest_stop(struct frame *f, const char *why) NORETURN;
void panic(struct frame *f, const char *why) NORETURN;
void triple_fault(void) NORETURN;

/* power.c: and of the machine */
void power_prepare(uint8_t *zero);
void machine_reset(void) NORETURN;
void machine_init(void) NORETURN;
void machine_off(void) NORETURN;

#define BUG_ON(condition) do { if (condition) panic(NULL, #condition); } while (0)

/* ---- the processor ---- */

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %w1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %w1" : : "a"(v), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %w1" : : "a"(v), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %w1" : : "a"(v), "Nd"(port));
}

#define READ_REGISTER(name) \
	static inline uint32_t read_##name(void) \
	{ \
		uint32_t v; \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(v) : : "memory"); \
		return v; \
	}
#define WRITE_REGISTER(name) \
	static inline void write_##name(uint32_t v) \
	{ \
		__asm__ volatile("mov %0, %%" #name : : "r"(v) : "memory"); \
	}
READ_REGISTER(cr0)
READ_REGISTER(cr2)
READ_REGISTER(cr3)
READ_REGISTER(cr4)
WRITE_REGISTER(cr0)
WRITE_REGISTER(cr2)
WRITE_REGISTER(cr3)
WRITE_REGISTER(cr4)

static inline void invlpg(uint32_t linear)
{
	__asm__ volatile("invlpg (%0)" : : "r"(linear) : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint64_t v;

	__asm__ volatile("rdtsc" : "=A"(v));
	return v;
}

static inline uint64_t rdmsr(uint32_t index)
{
	uint64_t v;

	__asm__ volatile("rdmsr" : "=A"(v) : "c"(index));
	return v;
}

static inline void wrmsr(uint32_t index, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "A"(v), "c"(index));
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(subleaf));
}

#endif
