/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The wrappers of vmi_inline.h, continued: page tables, announcements, TLB
 * and deferral.
 */
#ifndef VMI_INLINE_MMU_H
#define VMI_INLINE_MMU_H

/* ---- Page-table entries, 32-bit paging ---- */

VMI_INLINE void vmi_set_pte(vmi_pte pte, vmi_pte *ptep)
{
	VMI_STANDARD_2(SetPte, pte, ptep);
}

VMI_INLINE void vmi_set_pxe(vmi_pte pte, vmi_pte *ptep, uint32_t flags)
{
	VMI_STANDARD_3(SetPxE, pte, ptep, flags);
}

VMI_INLINE vmi_pte vmi_swap_pte(vmi_pte pte, vmi_pte *ptep)
{
	VMI_STANDARD_2(SwapPte, pte, ptep);
	return pte;
}

VMI_INLINE uint32_t vmi_test_and_set_pte_bit(uint32_t bit, vmi_pte *ptep)
{
	VMI_STANDARD_2(TestAndSetPteBit, bit, ptep);
	return bit;
}

VMI_INLINE uint32_t vmi_test_and_clear_pte_bit(uint32_t bit, vmi_pte *ptep)
{
	VMI_STANDARD_2(TestAndClearPteBit, bit, ptep);
	return bit;
}

VMI_INLINE void vmi_update_pxe(vmi_pte *ptep, uint32_t flags)
{
	VMI_STANDARD_2(UpdatePxE, ptep, flags);
}

/* ---- The same with PAE ---- */

VMI_INLINE void vmi_set_pte_long(vmi_pte_long pte, vmi_pte_long *ptep)
{
	VMI_ASM(VMI_NATIVE_TEXT(SetPteLong)
		: "+A" (pte), "+c" (ptep) : VMI_NATIVE_OPS(SetPteLong)
		: "memory", "cc");
}

VMI_INLINE void vmi_set_pxe_long(vmi_pte_long pte, vmi_pte_long *ptep,
				 uint32_t flags)
{
	VMI_ASM("pushl %[flags]\n" VMI_NATIVE_TEXT(SetPxELong)
		"\naddl $4, %%esp"
		: "+A" (pte), "+c" (ptep)
		: [flags] "ri" (flags), VMI_NATIVE_OPS(SetPxELong)
		: "memory", "cc");
}

VMI_INLINE vmi_pte_long vmi_swap_pte_long(vmi_pte_long pte,
					  vmi_pte_long *ptep)
{
	VMI_ASM(VMI_NATIVE_TEXT(SwapPteLong)
		: "+A" (pte), "+c" (ptep) : VMI_NATIVE_OPS(SwapPteLong)
		: "memory", "cc");
	return pte;
}

VMI_INLINE uint32_t vmi_test_and_set_pte_bit_long(uint32_t bit,
						  vmi_pte_long *ptep)
{
	VMI_STANDARD_2(TestAndSetPteBitLong, bit, ptep);
	return bit;
}

VMI_INLINE uint32_t vmi_test_and_clear_pte_bit_long(uint32_t bit,
						    vmi_pte_long *ptep)
{
	VMI_STANDARD_2(TestAndClearPteBitLong, bit, ptep);
	return bit;
}

VMI_INLINE void vmi_update_pxe_long(vmi_pte_long *ptep, uint32_t flags)
{
	VMI_STANDARD_2(UpdatePxELong, ptep, flags);
}

/* ---- Announcements ---- */

VMI_INLINE void vmi_register_page_usage(uint32_t frame, uint32_t type)
{
	VMI_STANDARD_2(RegisterPageUsage, frame, type);
}

VMI_INLINE void vmi_allocate_page(uint32_t frame, uint32_t flags,
				  uint32_t source, uint32_t first,
				  uint32_t count)
{
	VMI_STANDARD_STACK_2(AllocatePage, frame, flags, source, first, count);
}

VMI_INLINE void vmi_release_page(uint32_t frame, uint32_t flags)
{
	VMI_STANDARD_2(ReleasePage, frame, flags);
}

VMI_INLINE void vmi_clone_page_table(uint32_t destination, uint32_t source,
				     uint32_t start, uint32_t count)
{
	uint32_t range = VMI_CLONE_RANGE(start, count);

	VMI_STANDARD_3(ClonePageTable, destination, source, range);
}

VMI_INLINE void vmi_clone_page_directory(uint32_t destination,
					 uint32_t source, uint32_t start,
					 uint32_t count)
{
	uint32_t range = VMI_CLONE_RANGE(start, count);

	VMI_STANDARD_3(ClonePageDirectory, destination, source, range);
}

VMI_INLINE void vmi_set_linear_mapping(uint32_t slot, uint32_t start,
				       uint32_t pages, uint32_t frame)
{
	VMI_STANDARD_STACK_1(SetLinearMapping, slot, start, pages, frame);
}

/* ---- TLB ---- */

VMI_INLINE void vmi_inval_page(uint32_t address)
{
	VMI_STANDARD_1(InvalPage, address);
}

VMI_INLINE void vmi_flush_tlb(uint32_t how)
{
	VMI_STANDARD_1(FlushTLB, how);
}

/* ---- Deferral ---- */

VMI_INLINE void vmi_set_deferred_mode(uint32_t mask)
{
	VMI_STANDARD_1(SetDeferredMode, mask);
}

VMI_INLINE void vmi_flush_deferred_calls(void)
{
	VMI_STANDARD_0(FlushDeferredCalls);
}

VMI_INLINE void vmi_set_lazy_mode(uint32_t mode)
{
	VMI_STANDARD_1(SetLazyMode, mode);
}

#endif /* VMI_INLINE_MMU_H */
