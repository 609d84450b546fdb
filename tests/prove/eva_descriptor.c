// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any descriptor, in both modes.  What comes out is bits.cc's subject.
 *
 * Proves: descriptor.c: no run-time error for any descriptor
 */
#include "prove.h"

#include "model/descriptor.c"

void prove(void)
{
	struct descriptor d = { any_u32, any_u32 };

	segment_sanitize(d, any_bool() ? PROTECT_SEGMENT : PROTECT_PAGED);
	descriptor_wraps(d);
	descriptor_lower(d);
	descriptor_stack_mask(d);
}
