/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Native or under the monitor: decided once, at run time, by the kernel.
 */
#include "platform.h"

#include "vmi.h"

#include "boot.h"
#include "console.h"
#include "cpu.h"
#include "string.h"
#include "trap.h"

/* QEMU's isa-debug-exit, and Bochs's port for the word that ends it. */
#define EXIT_PORT		0xf4
#define BOCHS_PORT		0x8900

/* QEMU acts on the write a little later. */
#define EXIT_PATIENCE		100000000u

/* Why the kernel is native; the library explains in a line. */
static char reason[VMI_REASON_MAX];
static struct vmi_rom rom;
static unsigned int patched;

/* For the word `unpatched`: a table of no sites. */
static const struct vmi_site no_site;
static unsigned int ring_before;

static void set_reason(const char *words)
{
	memcpy(reason, words, strlen(words) + 1);
}

/* linker/vmi-sites.ld */
extern const struct vmi_site __vmi_sites_start[], __vmi_sites_end[];

/* INT TRAP_FLAGS; AND EAX, EFLAGS_IF: as long as the PUSHF that it stands for */
static const uint8_t read_flags[] = {
	0xcd, TRAP_FLAGS, 0x25, EFLAGS_IF & 0xff, EFLAGS_IF >> 8, 0, 0,
};

/*
 * For `unpatched=careful`: of the instructions that fail silently at CPL 1
 * the kernel has none that it depends on.
 */
static void avoid_silent_ones(void)
{
	const struct vmi_site *site;

	tables_set_raw(TRAP_FLAGS, trap_flags);
	for (site = __vmi_sites_start; site < __vmi_sites_end; site++)
		if (site->call == VMI_CALL_GetInterruptMask)
			memcpy((void *)site->address, read_flags, sizeof(read_flags));
}

static void activate(bool stay_native)
{
	struct vmi_reason why;
	struct vmi_counts counts;
	struct vmi_options options = { 0 };

	if (boot_has_word("unpatched"))
		options.sites = &no_site;
	if (boot_word_is("unpatched", "careful"))
		avoid_silent_ones();
	if (stay_native) {
		set_reason("asked to stay native");
		return;
	}
	if (vmi_probe(0, &rom, &why) || vmi_activate(&rom, &options, &why)) {
		vmi_explain(&why, reason, sizeof(reason));
		return;
	}
	vmi_count_sites(VMI_NR_CALLS, &counts);
	patched = counts.called + counts.inlined + counts.erased;
}

void platform_start(bool stay_native)
{
	ring_before = cpu_ring();
	activate(stay_native);
	if (platform_is_vmi())
		print("platform: vmi, cpl %u, %u sites\n", cpu_ring(), patched);
	else
		print("platform: native, cpl %u (%s)\n", cpu_ring(), reason);
}

const struct vmi_rom *platform_rom(void)
{
	return &rom;
}

uint32_t platform_rom_entry(enum vmi_call call)
{
	uint32_t entry = vmi_entry(call);

	return entry ? entry - rom.virtual_top + rom.physical : 0;
}

bool platform_is_vmi(void)
{
	return vmi_is_active();
}

bool platform_cuts_segments(void)
{
	uint32_t limit;

	__asm__ ("lsll %1, %0" : "=r" (limit) : "r" ((uint32_t)read_ss()) : "cc");
	return limit != 0xffffffff;
}

unsigned int platform_ring_before(void)
{
	return ring_before;
}

const char *platform_reason(void)
{
	return reason;
}

unsigned int platform_patched_sites(void)
{
	return patched;
}

void platform_exit(uint8_t status)
{
	const char *word = "Shutdown";
	uint32_t patience = EXIT_PATIENCE;

	console_flush();
	vmi_disable_interrupts();
	vmi_outb(status, EXIT_PORT);
	while (*word)
		vmi_outb((uint8_t)*word++, BOCHS_PORT);
	while (--patience)
		vmi_pause();
	for (;;)
		vmi_shutdown();
}

void platform_fail(const char *why)
{
	print("failed: %s\n", why);
	platform_exit(1);
}
