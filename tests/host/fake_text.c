/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel text of fake_text.h, and in place of guest/enter.c a processor
 * that only answers.
 */
#include "fake_text.h"

#include <assert.h>
#include <string.h>

struct fake_text text;

/* What the linker snippet would define: no sites */
__asm__(".globl __vmi_sites_start, __vmi_sites_end\n"
	"__vmi_sites_start: __vmi_sites_end:");

static const uint8_t site_sizes[] = {
#define VMI_CALL(name, number, queue, site, place)	site,
#include "vmi_calls.def"
};

int vmi_interrupts_on(void)
{
	return text.interrupts_on;
}

int32_t vmi_call_init(const struct vmi_rom *rom)
{
	assert(rom == &text.found);
	/* Nothing is written before VMI_Init has agreed */
	assert(!text.keeping || fake_text_is_kept());
	text.init_calls++;
	return text.init_answer;
}

void fake_text_reset(void)
{
	memset(&text, 0, sizeof(text));
	memset(text.bytes, FAKE_GAP, sizeof(text.bytes));
}

struct vmi_site *fake_site(uint32_t call, uint32_t length, uint32_t native)
{
	struct vmi_site *site = &text.sites[text.nr_sites++];
	uint32_t i;

	if (length == 0)
		length = site_sizes[call];
	text.used += 3;
	assert(text.nr_sites <= FAKE_MAX_SITES);
	assert(text.used + length < FAKE_TEXT_SIZE && native <= length);
	memset(site, 0, sizeof(*site));
	site->address = FAKE_TEXT_BASE + text.used;
	site->call = (uint16_t)call;
	site->length = (uint8_t)length;
	site->native_length = (uint8_t)native;
	for (i = 0; i < native; i++)
		site->native[i] = (uint8_t)(0xA0 + i + call);
	memcpy(text.bytes + text.used, site->native, native);
	vmi_fill_nops(text.bytes + text.used + native, length - native);
	text.used += length;
	return site;
}

uint8_t *fake_text_of(uint32_t index)
{
	return text.bytes + (text.sites[index].address - FAKE_TEXT_BASE);
}

void fake_text_keep(void)
{
	memcpy(text.kept, text.bytes, sizeof(text.kept));
	text.keeping = 1;
}

int fake_text_is_kept(void)
{
	return memcmp(text.kept, text.bytes, sizeof(text.kept)) == 0;
}

int fake_text_gaps_are_whole(void)
{
	uint8_t now[FAKE_TEXT_SIZE];
	uint32_t i;

	memcpy(now, text.bytes, sizeof(now));
	for (i = 0; i < text.nr_sites; i++) {
		uint32_t at = text.sites[i].address - FAKE_TEXT_BASE;

		memcpy(now + at, text.kept + at, text.sites[i].length);
	}
	return memcmp(now, text.kept, sizeof(now)) == 0;
}

int fake_activate(struct vmi_reason *why)
{
	int result = vmi_rom_check(text.rom.bytes, text.rom.length,
				   FAKE_PHYSICAL, &text.found, why);

	assert(result == 0);
	text.options.sites = text.sites;
	text.options.nr_sites = text.nr_sites;
	text.options.text_bias = (uintptr_t)text.bytes - FAKE_TEXT_BASE;
	return vmi_activate(&text.found, &text.options, why);
}
