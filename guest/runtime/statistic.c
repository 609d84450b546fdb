/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's statistics (statistic.h).
 */
#include "statistic.h"

#include "platform.h"
#include "string.h"
#include "vmi.h"

#define LEAF_STATISTICS	0x40000010u
#define STATISTICS_MAX	64	/* an unpatched CPUID has no last one */

bool statistic_at(uint32_t index, struct statistic *statistic)
{
	uint32_t name[3];

	if (!platform_is_vmi() || index >= STATISTICS_MAX)
		return false;
	vmi_cpuid(LEAF_STATISTICS + index, 0, &statistic->count, &name[0], &name[1], &name[2]);
	memcpy(statistic->name, name, sizeof(name));
	statistic->name[sizeof(name)] = '\0';
	return statistic->name[0] != '\0';
}

uint32_t statistic(const char *name)
{
	struct statistic one;
	uint32_t index;

	for (index = 0; statistic_at(index, &one); index++)
		if (!strcmp(one.name, name))
			return one.count;
	if (platform_is_vmi())
		platform_fail("no such statistic");
	return 0;
}
