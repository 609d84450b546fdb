/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Multi-byte NOPs: what fills a site behind its code.  LEA of a register to
 * itself, with as much displacement and prefix as it takes: the forms of 0F 1F
 * would not run on a P5.  The same bytes as VMI_NOPS() of vmi_site.h.
 */
#include "lib.h"

#define LONGEST	8

static const uint8_t nops[LONGEST][LONGEST] = {
	{ 0x90 },
	{ 0x66, 0x90 },
	{ 0x8D, 0x76, 0x00 },
	{ 0x8D, 0x74, 0x26, 0x00 },
	{ 0x3E, 0x8D, 0x74, 0x26, 0x00 },
	{ 0x8D, 0xB6, 0x00, 0x00, 0x00, 0x00 },
	{ 0x8D, 0xB4, 0x26, 0x00, 0x00, 0x00, 0x00 },
	{ 0x3E, 0x8D, 0xB4, 0x26, 0x00, 0x00, 0x00, 0x00 },
};

VMI_NO_MEMCPY
void vmi_fill_nops(uint8_t *bytes, uint32_t length)
{
	while (length != 0) {
		uint32_t size = length < LONGEST ? length : LONGEST;
		uint32_t i;

		for (i = 0; i < size; i++)
			*bytes++ = nops[size - 1][i];
		length -= size;
	}
}
