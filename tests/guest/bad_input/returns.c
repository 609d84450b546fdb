/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMI_IRET and VMI_SYSEXIT with all combinations of bad values in the frame: a
 * fault at the site with the frame as it was, or one where the frame leads, in
 * a ring that is the guest's.
 */
#include "bad_input.h"

#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct frame {
	uint32_t eip, cs, eflags, esp, ss;
	uint32_t es, ds, fs, gs;		/* V8086 mode's */
};

/* enter.asm, land_user.asm */
void bad_iret(const void *frame);
void bad_sysexit(uint32_t eip, uint32_t esp);
extern const uint8_t bad_iret_site[], bad_sysexit_site[], kernel_landing[], user_landing[];

static uint8_t frame_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct frame *const frame = (struct frame *)(frame_page + PAGE_SIZE / 2);
static struct frame before;
static uint32_t sysexit_eip, sysexit_esp, outcomes, arrivals;

static const uint32_t instructions[] = {
	(uint32_t)user_landing, (uint32_t)kernel_landing, 0, AWAY, HOLE_ROM, HOLE_GATE_INFO,
	HOLE_CPU, 0xffffffff,
};
static const uint32_t code_selectors[] = {
	0, 3, 4, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_CODE | 1, SELECTOR_KERNEL_CODE | 2,
	SELECTOR_KERNEL_CODE | 3, SELECTOR_KERNEL_DATA | 1, SELECTOR_USER_CODE, USER_CS, USER_CS | 4, USER_SS,
	SELECTOR_TSS | 3, GDT_ENTRIES * 8 | 3, (GUEST_GDT_LIMIT - 7) | 3, MONITOR_CS, MONITOR_CS | 1,
	MONITOR_CS | 3, MONITOR_TSS | 3, MONITOR_LDT, 0xffff,
};
static const uint32_t stack_selectors[] = {
	USER_SS, 0, SELECTOR_KERNEL_DATA | 1, SELECTOR_KERNEL_DATA | 3, USER_CS, SELECTOR_USER_DATA,
	GDT_ENTRIES * 8 | 3, MONITOR_DS, MONITOR_DS | 3, 0xffff,
};
static const uint32_t stacks[] = { 0, AWAY, HOLE_STATE, HOLE_STACK_TOP - 16, 0xffffffff };
static const uint32_t flags[] = {
	EFLAGS_FIXED | EFLAGS_IF, 0, EFLAGS_IOPL, EFLAGS_NT, EFLAGS_TF, EFLAGS_VM, EFLAGS_VM | EFLAGS_IOPL | EFLAGS_IF,
	0xffffffff, ~(EFLAGS_VM | EFLAGS_NT), ~EFLAGS_VM,
};
static const uint32_t sysenter_selectors[] = {
	0, 3, 7, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_CODE | 3, SELECTOR_USER_CODE, SELECTOR_TSS,
	GUEST_GDT_LIMIT - 15, GUEST_GDT_LIMIT - 23,
	MONITOR_CS, 0xffe8, 0xfff0, 0xffff, 0x10008, 0xffffffff,
};

static void enter_iret(void *unused)
{
	(void)unused;
	bad_iret(frame);
}

static void enter_sysexit(void *unused)
{
	(void)unused;
	bad_sysexit(sysexit_eip, sysexit_esp);
}

/* What ends it may come from either ring, and from V8086 mode, whose CS may look like both. */
struct ending {
	void (*enter)(void *);
	struct fault user;
};

static void catch_user(void *argument)
{
	struct ending *e = argument;

	expect_user_fault(e->enter, NULL, &e->user);
}

static void run(void (*enter)(void *), struct fault *fault)
{
	struct ending ending = { .enter = enter };

	vmi_disable_interrupts();
	if (!expect_fault(catch_user, &ending, fault))
		*fault = ending.user;
	vmi_disable_interrupts();
}

static bool is_return_fault(uint32_t vector)
{
	return vector == TRAP_PROTECTION || vector == TRAP_NOT_PRESENT || vector == TRAP_STACK
	       || vector == TRAP_INVALID_TSS;
}

/* No matter what the image asked for, it runs in the guest's rings, and without IOPL. */
static bool is_contained(const struct trap_frame *f)
{
	if (f->eflags & EFLAGS_IOPL)
		return false;
	return f->eflags & EFLAGS_VM
	       || ((f->cs & 3) == 1 && (f->cs & 0xfffc) == SELECTOR_KERNEL_CODE)
	       || ((f->cs & 3) == 3 && (f->cs & 0xfffc) == SELECTOR_USER_CODE && (f->ss & 0xffff) == USER_SS);
}

