/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handlers of monitor calls, which the call list names: call_NAME() for each
 * call whose place is MONITOR.  Arguments are in the frame, where the caller put
 * them; results go there.  false: the call faults as the hardware would on such an
 * argument, and the fault is recorded.
 */
#ifndef VMI_CALL_H
#define VMI_CALL_H

#include "base/base.h"
#include "vmi_abi.h"

typedef bool call_handler(struct frame *f);

#define CALL_LAYER(name)
#define CALL_ABSENT(name)
#define CALL_MONITOR(name)	call_handler call_##name;
#define VMI_CALL(name, number, queue, site, place)	CALL_##place(name)
#include "vmi_calls.def"
#undef CALL_MONITOR

#endif
