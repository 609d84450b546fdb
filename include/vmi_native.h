/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The native body of each call: the instructions that a call site holds until
 * it is patched, and for good on a machine without a ROM.  Read after
 * vmi_abi.h; vmi_site.h turns a body into a site, for C and for gas.
 * include/vmi.inc holds the same bodies for NASM, and tests/test_headers.py
 * compares the three.
 *
 *	VMI_NATIVE_<call>	the instructions, AT&T syntax
 *	VMI_NATIVE_LEN_<call>	their length; the assembler refuses a wrong one
 *
 * A body takes its arguments where the call takes them (docs/abi.md, section
 * 3): EAX, EDX, ECX, then the stack, with the first stack argument at (%esp)
 * since nothing has been pushed yet.  It clobbers no more than the call may.
 * A body must run on a P5, must not depend on where it stands (its copy in
 * the record must have the same bytes), and has at most VMI_SITE_MAX bytes.
 * Local labels are 778 and 779, so that they cannot capture a `1:` of the code
 * around a site.
 */
#ifndef VMI_NATIVE_H
#define VMI_NATIVE_H

/* An immediate's dollar is the assembler's, not C's, and never gets there */
#if defined(__clang__) && !defined(__ASSEMBLER__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdollar-in-identifier-extension"
#endif

/* A register: asm statements in C need the percent sign doubled */
#ifdef __ASSEMBLER__
#define VMI_R(name)	%name
#else
#define VMI_R(name)	%%name
#endif

/*
 * A jump of two bytes.  Not as an instruction: clang makes all jumps long when
 * it does not optimise (-mrelax-all), and a body must have one length.
 */
#define VMI_SHORT(opcode, target)	778: .byte opcode, target - 778b - 2
#define VMI_SHORT_JMP(target)		VMI_SHORT(0xeb, target)
#define VMI_SHORT_JZ(target)		VMI_SHORT(0x74, target)
#define VMI_SHORT_JNZ(target)		VMI_SHORT(0x75, target)

/* Announcements and hints are nothing to the processor: NOPs only */
#define VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_NOTHING	0

/* ---- Core and processor state ---- */

#define VMI_NATIVE_DisableInterrupts	cli
#define VMI_NATIVE_LEN_DisableInterrupts 1

#define VMI_NATIVE_EnableInterrupts	sti
#define VMI_NATIVE_LEN_EnableInterrupts	1

#define VMI_NATIVE_GetInterruptMask					\
	pushfl; popl VMI_R(eax); andl $0x200, VMI_R(eax)
#define VMI_NATIVE_LEN_GetInterruptMask	7

/* Not POPF: the other flags of the mask do not count, DF and TF least of all */
#define VMI_NATIVE_SetInterruptMask					\
	cli; testb $2, VMI_R(ah); VMI_SHORT_JZ(779f); sti; 779:
#define VMI_NATIVE_LEN_SetInterruptMask	7

/* The NOPs behind it end the shadow of STI */
#define VMI_NATIVE_DeliverInterrupts	sti
#define VMI_NATIVE_LEN_DeliverInterrupts 1

#define VMI_NATIVE_Pause		rep; nop
#define VMI_NATIVE_LEN_Pause		2

#define VMI_NATIVE_Halt			sti; hlt
#define VMI_NATIVE_LEN_Halt		2

#define VMI_NATIVE_Shutdown		779: cli; hlt; VMI_SHORT_JMP(779b)
#define VMI_NATIVE_LEN_Shutdown		4

/* The keyboard controller pulls the reset line, for either kind */
#define VMI_NATIVE_Reboot						\
	movb $0xfe, VMI_R(al); outb VMI_R(al), $0x64;			\
	779: cli; hlt; VMI_SHORT_JMP(779b)
#define VMI_NATIVE_LEN_Reboot		8

/* A native AP starts at the vector of its STARTUP IPI: nothing to announce */
#define VMI_NATIVE_SetInitialAPState	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_SetInitialAPState 0

/* ---- Descriptors ---- */

#define VMI_NATIVE_SetGDT		lgdtl (VMI_R(eax))
#define VMI_NATIVE_LEN_SetGDT		3
#define VMI_NATIVE_SetIDT		lidtl (VMI_R(eax))
#define VMI_NATIVE_LEN_SetIDT		3
#define VMI_NATIVE_SetLDT		lldt VMI_R(ax)
#define VMI_NATIVE_LEN_SetLDT		3
#define VMI_NATIVE_SetTR		ltr VMI_R(ax)
#define VMI_NATIVE_LEN_SetTR		3
#define VMI_NATIVE_GetGDT		sgdtl (VMI_R(eax))
#define VMI_NATIVE_LEN_GetGDT		3
#define VMI_NATIVE_GetIDT		sidtl (VMI_R(eax))
#define VMI_NATIVE_LEN_GetIDT		3

