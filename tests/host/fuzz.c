// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that take random numbers, with libFuzzer to choose these: FUZZ_TEST is the test's
 * file, FUZZ_FUNCTIONS its functions, one of which the input's first byte chooses.
 */
#define main test_main
#include FUZZ_TEST
#undef main

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const CMUnitTestFunction functions[] = { FUZZ_FUNCTIONS };

	if (!size)
		return 0;
	random_input = data + 1;
	random_left = size - 1;
	functions[data[0] % (sizeof(functions) / sizeof(functions[0]))](NULL);
	return 0;
}
