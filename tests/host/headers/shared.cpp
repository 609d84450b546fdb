/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Call sites in inline functions that several C++ files share: the linker
 * keeps one copy of the function, and must keep just its records.
 */
#include "vmi.h"

inline void shared(uint32_t value)
{
	vmi_set_cr3(value);
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

template <int number> void numbered(uint32_t value)
{
	vmi_set_iopl_mask(value + number);
}

extern "C" void ENTRY(uint32_t value);
void (*POINTER)(uint32_t) = shared;

extern "C" void ENTRY(uint32_t value)
{
	shared(value);
	numbered<1>(value);
}
