/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the emulator's tests expect of one instruction.  The includer brings
 * cmocka.
 */
#ifndef EMULATE_EXPECT_H
#define EMULATE_EXPECT_H

#include <string.h>

#include "emulate_mock.h"

/* Done, EIP behind it, and these services asked for; EIP goes back for the next. */
static inline void expect(const char *hex, const char *trace)
{
	uint32_t start = guest.f.eip;

	assert_int_equal(mock_step(hex), EMULATED);
	assert_string_equal(mock_trace(), trace);
	assert_int_equal(guest.f.eip, start + strlen(hex) / 2);
	guest.f.eip = start;
}

/* This result, and the frame as it was. */
static inline void expect_untouched(const char *hex, enum emulate_result result)
{
	struct frame before = guest.f;

	if (mock_step(hex) != result)
		fail_msg("%s: not result %d", hex, result);
	if (memcmp(&before, &guest.f, sizeof(before)))
		fail_msg("%s: frame has changed", hex);
}

#endif
