; SPDX-License-Identifier: GPL-2.0-only
; Deferred calls.  They are put into a queue, a page that the guest may write, and the
; monitor does them when it is entered next (hypervisor/entry/defer.c, which trusts no
; word of it).  Here are the calls that can be deferred, and those that say which are.
;
; Adding to the queue is a critical region (layer.inc).  If it is interrupted it starts
; again, because the interrupt's handler may have added to the queue, or flushed it.

%include "layer.inc"

%define HEAD		(HOLE_STATE + STATE_QUEUE_HEAD)
%define DEFERRED	(HOLE_STATE + STATE_DEFERRED)
%define DEFER_MMU	1
%define DEFER_CPU	2
%define DEFER_DT	4

	section .text

; Region %1 is that of entry %2: rom/layout.asm tells the monitor where it begins and ends.
%macro REGION 2
	global %1_region, %1_region_end
%1_region	equ %2.region
%1_region_end	equ %2.region_end
%endmacro

; Add a page-table entry that has changed: EDX = its address, a multiple of 4.  Such a
; word has its low two bits clear, which tells it from a record.  Clobbers ECX.
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

; The same for an address that is not aligned: the store has changed two entries, of %1
; bytes each.
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

; Any monitor call empties the queue.
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

; EAX = mask of what may be deferred.  If a class is no longer deferred, the queue is
; flushed, so that later calls of that class do not overtake it.
VMI_ENTRY SetDeferredMode
	mov	ecx, [ss:DEFERRED]
	mov	[ss:DEFERRED], eax
	not	eax
	test	ecx, eax
	jnz	VMI_FlushDeferredCalls
	ret
VMI_END SetDeferredMode

; EAX = 0: defer nothing; 1: MMU; 2: CPU state, which is classes CPU and DT.
VMI_ENTRY SetLazyMode
	cmp	eax, 2
	jne	VMI_SetDeferredMode
	mov	al, DEFER_CPU | DEFER_DT
	jmp	VMI_SetDeferredMode
VMI_END SetLazyMode

; Go on if class %1 is deferred, else go to .now.
%macro IF_DEFERRED 1
	test	byte [ss:DEFERRED], %1
	jz	.now
%endmacro

; The rest of call %1, behind IF_DEFERRED: add a record of two words, %2 and %3, to the
; queue; .now is the monitor call.  Clobbers ECX.
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

; EAX = value.  VMI_GetCR3 shows it at once, also while it is still queued.
VMI_CRITICAL SetCR3
	IF_DEFERRED DEFER_MMU | DEFER_CPU
	mov	[ss:HOLE_STATE + STATE_CR3], eax
	RECORD_OR_CALL SetCR3, RECORD(CALL_SetCR3), eax

; EAX = address of the TSS, or SS0 (below 10000h); EDX = ESP0.  From a TSS, SS0 is read
; here.  In the record SS0 is the upper half of the first word, beside the call's number.
VMI_CRITICAL UpdateKernelStack
	cmp	eax, 10000h
	jb	.selector
	mov	eax, [eax + 8]
.selector:
	IF_DEFERRED DEFER_CPU
	shl	eax, 16
	or	eax, RECORD(CALL_UpdateKernelStack)
	RECORD_OR_CALL UpdateKernelStack, eax, edx

; EAX = table, EDX = index, ECX = the entry's low word; its high word is on the stack.  The
; guest's entry is written here.  The monitor gets the address, and reads the entry there.
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
