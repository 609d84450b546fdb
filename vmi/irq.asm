; SPDX-License-Identifier: GPL-2.0-only
; The virtual interrupt flag, a word in the vCPU state page.  All data is reached through
; SS, and no register changes but results and flags (docs/abi.md, "Core").
;
; To enable, set the flag first and test for pending interrupts then; the order matters.
; An interrupt that comes between the two finds the flag set, and is delivered at once.
; The test then finds nothing, or asks the monitor once in vain.

%include "layer.inc"

	section .text

VMI_ENTRY DisableInterrupts
	mov	byte [ss:VIF + 1], 0
.body_end:
	ret
VMI_END DisableInterrupts
VMI_INLINE DisableInterrupts, VMI_DisableInterrupts, VMI_DisableInterrupts.body_end

%macro ENABLE_BODY 0
	mov	byte [ss:VIF + 1], IF_BIT >> 8
	test	byte [ss:PENDING + 1], IF_BIT >> 8
	jz	%%none
	int	VECTOR_DELIVER
%%none:
%endmacro

VMI_ENTRY EnableInterrupts
	ENABLE_BODY
.body_end:
	ret
VMI_END EnableInterrupts
VMI_INLINE EnableInterrupts, VMI_EnableInterrupts, VMI_EnableInterrupts.body_end

VMI_ENTRY DeliverInterrupts
	ENABLE_BODY
.body_end:
	ret
VMI_END DeliverInterrupts
VMI_INLINE DeliverInterrupts, VMI_DeliverInterrupts, VMI_DeliverInterrupts.body_end

VMI_ENTRY GetInterruptMask
	mov	eax, [ss:VIF]
.body_end:
	ret
VMI_END GetInterruptMask
VMI_INLINE GetInterruptMask, VMI_GetInterruptMask, VMI_GetInterruptMask.body_end

VMI_ENTRY SetInterruptMask
	push	eax
	and	eax, IF_BIT
	mov	[ss:VIF], eax
	test	[ss:PENDING], eax
	pop	eax
	jz	.body_end
	int	VECTOR_DELIVER
.body_end:
	ret
VMI_END SetInterruptMask
VMI_INLINE SetInterruptMask, VMI_SetInterruptMask, VMI_SetInterruptMask.body_end
