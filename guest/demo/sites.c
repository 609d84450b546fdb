/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The call sites of this kernel, and what they hold now.
 */
#include "demo.h"

#include "vmi.h"

void print_sites(void)
{
	struct vmi_counts counts;
	uint32_t call;

	print("demo: %-20s %7s %7s %7s %7s\n", "sites of", "patched",
	      "inlined", "erased", "native");
	for (call = 0; call <= VMI_NR_CALLS; call++) {
		vmi_count_sites(call, &counts);
		if (!(counts.called + counts.inlined + counts.erased
		      + counts.native))
			continue;
		print("demo: %-20s %7u %7u %7u %7u\n",
		      call < VMI_NR_CALLS ? vmi_call_name(call) : "all",
		      counts.called, counts.inlined, counts.erased,
		      counts.native);
	}
}
