// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model-specific registers.  Some are virtual (SYSENTER's are in cpu/sysenter.c).  Those
 * that describe the machine can be read, and keep their value whatever is written, as if
 * firmware had locked them.  All others raise #GP.  docs/abi.md has the list.
 */
#include "emulate/emulate.h"
#include "emulate/services.h"

/* MSRs that are read from the processor.  A write is ignored if writable, else #GP. */
static const struct through {
	uint16_t first, last;
	bool writable;
} through[] = {
	{ 0x017, 0x017, false },	/* platform ID */
	{ 0x08b, 0x08b, true },		/* microcode revision */
	{ 0x0fe, 0x0fe, false },	/* MTRR capabilities */
	{ 0x200, 0x20f, true },		/* variable MTRRs */
	{ 0x250, 0x250, true },		/* fixed MTRRs */
	{ 0x258, 0x259, true },
	{ 0x268, 0x26f, true },
	{ 0x2ff, 0x2ff, true },		/* MTRR default type */
	{ 0x1a0, 0x1a0, true },		/* miscellaneous enables */
};

static const struct through *find_through(uint32_t index)
{
	const struct through *r;

	for (r = through; r < through + sizeof(through) / sizeof(through[0]); r++)
		if (r->first <= index && index <= r->last)
			return r;
	return NULL;
}

bool msr_read(uint32_t index, uint64_t *value)
{
	const struct vcpu *v = this_vcpu();
	uint32_t *sysenter = sysenter_register(index);
	uint64_t there;

	if (sysenter) {
		*value = *sysenter;
		return true;
	}
	switch (index) {
	case MSR_TSC:
		*value = vcpu_read_tsc();
		return true;
	case MSR_APIC_BASE:
		*value = v->apic.base;
		return true;
	case MSR_PAT:
		*value = v->pat;
		return (v->features & FEATURE_PAT) || refuse(VECTOR_GP, 0);
	case MSR_EFER:
		*value = v->efer;
		return !fixup_rdmsr(MSR_EFER, &there) || refuse(VECTOR_GP, 0);
	default:
		return (find_through(index) && !fixup_rdmsr(index, value)) || refuse(VECTOR_GP, 0);
	}
}

/* EFER: only NXE can change, and only if it is set in the physical EFER. */
static bool set_efer(uint64_t value)
{
	uint64_t there, changed = value ^ this_vcpu()->efer;

	if (fixup_rdmsr(MSR_EFER, &there) || (changed & ~(there & EFER_NXE)))
		return refuse(VECTOR_GP, 0);
	this_vcpu()->efer = value;
	shadow_reset();
	return true;
}

/*
 * PAT: valid memory types are 0, 1 and 4 to 7.  The value is only remembered: shadow
 * entries mean the types that the PAT has at power-on, so what the guest takes for
 * write-combining is write-through, for instance.
 */
static bool set_pat(uint64_t value)
{
	unsigned i;

	if (!(this_vcpu()->features & FEATURE_PAT))
		return refuse(VECTOR_GP, 0);
	for (i = 0; i < 64; i += 8)
		if ((value >> i & 0xff) > 7 || (value >> i & 6) == 2)
			return refuse(VECTOR_GP, 0);
	this_vcpu()->pat = value;
	return true;
}

/* IA32_APIC_BASE: the page of the local APIC may move, so mappings of both pages must go. */
static bool set_apic_base(uint64_t value)
{
	if (!controllers_set_apic_base(value))
		return refuse(VECTOR_GP, 0);
	shadow_reset();
	deadline_update();
	return true;
}

bool msr_write(uint32_t index, uint64_t value)
{
	uint32_t *sysenter = sysenter_register(index);
	const struct through *r = find_through(index);

	if (sysenter) {
		*sysenter = (uint32_t)value;
		sysenter_set_cs(this_vcpu()->sysenter_cs);
		return true;
	}
	switch (index) {
	case MSR_TSC:		/* ignored: the clocks of the monitor depend on it */
		return true;
	case MSR_APIC_BASE:
		return set_apic_base(value);
#ifdef VMI_CHECK
	case MSR_TAKE_FROM:	/* for tests: take time from the guest */
	case MSR_TAKE_TO:
		return deadline_write_msr(index, value) || refuse(VECTOR_GP, 0);
#endif
	case MSR_PAT:
		return set_pat(value);
	case MSR_EFER:
		return set_efer(value);
	default:
		return (r && r->writable && !fixup_rdmsr(index, &value)) || refuse(VECTOR_GP, 0);
	}
}

/* Called in VMI_Init: the guest keeps the values that it has written natively. */
void msr_adopt(void)
{
	struct vcpu *v = this_vcpu();
	uint32_t r[4];

	cpuid(1, 0, r);
	v->features = r[3];
	if (v->features & FEATURE_PAT)
		v->pat = rdmsr(MSR_PAT);
	sysenter_adopt();
}
