/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: an interrupt at every instruction of what enables interrupts is delivered once, neither late nor twice.
 * Environments: native segment paged bochs-native bochs bochs-paged
 * Qemu: -icount shift=0,sleep=off
 *
 * The PIT fires a fixed number of instructions after it was armed; a sled of
 * NOPs brings the code under test there, one instruction further each time.
 * At its end ("the landing", interrupts on) either the handler has run, or the
 * interrupt is still to come: then it comes while we wait there, without help
 * from any entry into the monitor.
 *
 * With -icount the PIT is exact to the instruction.  Bochs's is to some eighty:
 * there a step of the sled meets an instruction nearby, and the sweep is done
 * three times, which leaves out one instruction in twenty.
 */
#include "runtime.h"

#include "apic.h"
#include "msr.h"
#include "pit.h"
#include "vmi.h"

#define VECTOR_SELF	0x61
#define COUNT		24		/* clocks of the PIT: 20 microseconds */
#define DELAY_MIN	15000		/* instructions, in that or in a multiple */
#define ROUNDS_INEXACT	3
#define SWEEP		600
#define MARGIN		150		/* of the sweep, before the code's end */
#define SWEEP_LONG	1000		/* as far as the sled goes: with a handler before the end */
#define FARTHEST	6000		/* of the way there and to the handler, at most */
#define WAIT		20000
#define MARK		0x5a17b0d1u

/* regions.asm, land_user.asm */
extern uint32_t landing_count, landing_esp, landing_mark;
extern const uint8_t land_user[];
void critical_wait(uint32_t spins, uint32_t nops);
void return_by(uint32_t entry);
void return_badly(void *unused);
void leave_by_sysexit(void *eip_esp_mark_ds);
void enable_raw(void);
void halt_raw(void);
extern const uint8_t enable_raw_shadow[];

static uint32_t count = COUNT;
volatile uint32_t handled __attribute__((section(".user.data")));
static volatile uint32_t handled_at;	/* low word of the TSC */
static volatile uint32_t interrupted;	/* EIP */
static volatile uint32_t selves, sent;	/* interrupts of the APIC's, to ourselves */

struct region {
	const char *name;
	void (*run)(void);	/* leaves landing_count, and interrupts on */
	bool with_rom;		/* needs one */
	bool is_return;		/* to the handler it is one instruction */
	bool is_long;
};

static void on_timer(struct trap_frame *frame)
{
	interrupted = frame->eip;
	handled++;
	handled_at = (uint32_t)vmi_rdtsc();
}

static bool on_self(struct trap_frame *frame)
{
	(void)frame;
	selves++;
	apic_write(APIC_EOI, 0);
	return true;
}

static void land(void)
{
	landing_count = handled;
}

static void run_enable(void)
{
	vmi_enable_interrupts();
	land();
}

/* STI casts its shadow on one instruction. */
static void run_sti(void)
{
	enable_raw();
	land();
}

static void run_sti_halt(void)
{
	halt_raw();
	land();
}

/* Another controller's interrupt waits already. */
static void run_enable_waiting(void)
{
	apic_write(APIC_ICR_LOW, ICR_SELF | VECTOR_SELF);
	sent++;
	vmi_enable_interrupts();
	land();
}

static void run_set_mask(void)
{
	vmi_set_interrupt_mask(EFLAGS_IF);
	land();
}

static void run_halt(void)
{
	vmi_halt();
	land();
}

static void call_entry(uint32_t entry, uint32_t eax)
{
	__asm__ volatile("call *%1" : "+a"(eax) : "r"(entry) : "memory", "cc");
}

static void run_enable_entry(void)
{
	call_entry(vmi_entry(VMI_CALL_EnableInterrupts), 0);
	land();
}

static void run_set_mask_entry(void)
{
	call_entry(vmi_entry(VMI_CALL_SetInterruptMask), EFLAGS_IF);
	land();
}

static void run_iret(void)
{
	return_by(0);
}

static void run_iret_entry(void)
{
	return_by(vmi_entry(VMI_CALL_IRET));
}

static void run_enable_rom(void)
{
	call_entry(platform_rom_entry(VMI_CALL_EnableInterrupts), 0);
	land();
}

static void run_iret_rom(void)
{
	return_by(platform_rom_entry(VMI_CALL_IRET));
}

static void user_landed(const struct fault *fault, uint32_t esp)
{
	landing_count = fault->frame.eax & 0xffff;
	landing_mark = fault->frame.ebx;
	if (fault->vector != TRAP_USER_EXIT || fault->frame.esi != esp)
		landing_mark = 0;
}

static void run_iret_user(void)
{
	struct trap_frame registers = { .ebx = MARK };
	struct fault fault;

	user_run((uint32_t)land_user, user_stack_top(), &registers, &fault);
	user_landed(&fault, user_stack_top());
	vmi_enable_interrupts();
}

static void run_sysexit(void)
{
	uint32_t where[4] = { (uint32_t)land_user, user_stack_top(), MARK, USER_SS };
	struct fault fault;

	if (!expect_user_fault(leave_by_sysexit, where, &fault))
		fault.vector = NO_FAULT;
	user_landed(&fault, user_stack_top());
	vmi_enable_interrupts();
}

/* The flags of a return that faults count for nothing. */
static void run_bad_iret(void)
{
	struct fault fault;

	if (!expect_fault(return_badly, NULL, &fault) || fault.vector != TRAP_PROTECTION ||
	    fault.handler_mask || handled)
		landing_mark = 0;
	vmi_enable_interrupts();
	land();
}

