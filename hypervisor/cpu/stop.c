// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a guest to which a fault cannot be delivered: a report on the debug console,
 * then the triple fault that hardware would have had.
 */
#include "cpu/cpu.h"

void guest_stop(struct frame *f, const char *why)
{
	const struct fault *last = &this_vcpu()->fault;

	print("vmi: guest stopped: %s after vector %u error %x, last fault %u error %x cr2 %08x\n",
	      why, f->vector, frame_error(f), last->vector, last->error, last->cr2);
	frame_print(f);
	triple_fault();
}
