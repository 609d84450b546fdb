// SPDX-License-Identifier: GPL-2.0-only
/* Which instructions may fault at CPL 0, and where to go on: FIXUP() fills the table. */
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
