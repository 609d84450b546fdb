// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYSENTER and SYSEXIT.  The physical MSRs make SYSENTER enter the gate (gate_sysenter in
 * entry/entry.asm), which goes on at ring 1 where the guest's own MSRs say.
 */
#include "cpu/cpu.h"

static bool has_sysenter(void)
{
	return (this_vcpu()->features & FEATURE_SEP) != 0;
}

uint32_t *sysenter_register(uint32_t index)
{
	if (!has_sysenter())
		return NULL;
	switch (index) {
	case MSR_SYSENTER_CS:
		return &this_vcpu()->sysenter_cs;
	case MSR_SYSENTER_ESP:
		return &info_page_rw()->sysenter_esp;
	case MSR_SYSENTER_EIP:
		return &info_page_rw()->sysenter_eip;
	default:
		return NULL;
	}
}

/*
 * SYSENTER_CS determines all four selectors; if it is null, SYSENTER and SYSEXIT raise
 * #GP (SDM volume 2, SYSENTER).
 */
void sysenter_set_cs(uint32_t value)
{
	struct gate_info *info = info_page_rw();
	uint32_t cs = value & 0xfffc;

	this_vcpu()->sysenter_cs = value;
	info->sysenter_cs = cs | 1;
	info->sysenter_ss = ((cs + 8) & 0xffff) | 1;
	info->sysexit_cs = cs ? ((cs + 16) & 0xffff) | 3 : 0;
	info->sysexit_ss = ((cs + 24) & 0xffff) | 3;
	if (has_sysenter())
		wrmsr(MSR_SYSENTER_CS, cs ? MONITOR_CS : 0);
}

bool transfer_sysexit(struct frame *f)
{
	if (!(this_vcpu()->sysenter_cs & ~SELECTOR_RPL))
		return refuse(VECTOR_GP, 0);
	f->eip = f->edx;
	f->cs = info_page()->sysexit_cs;
	f->esp = f->ecx;
	f->ss = info_page()->sysexit_ss;
	this_vcpu()->attention = 1;
	return true;
}

/* Called in VMI_Init: the guest keeps the values that it has written natively. */
void sysenter_adopt(void)
{
	if (!has_sysenter())
		return;
	info_page_rw()->sysenter_eip = (uint32_t)rdmsr(MSR_SYSENTER_EIP);
	info_page_rw()->sysenter_esp = (uint32_t)rdmsr(MSR_SYSENTER_ESP);
	sysenter_set_cs((uint32_t)rdmsr(MSR_SYSENTER_CS));
	wrmsr(MSR_SYSENTER_EIP, boot.sysenter_entry);
	wrmsr(MSR_SYSENTER_ESP, HOLE_SYSENTER_STACK);
}