static bool check(const struct fault *fault, const uint8_t *site)
{
	outcomes++;
	if (fault->vector == NO_FAULT || fault->vector == TRAP_DOUBLE_FAULT)
		return false;
	if (fault->frame.eip == (uint32_t)site && !(fault->frame.eflags & EFLAGS_VM))
		return is_return_fault(fault->vector) && (fault->frame.cs & 3) == 1;
	arrivals++;
	return is_contained(&fault->frame);
}

/* The kernel would run what lies in the monitor, or in its data that ring 1 reads: who knows what that does. */
static bool would_run_monitor(void)
{
	if ((frame->cs & 3) == 3)
		return false;
	return frame->eip == HOLE_GATE_INFO || (unlimited && frame->eip >= HOLE_GUEST_END);
}

static bool try_iret(void)
{
	struct fault fault;

	if (would_run_monitor())
		return true;
	before = *frame;
	run(enter_iret, &fault);
	if (check(&fault, bad_iret_site)
	    && (fault.frame.eip != (uint32_t)bad_iret_site
		|| (!memcmp(&before, frame, sizeof(before)) && fault.esp == (uint32_t)frame)))
		return true;
	report(false, "VMI_IRET to %x:%x, flags %x, stack %x:%x", before.cs, before.eip, before.eflags, before.ss,
	       before.esp);
	print("  %s, error %x, cr2 %x, at %x:%x, flags %x, ss %x\n", trap_name(fault.vector), fault.error, fault.cr2,
	      fault.frame.cs, fault.frame.eip, fault.frame.eflags, fault.frame.ss);
	return false;
}

static void fill(unsigned int eip, unsigned int cs, unsigned int ss, unsigned int esp, unsigned int flag)
{
	*frame = (struct frame){
		.eip = instructions[eip], .cs = code_selectors[cs], .ss = stack_selectors[ss], .esp = stacks[esp],
		.eflags = flags[flag], .es = 0xffffffff, .ds = MONITOR_DS, .fs = 0x1ffff, .gs = 0xffff,
	};
}

/* The n'th combination; false behind the last one. */
static bool combine(uint32_t n)
{
	uint32_t eip = n % COUNT(instructions), cs, ss, esp;

	n /= COUNT(instructions);
	cs = n % COUNT(code_selectors);
	n /= COUNT(code_selectors);
	ss = n % COUNT(stack_selectors);
	n /= COUNT(stack_selectors);
	esp = n % COUNT(stacks);
	n /= COUNT(stacks);
	if (n >= COUNT(flags))
		return false;
	fill(eip, cs, ss, esp, n);
	return true;
}

/* A prime number of combinations is left out between two: all values meet, in a tenth of the time. */
static void test_iret(void)
{
	uint32_t n;
	bool right = true;

	for (n = 0; right && combine(n); n += 11)
		right = try_iret();
	report(right && arrivals, "VMI_IRET, %u times, %u arrive", outcomes, arrivals);
}

static bool try_sysexit(uint32_t cs)
{
	struct fault fault;

	run(enter_sysexit, &fault);
	if (check(&fault, bad_sysexit_site)
	    && ((cs & 0xfffc) || fault.frame.eip == (uint32_t)bad_sysexit_site))
		return true;
	report(false, "VMI_SYSEXIT(%x, %x), CS %x", sysexit_eip, sysexit_esp, cs);
	print("  %s, error %x, cr2 %x, at %x:%x, flags %x, ss %x\n", trap_name(fault.vector), fault.error, fault.cr2,
	      fault.frame.cs, fault.frame.eip, fault.frame.eflags, fault.frame.ss);
	return false;
}

static void test_sysexit(void)
{
	unsigned int cs, eip, esp;
	bool right = true;

	outcomes = arrivals = 0;
	for (cs = 0; cs < COUNT(sysenter_selectors); cs++) {
		vmi_wrmsr(MSR_SYSENTER_CS, sysenter_selectors[cs]);
		for (eip = 0; eip < COUNT(instructions); eip++)
			for (esp = 0; esp < COUNT(stacks); esp++) {
				sysexit_eip = instructions[eip];
				sysexit_esp = stacks[esp];
				right = right && try_sysexit(sysenter_selectors[cs]);
			}
	}
	vmi_wrmsr(MSR_SYSENTER_CS, 0);
	report(right && arrivals, "VMI_SYSEXIT, %u times, %u arrive", outcomes, arrivals);
}

void test_returns(void)
{
	test_iret();
	test_sysexit();
}
