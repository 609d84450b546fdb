; SPDX-License-Identifier: GPL-2.0-only
; The gate: the only way into the monitor and out of it.  Each vector enters at a
; stub (gate.c writes them, behind this code) or at code of its own here, builds a
; struct frame, and calls a function that entry.h declares.  Every exit goes through
; gate_exit, which loads the registers that the frame then holds.
;
; In paged mode the guest's address spaces map this code and the entry stack, but
; not the monitor: LOAD_CR3 changes to the monitor's address space and back.  In
; segment mode one address space has both, and gate.c patches these places into
; jumps over them.
;
; The stack on entry, as struct frame describes it (frame.h), from the top down:
;
;	SS ESP EFLAGS CS EIP	pushed by the processor (SS, ESP only from ring 1 or 3)
;	info			an error code by the processor, or see frame.h
;	vector
;	DS ES
;	EAX ... EDI		PUSHA; ESP points here

%include "offsets.inc"
%include "fixup.inc"

extern	trap
extern	call_dispatch
extern	trap_page_fault
extern	trap_interrupt
extern	trap_port
extern	trap_halt
extern	quick_line
extern	quick_alarm
extern	quick_end
extern	exit_attend
%ifdef VMI_CHECK
extern	exit_check
%endif

; Load CR3 from the word at offset %1 of struct gate_info.  Clobbers EAX.  Where this
; code lies is recorded for gate.c, which patches it out in segment mode.
%macro LOAD_CR3 1
%%site:
	mov	eax, [ss:HOLE_GATE_INFO + %1]
	mov	cr3, eax
%%site_end:
	[section .cr3_sites]
	dd	%%site, %%site_end - %%site
	__SECT__
%endmacro

; IRET to the guest.  It may fault, and a #DB may come before it, of an I/O breakpoint for
; instance: nested.c knows all such places.
%macro GATE_IRET 0
%%iret:
	iret
	[section .gate_irets]
	dd	%%iret
	__SECT__
%endmacro

	section .gate_irets progbits alloc noexec nowrite align=4
	section .cr3_sites progbits alloc noexec nowrite align=4
	section .gate progbits alloc exec nowrite align=16
	bits 32

%macro SAVE_REGISTERS 0
	push	ds
	push	es
	pusha
	cld
%endmacro
%macro MONITOR_SEGMENTS 0
	mov	eax, MONITOR_DS
	mov	ds, eax
	mov	es, eax
%endmacro
; Call %1, with the frame on the stack as its argument, in the monitor's address space.
%macro CALL_MONITOR 1
	LOAD_CR3 GATE_MONITOR_CR3
	MONITOR_SEGMENTS
	mov	eax, esp
	call	%1
%endmacro

; Vectors without code of their own: from their stub, which has pushed the vector.
; In V8086 mode CS is no selector, so VM is asked for first.
	global gate_enter:function (gate_enter.end - gate_enter)
gate_enter:
	SAVE_REGISTERS
	test	byte [esp + FRAME_EFLAGS + 2], EFLAGS_VM >> 16
	jnz	.from_guest
	test	byte [esp + FRAME_CS], SELECTOR_RPL
	jz	gate_nested
.from_guest:
	CALL_MONITOR trap
	global gate_exit
gate_exit:
	cmp	dword [HOLE_CPU + VCPU_ATTENTION], 0
	jne	.attend
.clean:					; the guest runs with IF set and IOPL 0
	and	byte [esp + FRAME_EFLAGS + 1], ~(EFLAGS_IOPL >> 8) & 0FFh
	or	byte [esp + FRAME_EFLAGS + 1], EFLAGS_IF >> 8
%ifdef VMI_CHECK
	mov	eax, esp
	call	exit_check
%endif
	LOAD_CR3 GATE_GUEST_CR3
gate_leave:				; in the guest's address space
	popa
	global gate_pop_es
gate_pop_es:
	pop	es
	global gate_pop_ds
gate_pop_ds:
	pop	ds
	lea	esp, [esp + 8]		; vector, error
	GATE_IRET
gate_exit.attend:
	mov	eax, esp
	call	exit_attend		; true: the guest is halted
	test	al, al
	jz	gate_exit.clean
	LOAD_CR3 GATE_GUEST_CR3
	jmp	near gate_halt.sleep
