/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Call sites.  A site is the native body of a call (vmi_native.h), padded
 * with multi-byte NOPs to the length that the call reserves or the body
 * needs, and a record of it in the section .vmi_sites (struct vmi_site),
 * from which the guest library rewrites the site when there is a ROM.
 *
 * In C a site stands in an asm statement, with its operands:
 *
 *	__asm__ __volatile__(VMI_SITE_TEXT(VMI_STRING(VMI_NATIVE_CLTS))
 *		: : VMI_SITE_OPERANDS(CLTS, VMI_NATIVE_LEN_CLTS)
 *		: "eax", "edx", "ecx", "cc");
 *
 * (vmi_inline.h has such a wrapper for every call.)  In a .S file:
 *
 *	VMI_SITE(CLTS)
 *	VMI_SITE_AS(SetDR, 3, movl %edx, %db7)	a native body of one's own
 *
 * Both work several times in a file, in C++ inline functions and with LTO:
 * there is no .macro, and no label but numeric ones (771 to 779).
 */
#ifndef VMI_SITE_H
#define VMI_SITE_H

#include "vmi_abi.h"
#include "vmi_native.h"

/*
 * NOPs that a P5 runs: LEA forms, up to eight bytes at a time.  These and the
 * tables in guest/nops.c and vmi.inc are the same; vmi_activate() takes a
 * site for damaged when its padding is not this.  .fill takes its first four
 * bytes from the value and has zeros for the rest, which suits LEA.  `& 1`:
 * true is -1 to gas, 1 to others.
 */
#define VMI_NOPS(pad)							\
	.fill (pad) >> 3, 8, 0x26b48d3e;				\
	.fill (((pad) & 7) == 7) & 1, 7, 0x0026b48d;			\
	.fill (((pad) & 7) == 6) & 1, 6, 0x0000b68d;			\
	.fill (((pad) & 7) == 5) & 1, 5, 0x26748d3e;			\
	.fill (((pad) & 7) == 4) & 1, 4, 0x0026748d;			\
	.fill (((pad) & 7) == 3) & 1, 3, 0x0000768d;			\
	.fill (((pad) & 7) == 2) & 1, 2, 0x00009066;			\
	.fill (((pad) & 7) == 1) & 1, 1, 0x00000090

#ifdef __ASSEMBLER__

/* The call list as gas symbols: VMI_CALL_Init, ..., VMI_SITE_SIZE_Init, ... */
	.set VMI_COUNTER_BASE, __COUNTER__ + 1
#define VMI_CALL(name, number, queue, site, place)				\
	.set VMI_CALL_##name, __COUNTER__ - VMI_COUNTER_BASE;		\
	.set VMI_SITE_SIZE_##name, site;
#include "vmi_calls.def"

/* What a native body of `length` bytes lacks to the size of the site */
#define VMI_SITE_PAD(size, length)					\
	((((size) > (length)) & 1) * ((size) - (length)))

#define VMI_SITE_AS(name, length, ...)					\
	771: __VA_ARGS__;						\
	772: VMI_NOPS(VMI_SITE_PAD(VMI_SITE_SIZE_##name, length));	\
	.pushsection .vmi_sites, "aw?", @progbits;			\
	.balign 4;							\
	774: .long 771b;						\
	.word VMI_CALL_##name;						\
	.byte (length) + VMI_SITE_PAD(VMI_SITE_SIZE_##name, length);	\
	.byte length;							\
	__VA_ARGS__;							\
	.org 774b + 8 + (length);					\
	.org 774b + VMI_SITE_RECORD;					\
	.org 774b + VMI_SITE_RECORD + (772b - 771b) - (length);		\
	.popsection

#define VMI_SITE(name)							\
	VMI_SITE_AS(name, VMI_NATIVE_LEN_##name, VMI_NATIVE_##name)

/*
 * Return from an interrupt or exception: the frame on top of the stack, all
 * registers loaded.  Both doors reach it by a CALL from here, so that a frame
 * which faults is reported at the site's own address: put that address in
 * the kernel's table of fixups.
 */
#define VMI_IRET	VMI_SITE(IRET)

/* Return to ring 3 from SYSENTER: EDX = EIP, ECX = ESP; enables interrupts */
#define VMI_SYSEXIT	VMI_SITE(SYSEXIT)

#else /* C and C++ */

#define VMI_STRING_(...)	#__VA_ARGS__
#define VMI_STRING(...)		VMI_STRING_(__VA_ARGS__)

#define VMI_SITE_PAD(size, length)					\
	((size) > (length) ? (size) - (length) : 0)

/* The three operands that VMI_SITE_TEXT() refers to */
#define VMI_SITE_OPERANDS(name, length)					\
	[vmi_call] "i" (VMI_CALL_##name),				\
	[vmi_native] "i" (length),					\
	[vmi_pad] "i" (VMI_SITE_PAD((int)VMI_SITE_SIZE_##name, length))

/*
 * The two .org at the end let the assembler refuse a body that is longer or
 * shorter than it was said to be.
 */
#define VMI_SITE_TEXT(native)						\
	"771: " native "\n"						\
	"772: " VMI_STRING(VMI_NOPS(%c[vmi_pad])) "\n"			\
	".pushsection .vmi_sites, \"aw?\", @progbits\n"			\
	".balign 4\n"							\
	"774: .long 771b\n"						\
	".word %c[vmi_call]\n"						\
	".byte %c[vmi_native] + %c[vmi_pad], %c[vmi_native]\n"		\
	native "\n"							\
	".org 774b + 8 + %c[vmi_native]\n"				\
	".org 774b + 32\n"						\
	".org 774b + 32 + (772b - 771b) - %c[vmi_native]\n"		\
	".popsection"

/* `inline`: a site counts as one instruction when gcc weighs a function */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 9
#define VMI_ASM		__asm__ __volatile__ __inline__
#else
#define VMI_ASM		__asm__ __volatile__
#endif

#endif /* __ASSEMBLER__ */
#endif /* VMI_SITE_H */
