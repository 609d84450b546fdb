// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug registers and #DB (SDM volume 3, 17.2 and 17.3).  The guest's breakpoints are
 * put into the physical debug registers, except those in the hole, which stay disabled.
 * vcpu.dr has the registers as the guest sees them.  DR7.GD never reaches the processor:
 * at ring 1 every access to a debug register traps anyway.  entry/nested.c handles the
 * #DB that comes at CPL 0.
 */
#include "cpu/cpu.h"

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

#define WRITE_DR(n, v)	__asm__ volatile("mov %0, %%dr" #n : : "r"(v))

static uint32_t read_dr6(void)
{
	uint32_t v;

	__asm__ volatile("mov %%dr6, %0" : "=r"(v));
	return v;
}

/* May breakpoint @n be enabled in the physical DR7?  I/O breakpoints need CR4.DE. */
static bool may_arm(unsigned n)
{
	const struct vcpu *v = this_vcpu();
	unsigned type = v->dr[7] >> (16 + n * 4) & 3;

	if (type == DR7_TYPE_IO)
		return (v->cr4 & CR4_DE) != 0;
	return v->dr[n] < HOLE_BASE;
}

/*
 * Load the physical registers from vcpu.dr.  All breakpoints are disabled first, so that
 * none is ever enabled at an address that is not its own.
 */
void debug_apply(void)
{
	const struct vcpu *v = this_vcpu();
	uint32_t dr7 = DR7_FIXED | (v->dr[7] & DR7_LE_GE);
	unsigned n;

	for (n = 0; n < 4; n++)
		if (may_arm(n))
			dr7 |= v->dr[7] & (3u << n * 2 | 0xfu << (16 + n * 4));
	WRITE_DR(7, DR7_FIXED);
	WRITE_DR(0, v->dr[0]);
	WRITE_DR(1, v->dr[1]);
	WRITE_DR(2, v->dr[2]);
	WRITE_DR(3, v->dr[3]);
	WRITE_DR(7, dr7);
	info_page_rw()->breakpoints = (dr7 & DR7_ENABLED) != 0;
}

/*
 * Called in VMI_Init: the registers stay as the guest has loaded them natively.  VMI_Init
 * has disabled all breakpoints on its way, and kept @dr7.
 */
void debug_adopt(uint32_t dr7)
{
	struct vcpu *v = this_vcpu();

	__asm__ volatile("mov %%dr0, %0" : "=r"(v->dr[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(v->dr[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(v->dr[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(v->dr[3]));
	v->dr[6] = read_dr6();
	v->dr[7] = dr7;
	debug_apply();
}

/*
 * Check an access to debug register *@number.  DR4 and DR5 become DR6 and DR7, or raise
 * #UD; with DR7.GD set any access raises #DB.
 */
static bool resolve_dr(unsigned *number)
{
	struct vcpu *v = this_vcpu();

	if ((*number & 6) == 4) {
		if (v->cr4 & CR4_DE)
			return refuse(VECTOR_UD, 0);
		*number += 2;
	}
	if (v->dr[7] & DR7_GD) {
		v->dr[6] |= DR6_BD;
		v->dr[7] &= ~DR7_GD;
		return refuse(VECTOR_DB, 0);
	}
	return true;
}

bool vcpu_read_dr(unsigned number, uint32_t *value)
{
	if (!resolve_dr(&number))
		return false;
	*value = this_vcpu()->dr[number];
	return true;
}

bool vcpu_write_dr(unsigned number, uint32_t value)
{
	if (!resolve_dr(&number))
		return false;
	if (number == 6)
		value = (value & DR6_KNOWN) | DR6_FIXED;
	else if (number == 7)
		value = (value & DR7_KNOWN) | DR7_FIXED;
	this_vcpu()->dr[number] = value;
	if (number != 6)
		debug_apply();
	return true;
}

/* ---- #DB ---- */

uint32_t debug_take_cause(void)
{
	uint32_t cause = read_dr6() & DR6_KNOWN;

	WRITE_DR(6, DR6_FIXED);
	return cause;
}

void debug_note(uint32_t cause)
{
	this_vcpu()->dr[6] = (this_vcpu()->dr[6] & ~DR6_BREAKPOINTS) | cause | DR6_FIXED;
}

/*
 * If the monitor has set TF itself, to step over the instruction after an STI or a MOV
 * SS, the single step must not be shown to the guest.
 */
bool debug_is_due(struct frame *f, uint32_t cause)
{
	/* No handler may run while a record is half written: go on stepping to its end. */
	if (cause == DR6_BS && region_restart(f->eip) != f->eip)
		return false;
	if (this_vcpu()->stepping) {
		this_vcpu()->stepping = false;
		f->eflags &= ~EFLAGS_TF;
		cause &= ~DR6_BS;
		if (!cause)
			return false;
	}
	debug_note(cause);
	return true;
}

bool debug_step_is_due(struct frame *f)
{
	return debug_is_due(f, DR6_BS);
}
