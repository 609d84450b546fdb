// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes, any number of them: none behind them is read, and the result is in its ranges.
 *
 * Proves: decode(): no run-time error for any bytes, none read behind the last; results in their ranges
 * Options: -eva-slevel 300 -eva-widening-delay 40 -eva-partition-history 1
 */
#include "prove.h"

#include "model/decode.c"

void prove(void)
{
	uint8_t bytes[INSN_MAX + 1];
	unsigned available = any_of(0, INSN_MAX), said;
	struct insn insn;

	/* The last bytes of the array: one more is beyond it. */
	//@ split available;
	any_bytes(bytes, sizeof(bytes));
	said = available == INSN_MAX && any_bool() ? any_u32 | INSN_MAX : available;
	if (decode(&insn, bytes + sizeof(bytes) - available, said, any_bool()) != DECODE_OK)
		return;
	//@ check length: 1 <= insn.length <= available;
	//@ check registers: insn.base <= REG_NONE && insn.index <= REG_NONE && insn.scale <= 3;
	//@ check segment: insn.segment <= SEG_GS;
	//@ check fields: insn.mod <= 3 && insn.reg <= 7 && insn.rm <= 7;
	//@ check sizes: (insn.operand_size == 2 || insn.operand_size == 4) && (insn.address_size == 2 || insn.address_size == 4);
}
