/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of the ROM: POST's message, CPUID and the PCI data structure show it. */
#ifndef VMI_VERSION_H
#define VMI_VERSION_H

#define VERSION_MAJOR	0
#define VERSION_MINOR	1
#define VERSION_TEXT	"0.1"

#endif
