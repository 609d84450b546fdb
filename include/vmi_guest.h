/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The guest library (guest/, build/libvmi.a): find a ROM, become its guest
 * with all call sites rewritten, check and undo that.
 *
 * It needs no allocator, no printf and no C library, so that it can run before
 * the kernel has any.  It is for one CPU: call it before the others start.
 *
 *	struct vmi_rom rom;
 *	struct vmi_reason why;
 *	char line[VMI_REASON_MAX];
 *
 *	if (vmi_probe(0, &rom, &why) || vmi_activate(&rom, NULL, &why)) {
 *		vmi_explain(&why, line, sizeof(line));
 *		puts(line);		... and go on natively
 *	}
 */
#ifndef VMI_GUEST_H
#define VMI_GUEST_H

#include "vmi_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why something did not work; vmi_explain() has the words */
enum vmi_error {
	VMI_OK = 0,

	/* vmi_probe(), vmi_rom_check(): `where` is the ROM's address */
	VMI_ERROR_NO_ROM,	/* `found` option ROMs of other kinds seen  */
	VMI_ERROR_SIGNATURE,	/* not 55 AA `cVmi`                         */
	VMI_ERROR_LENGTH,	/* `found` bytes claimed, `want` possible   */
	VMI_ERROR_CHECKSUM,	/* sum `found`, want 0                      */
	VMI_ERROR_VERSION,	/* major `found`                            */
	VMI_ERROR_PCI_HEADER,	/* none at offset `found`                   */
	VMI_ERROR_LICENCE,	/* none known at offset `found`             */
	VMI_ERROR_SLOTS,	/* `found` jump slots                       */
	VMI_ERROR_HOLE,		/* virtual top `found`, lowest `want`       */
	VMI_ERROR_ELF_HEADER,	/* none at 40h                              */
	VMI_ERROR_ELF_TABLE,	/* symbol tables missing or damaged         */

	/* vmi_activate(), vmi_verify(): `where` is the site's address */
	VMI_ERROR_ACTIVE,	/* already done, or not done yet            */
	VMI_ERROR_INTERRUPTS,	/* they are on                              */
	VMI_ERROR_RECORD,	/* damaged: its byte `found` is `want`      */
	VMI_ERROR_OVERLAP,	/* with the site at `found`                 */
	VMI_ERROR_REACH,	/* site in the hole, or entry outside ROM   */
	VMI_ERROR_BYTES,	/* not as recorded: `found` for `want`      */
	VMI_ERROR_MISSING,	/* the ROM lacks the call                   */
	VMI_ERROR_ROOM,		/* the site is `found` bytes, needs `want`  */
	VMI_ERROR_INIT		/* VMI_Init answered `found`                */
};

/* The first thing that was wrong */
struct vmi_reason {
	enum vmi_error error;
	uint32_t where;		/* address of the ROM (physical) or site    */
	uint32_t found;
	uint32_t want;
	uint32_t call;		/* enum vmi_call, or VMI_NR_CALLS           */
	uint32_t offset;	/* of the wrong byte in the site            */
};

/* A valid ROM.  Filled by vmi_rom_check(); not to be written by others. */
struct vmi_rom {
	const uint8_t *image;	/* where this CPU sees it                   */
	uint32_t length;	/* bytes that may be read                   */
	uint32_t physical;
	uint32_t virtual_top;	/* where its copy runs after VMI_Init       */
	uint32_t api_minor;
	uint32_t rejected;	/* ROMs with our signature before this one  */
	struct vmi_reason first_rejected;	/* why, if there were any   */

	/* Tables in the image, checked to lie in it: offset and entries */
	uint32_t hash, nr_buckets, nr_chains;
	uint32_t symbols, strings, strings_size;
};

/*
 * Validate `available` readable bytes as a ROM: a pure function, whatever
 * the bytes are.  Reads no more than the ROM's claimed length.  `physical` is
 * for messages.  Returns 0 and fills `rom`, or -1 and fills `why`.
 */
