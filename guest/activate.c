/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The interface of vmi_guest.h: the steps in their order, and the one state
 * there is.  A kernel becomes a guest once, on its first CPU.
 */
#include "lib.h"

/* linker/vmi-sites.ld */
extern const struct vmi_site __vmi_sites_start[];
extern const struct vmi_site __vmi_sites_end[];

static struct vmi_patcher patcher;
static int active;

static void take_options(const struct vmi_options *options)
{
	patcher.hole = VMI_HOLE_START_MIN;
	patcher.sites = __vmi_sites_start;
	patcher.nr_sites =
		(uint32_t)(__vmi_sites_end - __vmi_sites_start);
	patcher.text_bias = 0;
	patcher.write = NULL;
	if (options == NULL)
		return;
	if (options->sites != NULL) {
		patcher.sites = options->sites;
		patcher.nr_sites = options->nr_sites;
	}
	patcher.text_bias = options->text_bias;
	patcher.write = options->write;
}

/* The accessors work before vmi_activate(), and after it has failed */
static void take_defaults(void)
{
	if (patcher.sites == NULL)
		take_options(NULL);
}

/* The hole that the ROM will take must be one that the guest leaves free */
static int check_hole(const struct vmi_rom *rom,
		      const struct vmi_options *options,
		      struct vmi_reason *why)
{
	if (options == NULL || options->hole == 0 ||
	    rom->virtual_top >= options->hole)
		return 0;
	return vmi_blame(why, VMI_ERROR_HOLE, rom->physical,
			 rom->virtual_top, options->hole);
}

int vmi_activate(const struct vmi_rom *rom, const struct vmi_options *options,
		 struct vmi_reason *why)
{
	int32_t answer;

	if (active)
		return vmi_blame(why, VMI_ERROR_ACTIVE, rom->physical, 0, 0);
	take_options(options);
	if (vmi_interrupts_on())
		return vmi_blame(why, VMI_ERROR_INTERRUPTS, rom->physical, 0,
				 0);
	if (check_hole(rom, options, why))
		return -1;
	vmi_resolve(&patcher, rom);
	if (vmi_patch_check(&patcher, why))
		return -1;
	answer = vmi_call_init(rom);
	if (answer != 0)
		return vmi_blame(why, VMI_ERROR_INIT, rom->physical,
				 (uint32_t)answer, 0);
	active = 1;
	vmi_patch_write(&patcher, 1);
	vmi_blame(why, VMI_OK, rom->physical, 0, 0);
	return 0;
}

int vmi_verify(struct vmi_reason *why)
{
	take_defaults();
	vmi_blame(why, VMI_OK, 0, 0, 0);
	return vmi_patch_verify(&patcher, why);
}

static int switch_sites(int patched, struct vmi_reason *why)
{
	if (!active || patcher.patched == patched)
		return vmi_blame(why, VMI_ERROR_ACTIVE, 0, 0, 0);
	if (vmi_verify(why))
		return -1;
	vmi_patch_write(&patcher, patched);
	return 0;
}

int vmi_unpatch(struct vmi_reason *why)
{
	return switch_sites(0, why);
}

int vmi_repatch(struct vmi_reason *why)
{
	return switch_sites(1, why);
}

uint32_t vmi_nr_sites(void)
{
	take_defaults();
	return patcher.nr_sites;
}

const struct vmi_site *vmi_get_site(uint32_t index)
{
	return index < vmi_nr_sites() ? &patcher.sites[index] : NULL;
}

enum vmi_site_state vmi_get_site_state(uint32_t index)
{
	if (!active || !patcher.patched || index >= patcher.nr_sites)
		return VMI_SITE_NATIVE;
	return vmi_choose(&patcher, &patcher.sites[index]);
}

void vmi_count_sites(uint32_t call, struct vmi_counts *counts)
{
	uint32_t i;

	counts->native = counts->called = 0;
	counts->inlined = counts->erased = 0;
	for (i = 0; i < vmi_nr_sites(); i++) {
		if (call != VMI_NR_CALLS && patcher.sites[i].call != call)
			continue;
		switch (vmi_get_site_state(i)) {
		case VMI_SITE_NATIVE:
			counts->native++;
			break;
		case VMI_SITE_CALLED:
			counts->called++;
			break;
		case VMI_SITE_INLINED:
			counts->inlined++;
			break;
		case VMI_SITE_ERASED:
			counts->erased++;
			break;
		}
	}
}

int vmi_is_active(void)
{
	return active;
}

uint32_t vmi_entry(enum vmi_call call)
{
	if (!active || (uint32_t)call >= VMI_NR_CALLS)
		return 0;
	return patcher.target[call].entry;
}
