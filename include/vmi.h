/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a guest kernel includes, from C99 on, C++11 on, or a gas source that
 * goes through the C preprocessor.  NASM sources take include/vmi.inc.
 *
 * In reading order:
 *
 *	vmi_abi.h	numbers, flags and layouts of the interface
 *	vmi_calls.def	the list of calls
 *	vmi_native.h	the native instructions of each call
 *	vmi_site.h	how they become a call site with its record
 *	vmi_inline.h	a typed wrapper for each call (and _io.h, _mmu.h)
 *	vmi_proto.h	what each call means; types of the ROM's entries
 *	vmi_guest.h	the guest library: find a ROM, patch, verify, undo
 *
 * docs/porting.md says how a kernel uses them, docs/abi.md what they rest on.
 */
#ifndef VMI_H
#define VMI_H

#include "vmi_abi.h"

/* The call sites are 32-bit code; a 64-bit host gets the library alone */
#if defined(__i386__)
#include "vmi_site.h"
#endif

#ifndef __ASSEMBLER__
#include "vmi_proto.h"
#include "vmi_guest.h"
#if defined(__i386__)
#include "vmi_inline.h"
#endif
#endif

#endif /* VMI_H */
