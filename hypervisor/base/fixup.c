// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exception table: which instructions may fault at CPL 0, and where execution
 * goes on then.  FIXUP() in base.h and fixup.inc adds the entries; entry/nested.c,
 * which gets every fault at CPL 0, looks them up.
 */
#include "base/base.h"

struct fixup {
	uint32_t eip, go_on;
};
extern const struct fixup extable_start[], extable_end[];

bool fixup_find(struct frame *f)
{
	const struct fixup *x;

	for (x = extable_start; x < extable_end; x++)
		if (x->eip == f->eip) {
			f->eip = x->go_on;
			return true;
		}
	return false;
}
