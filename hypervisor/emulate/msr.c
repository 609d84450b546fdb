// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model-specific registers.  SYSENTER's belong to the gate: the processor's
 * lead to gate_sysenter (entry.asm), which goes on to where the guest's say.
 * What describes the machine is read through, and keeps its value whatever is
 * written, as firmware that locks it would; all else is #GP.  docs/abi.md has
 * the list.
 */
#include "monitor.h"

#define MSR_TSC			0x010u
#define MSR_APIC_BASE		0x01bu
#define MSR_SYSENTER_CS		0x174u
#define MSR_SYSENTER_ESP	0x175u
#define MSR_SYSENTER_EIP	0x176u
#define MSR_PAT			0x277u
#define MSR_EFER		0xc0000080u

#define FEATURE_SEP		(1u << 11)
#define FEATURE_PAT		(1u << 16)

extern char gate_sysenter[];

/* Read through; a write changes nothing, or is #GP. */
static const struct range {
	uint16_t first, last;
	bool writable;
} ranges[] = {
	{ 0x017, 0x017, false },	/* platform ID */
	{ 0x08b, 0x08b, true },		/* microcode: its revision */
	{ 0x0fe, 0x0fe, false },	/* MTRRs: capabilities, */
	{ 0x200, 0x20f, true },		/* variable, */
	{ 0x250, 0x250, true },		/* fixed, */
	{ 0x258, 0x259, true },
	{ 0x268, 0x26f, true },
	{ 0x2ff, 0x2ff, true },		/* default type */
	{ 0x1a0, 0x1a0, true },		/* miscellaneous enables */
};

static const struct range *find_range(uint32_t index)
{
	const struct range *r;

	for (r = ranges; r < ranges + sizeof(ranges) / sizeof(ranges[0]); r++)
		if (r->first <= index && index <= r->last)
			return r;
	return NULL;
}

/* The SYSENTER MSR of @index, or NULL. */
static uint32_t *sysenter_register(uint32_t index)
{
	if (!(cpu->features & FEATURE_SEP))
		return NULL;
	switch (index) {
	case MSR_SYSENTER_CS:
		return &cpu->sysenter_cs;
	case MSR_SYSENTER_ESP:
		return &cpu->info->sysenter_esp;
	case MSR_SYSENTER_EIP:
		return &cpu->info->sysenter_eip;
	default:
		return NULL;
	}
}

/*
 * All four selectors follow from SYSENTER_CS; null makes SYSENTER and SYSEXIT
 * fault (SDM volume 2).
 */
void msr_set_sysenter_cs(uint32_t value)
{
	uint32_t cs = value & 0xfffc;

	cpu->sysenter_cs = value;
	cpu->info->sysenter_cs = cs | 1;
	cpu->info->sysenter_ss = ((cs + 8) & 0xffff) | 1;
	cpu->info->sysexit_cs = cs ? ((cs + 16) & 0xffff) | 3 : 0;
	cpu->info->sysexit_ss = ((cs + 24) & 0xffff) | 3;
	if (cpu->features & FEATURE_SEP)
		wrmsr(MSR_SYSENTER_CS, cs ? MONITOR_CS : 0);
}

bool cpu_read_msr(uint32_t index, uint64_t *value)
{
	uint32_t *sysenter = sysenter_register(index);
	uint64_t there;

	if (sysenter) {
		*value = *sysenter;
		return true;
	}
	switch (index) {
	case MSR_TSC:
		*value = cpu_read_tsc();
		return true;
	case MSR_APIC_BASE:
		*value = cpu->apic.base;
		return true;
	case MSR_PAT:
		*value = cpu->pat;
		return (cpu->features & FEATURE_PAT) || refuse(VECTOR_GP, 0);
	case MSR_EFER:
		*value = cpu->efer;
		return !msr_read_fixup(MSR_EFER, &there) || refuse(VECTOR_GP, 0);
	default:
		return (find_range(index) && !msr_read_fixup(index, value)) || refuse(VECTOR_GP, 0);
	}
}

/* Only NXE can change, and only where the processor has it. */
static bool set_efer(uint64_t value)
{
	uint64_t there, changed = value ^ cpu->efer;

	if (msr_read_fixup(MSR_EFER, &there) || (changed & ~(there & EFER_NXE)))
		return refuse(VECTOR_GP, 0);
	cpu->efer = value;
	shadow_reset();
	return true;
}

/*
 * Types 0, 1 and 4 to 7.  The shadows keep the types of power-on: a guest's
 * write-combining is write-through here.
 */
static bool set_pat(uint64_t value)
{
	unsigned i;

	if (!(cpu->features & FEATURE_PAT))
		return refuse(VECTOR_GP, 0);
	for (i = 0; i < 64; i += 8)
		if ((value >> i & 0xff) > 7 || (value >> i & 6) == 2)
			return refuse(VECTOR_GP, 0);
	cpu->pat = value;
	return true;
}

/* Its page may be another then. */
static bool set_apic_base(uint64_t value)
{
	if (!irq_set_apic_base(value))
		return refuse(VECTOR_GP, 0);
	shadow_reset();
	deadline_update();
	return true;
}

bool cpu_write_msr(uint32_t index, uint64_t value)
{
	uint32_t *sysenter = sysenter_register(index);
	const struct range *r = find_range(index);

	if (sysenter) {
		*sysenter = (uint32_t)value;
		msr_set_sysenter_cs(cpu->sysenter_cs);
		return true;
	}
	switch (index) {
	case MSR_TSC:		/* goes on as it is: the monitor's clocks use it */
		return true;
	case MSR_APIC_BASE:
		return set_apic_base(value);
	case MSR_TAKE_FROM:
	case MSR_TAKE_TO:
		return time_write_msr(index, value) || refuse(VECTOR_GP, 0);
	case MSR_PAT:
		return set_pat(value);
	case MSR_EFER:
		return set_efer(value);
	default:
		return (r && r->writable && !msr_read_fixup(index, &value)) || refuse(VECTOR_GP, 0);
	}
}

/* At VMI_Init: what the guest has written natively stays its own. */
void msr_adopt(void)
{
	uint32_t r[4];

	cpuid(1, 0, r);
	cpu->features = r[3];
	if (cpu->features & FEATURE_PAT)
		cpu->pat = rdmsr(MSR_PAT);
	if (!(cpu->features & FEATURE_SEP))
		return;
	cpu->info->sysenter_eip = (uint32_t)rdmsr(MSR_SYSENTER_EIP);
	cpu->info->sysenter_esp = (uint32_t)rdmsr(MSR_SYSENTER_ESP);
	msr_set_sysenter_cs((uint32_t)rdmsr(MSR_SYSENTER_CS));
	wrmsr(MSR_SYSENTER_EIP, (uint32_t)gate_sysenter);
	wrmsr(MSR_SYSENTER_ESP, HOLE_SYSENTER_STACK);
}
