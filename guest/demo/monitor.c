/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the monitor says about itself: its name, and how often it was entered
 * and why (docs/abi.md: the CPUID leaves from 40000000h on).
 */
#include "demo.h"

#include "statistic.h"
#include "vmi.h"

#define LEAF_NAME	0x40000000u
#define NAME		"VMI ROM  VMI"

/* Zero-terminated, from what CPUID says after EAX. */
static void read_name(char name[13])
{
	uint32_t highest, parts[3];

	vmi_cpuid(LEAF_NAME, 0, &highest, &parts[0], &parts[1], &parts[2]);
	memcpy(name, parts, sizeof(parts));
	name[sizeof(parts)] = '\0';
}

void print_monitor(void)
{
	struct statistic cause;
	char name[13];
	uint32_t i;

	if (!platform_is_vmi())
		return;
	read_name(name);
	/* A CPUID that was not patched shows what is below the monitor. */
	if (strcmp(name, NAME))
		return;
	print("demo: the monitor is `%s'; its entries by cause:\n", name);
	for (i = 0; statistic_at(i, &cause); i++)
		if (cause.count)
			print("demo:   %-12s %8u\n", cause.name, cause.count);
}
