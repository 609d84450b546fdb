/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: page faults, accessed and dirty bits and data are the same natively and under the monitor.
 * Environments:
 *
 * Not test_guest.py but tests/test_mmu.py runs it, everywhere, and compares the lines `walk: ...`.
 * Words on the command line: `chunk=N` prints each step of one chunk;
 * `announce=none` announces no table, `announce=all` keeps all announced;
 * `bochs` does a part of it, and allows for what Bochs does otherwise than
 * processors and the monitor (mmu_random.h).
 */
#include "mmu_random.h"

#include "vmi.h"

#define CHUNKS		50
#define CHUNKS_BOCHS	10
#define STEPS		2000

bool verbose;

uint32_t digest_add(uint32_t digest, uint32_t word)
{
	digest ^= word;
	digest *= 0x01000193u;
	return digest ^ digest >> 15;
}

static bool wants_steps(unsigned int chunk)
{
	char text[4] = { (char)('0' + chunk / 10), (char)('0' + chunk % 10), 0, 0 };

	return boot_word_is("chunk", text);
}

static uint32_t step(void)
{
	return random_below(3) ? access_random() : change_random();
}

static void run_chunk(unsigned int chunk)
{
	uint32_t digest = 0, seed = 0x9e3779b9u * (chunk + 1);
	unsigned int i;

	random_start(seed);
	verbose = wants_steps(chunk);
	change_reset();
	for (i = 0; i < STEPS; i++) {
		digest = digest_add(digest, step());
		digest = digest_add(digest, arena_hash());
		if (verbose)
			print(" -> step %u digest %08x entries %08x\n", i,
			      digest, arena_hash());
	}
	print("walk: chunk %u seed %08x steps %u digest %08x\n", chunk, seed,
	      STEPS, digest);
}

int main(void)
{
	unsigned int chunk, chunks = arena_on_bochs() ? CHUNKS_BOCHS : CHUNKS;

	arena_init();
	access_init();
	for (chunk = 0; chunk < chunks; chunk++)
		run_chunk(chunk);
	vmi_set_cr3(paging_kernel_root());
	report(true, "%u steps", chunks * STEPS);
	return 0;
}