/* The upper half of a 32-bit destination is undefined before the P6 */
#define VMI_NATIVE_GetLDT		xorl VMI_R(eax), VMI_R(eax); sldt VMI_R(ax)
#define VMI_NATIVE_LEN_GetLDT		6
#define VMI_NATIVE_GetTR		xorl VMI_R(eax), VMI_R(eax); str VMI_R(ax)
#define VMI_NATIVE_LEN_GetTR		6

/* The second word last: it holds the present bit */
#define VMI_NATIVE_WRITE_DESCRIPTOR					\
	movl VMI_R(ecx), (VMI_R(eax),VMI_R(edx),8);			\
	movl (VMI_R(esp)), VMI_R(ecx);					\
	movl VMI_R(ecx), 4(VMI_R(eax),VMI_R(edx),8)
#define VMI_NATIVE_WriteGDTEntry	VMI_NATIVE_WRITE_DESCRIPTOR
#define VMI_NATIVE_LEN_WriteGDTEntry	10
#define VMI_NATIVE_WriteLDTEntry	VMI_NATIVE_WRITE_DESCRIPTOR
#define VMI_NATIVE_LEN_WriteLDTEntry	10
#define VMI_NATIVE_WriteIDTEntry	VMI_NATIVE_WRITE_DESCRIPTOR
#define VMI_NATIVE_LEN_WriteIDTEntry	10

/* esp0 of the TSS; a selector in its place (3.0) has no native meaning */
#define VMI_NATIVE_UpdateKernelStack	movl VMI_R(edx), 4(VMI_R(eax))
#define VMI_NATIVE_LEN_UpdateKernelStack 3

/* ---- CPU control and information ---- */

#define VMI_NATIVE_CPUID		cpuid
#define VMI_NATIVE_LEN_CPUID		2
#define VMI_NATIVE_WRMSR		wrmsr
#define VMI_NATIVE_LEN_WRMSR		2
#define VMI_NATIVE_RDMSR		rdmsr
#define VMI_NATIVE_LEN_RDMSR		2
#define VMI_NATIVE_SetCR0		movl VMI_R(eax), VMI_R(cr0)
#define VMI_NATIVE_LEN_SetCR0		3
#define VMI_NATIVE_SetCR2		movl VMI_R(eax), VMI_R(cr2)
#define VMI_NATIVE_LEN_SetCR2		3
#define VMI_NATIVE_SetCR3		movl VMI_R(eax), VMI_R(cr3)
#define VMI_NATIVE_LEN_SetCR3		3
#define VMI_NATIVE_SetCR4		movl VMI_R(eax), VMI_R(cr4)
#define VMI_NATIVE_LEN_SetCR4		3
#define VMI_NATIVE_GetCR0		movl VMI_R(cr0), VMI_R(eax)
#define VMI_NATIVE_LEN_GetCR0		3
#define VMI_NATIVE_GetCR2		movl VMI_R(cr2), VMI_R(eax)
#define VMI_NATIVE_LEN_GetCR2		3
#define VMI_NATIVE_GetCR3		movl VMI_R(cr3), VMI_R(eax)
#define VMI_NATIVE_LEN_GetCR3		3
#define VMI_NATIVE_GetCR4		movl VMI_R(cr4), VMI_R(eax)
#define VMI_NATIVE_LEN_GetCR4		3
#define VMI_NATIVE_CLTS			clts
#define VMI_NATIVE_LEN_CLTS		2

/*
 * The instruction holds the number of a debug register that the call takes in
 * EAX, so a site has one register: VMI_NATIVE_SET_DR(dr7), and the EAX to go
 * with it.  The names are those that gas and clang share.
 */
#define VMI_NATIVE_SET_DR(register)	movl VMI_R(edx), VMI_R(register)
#define VMI_NATIVE_GET_DR(register)	movl VMI_R(register), VMI_R(eax)
#define VMI_NATIVE_LEN_SetDR		3
#define VMI_NATIVE_LEN_GetDR		3

#define VMI_NATIVE_RDTSC		rdtsc
#define VMI_NATIVE_LEN_RDTSC		2
#define VMI_NATIVE_RDPMC		rdpmc
#define VMI_NATIVE_LEN_RDPMC		2
#define VMI_NATIVE_WBINVD		wbinvd
#define VMI_NATIVE_LEN_WBINVD		2

