; SPDX-License-Identifier: GPL-2.0-only
;
; Handlers that do as little as their purpose allows, so that what is measured
; is the way in and out.

%include "runtime.inc"
%include "vmi.inc"

UART_INTERRUPTS	equ 0x3f9
UART_IDENT	equ 0x3fa
PIC_MASTER	equ 0x20
PIC_EOI		equ 0x20

	section .text

; A device's interrupt: note when, let the line drop, end the interrupt.
	align	16, db 0xcc
	global irq_entry:function (irq_entry.end - irq_entry)
irq_entry:
	push	eax
	push	edx
	rdtsc
	mov	[irq_entry_tsc], eax
	mov	[irq_entry_tsc + 4], edx
	xor	eax, eax
	mov	edx, UART_INTERRUPTS
	VMI_SITE OUTB
	mov	eax, PIC_EOI
	mov	edx, PIC_MASTER
	VMI_SITE OUTB
	pop	edx
	pop	eax
	VMI_IRET
.end:

; System calls that do nothing.  A trap gate leaves interrupts as they are: a
; plain IRET does, as long as the kernel does not look at the mask.
	align	16, db 0xcc
	global syscall_plain:function (syscall_plain.end - syscall_plain)
syscall_plain:
	iret
.end:

	align	16, db 0xcc
	global syscall_vmi:function (syscall_vmi.end - syscall_vmi)
syscall_vmi:
	VMI_IRET
.end:

	align	16, db 0xcc
	global sysenter_back:function (sysenter_back.end - sysenter_back)
sysenter_back:
	VMI_SYSEXIT
.end:

; A page fault of a two-byte instruction, which is skipped.
	align	16, db 0xcc
	global fault_skip:function (fault_skip.end - fault_skip)
fault_skip:
	add	esp, 4
	add	dword [esp], 2
	iret
.end:

; The same by the call, as a kernel that cares for its interrupt flag returns.
	align	16, db 0xcc
	global fault_skip_vmi:function (fault_skip_vmi.end - fault_skip_vmi)
fault_skip_vmi:
	add	esp, 4
	add	dword [esp], 2
	VMI_IRET
.end:

; void ring_irets(uint32_t n): returns to itself by VMI_IRET, n times.
	align	16, db 0xcc
	global ring_irets:function (ring_irets.end - ring_irets)
ring_irets:
	mov	ecx, [esp + 4]
.again:
	pushfd
	push	cs
	push	dword .next
	VMI_IRET
.next:
	dec	ecx
	jnz	.again
	ret
.end:

	align	16, db 0xcc
	global fault_touch:function (fault_touch.end - fault_touch)
; void fault_touch(uint32_t n, void *page): n stores that fault.
fault_touch:
	mov	ecx, [esp + 4]
	mov	edx, [esp + 8]
.again:
	mov	[edx], eax
	dec	ecx
	jnz	.again
	ret
.end:

	section .bss

	align	8, resb 1
	global irq_entry_tsc:data (8)
irq_entry_tsc:
	resq	1

	section .note.GNU-stack noalloc noexec nowrite progbits
