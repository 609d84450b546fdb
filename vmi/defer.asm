; SPDX-License-Identifier: GPL-2.0-only
; The queue of deferred calls: words in a page that the guest may write, for the
; monitor to do when it is entered next (hypervisor/defer.c, which trusts none of
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

; EDX = the address of a page-table entry that has changed.  Clobbers ECX.
	align	16, db 0CCh
	global defer_entry:function (defer_entry.end - defer_entry)
defer_entry:
	test	dl, 3			; marks a record
	jnz	.misaligned
.region:
	mov	ecx, [ss:HEAD]
	mov	[ss:HOLE_QUEUE + ecx], edx
	add	ecx, 4
	mov	[ss:HEAD], ecx
.region_end:
	cmp	ecx, QUEUE_FULL
	ja	flush
	ret
.misaligned:
	push	edx
	and	edx, -4
	call	defer_entry
	add	edx, 4
	call	defer_entry
	pop	edx
	ret
.end:
REGION entry, defer_entry

; A record of three words: EBX = the call's number, EAX, EDX.  Clobbers ECX.
	align	16, db 0CCh
	global defer_record:function (defer_record.end - defer_record)
defer_record:
	lea	ebx, [ebx * 4 + QUEUE_RECORD]
.region:
	mov	ecx, [ss:HEAD]
	mov	[ss:HOLE_QUEUE + ecx], ebx
	mov	[ss:HOLE_QUEUE + ecx + 4], eax
	mov	[ss:HOLE_QUEUE + ecx + 8], edx
	add	ecx, 12
	mov	[ss:HEAD], ecx
.region_end:
	cmp	ecx, QUEUE_FULL
	ja	flush
	ret
.end:
REGION record, defer_record

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

; A call that goes to the monitor, or to the queue if class %2 is deferred.
%macro DEFERRABLE 2
VMI_CRITICAL %1
	push	ebx
	mov	ebx, CALL_%1
	test	byte [ss:DEFERRED], %2
	jnz	.deferred
	int	VECTOR_CALL
	pop	ebx
	ret
.deferred:
%endmacro

%macro DEFERRABLE_END 1
	call	defer_record
	pop	ebx
	ret
VMI_END %1
%endmacro

; EAX = value
DEFERRABLE SetCR3, DEFER_MMU | DEFER_CPU
	mov	[ss:HOLE_STATE + STATE_CR3], eax
DEFERRABLE_END SetCR3

; EAX = TSS or selector, EDX = ESP0.  The record has the selector.
DEFERRABLE UpdateKernelStack, DEFER_CPU
	cmp	eax, 10000h
	jb	.selector
	movzx	eax, word [eax + 8]
.selector:
DEFERRABLE_END UpdateKernelStack

; EAX = table, EDX = index, ECX = low word, stack: high word.  The table is
; written now; the record tells the monitor to read it.
%macro WRITE_ENTRY 1
DEFERRABLE %1, DEFER_DT
	mov	[eax + edx * 8], ecx
	mov	ecx, [esp + 8]
	mov	[eax + edx * 8 + 4], ecx
DEFERRABLE_END %1
%endmacro

WRITE_ENTRY WriteGDTEntry
WRITE_ENTRY WriteLDTEntry
WRITE_ENTRY WriteIDTEntry