/* ---- Privilege transitions ---- */

#define VMI_NATIVE_IRET			iretl
#define VMI_NATIVE_LEN_IRET		1

/* The shadow of STI covers SYSEXIT: nothing can come between the two */
#define VMI_NATIVE_SYSEXIT		sti; sysexit
#define VMI_NATIVE_LEN_SYSEXIT		3

/* ---- I/O ---- */

#define VMI_NATIVE_INB			inb VMI_R(dx), VMI_R(al)
#define VMI_NATIVE_LEN_INB		1
#define VMI_NATIVE_INW			inw VMI_R(dx), VMI_R(ax)
#define VMI_NATIVE_LEN_INW		2
#define VMI_NATIVE_INL			inl VMI_R(dx), VMI_R(eax)
#define VMI_NATIVE_LEN_INL		1
#define VMI_NATIVE_OUTB			outb VMI_R(al), VMI_R(dx)
#define VMI_NATIVE_LEN_OUTB		1
#define VMI_NATIVE_OUTW			outw VMI_R(ax), VMI_R(dx)
#define VMI_NATIVE_LEN_OUTW		2
#define VMI_NATIVE_OUTL			outl VMI_R(eax), VMI_R(dx)
#define VMI_NATIVE_LEN_OUTL		1
#define VMI_NATIVE_INSB			rep; insb
#define VMI_NATIVE_LEN_INSB		2
#define VMI_NATIVE_INSW			rep; insw
#define VMI_NATIVE_LEN_INSW		3
#define VMI_NATIVE_INSL			rep; insl
#define VMI_NATIVE_LEN_INSL		2
#define VMI_NATIVE_OUTSB		rep; outsb
#define VMI_NATIVE_LEN_OUTSB		2
#define VMI_NATIVE_OUTSW		rep; outsw
#define VMI_NATIVE_LEN_OUTSW		3
#define VMI_NATIVE_OUTSL		rep; outsl
#define VMI_NATIVE_LEN_OUTSL		2

/* Port 80h, the POST code: nobody minds, and it takes a bus cycle */
#define VMI_NATIVE_IODelay		outb VMI_R(al), $0x80
#define VMI_NATIVE_LEN_IODelay		2

#define VMI_NATIVE_SetIOPLMask						\
	pushfl; andb $0xcf, 1(VMI_R(esp)); andl $0x3000, VMI_R(eax);	\
	orl VMI_R(eax), (VMI_R(esp)); popfl
#define VMI_NATIVE_LEN_SetIOPLMask	15

/* ---- Local APIC: the register's linear address, as in the proposal ---- */

#define VMI_NATIVE_APICWrite		movl VMI_R(edx), (VMI_R(eax))
#define VMI_NATIVE_LEN_APICWrite	2
#define VMI_NATIVE_APICRead		movl (VMI_R(eax)), VMI_R(eax)
#define VMI_NATIVE_LEN_APICRead		2

/*
 * ---- Time ----
 *
 * A frequency of 0 says that there is no paravirtual time: use the machine's
 * own timers.  The other calls agree with that.
 */
#define VMI_NATIVE_ZERO64						\
	xorl VMI_R(eax), VMI_R(eax); xorl VMI_R(edx), VMI_R(edx)
#define VMI_NATIVE_GetCycleFrequency	VMI_NATIVE_ZERO64
#define VMI_NATIVE_LEN_GetCycleFrequency 4
#define VMI_NATIVE_GetCycleCounter	VMI_NATIVE_ZERO64
#define VMI_NATIVE_LEN_GetCycleCounter	4
#define VMI_NATIVE_SetAlarm		VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_SetAlarm		0
#define VMI_NATIVE_CancelAlarm		xorl VMI_R(eax), VMI_R(eax)
#define VMI_NATIVE_LEN_CancelAlarm	2
#define VMI_NATIVE_GetWallclockTime	VMI_NATIVE_ZERO64
#define VMI_NATIVE_LEN_GetWallclockTime	4
#define VMI_NATIVE_WallclockUpdated	xorl VMI_R(eax), VMI_R(eax)
#define VMI_NATIVE_LEN_WallclockUpdated	2

/* ---- MMU ---- */

#define VMI_NATIVE_SetPte		movl VMI_R(eax), (VMI_R(edx))
#define VMI_NATIVE_LEN_SetPte		2
#define VMI_NATIVE_SetPxE		movl VMI_R(eax), (VMI_R(edx))
#define VMI_NATIVE_LEN_SetPxE		2
#define VMI_NATIVE_SwapPte		xchgl VMI_R(eax), (VMI_R(edx))
#define VMI_NATIVE_LEN_SwapPte		2

