/* SPDX-License-Identifier: GPL-2.0-only */
/* The ROM's own version, which the POST line, CPUID and PCIR show. */
#ifndef VMI_VERSION_H
#define VMI_VERSION_H

#define VERSION_MAJOR	0
#define VERSION_MINOR	1
#define VERSION_TEXT	"0.1"

#endif
