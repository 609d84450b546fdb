/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the monitor says about itself: its name, and how often it was entered
 * and why (docs/abi.md: the CPUID leaves from 40000000h on).
 */
#include "demo.h"

#include "vmi.h"

#define LEAF_NAME	0x40000000u
#define NAME		"VMI ROM  VMI"
#define LEAF_CAUSES	0x40000010u
#define CAUSES_MAX	64

struct cause {
	uint32_t count;
	char name[13];
};

static void read_leaf(uint32_t leaf, struct cause *cause)
{
	uint32_t parts[3];

	vmi_cpuid(leaf, 0, &cause->count, &parts[0], &parts[1], &parts[2]);
	memcpy(cause->name, parts, sizeof(parts));
	cause->name[sizeof(parts)] = '\0';
}

void print_monitor(void)
{
	struct cause cause;
	uint32_t i;

	if (!platform_is_vmi())
		return;
	read_leaf(LEAF_NAME, &cause);
	/* A CPUID that was not patched shows what is below the monitor. */
	if (strcmp(cause.name, NAME))
		return;
	print("demo: the monitor is `%s'; its entries by cause:\n", cause.name);
	for (i = 0; i < CAUSES_MAX; i++) {
		read_leaf(LEAF_CAUSES + i, &cause);
		if (!cause.name[0])
			break;
		if (cause.count)
			print("demo:   %-12s %8u\n", cause.name, cause.count);
	}
}