/* BTS with a register reaches bits 32..63 of a long entry as well */
#define VMI_NATIVE_SET_BIT						\
	lock; btsl VMI_R(eax), (VMI_R(edx)); sbbl VMI_R(eax), VMI_R(eax)
#define VMI_NATIVE_CLEAR_BIT						\
	lock; btrl VMI_R(eax), (VMI_R(edx)); sbbl VMI_R(eax), VMI_R(eax)
#define VMI_NATIVE_TestAndSetPteBit	VMI_NATIVE_SET_BIT
#define VMI_NATIVE_LEN_TestAndSetPteBit	6
#define VMI_NATIVE_TestAndClearPteBit	VMI_NATIVE_CLEAR_BIT
#define VMI_NATIVE_LEN_TestAndClearPteBit 6
#define VMI_NATIVE_TestAndSetPteBitLong	VMI_NATIVE_SET_BIT
#define VMI_NATIVE_LEN_TestAndSetPteBitLong 6
#define VMI_NATIVE_TestAndClearPteBitLong VMI_NATIVE_CLEAR_BIT
#define VMI_NATIVE_LEN_TestAndClearPteBitLong 6

/* The guest has written the entry itself */
#define VMI_NATIVE_UpdatePxE		VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_UpdatePxE	0
#define VMI_NATIVE_UpdatePxELong	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_UpdatePxELong	0

/* One locked access, and EDX:EAX ends as the old entry.  PAE implies CX8. */
#define VMI_NATIVE_SWAP_LONG						\
	pushl VMI_R(ebx); pushl VMI_R(esi);				\
	movl VMI_R(ecx), VMI_R(esi);					\
	movl VMI_R(eax), VMI_R(ebx); movl VMI_R(edx), VMI_R(ecx);	\
	movl (VMI_R(esi)), VMI_R(eax); movl 4(VMI_R(esi)), VMI_R(edx);	\
	779: lock; cmpxchg8b (VMI_R(esi)); VMI_SHORT_JNZ(779b);		\
	popl VMI_R(esi); popl VMI_R(ebx)
#define VMI_NATIVE_SetPteLong		VMI_NATIVE_SWAP_LONG
#define VMI_NATIVE_LEN_SetPteLong	21
#define VMI_NATIVE_SetPxELong		VMI_NATIVE_SWAP_LONG
#define VMI_NATIVE_LEN_SetPxELong	21
#define VMI_NATIVE_SwapPteLong		VMI_NATIVE_SWAP_LONG
#define VMI_NATIVE_LEN_SwapPteLong	21

#define VMI_NATIVE_RegisterPageUsage	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_RegisterPageUsage 0
#define VMI_NATIVE_AllocatePage		VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_AllocatePage	0
#define VMI_NATIVE_ReleasePage		VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_ReleasePage	0
#define VMI_NATIVE_ClonePageTable	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_ClonePageTable	0
#define VMI_NATIVE_ClonePageDirectory	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_ClonePageDirectory 0
#define VMI_NATIVE_SetLinearMapping	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_SetLinearMapping	0

#define VMI_NATIVE_InvalPage		invlpg (VMI_R(eax))
#define VMI_NATIVE_LEN_InvalPage	3

/* Global pages only go with CR4.PGE; a CPU without CR4 must not ask for it */
#define VMI_NATIVE_FlushTLB						\
	movl VMI_R(cr3), VMI_R(edx); movl VMI_R(edx), VMI_R(cr3);	\
	testb $2, VMI_R(al); VMI_SHORT_JZ(779f);			\
	movl VMI_R(cr4), VMI_R(edx); movl VMI_R(edx), VMI_R(ecx);	\
	andb $0x7f, VMI_R(cl); movl VMI_R(ecx), VMI_R(cr4);		\
	movl VMI_R(edx), VMI_R(cr4); 779:
#define VMI_NATIVE_LEN_FlushTLB		24

#define VMI_NATIVE_SetDeferredMode	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_SetDeferredMode	0
#define VMI_NATIVE_FlushDeferredCalls	VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_FlushDeferredCalls 0
#define VMI_NATIVE_SetLazyMode		VMI_NATIVE_NOTHING
#define VMI_NATIVE_LEN_SetLazyMode	0

#if defined(__clang__) && !defined(__ASSEMBLER__)
#pragma clang diagnostic pop
#endif

#endif /* VMI_NATIVE_H */