gate_enter.end equ $

; The most frequent entries skip what gate_enter and trap() have to ask.
%macro TO_MONITOR 1
	CALL_MONITOR %1
	jmp	gate_exit
%endmacro
; Call %1 in the guest's address space (quick.c).  If it returns false, %2 does the
; work in the monitor.
%macro QUICK_OR_MONITOR 2
	MONITOR_SEGMENTS
	mov	eax, esp
	call	%1
	test	al, al
	jnz	gate_leave
	LOAD_CR3 GATE_MONITOR_CR3
	mov	eax, esp
	call	%2
	jmp	gate_exit
%endmacro

; Monitor calls, and port calls to a port that needs a model or is not open.  Both come
; from ring 1 always.  For a port call the vector has been pushed, and the port number
; in place of an error code.
	global gate_call:function (gate_call.end - gate_call)
gate_call:
	push	byte 0
	push	dword VECTOR_CALL
	SAVE_REGISTERS
	TO_MONITOR call_dispatch
.end:
	global gate_port:function (gate_port.end - gate_port)
gate_port:
	SAVE_REGISTERS
	QUICK_OR_MONITOR quick_end, trap_port
.end:

; Page faults and interrupts can also come at CPL 0, though seldom.  Do %1 if the guest
; was interrupted; else go on behind this macro.
%macro IF_FROM_GUEST 1+
	SAVE_REGISTERS
	test	byte [esp + FRAME_CS], SELECTOR_RPL
	jz	.other
.from_guest:
	%1
.other:
	test	byte [esp + FRAME_EFLAGS + 2], EFLAGS_VM >> 16
	jnz	.from_guest
%endmacro
; The same for an interrupt, which may also end the HLT in gate_halt.  Then the frame of
; the halted guest lies above this one on the stack.  This one is dropped, and the
; guest's gets its vector, as if the interrupt had come to the guest directly.  At any
; other place in the gate or the monitor, gate_nested handles it.
%macro IF_FROM_GUEST_OR_HALTED 1+
	IF_FROM_GUEST %1
	cmp	dword [esp + FRAME_EIP], gate_halt.woken
	jne	gate_nested
	mov	eax, [esp + FRAME_VECTOR]
	lea	esp, [esp + FRAME_ESP]
	mov	[esp + FRAME_VECTOR], eax
	jmp	.from_guest
%endmacro
	global gate_page_fault:function (gate_page_fault.end - gate_page_fault)
gate_page_fault:
	push	byte VECTOR_PF
	IF_FROM_GUEST TO_MONITOR trap_page_fault
	jmp	gate_nested
.end:
	global gate_line:function (gate_line.end - gate_line)
gate_line:				; a line of the 8259 pair
	IF_FROM_GUEST_OR_HALTED QUICK_OR_MONITOR quick_line, trap_interrupt
.end:
	global gate_timer:function (gate_timer.end - gate_timer)
gate_timer:
	IF_FROM_GUEST_OR_HALTED QUICK_OR_MONITOR quick_alarm, trap_interrupt
.end:
	global gate_interrupt:function (gate_interrupt.end - gate_interrupt)
gate_interrupt:				; any other interrupt
	IF_FROM_GUEST_OR_HALTED TO_MONITOR trap_interrupt
.end:

; VMI_Halt.  If no interrupt waits, the guest sleeps here, in its own address space and
; with its registers saved in a frame, whose info says that it is halted.  So an
; interrupt that ends the HLT needs the monitor only if quick.c cannot deliver it.
; While a debug breakpoint is armed the monitor does it all.
	global gate_halt:function (gate_halt.end - gate_halt)
gate_halt:
	push	byte FRAME_HALTED
	push	dword VECTOR_HALT
	SAVE_REGISTERS
	mov	dword [ss:HOLE_STATE + STATE_VIRTUAL_IF], EFLAGS_IF
	cmp	dword [ss:HOLE_STATE + STATE_PENDING], 0
	jne	.monitor
	cmp	byte [ss:HOLE_GATE_INFO + GATE_BREAKPOINTS], 0
	jne	.monitor
	; This is the only place at CPL 0 where interrupts are enabled.
