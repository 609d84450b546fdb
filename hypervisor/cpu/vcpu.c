// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control state of the virtual processor: what writes to control registers and loads
 * of descriptor tables do, whether they come as calls (entry/call_cpu.c) or as
 * instructions (emulate/system.c).
 */
#include "cpu/cpu.h"

/* Bits of the physical CR0: those that are as the guest sets them, and those always set. */
#define CR0_SHADOWED	(CR0_TS | CR0_EM | CR0_MP | CR0_NE | CR0_AM)
#define CR0_FIXED	(CR0_PG | CR0_WP | CR0_PE | CR0_ET)
/* With PAE, a change of one of these loads the PDPTEs (SDM volume 3, 4.4.1). */
#define CR0_LOADS	(CR0_PG | CR0_CD | CR0_NW)
#define CR4_LOADS	(CR4_PAE | CR4_PSE | CR4_PGE)
/* The bits that a guest may set, apart from OSXSAVE. */
#define CR4_KNOWN	(CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE | \
			 CR4_OSFXSR | CR4_OSXMMEXCPT)
/*
 * Bits without an effect here, which a guest may have set before VMI_Init.  It goes on
 * seeing them and may clear them, but not set them anew: CPUID hides what they are for.
 */
#define CR4_INERT	(CR4_VME | CR4_PVI | CR4_UMIP | CR4_FSGSBASE | CR4_SMEP | CR4_SMAP | CR4_PKE)
/* Bits of the physical CR4 that are as the guest sets them. */
#define CR4_SHADOWED	(CR4_TSD | CR4_DE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE)

/* ---- control registers ---- */

static void apply_cr0(void)
{
	write_cr0((read_cr0() & ~CR0_SHADOWED) | CR0_FIXED | (this_vcpu()->cr0 & CR0_SHADOWED));
}

static void apply_cr4(void)
{
	write_cr4(CR4_PAE | (this_vcpu()->cr4 & CR4_SHADOWED));
}

void vcpu_load_control(uint32_t cr0, uint32_t cr3, uint32_t cr4)
{
	struct vcpu *v = this_vcpu();

	v->cr0 = state_page()->cr0 = cr0;
	v->cr3 = state_page()->cr3 = cr3;
	v->cr4 = state_page()->cr4 = cr4;
	apply_cr0();
	apply_cr4();
}

/* Load the PDPTEs if paging with PAE is on by these values.  false: #GP. */
static bool reload_pdptes(uint32_t cr0, uint32_t cr4)
{
	return !(cr0 & CR0_PG) || !(cr4 & CR4_PAE) || shadow_load_pdptes() || refuse(VECTOR_GP, 0);
}

/* Leaving protected mode or paging is refused with #GP, as the monitor needs both. */
static bool set_cr0(uint32_t value)
{
	struct vcpu *v = this_vcpu();
	uint32_t changed = value ^ v->cr0;

	value |= CR0_ET;
	if (changed & ~value & (CR0_PE | CR0_PG))
		return refuse(VECTOR_GP, 0);
	if (((value & CR0_PG) && !(value & CR0_PE)) || ((value & CR0_NW) && !(value & CR0_CD)))
		return refuse(VECTOR_GP, 0);
	if ((changed & CR0_LOADS) && !reload_pdptes(value, v->cr4))
		return false;
	v->cr0 = state_page()->cr0 = value;
	apply_cr0();
	if (changed & (CR0_PG | CR0_WP))
		shadow_reset();
	else if (changed & CR0_LOADS)
		shadow_flush();
	return true;
}

bool vcpu_set_cr3(uint32_t value)
{
	return shadow_load_cr3(value) || refuse(VECTOR_GP, 0);
}

/*
 * Does @value have no bit that is reserved here?  CPUID hides XSAVE, but a guest may have
 * asked the processor before VMI_Init, so OSXSAVE is allowed if the processor has it.
 */
static bool is_valid_cr4(uint32_t value)
{
	uint32_t known = CR4_KNOWN | (this_vcpu()->cr4 & CR4_INERT), r[4];

	if (!(value & CR4_OSXSAVE))
		return !(value & ~known);
	cpuid(1, 0, r);
	return (r[2] & FEATURE_XSAVE) && !(value & ~(known | CR4_OSXSAVE));
}

bool vcpu_accepts_cr4(uint32_t value)
{
	return !(value & ~(CR4_KNOWN | CR4_INERT | CR4_OSXSAVE));
}

/* Clearing PAE is refused with #GP, as well as bits that are reserved here. */
static bool set_cr4(uint32_t value)
{
	struct vcpu *v = this_vcpu();
	uint32_t changed = value ^ v->cr4;

	if (!is_valid_cr4(value))
		return refuse(VECTOR_GP, 0);
	if (changed & ~value & CR4_PAE)
		return refuse(VECTOR_GP, 0);
	if ((changed & CR4_LOADS) && !reload_pdptes(v->cr0, value))
		return false;
	v->cr4 = state_page()->cr4 = value;
	apply_cr4();
	if (changed & CR4_DE)
		debug_apply();
	if (changed & (CR4_PAE | CR4_PSE))
		shadow_reset();
	else if (changed & CR4_PGE)
		shadow_flush();
	return true;
}

