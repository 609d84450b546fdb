/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What starting costs: the word `startup` has the kernel stay native until it
 * gets here; `sites=N` has it activate with N sites of its own making instead
 * of the image's.  VMI_Init waits for the PIT to learn its vector, for as long
 * as that happens to take; so the pass over the sites is timed when it is done
 * again.
 */
#include "bench.h"

#include "lib.h"

#define SITES_MAX	10000
#define SITE_BYTES	8
#define CLI		0xfa

static struct vmi_site sites[SITES_MAX];
static uint8_t text[SITES_MAX][SITE_BYTES];

static const struct {
	const char *word;
	uint32_t count;
} choices[] = {
	{ "0", 0 }, { "10", 10 }, { "100", 100 }, { "1000", 1000 }, { "10000", SITES_MAX },
};

/* Sites of VMI_DisableInterrupts, native. */
static void make_sites(uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		struct vmi_site site = {
			.address = (uint32_t)text[i],
			.call = VMI_CALL_DisableInterrupts,
			.length = SITE_BYTES,
			.native_length = 1,
			.native = { CLI },
		};

		text[i][0] = CLI;
		vmi_fill_nops(&text[i][1], SITE_BYTES - 1);
		sites[i] = site;
	}
}

static uint32_t choose_sites(struct vmi_options *options)
{
	unsigned int i;

	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		if (!boot_word_is("sites", choices[i].word))
			continue;
		make_sites(choices[i].count);
		options->sites = sites;
		options->nr_sites = choices[i].count;
		return choices[i].count;
	}
	return vmi_nr_sites();
}

void startup(void)
{
	struct vmi_options options = { 0 };
	uint32_t count = choose_sites(&options);
	struct vmi_reason why;
	struct vmi_rom rom;
	uint64_t begin, probed, activated, unpatched, patched;
	int failed;

	begin = bench_now();
	failed = vmi_probe(0, &rom, &why);
	probed = bench_now();
	failed = failed || vmi_activate(&rom, &options, &why);
	activated = bench_now();
	failed = failed || vmi_unpatch(&why);
	unpatched = bench_now();
	failed = failed || vmi_repatch(&why);
	patched = bench_now();
	report(!failed, "the ROM was found, activated, and the sites patched once more");
	print("bench: startup sites=%u probe=%llu activate=%llu patch=%llu\n", count,
	      (unsigned long long)(probed - begin), (unsigned long long)(activated - probed),
	      (unsigned long long)(patched - unpatched));
}
