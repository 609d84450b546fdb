/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The surroundings of a kernel that asks for none.  Alone in its file: the
 * linker takes it from the library only if the kernel defines no boot_config.
 */
#include "boot.h"

const struct boot_config boot_config = {
	.paging = BOOT_PAGING_32,
};
