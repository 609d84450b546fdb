/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment descriptors, and what the processor may see of a guest's.  Pure: the
 * host tests compile descriptor.c as it is.
 */
#ifndef VMI_DESCRIPTOR_H
#define VMI_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

struct descriptor {
	uint32_t low, high;
};

enum protect { PROTECT_SEGMENT, PROTECT_PAGED };

uint32_t descriptor_base(struct descriptor d);
uint32_t descriptor_limit(struct descriptor d);		/* in bytes */
bool descriptor_is_down(struct descriptor d);		/* expand-down data */
uint32_t descriptor_stack_mask(struct descriptor d);	/* what of ESP counts */

struct descriptor segment_sanitize(struct descriptor d, enum protect protect);

/*
 * In segment mode: does the guest's descriptor @d reach memory both at its base
 * and, around 4 GiB, below it?  And the shadow that has the lower part.
 */
bool descriptor_wraps(struct descriptor d);
struct descriptor descriptor_lower(struct descriptor d);

#endif