uint32_t vcpu_read_cr(unsigned number)
{
	const struct vcpu *v = this_vcpu();

	switch (number) {
	case 0:
		return v->cr0;
	case 2:
		return state_page()->cr2;
	case 3:
		return v->cr3;
	default:
		return v->cr4;
	}
}

bool vcpu_write_cr(unsigned number, uint32_t value)
{
	switch (number) {
	case 0:
		return set_cr0(value);
	case 2:
		state_page()->cr2 = value;
		return true;
	case 3:
		return vcpu_set_cr3(value);
	default:
		return set_cr4(value);
	}
}

void vcpu_clts(void)
{
	this_vcpu()->cr0 &= ~CR0_TS;
	state_page()->cr0 = this_vcpu()->cr0;
	__asm__ volatile("clts");
}

void vcpu_invlpg(uint32_t linear)
{
	shadow_flush_page(linear);
}

/* The guest may set XCR0 as it likes: the monitor never saves or uses vector registers. */
bool vcpu_xsetbv(uint32_t index, uint32_t low, uint32_t high)
{
	if (!(this_vcpu()->cr4 & CR4_OSXSAVE))
		return refuse(VECTOR_UD, 0);
	return !fixup_xsetbv(index, low, high) || refuse(VECTOR_GP, 0);
}

void vcpu_wbinvd(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

/* ---- descriptor tables ---- */

/* Selectors above GUEST_GDT_LIMIT are the monitor's, so a longer table is refused. */
bool vcpu_lgdt(uint16_t limit, uint32_t base)
{
	if (limit > GUEST_GDT_LIMIT)
		return refuse(VECTOR_GP, 0);
	descriptors_settle(segment_load_gdt(base, limit));
	return true;
}

bool vcpu_lidt(uint16_t limit, uint32_t base)
{
	info_page_rw()->idt.base = base;
	info_page_rw()->idt.limit = limit;
	direct_table(false);
	return true;
}

/* Read a system descriptor of @type from the guest's own GDT. */
static bool read_system(uint16_t selector, unsigned type, struct descriptor *d)
{
	uint32_t error = selector & ~SELECTOR_RPL;

	if ((selector & SELECTOR_TI) || (selector | 7u) > this_vcpu()->gdt.limit)
		return refuse(VECTOR_GP, error);
	if (!guest_read(this_vcpu()->gdt.base + (selector & ~7u), d, sizeof(*d), ACCESS_READ))
		return false;
	if ((d->high >> TYPE_SHIFT & TYPE_MASK) != type)
		return refuse(VECTOR_GP, error);
	return (d->high & HIGH_P) || refuse(VECTOR_NP, error);
}

bool vcpu_lldt(uint16_t selector)
{
	struct descriptor d = { 0, 0 };

	if ((selector & ~SELECTOR_RPL) && !read_system(selector, TYPE_LDT, &d))
		return false;
	this_vcpu()->ldt = selector;
	descriptors_settle(segment_load_ldt(descriptor_base(d),
					    selector & ~SELECTOR_RPL ? descriptor_limit(d) : 0));
	return true;
}

/* A TSS was loaded.  The stack for entries from ring 3 comes from it again. */
static void use_tss(uint16_t selector, struct descriptor d)
{
	struct vcpu *v = this_vcpu();

	v->tr = selector;
	v->tss_base = descriptor_base(d);
	v->tss_limit = descriptor_limit(d);
	info_page_rw()->stack_by_call = false;
	direct_update_all();
}

/* The busy bit is set in the guest's own descriptor, as the processor would. */
bool vcpu_ltr(uint16_t selector)
{
	struct descriptor d;
	uint32_t high;

	if (!(selector & ~SELECTOR_RPL))
		return refuse(VECTOR_GP, 0);
	if (!read_system(selector, TYPE_TSS_AVAILABLE, &d))
		return false;
	high = d.high | HIGH_BUSY;
	if (!guest_write(this_vcpu()->gdt.base + (selector & ~7u) + 4, &high, sizeof(high),
			 ACCESS_WRITE))
		return false;
	use_tss(selector, d);
	return true;
}

/* Called in VMI_Init: the TSS is loaded already, so its descriptor is busy. */
void vcpu_adopt_tr(uint16_t selector)
{
	struct descriptor d;

	this_vcpu()->tr = selector;
	if ((selector & ~SELECTOR_RPL) && read_system(selector, TYPE_TSS_BUSY, &d))
		use_tss(selector, d);
}

/* ---- counters ---- */

uint64_t vcpu_read_tsc(void)
{
	return rdtsc();
}

bool vcpu_read_pmc(uint32_t counter, uint64_t *value)
{
	return !fixup_rdpmc(counter, value) || refuse(VECTOR_GP, 0);
}

/* ---- interrupt flag, halt ---- */

bool vcpu_get_if(void)
{
	return vif_is_set();
}

void vcpu_set_if(bool on)
{
	vif_load(on ? EFLAGS_IF : 0);
	this_vcpu()->attention = 1;
}

/*
 * The exit path (entry/exit.c) waits until the guest has an interrupt to take.  With
 * virtual IF clear that may be never, as on hardware.
 */
void vcpu_halt(void)
{
	this_vcpu()->sti_shadow = false;	/* HLT was the instruction in it */
	this_vcpu()->halted = true;
	this_vcpu()->attention = 1;
}
