/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One call site: what it may become, what bytes it then holds, and whether
 * its record and its bytes can be trusted.  Nothing here writes to text.
 */
#include "lib.h"

/* What a record must at least reserve; the index is enum vmi_call */
static const uint8_t site_sizes[VMI_NR_CALLS] = {
#define VMI_CALL(name, number, queue, site, place)	site,
#include "vmi_calls.def"
};

static int blame_site(struct vmi_reason *why, enum vmi_error error,
		      const struct vmi_site *site, uint32_t found,
		      uint32_t want)
{
	vmi_blame(why, error, site->address, found, want);
	if (site->call < VMI_NR_CALLS)
		why->call = site->call;
	return -1;
}

VMI_NO_MEMCPY
static void copy_bytes(uint8_t *to, const uint8_t *from, uint32_t length)
{
	while (length--)
		*to++ = *from++;
}

static void resolve_call(struct vmi_target *target, const struct vmi_rom *rom,
			 enum vmi_call call)
{
	uint32_t offset, size;

	target->entry = 0;
	target->has_body = 0;
	target->body_size = 0;
	if (vmi_rom_entry(rom, call, &offset) == 0)
		target->entry = rom->virtual_top + offset;
	/*
	 * IRET is always a CALL: its return address names the site to the
	 * monitor (docs/abi.md, section 4).
	 */
	if (call == VMI_CALL_IRET)
		return;
	if (vmi_rom_inline(rom, call, &offset, &size) || size > VMI_SITE_MAX)
		return;
	target->has_body = 1;
	target->body_size = (uint8_t)size;
	copy_bytes(target->body, rom->image + offset, size);
}

/*
 * Look all calls up, and keep what matters: the kernel may unmap the ROM
 * later, and still verify its sites.
 */
void vmi_resolve(struct vmi_patcher *patcher, const struct vmi_rom *rom)
{
	uint32_t call;

	patcher->hole = rom->virtual_top;
	for (call = 0; call < VMI_NR_CALLS; call++)
		resolve_call(&patcher->target[call], rom,
			     (enum vmi_call)call);
}

/* What a site becomes: inlined where that fits, else a call */
enum vmi_site_state vmi_choose(const struct vmi_patcher *patcher,
			       const struct vmi_site *site)
{
	const struct vmi_target *target = &patcher->target[site->call];

	if (target->has_body && target->body_size == 0)
		return VMI_SITE_ERASED;
	if (target->has_body && target->body_size <= site->length)
		return VMI_SITE_INLINED;
	if (target->entry != 0 && site->length >= VMI_SITE_CALL)
		return VMI_SITE_CALLED;
	return VMI_SITE_NATIVE;
}

/* CALL rel32 counts from its own end and wraps: it reaches everything */
static void put_call(uint8_t *bytes, uint32_t from, uint32_t to)
{
	uint32_t distance = to - (from + VMI_SITE_CALL);

	bytes[0] = 0xE8;
	bytes[1] = (uint8_t)distance;
	bytes[2] = (uint8_t)(distance >> 8);
	bytes[3] = (uint8_t)(distance >> 16);
	bytes[4] = (uint8_t)(distance >> 24);
}

/* All site->length bytes of a site in that state */
void vmi_site_bytes(const struct vmi_patcher *patcher,
		    const struct vmi_site *site,
		    enum vmi_site_state state, uint8_t *bytes)
{
	const struct vmi_target *target = &patcher->target[site->call];
	uint32_t used = 0;

	switch (state) {
	case VMI_SITE_NATIVE:
		used = site->native_length;
		copy_bytes(bytes, site->native, used);
		break;
	case VMI_SITE_CALLED:
		used = VMI_SITE_CALL;
		put_call(bytes, site->address, target->entry);
		break;
	case VMI_SITE_INLINED:
		used = target->body_size;
		copy_bytes(bytes, target->body, used);
		break;
	case VMI_SITE_ERASED:
		break;
	}
	vmi_fill_nops(bytes + used, site->length - used);
}

static int sites_overlap(const struct vmi_site *a, const struct vmi_site *b)
{
	return a->address < b->address + b->length &&
	       b->address < a->address + a->length;
}

/*
 * No site may touch another.  Records mostly come in the order of their
 * addresses; `reached` is the end of all before this one, and only a site
 * below that is compared with each of them.
 */
static int check_overlap(const struct vmi_patcher *patcher, uint32_t index,
			 uint32_t *reached, struct vmi_reason *why)
{
	const struct vmi_site *sites = patcher->sites;
	const struct vmi_site *site = &sites[index];
	uint32_t other = site->address < *reached ? index : 0;

	while (other-- != 0) {
		if (sites_overlap(site, &sites[other]))
			return blame_site(why, VMI_ERROR_OVERLAP, site,
					  sites[other].address, 0);
	}
	if (site->address + site->length > *reached)
		*reached = site->address + site->length;
	return 0;
}

/* The record's own fields, and where the site lies */
int vmi_check_record(const struct vmi_patcher *patcher, uint32_t index,
		     uint32_t *reached, struct vmi_reason *why)
{
	const struct vmi_site *site = &patcher->sites[index];
	uint32_t i;

	if (site->call >= VMI_NR_CALLS)
		return blame_site(why, VMI_ERROR_RECORD, site,
				  offsetof(struct vmi_site, call),
				  site->call);
	if (site->length < site_sizes[site->call] ||
	    site->length > VMI_SITE_MAX)
		return blame_site(why, VMI_ERROR_RECORD, site,
				  offsetof(struct vmi_site, length),
				  site->length);
	if (site->native_length > site->length)
		return blame_site(why, VMI_ERROR_RECORD, site,
				  offsetof(struct vmi_site, native_length),
				  site->native_length);
	for (i = site->native_length; i < VMI_SITE_MAX; i++) {
		if (site->native[i] != 0)
			return blame_site(why, VMI_ERROR_RECORD, site,
					  offsetof(struct vmi_site, native) +
					  i, site->native[i]);
	}
	/* Text in the hole would vanish under the monitor */
	if (site->address >= patcher->hole ||
	    site->length > patcher->hole - site->address)
		return blame_site(why, VMI_ERROR_REACH, site, patcher->hole,
				  0);
	return check_overlap(patcher, index, reached, why);
}

/* Whether the ROM has something that fits */
int vmi_check_target(const struct vmi_patcher *patcher,
		     const struct vmi_site *site, struct vmi_reason *why)
{
	const struct vmi_target *target = &patcher->target[site->call];

	if (vmi_choose(patcher, site) != VMI_SITE_NATIVE)
		return 0;
	if (target->has_body)
		return blame_site(why, VMI_ERROR_ROOM, site, site->length,
				  target->body_size);
	return blame_site(why, VMI_ERROR_MISSING, site, 0, 0);
}

/* Whether the text is what it should be, natively or patched */
int vmi_check_bytes(const struct vmi_patcher *patcher,
		    const struct vmi_site *site, int patched,
		    struct vmi_reason *why)
{
	const volatile uint8_t *text = (const volatile uint8_t *)
		((uintptr_t)site->address + patcher->text_bias);
	uint8_t bytes[VMI_SITE_MAX];
	uint32_t i;

	vmi_site_bytes(patcher, site,
		       patched ? vmi_choose(patcher, site) : VMI_SITE_NATIVE,
		       bytes);
	for (i = 0; i < site->length; i++) {
		uint8_t found = text[i];

		if (found == bytes[i])
			continue;
		blame_site(why, VMI_ERROR_BYTES, site, found, bytes[i]);
		why->offset = i;
		return -1;
	}
	return 0;
}