int vmi_rom_check(const void *bytes, uint32_t available, uint32_t physical,
		  struct vmi_rom *rom, struct vmi_reason *why);

/*
 * Look up `VMI_<call>`, or the body that may be copied to a site,
 * `inline.VMI_<call>`.  Returns 0 and the offset in the image (and the body's
 * size), or -1 if the ROM has none, or one that is not in the image.
 */
int vmi_rom_entry(const struct vmi_rom *rom, enum vmi_call call,
		  uint32_t *offset);
int vmi_rom_inline(const struct vmi_rom *rom, enum vmi_call call,
		   uint32_t *offset, uint32_t *size);

/*
 * Scan physical C0000h to DFFFFh, which the caller has mapped (up to EFFFFh)
 * at linear address = physical + physical_to_linear.  The first good ROM
 * counts; bad ones before it are counted in rom->rejected.  Returns 0, or -1
 * with the reason: that of the first bad one, or VMI_ERROR_NO_ROM.
 */
int vmi_probe(uintptr_t physical_to_linear, struct vmi_rom *rom,
	      struct vmi_reason *why);

/* How vmi_activate() shall go about it; NULL or zeros will usually do */
struct vmi_options {
	/* The sites; NULL: those of the linker snippet vmi-sites.ld */
	const struct vmi_site *sites;
	uint32_t nr_sites;

	/*
	 * Text is read and written at site address + text_bias (modulo the
	 * address size): 0, or the distance to a writable mapping of it.
	 */
	uintptr_t text_bias;

	/* Store `length` bytes in text; NULL: plain stores */
	void (*write)(void *to, const void *from, uint32_t length);

	/* The guest keeps [hole, 4 GiB) free; 0: VMI_HOLE_START_MIN */
	uint32_t hole;
};

/*
 * Check all sites, call VMI_Init, rewrite all sites.  Interrupts must be off,
 * text writable (see vmi_options), the ROM still mapped as when probed.
 * Returns 0, and the CPU is at CPL 1 with every site patched; or -1, and
 * nothing has changed: the kernel goes on natively.
 */
int vmi_activate(const struct vmi_rom *rom, const struct vmi_options *options,
		 struct vmi_reason *why);

/* 0 if every site holds what it should, now (patched or native) */
int vmi_verify(struct vmi_reason *why);

/*
 * For tests: put all native bytes back, and patch again.  The CPU stays a
 * guest; native instructions are then emulated.  -1 if already so, or if
 * vmi_verify() would fail.
 */
int vmi_unpatch(struct vmi_reason *why);
int vmi_repatch(struct vmi_reason *why);

/* What a site holds now */
enum vmi_site_state {
	VMI_SITE_NATIVE,	/* its native body                          */
	VMI_SITE_CALLED,	/* `call rel32` to the ROM's entry          */
	VMI_SITE_INLINED,	/* a copy of the ROM's body                 */
	VMI_SITE_ERASED		/* NOPs: the ROM's body is empty            */
};

struct vmi_counts {
	uint32_t native, called, inlined, erased;
};

/* The sites, in link order */
uint32_t vmi_nr_sites(void);
const struct vmi_site *vmi_get_site(uint32_t index);
enum vmi_site_state vmi_get_site_state(uint32_t index);

/* Sites of one call, or of all with VMI_NR_CALLS */
void vmi_count_sites(uint32_t call, struct vmi_counts *counts);

/* Whether the CPU is a guest of the ROM */
int vmi_is_active(void);

/* Linear address of a call's entry in the hole; 0 when not active */
uint32_t vmi_entry(enum vmi_call call);

/* "SetPte"; "?" for what is not a call */
const char *vmi_call_name(uint32_t call);

/* What a site holds, in a word: "native", "called", ... */
const char *vmi_site_state_name(enum vmi_site_state state);

/*
 * One line of text without a newline, cut to `size` with its NUL; returns its
 * length.  VMI_REASON_MAX is always enough.
 */
#define VMI_REASON_MAX	160
uint32_t vmi_explain(const struct vmi_reason *why, char *text, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif /* VMI_GUEST_H */
