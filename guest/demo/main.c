/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The demonstration, in the order in which it is printed.  The last line says
 * how the kernel ran; the exit status says that all of it was right.
 */
#include "demo.h"

#include "vmi.h"

void demo_check(bool right, const char *what)
{
	print("demo: %s: %s\n", what, right ? "ok" : "WRONG");
	if (!right)
		platform_fail(what);
}

static void print_rings(void)
{
	print("demo: cpl %u before, cpl %u now\n", platform_ring_before(),
	      cpu_ring());
	if (!platform_is_vmi())
		print("demo: native because: %s\n", platform_reason());
}

static void check_sites(void)
{
	struct vmi_reason why;
	char line[VMI_REASON_MAX];

	if (platform_is_vmi() && vmi_verify(&why)) {
		vmi_explain(&why, line, sizeof(line));
		platform_fail(line);
	}
	print_sites();
}

int main(void)
{
	uint32_t ticks;

	print_rings();
	check_sites();

	ticks_start();
	demo_ticks();
	demo_descriptors();
	demand_init();
	demo_demand();
	demo_spaces();
	demo_tasks();
	demo_processes();
	ticks = ticks_stop();

	print_monitor();
	print("demo: %u ticks at %u Hz\n", ticks, DEMO_TICK_HZ);
	print("demo: ok (%s, cpl %u, %u sites patched)\n",
	      platform_is_vmi() ? "vmi" : "native", cpu_ring(),
	      platform_patched_sites());
	platform_exit(0);
}
