/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel's text with call sites in it, for the tests of the patcher.  It
 * stands at a 32-bit address of its own, and at another in this process,
 * which is what text_bias is for.
 */
#ifndef FAKE_TEXT_H
#define FAKE_TEXT_H

#include "fake_rom.h"
#include "lib.h"

#define FAKE_TEXT_SIZE	8192u
#define FAKE_TEXT_BASE	0xC0100000u
#define FAKE_GAP	0xCCu		/* between the sites */
#define FAKE_MAX_SITES	256u

struct fake_text {
	struct fake_rom rom;
	struct vmi_rom found;
	struct vmi_options options;
	struct vmi_site sites[FAKE_MAX_SITES];
	uint32_t nr_sites, used;
	uint8_t bytes[FAKE_TEXT_SIZE];
	uint8_t kept[FAKE_TEXT_SIZE];
	int keeping;

	/* What VMI_Init and the interrupt flag shall say, and how often asked */
	int32_t init_answer;
	uint32_t init_calls;
	int interrupts_on;
};

extern struct fake_text text;

void fake_text_reset(void);

/* A site with `native` bytes of code, and its record; length 0: the call's */
struct vmi_site *fake_site(uint32_t call, uint32_t length, uint32_t native);
uint8_t *fake_text_of(uint32_t index);

/* Remember the text; compare with what was remembered */
void fake_text_keep(void);
int fake_text_is_kept(void);

/* Whether all bytes outside of sites are as remembered */
int fake_text_gaps_are_whole(void);

/* vmi_activate() of text.rom with text.sites */
int fake_activate(struct vmi_reason *why);

#endif /* FAKE_TEXT_H */
