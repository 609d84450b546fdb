/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * All sites at once.  Everything that can be wrong is looked at before the
 * first byte is written (design decision 21), so that writing cannot fail and
 * a kernel is never patched in part.
 */
#include "lib.h"

/* Records first: text is read only where they all make sense */
static int check_records(const struct vmi_patcher *patcher,
			 struct vmi_reason *why)
{
	uint32_t reached = 0;
	uint32_t i;

	for (i = 0; i < patcher->nr_sites; i++) {
		if (vmi_check_record(patcher, i, &reached, why))
			return -1;
	}
	return 0;
}

static int check_bytes(const struct vmi_patcher *patcher, int patched,
		       struct vmi_reason *why)
{
	uint32_t i;

	for (i = 0; i < patcher->nr_sites; i++) {
		if (vmi_check_bytes(patcher, &patcher->sites[i], patched, why))
			return -1;
	}
	return 0;
}

/* Every record, every target, every byte: may all sites be patched? */
int vmi_patch_check(const struct vmi_patcher *patcher,
		    struct vmi_reason *why)
{
	uint32_t i;

	if (check_records(patcher, why))
		return -1;
	for (i = 0; i < patcher->nr_sites; i++) {
		if (vmi_check_target(patcher, &patcher->sites[i], why))
			return -1;
	}
	return check_bytes(patcher, 0, why);
}

/* Every site holds what it should now; the records may be damaged, too */
int vmi_patch_verify(const struct vmi_patcher *patcher,
		     struct vmi_reason *why)
{
	if (check_records(patcher, why))
		return -1;
	return check_bytes(patcher, patcher->patched, why);
}

/* Volatile, so that no compiler makes it a call of memcpy() */
static void plain_write(void *to, const void *from, uint32_t length)
{
	volatile uint8_t *text = (volatile uint8_t *)to;
	const uint8_t *bytes = (const uint8_t *)from;

	while (length--)
		*text++ = *bytes++;
}

/*
 * Write all sites, patched or native.  A CPU sees its own changes to code
 * behind the next branch (SDM volume 3, 8.1.3), and there is one before any
 * site: our own return.  No other CPU runs yet.
 */
void vmi_patch_write(struct vmi_patcher *patcher, int patched)
{
	uint8_t bytes[VMI_SITE_MAX];
	uint32_t i;

	for (i = 0; i < patcher->nr_sites; i++) {
		const struct vmi_site *site = &patcher->sites[i];
		void *text = (void *)((uintptr_t)site->address +
				      patcher->text_bias);

		vmi_site_bytes(patcher, site, patched ?
			       vmi_choose(patcher, site) : VMI_SITE_NATIVE,
			       bytes);
		if (patcher->write)
			patcher->write(text, bytes, site->length);
		else
			plain_write(text, bytes, site->length);
	}
	patcher->patched = patched;
}