static const struct region regions[] = {
	{ "EnableInterrupts, inlined", run_enable, .with_rom = false },
	{ "EnableInterrupts, one waiting", run_enable_waiting, .is_long = true },
	{ "STI", run_sti, .with_rom = false },
	{ "STI and HLT", run_sti_halt, .with_rom = false },
	{ "SetInterruptMask, inlined", run_set_mask, .with_rom = false },
	{ "Halt", run_halt, .with_rom = false },
	{ "IRET to the kernel", run_iret, .is_return = true },
	{ "IRET to ring 3", run_iret_user, .is_return = true },
	{ "IRET that faults", run_bad_iret, .with_rom = false },
	{ "SYSEXIT", run_sysexit, .is_return = true },
	{ "EnableInterrupts, called", run_enable_entry, .with_rom = true },
	{ "SetInterruptMask, called", run_set_mask_entry, .with_rom = true },
	{ "IRET, called", run_iret_entry, .with_rom = true, .is_return = true },
	{ "EnableInterrupts in the ROM", run_enable_rom, .with_rom = true },
	{ "IRET in the ROM", run_iret_rom, .with_rom = true, .is_return = true },
};

/* Instructions from pit_one_shot()'s end until the handler, interrupts being on. */
static uint32_t measure_delay(void)
{
	uint32_t start;

	handled = 0;
	vmi_disable_interrupts();
	pit_one_shot(count);
	start = (uint32_t)vmi_rdtsc();
	vmi_enable_interrupts();
	while (!handled)
		;
	vmi_disable_interrupts();
	return handled_at - start;
}

/* The smallest of the PIT's counts that is long enough; the delay with it. */
static uint32_t choose_count(void)
{
	uint32_t delay;

	measure_delay();
	while ((delay = measure_delay()) < DELAY_MIN)
		count *= 2;
	return delay;
}

/* Begun at different moments of the timer's own clock, the delay tells how exact it is. */
static uint32_t choose_rounds(uint32_t delay)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		critical_wait(1, 7 * i);
		if (measure_delay() != delay)
			return ROUNDS_INEXACT;
	}
	return 1;
}

struct tally {
	uint32_t before, after, lost, twice, clobbered, split, shadowed, others;
};

static void run_once(const struct region *r, uint32_t spins, uint32_t nops, struct tally *t)
{
	uint32_t i;

	handled = 0;
	landing_mark = MARK;
	vmi_disable_interrupts();
	pit_one_shot(count);
	critical_wait(spins, nops);
	r->run();
	for (i = 0; i < WAIT && !handled; i++)
		;
	vmi_disable_interrupts();
	if (landing_count)
		t->before++;
	else if (handled)
		t->after++;
	t->lost += handled == 0;
	t->twice += handled > 1;
	t->clobbered += landing_mark != MARK;
	t->split += interrupted >= VMI_HOLE_START_MIN;
	t->shadowed += interrupted == (uint32_t)enable_raw_shadow;
	t->others += selves != sent;
}

/* Whether the interrupt comes before the landing after a wait of @spins. */
static bool comes_before(const struct region *r, uint32_t spins)
{
	struct tally t = { .before = 0 };

	run_once(r, spins, 0, &t);
	return t.before != 0;
}

/* The shortest wait after which it does: its instruction is the code's last. */
static uint32_t find_end(const struct region *r, uint32_t delay)
{
	uint32_t low = delay - FARTHEST, high = delay, middle;

	comes_before(r, high);		/* the first time takes longer: pages get mapped */
	while (high - low > 1) {
		middle = (low + high) / 2;
		if (comes_before(r, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

static bool halts(const struct region *r)
{
	return r->run == run_halt || r->run == run_sti_halt;
}

/* A halt always ends with the interrupt: there the halting itself is met. */
static void sweep(const struct region *r, uint32_t delay, uint32_t rounds)
{
	uint32_t end = halts(r) ? delay - SWEEP : find_end(r, delay);
	uint32_t steps = r->is_long ? SWEEP_LONG : SWEEP;
	struct tally t = { .before = 0 };
	uint32_t nops;

	steps *= rounds;
	for (nops = 0; nops < steps; nops++)
		run_once(r, end - MARGIN, nops / rounds, &t);
	report(t.lost == 0, "%s: none comes late: %u of %u", r->name, t.lost, steps);
	report(t.twice == 0, "%s: none comes twice: %u", r->name, t.twice);
	report(t.clobbered == 0, "%s: registers and stack are kept: %u", r->name, t.clobbered);
	report(t.split == 0 || !r->is_return, "%s: a return is one step: %u", r->name, t.split);
	report(t.shadowed == 0, "%s: none comes in the shadow: %u", r->name, t.shadowed);
	report(t.others == 0, "%s: none of the APIC's is left: %u", r->name, t.others);
	report(t.before && (t.after || halts(r)),
	       "%s: the sweep passes it: %u before its end, %u after", r->name, t.before, t.after);
}

int main(void)
{
	uint32_t delay, rounds, i;

	apic_enable();
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	trap_set_handler(VECTOR_SELF, on_self);
	irq_set_handler(IRQ_TIMER, on_timer);
	vmi_wrmsr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	delay = choose_count();
	rounds = choose_rounds(delay);
	print("critical: %u instructions until the interrupt, %u rounds\n", delay, rounds);
	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
		if (!regions[i].with_rom || platform_is_vmi())
			sweep(&regions[i], delay, rounds);
	return 0;
}
