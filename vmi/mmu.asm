; SPDX-License-Identifier: GPL-2.0-only
; Page-table updates.  The guest's entry is written at once.  If the old entry was not
; present, no TLB and no shadow can hold it, and nothing else has to be done.  Otherwise
; the entry's address is put into the queue, which the monitor works off at the latest
; when the guest flushes its TLB (hypervisor/entry/defer.c).  Until then the shadow holds
; what a TLB might hold.

%include "layer.inc"

extern	defer_entry
extern	defer_across4
extern	defer_across8

	section .text

; EDX = address of an entry of %1 bytes, CL = low byte of the old entry.  Tell the monitor
; if the old entry was present.  An address that is not aligned touches two entries, one
; of which may have been present.
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

; EAX = pte, EDX = ptep; EAX := the old pte
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

; EDX:EAX = pte, ECX = ptep.  The low half is cleared first and written last, so that an
; entry of which one half is old and one new is never present.
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

; EDX:EAX = pte, ECX = ptep; EDX:EAX := the old pte
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

; TELL as a subroutine.
tell_long:
	TELL	8
.end:

; EAX = ptep, EDX = flags.  The guest has written the entry itself.  The TEST reads it: so
; the shadows have its page, from which the monitor learns the frame (defer.c).  What the
; old entry was is unknown; it is taken to have been present.
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

; A hint where the guest maps its page tables.  It is not needed: the monitor finds an
; entry's frame through the shadows.
VMI_ENTRY SetLinearMapping
	ret
VMI_END SetLinearMapping
