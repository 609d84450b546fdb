/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Find a ROM: scan the option ROM area as the BIOS did.  A bad ROM does not
 * end the search, since a good one may follow.  docs/abi.md, section 1.
 */
#include "lib.h"

/* Whether there is an option ROM at all, and whether it is of our kind */
static int is_option_rom(const uint8_t *bytes)
{
	return vmi_get16(bytes) == VMI_ROM_SIGNATURE;
}

static int is_ours(const uint8_t *bytes)
{
	return vmi_get32(bytes + VMI_OFF_SIGNATURE) == VMI_SIGNATURE;
}

static void copy_reason(struct vmi_reason *to, const struct vmi_reason *from)
{
	vmi_blame(to, from->error, from->where, from->found, from->want);
}

int vmi_probe(uintptr_t physical_to_linear, struct vmi_rom *rom,
	      struct vmi_reason *why)
{
	struct vmi_reason first;
	uint32_t physical, rejected = 0, others = 0;

	vmi_blame(&first, VMI_OK, 0, 0, 0);
	for (physical = VMI_ROM_SCAN_START; physical < VMI_ROM_SCAN_END;
	     physical += VMI_ROM_SCAN_STEP) {
		const uint8_t *bytes =
			(const uint8_t *)(physical_to_linear + physical);

		if (!is_option_rom(bytes))
			continue;
		if (!is_ours(bytes)) {
			others++;
			continue;
		}
		if (vmi_rom_check(bytes, VMI_ROM_AREA_END - physical,
				  physical, rom, why) == 0) {
			rom->rejected = rejected;
			copy_reason(&rom->first_rejected, &first);
			return 0;
		}
		if (rejected++ == 0)
			copy_reason(&first, why);
	}
	if (rejected != 0) {
		copy_reason(why, &first);
		return -1;
	}
	return vmi_blame(why, VMI_ERROR_NO_ROM, VMI_ROM_SCAN_START, others, 0);
}
