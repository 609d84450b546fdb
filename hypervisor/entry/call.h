/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handlers of monitor calls: one call_NAME() for each call whose place in
 * include/vmi_calls.def is MONITOR.  A handler finds the arguments in the frame, in
 * the registers where the caller put them, and leaves the results there.  If it returns
 * false it has recorded a fault, the one that the native instruction would raise.
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
