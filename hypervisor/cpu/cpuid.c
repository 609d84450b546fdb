// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMI_CPUID: what the processor says, without the features that a guest cannot use
 * here, and the leaves that describe this monitor (docs/abi.md, "CPUID").
 */
#include "cpu/cpu.h"
#include "base/version.h"

#define LEAF_MONITOR	0x40000000u
#define LEAF_STATS	0x40000010u
#define LEAF_END	0x400000ffu
#define ABI_VERSION	0x0300u

/* Leaf 1.  EDX: VME, MCE, MCA, PSE-36, DS, ACPI, TM. */
#define HIDDEN_EDX	(1u << 1 | 1u << 7 | 1u << 14 | FEATURE_PSE36 | 1u << 21 | 1u << 22 | \
			 1u << 29)
/*
 * ECX: DTES64, MONITOR, VMX, SMX, EIST, TM2, PDCM, PCID, x2APIC, TSC-deadline, XSAVE,
 * OSXSAVE, AVX.
 */
#define HIDDEN_ECX	(1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 15 | \
			 1u << 17 | 1u << 21 | 1u << 24 | FEATURE_XSAVE | 1u << 27 | 1u << 28)
#define HYPERVISOR	(1u << 31)				/* there is one: leaf 1, ECX */
#define HIDDEN_EXT_EDX	(1u << 17 | 1u << 26 | 1u << 29)	/* PSE-36, 1 GiB pages, long mode */
#define HIDDEN_EXT_ECX	(1u << 2)				/* SVM */
#define SYSCALL		(1u << 11)				/* leaf 80000001h, EDX */

struct stat_name {
	char text[12];
};

static const struct stat_name stat_names[] = {
#define STAT(symbol, name) { name },
	STATS
#undef STAT
};

/* Leaves 40000000h and up: the signature, the version, then a leaf per counter. */
static void monitor_leaf(uint32_t leaf, uint32_t r[4])
{
	unsigned stat = leaf - LEAF_STATS;

	memset(r, 0, 16);
	if (leaf == LEAF_MONITOR) {
		r[0] = LEAF_STATS + STAT_COUNT;
		memcpy(&r[1], "VMI ROM  VMI", 12);
	} else if (leaf == LEAF_MONITOR + 1) {
		r[0] = ABI_VERSION;
		r[1] = VERSION_MAJOR << 8 | VERSION_MINOR;
		r[2] = VMI_FEATURE_TIME | (boot.protect == PROTECT_PAGED ? VMI_FEATURE_PAGED : 0);
	} else if (stat < STAT_COUNT) {
		r[0] = this_vcpu()->stats[stat];
		memcpy(&r[1], stat_names[stat].text, 12);
	}
}

void vcpu_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	if (leaf >= LEAF_MONITOR && leaf <= LEAF_END) {
		monitor_leaf(leaf, r);
		return;
	}
	cpuid(leaf, subleaf, r);
	if (leaf == 1) {
		r[2] = (r[2] & ~HIDDEN_ECX) | HYPERVISOR;
		r[3] &= ~HIDDEN_EDX;
		if (!apic_globally_enabled(&this_vcpu()->apic))
			r[3] &= ~FEATURE_APIC;
	} else if (leaf == LEAF_EXTENDED_FEATURES) {
		r[2] &= ~HIDDEN_EXT_ECX;
		r[3] &= ~(HIDDEN_EXT_EDX | SYSCALL);
	} else if (leaf == 7) {
		memset(r, 0, 16);
	}
}