.sleep:
	sti
	hlt
.woken:
	cli				; only an NMI or a stray interrupt returns here
	jmp	.sleep
.monitor:
	TO_MONITOR trap_halt
.end:
	global gate_woken
gate_woken equ gate_halt.woken

; SYSENTER by ring 3: go on at the guest's own entry, at ring 1 with virtual IF clear.
; Registers and flags stay as they are.  But while this code runs NT must be clear, or
; the IRET would be a task switch.  (TF cannot be set here: it has made a #DB before the
; first instruction, see nested.c.)
	global gate_sysenter:function (gate_sysenter.end - gate_sysenter)
gate_sysenter:
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_SS]
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_ESP]
	pushfd
	or	byte [esp + 1], EFLAGS_IF >> 8
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_CS]
	push	dword [ss:HOLE_GATE_INFO + GATE_SYSENTER_EIP]
	push	dword 2
	popfd
	mov	dword [ss:HOLE_STATE + STATE_VIRTUAL_IF], 0
	GATE_IRET
.end:

; While start/adopt.c takes over the interrupt controllers, interrupts may come at
; vectors 8 and 17.  Their stubs expect an error code, as the exceptions there have one,
; but an interrupt has none: these push a 0 in its place.
%macro GATE_INTERRUPT 1
	global gate_interrupt_%1:function (gate_interrupt_%1.end - gate_interrupt_%1)
gate_interrupt_%1:
	push	byte 0
	push	byte %1
	jmp	gate_enter
.end:
%endmacro
GATE_INTERRUPT 8
GATE_INTERRUPT 17

; The port calls, VMI_OUTB and so on, each at a vector of its own.  A port that needs no
; model and is open goes to the hardware at once: its bit in HOLE_PORT_MAP is clear.  That
; bit stands for wider accesses that begin at this port, too (dev/port.c).  No register
; but the result changes.
	align	PORT_GATE_SIZE, db 0CCh
	global port_gates:function (port_gates.end - port_gates)
port_gates:
%assign vector VECTOR_PORT
%macro PORT_GATE 1+
	align	PORT_GATE_SIZE, db 0CCh
	push	ecx
	movzx	ecx, dx
	bt	[ss:HOLE_PORT_MAP], ecx
	pop	ecx
	jc	%%other
	%1
	GATE_IRET
%%other:
	push	edx			; the port, as the frame's info
	push	dword vector
	jmp	near gate_port
%assign vector vector + 1
%endmacro
PORT_GATE out	dx, al
PORT_GATE out	dx, ax
PORT_GATE out	dx, eax
PORT_GATE in	al, dx
PORT_GATE in	ax, dx
PORT_GATE in	eax, dx
.end:

; #GP.  Some instructions of the kernel are executed here, because going through the
; emulator costs several times as much: IN and OUT at a port that goes straight (guests
; of VMI 3.0 have no port calls), CLI, and STI if no interrupt waits.  Anything else goes
; the common way, to the emulator: any other prefix than 66h, a code segment that is not
; flat, single-stepping.  The only access to guest memory is the fetch
; of the instruction, below the hole; if it faults, the common way is taken as well.
;
;	+24  EFLAGS
;	+20  CS
;	+16  EIP
;	+12  error code
;	ESP  EDX, ECX, EAX

%define FRAME_UNUSUAL	(EFLAGS_VM | EFLAGS_TF)
%define FLAT_MASK	0FFCF00FFh		; of a descriptor's high word
%define FLAT_CODE	000CF0000h		; base 0, 32-bit, limit ...
%define FLAT_REACH	0F0000000h		; ... at least this
%define PREFIX_SIZE	66h

	global gate_protection:function (gate_protection.end - gate_protection)
gate_protection:
	push	eax
	push	ecx
	push	edx
	cmp	dword [esp + 12], 0
	jne	.other
	test	dword [esp + 24], FRAME_UNUSUAL
	jnz	.other
	movzx	ecx, word [esp + 20]
	mov	edx, ecx
	and	edx, 7
	dec	edx			; RPL 1, and in the GDT?
	jnz	.other
	cmp	word [ss:HOLE_GDT - 1 + ecx + 2], 0
	jne	.other
	mov	eax, [ss:HOLE_GDT - 1 + ecx + 4]
	and	eax, FLAT_MASK
	cmp	eax, FLAT_CODE
	jne	.other
	mov	edx, [esp + 16]
	cmp	edx, FLAT_REACH
	ja	.other
