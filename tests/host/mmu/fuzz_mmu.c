// SPDX-License-Identifier: GPL-2.0-only
/* The same steps, chosen by libFuzzer: an input is what a run takes its choices from. */
#include "mmu/sim.h"

#define INPUT_MAX	(1u << 20)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	memory_prepare();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	choice_bytes(data, size);
	run(INPUT_MAX);
	return 0;
}
