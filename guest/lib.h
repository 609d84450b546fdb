/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the files of the guest library share.  In reading order: rom.c (is
 * this a ROM?), elf.c (where is a call in it?), probe.c (find one), nops.c,
 * sites.c (what should a site hold?), patch.c (check all, write all),
 * activate.c (the interface of vmi_guest.h), enter.c (the only file that
 * touches the processor), report.c (words).
 *
 * All but enter.c is plain C over bytes: tests/host runs it on the host.
 */
#ifndef VMI_LIB_H
#define VMI_LIB_H

#include "vmi_abi.h"
#include "vmi_guest.h"

/*
 * A kernel that calls us may have no memcpy() yet.  Gcc turns loops into
 * calls of it even in freestanding code; loops that copy or clear say no.
 */
#if defined(__GNUC__) && !defined(__clang__)
#define VMI_NO_MEMCPY \
	__attribute__((__optimize__("no-tree-loop-distribute-patterns")))
#else
#define VMI_NO_MEMCPY
#endif

/* Little-endian words at any alignment */
static __inline__ uint32_t vmi_get16(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8;
}

static __inline__ uint32_t vmi_get32(const uint8_t *bytes)
{
	return vmi_get16(bytes) | vmi_get16(bytes + 2) << 16;
}

/* Whether [offset, offset + size) lies in an image of `length` bytes */
static __inline__ int vmi_inside(uint32_t length, uint32_t offset,
				 uint32_t size)
{
	return offset <= length && size <= length - offset;
}

/* Fill the reason and return -1 */
int vmi_blame(struct vmi_reason *why, enum vmi_error error, uint32_t where,
	      uint32_t found, uint32_t want);

/* elf.c: find and check the symbol tables of an otherwise valid ROM */
int vmi_elf_open(struct vmi_rom *rom, struct vmi_reason *why);

/* nops.c: the padding of a site; the same as VMI_NOPS() in vmi_site.h */
void vmi_fill_nops(uint8_t *bytes, uint32_t length);

/* What the ROM has for one call */
struct vmi_target {
	uint32_t entry;			/* linear, in the hole; 0: none   */
	uint8_t has_body;		/* it may be copied to a site     */
	uint8_t body_size;
	uint8_t body[VMI_SITE_MAX];
};

/* All that is known about the sites and what they are to become */
struct vmi_patcher {
	const struct vmi_site *sites;
	uint32_t nr_sites;
	uintptr_t text_bias;
	void (*write)(void *to, const void *from, uint32_t length);
	uint32_t hole;			/* start of the ROM's hole        */
	int patched;
	struct vmi_target target[VMI_NR_CALLS];
};

/* sites.c */
void vmi_resolve(struct vmi_patcher *patcher, const struct vmi_rom *rom);
enum vmi_site_state vmi_choose(const struct vmi_patcher *patcher,
			       const struct vmi_site *site);
void vmi_site_bytes(const struct vmi_patcher *patcher,
		    const struct vmi_site *site,
		    enum vmi_site_state state, uint8_t *bytes);
int vmi_check_record(const struct vmi_patcher *patcher, uint32_t index,
		     uint32_t *reached, struct vmi_reason *why);
int vmi_check_target(const struct vmi_patcher *patcher,
		     const struct vmi_site *site, struct vmi_reason *why);
int vmi_check_bytes(const struct vmi_patcher *patcher,
		    const struct vmi_site *site, int patched,
		    struct vmi_reason *why);

/* patch.c */
int vmi_patch_check(const struct vmi_patcher *patcher,
		    struct vmi_reason *why);
int vmi_patch_verify(const struct vmi_patcher *patcher,
		     struct vmi_reason *why);
void vmi_patch_write(struct vmi_patcher *patcher, int patched);

/* enter.c; replaced by the tests on the host */
int vmi_interrupts_on(void);
int32_t vmi_call_init(const struct vmi_rom *rom);

#endif /* VMI_LIB_H */
