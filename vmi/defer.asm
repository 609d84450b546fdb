; SPDX-License-Identifier: GPL-2.0-only
; The queue of deferred calls: words in a page that the guest may write, for the
; monitor to do when it is entered next (hypervisor/entry/defer.c, which trusts none of
; them).  Calls that may be deferred, and those that say so.
;
; Adding to the queue is a critical region: one that is interrupted starts
; again, since the handler may have added, or flushed, too.

%include "layer.inc"

%define HEAD		(HOLE_STATE + STATE_QUEUE_HEAD)
%define DEFERRED	(HOLE_STATE + STATE_DEFERRED)
%define DEFER_MMU	1
%define DEFER_CPU	2
%define DEFER_DT	4

	section .text

; Where a region begins and ends; rom/layout.asm hands them on.
%macro REGION 2
	global %1_region, %1_region_end
%1_region	equ %2.region
%1_region_end	equ %2.region_end
%endmacro

; EDX = the address of a page-table entry that has changed, a multiple of 4.
; Clobbers ECX.
	align	16, db 0CCh
	global defer_entry:function (defer_entry.end - defer_entry)
defer_entry:
.region:
	mov	ecx, [ss:HEAD]
	mov	[ss:HOLE_QUEUE + ecx], edx
	add	ecx, 4
	mov	[ss:HEAD], ecx
.region_end:
	cmp	ecx, QUEUE_FULL
	jae	flush
	ret
.end:
REGION entry, defer_entry

; The same where it lies across two entries of 4 or of 8 bytes.
%macro ACROSS 1
	global defer_across%1:function (defer_across%1.end - defer_across%1)
defer_across%1:
	push	edx
	and	edx, -%1
	call	defer_entry
	add	edx, %1
	call	defer_entry
	pop	edx
	ret
.end:
%endmacro

ACROSS 4
ACROSS 8

flush:
	push	ebx
	mov	ebx, CALL_FlushDeferredCalls
	int	VECTOR_CALL
	pop	ebx
	ret
.end:

VMI_ENTRY FlushDeferredCalls
	cmp	dword [ss:HEAD], 0
	jne	flush
	ret
VMI_END FlushDeferredCalls

; EAX = mask.  Narrowing it flushes.
VMI_ENTRY SetDeferredMode
	mov	ecx, [ss:DEFERRED]
	mov	[ss:DEFERRED], eax
	not	eax
	test	ecx, eax
	jnz	VMI_FlushDeferredCalls
	ret
VMI_END SetDeferredMode

; EAX = 0 none, 1 MMU, 2 CPU state, which is CPU and DT
VMI_ENTRY SetLazyMode
	cmp	eax, 2
	jne	VMI_SetDeferredMode
	mov	al, DEFER_CPU | DEFER_DT
	jmp	VMI_SetDeferredMode
VMI_END SetLazyMode

; What follows is for when class %1 is deferred.
%macro IF_DEFERRED 1
	test	byte [ss:DEFERRED], %1
	jz	.now
%endmacro

; The rest of call %1: a record of two words, %2 and %3, or the monitor.
; Clobbers ECX.
%macro RECORD_OR_CALL 3
.region:
	mov	ecx, [ss:HEAD]
	mov	dword [ss:HOLE_QUEUE + ecx], %2
	mov	[ss:HOLE_QUEUE + ecx + 4], %3
	add	ecx, 8
	mov	[ss:HEAD], ecx
.region_end:
	cmp	ecx, QUEUE_FULL
	jae	flush
	ret
.now:
	push	ebx
	mov	ebx, CALL_%1
	int	VECTOR_CALL
	pop	ebx
	ret
VMI_END %1
REGION %1, VMI_%1
%endmacro

%define RECORD(call)	(call * 4 + QUEUE_RECORD)

; EAX = value
VMI_CRITICAL SetCR3
	IF_DEFERRED DEFER_MMU | DEFER_CPU
	mov	[ss:HOLE_STATE + STATE_CR3], eax
	RECORD_OR_CALL SetCR3, RECORD(CALL_SetCR3), eax

; EAX = TSS or selector, EDX = ESP0.  The monitor gets the selector, in the record
; beside the number.
VMI_CRITICAL UpdateKernelStack
	cmp	eax, 10000h
	jb	.selector
	mov	eax, [eax + 8]
.selector:
	IF_DEFERRED DEFER_CPU
	shl	eax, 16
	or	eax, RECORD(CALL_UpdateKernelStack)
	RECORD_OR_CALL UpdateKernelStack, eax, edx

; EAX = table, EDX = index, ECX = low word, stack: high word.  The entry is
; written here; the monitor gets its address, to read it.
%macro WRITE_ENTRY 1
VMI_CRITICAL %1
	lea	edx, [eax + edx * 8]
	mov	[edx], ecx
	mov	ecx, [esp + 4]
	mov	[edx + 4], ecx
	IF_DEFERRED DEFER_DT
	RECORD_OR_CALL %1, RECORD(CALL_%1), edx
%endmacro

WRITE_ENTRY WriteGDTEntry
WRITE_ENTRY WriteLDTEntry
WRITE_ENTRY WriteIDTEntry
