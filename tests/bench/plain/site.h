/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by everything of build/bench-plain.elf, in the place of
 * vmi_site.h: the native instructions, with neither padding nor record, as in
 * a kernel that knows nothing of all this.
 */
#ifndef VMI_SITE_H
#define VMI_SITE_H

#include "vmi_abi.h"
#include "vmi_native.h"

#define VMI_STRING_(...)	#__VA_ARGS__
#define VMI_STRING(...)		VMI_STRING_(__VA_ARGS__)
#define VMI_SITE_PAD(size, length)		0
#define VMI_SITE_OPERANDS(name, length)		[vmi_native] "i" (length)
#define VMI_SITE_TEXT(native)			native
#define VMI_ASM			__asm__ __volatile__ __inline__

#endif
