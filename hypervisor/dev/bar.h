/* SPDX-License-Identifier: GPL-2.0-only */
/* What PCI functions decode (bar.c), for the rules of pci.c. */
#ifndef VMI_BAR_H
#define VMI_BAR_H

#include "dev/pci.h"

/* At VMI_Init.  MMCONFIG, which is not to be decoded by anybody else, begins at frame @mmconfig. */
void bars_start(uint32_t mmconfig);

/* Rules: every register, the command register, and the base addresses. */
void function_write(struct config_access *a);
void command_write(struct config_access *a);
void bar_read(struct config_access *a);
void bar_write(struct config_access *a);

#endif
