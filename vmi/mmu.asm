; SPDX-License-Identifier: GPL-2.0-only
; Page-table updates.  Guest memory is written at once; the shadows follow at
; the next flush of the address, as a TLB would.

%include "layer.inc"

	section .text

; EAX = pte, EDX = ptep
VMI_ENTRY SetPte
	mov	[edx], eax
	ret
VMI_END SetPte

; EAX = pte, EDX = ptep; EAX := the old one
VMI_ENTRY SwapPte
	xchg	[edx], eax
	ret
VMI_END SwapPte

; EAX = bit, EDX = ptep; EAX := the old bit
%macro TEST_AND 2
VMI_ENTRY %1
	lock %2	[edx], eax
	sbb	eax, eax
	and	eax, 1
	ret
VMI_END %1
%endmacro

TEST_AND TestAndSetPteBit, bts
TEST_AND TestAndClearPteBit, btr
TEST_AND TestAndSetPteBitLong, bts
TEST_AND TestAndClearPteBitLong, btr

; EDX:EAX = pte, ECX = ptep.  The low half goes away first and comes back last,
; so that no half-written entry is ever present.
VMI_ENTRY SetPteLong
	mov	dword [ecx], 0
	mov	[ecx + 4], edx
	mov	[ecx], eax
	ret
VMI_END SetPteLong

; EDX:EAX = pte, ECX = ptep; EDX:EAX := the old one
VMI_ENTRY SwapPteLong
	push	ebx
	push	esi
	mov	esi, ecx
	mov	ebx, eax
	mov	ecx, edx
	mov	eax, [esi]
	mov	edx, [esi + 4]
.retry:
	lock cmpxchg8b [esi]
	jne	.retry
	pop	esi
	pop	ebx
	ret
VMI_END SwapPteLong

; EAX = pte, EDX = ptep, ECX = flags
VMI_ENTRY SetPxE
	mov	[edx], eax
	ret
VMI_END SetPxE

; EDX:EAX = pte, ECX = ptep, flags on the stack
VMI_ENTRY SetPxELong
	mov	dword [ecx], 0
	mov	[ecx + 4], edx
	mov	[ecx], eax
	ret
VMI_END SetPxELong

; The shadows follow the guest's tables as a TLB does, so there is nothing to
; be told of an entry that the guest has written, and announcing a page, a
; template or a mapping gives no advantage.
%macro NOTHING_TO_DO 1
VMI_ENTRY %1
	ret
VMI_END %1
%endmacro

NOTHING_TO_DO UpdatePxE
NOTHING_TO_DO UpdatePxELong
NOTHING_TO_DO RegisterPageUsage
NOTHING_TO_DO AllocatePage
NOTHING_TO_DO ReleasePage
NOTHING_TO_DO ClonePageTable
NOTHING_TO_DO ClonePageDirectory
NOTHING_TO_DO SetLinearMapping

; Nothing is ever deferred: the calls allow it, they do not ask for it.
NOTHING_TO_DO SetDeferredMode
NOTHING_TO_DO FlushDeferredCalls
NOTHING_TO_DO SetLazyMode
