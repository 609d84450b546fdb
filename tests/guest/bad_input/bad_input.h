/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the bad input test share.
 */
#ifndef BAD_INPUT_H
#define BAD_INPUT_H

#include <stdbool.h>

#include "base/hole.h"

#define AWAY		0x70000000u	/* nothing is mapped there */

/* Nothing enforces what protects the monitor: segment mode, and no limits (TCG). */
extern bool unlimited;

/* returns.c: VMI_IRET and VMI_SYSEXIT */
void test_returns(void);

#endif