.fetch:
	mov	eax, [ss:edx]
.fetched:				; where a data breakpoint at .fetch traps: see nested.c
	FIXUP	.fetch, .other
	mov	ecx, 201h		; CH = size (2: dword), CL = bytes of code
	cmp	al, PREFIX_SIZE
	jne	.opcode
	shr	eax, 8
	mov	ecx, 102h
.opcode:
	mov	edx, eax
	and	dl, 0F4h
	cmp	dl, 0E4h		; opcodes E4h to E7h and ECh to EFh are IN and OUT
	jne	.flag
	cmp	byte [ss:HOLE_GATE_INFO + GATE_BREAKPOINTS], 0
	jne	.other			; one at the port would be met here
	test	al, 1
	jnz	.wide
	mov	ch, 0
.wide:
	movzx	edx, word [esp]
	test	al, 8
	jnz	.port
	movzx	edx, ah
	inc	ecx
.port:
	mov	ah, cl
	movzx	ecx, ch
	test	al, 2
	jnz	.out
	add	ecx, 3
.out:					; ECX = number of the port call that does the same
	movzx	eax, ah
	add	[esp + 16], eax
	btr	dword [esp + 24], 16	; RF
	bt	[ss:HOLE_PORT_MAP], edx
	jc	.call
	lea	ecx, [ecx * 4 + .access]
	mov	eax, [esp + 8]
	jmp	ecx
	align	4, db 0CCh
.access:				; indexed by ECX: four bytes each
	out	dx, al
	jmp	short .done
	db	0CCh
	out	dx, ax
	jmp	short .done
	out	dx, eax
	jmp	short .done
	db	0CCh
	in	al, dx
	jmp	short .done
	db	0CCh
	in	ax, dx
	jmp	short .done
	in	eax, dx
.done:
	pop	edx
	pop	ecx
	lea	esp, [esp + 8]		; EAX, error code
	GATE_IRET
.call:					; from here on it is like that port call
	mov	[esp + 12], edx
	lea	eax, [ecx + VECTOR_PORT]
	xchg	eax, [esp + 8]
	pop	edx
	pop	ecx
	jmp	near gate_port
.flag:
	cmp	ecx, 201h
	jne	.other			; a prefix
	cmp	al, 0FAh		; CLI
	je	.cli
	cmp	al, 0FBh		; STI: trap_interrupt() has to know its shadow
	jne	.other
	cmp	dword [ss:HOLE_STATE + STATE_PENDING], 0
	jne	.other
	mov	edx, [esp + 16]
	inc	edx
	mov	[ss:HOLE_STATE + STATE_SHADOW_EIP], edx
	mov	dword [ss:HOLE_STATE + STATE_VIRTUAL_IF], EFLAGS_IF
	jmp	short .next
.cli:
	mov	dword [ss:HOLE_STATE + STATE_VIRTUAL_IF], 0
.next:
	inc	dword [esp + 16]
	btr	dword [esp + 24], 16	; RF
	mov	eax, [esp + 8]
	jmp	short .done
.other:
	pop	edx
	pop	ecx
	pop	eax
	push	byte VECTOR_GP
	jmp	near gate_enter
.end:
	global gate_fetched
gate_fetched equ gate_protection.fetched

; An exception or interrupt at CPL 0.  The function in vcpu.nested handles it (nested.c,
; at the start start/adopt.c).  It returns the frame by which to leave to the guest, or
; NULL: then the interrupted code goes on.  That may have run in either address space,
; so CR3 is saved and put back.
	global gate_nested:function (gate_nested.end - gate_nested)
gate_nested:
	mov	ebx, cr3
	CALL_MONITOR [HOLE_CPU + VCPU_NESTED]
	test	eax, eax
	jnz	.to_guest
	mov	cr3, ebx
	popa
	pop	es
	pop	ds
	add	esp, 8
	iret
.to_guest:
	mov	esp, eax
	jmp	gate_exit
.end:
