/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment descriptors, and how those of the guest are changed before the processor
 * may use them.  Pure functions: the host tests compile descriptor.c as it is.
 */
#ifndef VMI_DESCRIPTOR_H
#define VMI_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

/* The two dwords of a descriptor, as in memory. */
struct descriptor {
	uint32_t low, high;
};

/* How the monitor protects itself (docs/architecture.md): by limits, or by page tables. */
enum protect { PROTECT_SEGMENT, PROTECT_PAGED };

uint32_t descriptor_base(struct descriptor d);
uint32_t descriptor_limit(struct descriptor d);		/* in bytes, less 1 */
bool descriptor_is_down(struct descriptor d);		/* expand-down data */
uint32_t descriptor_stack_mask(struct descriptor d);	/* the bits of ESP in use */

/* The shadow of the guest's descriptor @d. */
struct descriptor segment_sanitize(struct descriptor d, enum protect protect);

/*
 * In segment mode: does the guest's descriptor @d wrap around 4 GiB, so that it covers
 * memory both from its base up and below its base?  descriptor_lower() is the shadow
 * that covers the part below.
 */
bool descriptor_wraps(struct descriptor d);
struct descriptor descriptor_lower(struct descriptor d);

#endif
