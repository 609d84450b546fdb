// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug registers and #DB (SDM volume 3, 17.2 and 17.3).  The processor's
 * breakpoints are the guest's, but for those in the hole, which stay unarmed.
 * DR6 and DR7 as the guest believes them are in cpu->dr; DR7.GD never reaches
 * the processor: at ring 1 every access to a debug register traps anyway.
 *
 * A #DB that the guest has set up can come at CPL 0: before the first
 * instruction of an entry (TF over SYSENTER, a data breakpoint at MOV SS), and
 * while the monitor touches guest memory or a port for it.  It is due when the
 * guest goes on.
 */
#include "monitor.h"

#define DR6_FIXED	0xffff0ff0u
#define DR6_KNOWN	0x0000e00fu
#define DR6_BREAKPOINTS	0x0000000fu
#define DR6_BD		0x2000u
#define DR6_BS		0x4000u
#define DR7_FIXED	0x00000400u
#define DR7_KNOWN	0xffff23ffu
#define DR7_ENABLED	0x000000ffu
#define DR7_GD		0x00002000u
#define DR7_LE_GE	0x00000300u
#define DR7_TYPE_IO	2u

extern char gate_sysenter[], gate_fetched[];

#define WRITE_DR(n, v)	__asm__ volatile("mov %0, %%dr" #n : : "r"(v))

static uint32_t read_dr6(void)
{
	uint32_t v;

	__asm__ volatile("mov %%dr6, %0" : "=r"(v));
	return v;
}

/* May the processor have breakpoint @n armed? */
static bool allowed(unsigned n)
{
	unsigned type = cpu->dr[7] >> (16 + n * 4) & 3;

	if (type == DR7_TYPE_IO)
		return (cpu->cr4 & CR4_DE) != 0;
	return cpu->dr[n] < HOLE_BASE;
}

/* The processor's registers as cpu->dr and the guest's CR4.DE say. */
void debug_apply(void)
{
	uint32_t dr7 = DR7_FIXED | (cpu->dr[7] & DR7_LE_GE);
	unsigned n;

	for (n = 0; n < 4; n++)
		if (allowed(n))
			dr7 |= cpu->dr[7] & (3u << n * 2 | 0xfu << (16 + n * 4));
	WRITE_DR(7, DR7_FIXED);
	WRITE_DR(0, cpu->dr[0]);
	WRITE_DR(1, cpu->dr[1]);
	WRITE_DR(2, cpu->dr[2]);
	WRITE_DR(3, cpu->dr[3]);
	WRITE_DR(7, dr7);
	cpu->info->breakpoints = (dr7 & DR7_ENABLED) != 0;
}

/* At VMI_Init. */
void debug_adopt(void)
{
	__asm__ volatile("mov %%dr0, %0" : "=r"(cpu->dr[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(cpu->dr[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(cpu->dr[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(cpu->dr[3]));
	cpu->dr[6] = read_dr6();
	__asm__ volatile("mov %%dr7, %0" : "=r"(cpu->dr[7]));
	debug_apply();
}

/* DR4 and DR5 are DR6 and DR7, or #UD; with GD any access is #DB. */
static bool resolve(unsigned *number)
{
	if ((*number & 6) == 4) {
		if (cpu->cr4 & CR4_DE)
			return refuse(VECTOR_UD, 0);
		*number += 2;
	}
	if (cpu->dr[7] & DR7_GD) {
		cpu->dr[6] |= DR6_BD;
		cpu->dr[7] &= ~DR7_GD;
		return refuse(VECTOR_DB, 0);
	}
	return true;
}

bool cpu_read_dr(unsigned number, uint32_t *value)
{
	if (!resolve(&number))
		return false;
	*value = cpu->dr[number];
	return true;
}

bool cpu_write_dr(unsigned number, uint32_t value)
{
	if (!resolve(&number))
		return false;
	if (number == 6)
		value = (value & DR6_KNOWN) | DR6_FIXED;
	else if (number == 7)
		value = (value & DR7_KNOWN) | DR7_FIXED;
	cpu->dr[number] = value;
	if (number != 6)
		debug_apply();
	return true;
}

/* What the processor says of a #DB; the breakpoint bits of an older one go. */
static uint32_t take_cause(void)
{
	uint32_t cause = read_dr6() & DR6_KNOWN;

	WRITE_DR(6, DR6_FIXED);
	return cause;
}

static void note(uint32_t cause)
{
	cpu->dr[6] = (cpu->dr[6] & ~DR6_BREAKPOINTS) | cause | DR6_FIXED;
}

/* A step's end.  TF may be ours, for the instruction after an STI or a MOV SS. */
static void report(struct frame *f, uint32_t cause)
{
	/* A handler must not come into the queue's middle: step on to its end. */
	if (cause == DR6_BS && defer_region(f->eip) != f->eip)
		return;
	if (cpu->stepping) {
		cpu->stepping = false;
		f->eflags &= ~EFLAGS_TF;
		cause &= ~DR6_BS;
		if (!cause)
			return;
	}
	note(cause);
	reflect(f, VECTOR_DB, 0);
}

/* The emulator has stepped. */
void debug_stepped(struct frame *f)
{
	report(f, DR6_BS);
}

/* #DB in the guest. */
void debug_exception(struct frame *f)
{
	report(f, take_cause());
}

/*
 * #DB at CPL 0.  At gate_sysenter there is no struct frame yet: this one
 * becomes it, since the gate's stack has room for all of it there.  true: @f is
 * now the guest's.
 */
bool debug_nested(struct frame *f)
{
	uint32_t cause = take_cause();

	if (cpu->fetching || f->eip == (uint32_t)gate_fetched)
		return false;
	if (f->eip != (uint32_t)gate_sysenter) {
		note(cause);
		cpu->debug_trap = true;
		cpu->attention = 1;
		f->eflags &= ~EFLAGS_TF;
		return false;
	}
	f->eip = cpu->info->sysenter_eip;
	f->cs = cpu->info->sysenter_cs;
	f->esp = cpu->info->sysenter_esp;
	f->ss = cpu->info->sysenter_ss;
	cpu->state->virtual_if = 0;
	report(f, cause);
	return true;
}

/* On the way out. */
void debug_deliver(struct frame *f)
{
	if (cpu->debug_trap) {
		cpu->debug_trap = false;
		reflect(f, VECTOR_DB, 0);
	}
}
