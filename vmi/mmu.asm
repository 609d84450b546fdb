; SPDX-License-Identifier: GPL-2.0-only
; Page-table updates.  Guest memory is written at once.  An entry that was not
; present is in no TLB and in no shadow, so that is all; of any other the
; address is put into the queue, which the monitor looks through when the guest
; flushes (hypervisor/entry/defer.c).  Until then the shadow shows what a TLB may show.

%include "layer.inc"

extern	defer_entry
extern	defer_across4
extern	defer_across8

	section .text

; EDX = ptep to %1 bytes, of which the old entry's low byte is in CL: tell the
; monitor if it was present, or what was in its place may have been.
%macro TELL 1
	test	dl, %1 - 1
	jnz	defer_across%1
	test	cl, 1
	jnz	defer_entry
	ret
%endmacro

; EAX = pte, EDX = ptep
VMI_CRITICAL SetPte
	mov	ecx, [edx]
	mov	[edx], eax
	TELL	4
VMI_END SetPte

; EAX = pte, EDX = ptep, ECX = flags, which are hints
VMI_CRITICAL SetPxE
	mov	ecx, [edx]
	mov	[edx], eax
	TELL	4
VMI_END SetPxE

; EAX = pte, EDX = ptep; EAX := the old one
VMI_CRITICAL SwapPte
	xchg	[edx], eax
	mov	ecx, eax
	TELL	4
VMI_END SwapPte

; EAX = bit, EDX = ptep; EAX := the old bit
%macro TEST_AND 3
VMI_CRITICAL %1
	mov	ecx, [edx]
	lock %2	[edx], eax
	sbb	eax, eax
	and	eax, 1
	TELL	%3
VMI_END %1
%endmacro

TEST_AND TestAndSetPteBit, bts, 4
TEST_AND TestAndClearPteBit, btr, 4
TEST_AND TestAndSetPteBitLong, bts, 8
TEST_AND TestAndClearPteBitLong, btr, 8

; EDX:EAX = pte, ECX = ptep.  The low half goes away first and comes back last,
; so that no half-written entry is ever present.
%macro SET_LONG 1
VMI_CRITICAL %1
	push	dword [ecx]
	mov	dword [ecx], 0
	mov	[ecx + 4], edx
	mov	[ecx], eax
	mov	edx, ecx
	pop	ecx
	TELL	8
VMI_END %1
%endmacro

SET_LONG SetPteLong
SET_LONG SetPxELong			; the flags on the stack are hints

; EDX:EAX = pte, ECX = ptep; EDX:EAX := the old one
VMI_CRITICAL SwapPteLong
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
	mov	ecx, edx
	mov	edx, esi
	pop	esi
	push	ecx			; the result's high half
	mov	ecx, eax
	call	tell_long
	pop	edx
	pop	ebx
	ret
VMI_END SwapPteLong

tell_long:
	TELL	8
.end:

; EAX = ptep, EDX = flags: the guest has written the entry.  It is read so that
; the shadows know where it is.
%macro UPDATE 2
VMI_CRITICAL %1
	mov	edx, eax
	test	byte [edx], 0
	mov	cl, 1
	TELL	%2
VMI_END %1
%endmacro

UPDATE UpdatePxE, 4
UPDATE UpdatePxELong, 8

MONITOR_CALL RegisterPageUsage
MONITOR_CALL AllocatePage
MONITOR_CALL ReleasePage
MONITOR_CALL ClonePageTable
MONITOR_CALL ClonePageDirectory
MONITOR_CALL InvalPage
MONITOR_CALL FlushTLB

; Where an entry lies is read from the shadows: no hint is needed.
VMI_ENTRY SetLinearMapping
	ret
VMI_END SetLinearMapping
