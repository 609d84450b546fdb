/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a PCI function for whose messages the monitor has no room shows no MSI-X capability, all others, and no way to enable it.
 * Environments: native segment paged
 * Qemu: -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci -device virtio-rng-pci
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"

#define RNG_ID		0x10051af4u
#define LIST		0x34
#define VENDOR		0x09		/* virtio has several of these */
#define FUNCTIONS	26
#define ROOM		24
#define STEPS		48
#define ENABLE		0x80000000u

static unsigned int count(uint32_t function, uint8_t identity)
{
	uint32_t at = pci_read_byte(function + LIST);
	unsigned int found = 0, steps;

	for (steps = 0; at && steps < STEPS; steps++) {
		found += pci_read_byte(function + at) == identity;
		at = pci_read_byte(function + at + 1);
	}
	report(!at, "%x: the list ends", function);
	return found;
}

static void check_hidden(uint32_t function, uint32_t offset)
{
	uint32_t before = pci_read(function + offset);

	pci_write(function + offset, before | ENABLE);
	report_equal(before, 0, "%x: nothing is there", function);
	report_equal(pci_read(function + offset), 0, "nor is it after a write");
}

int main(void)
{
	uint32_t slot, function, at, offset = 0, functions = 0, shown = 0, vendors = 0;

	for (slot = 0; slot < PCI_DEVICES; slot++) {
		function = PCI_DEVICE(slot);
		if (pci_read(function) != RNG_ID)
			continue;
		at = pci_capability(function, PCI_CAPABILITY_MSIX);
		functions++;
		shown += at != 0;
		if (!vendors)
			vendors = count(function, VENDOR);
		report_equal(count(function, VENDOR), vendors, "its other capabilities");
		if (at)
			offset = at - function;
		else
			check_hidden(function, offset);
	}
	report_equal(functions, FUNCTIONS, "functions");
	report(vendors >= 3, "%u capabilities of virtio's", vendors);
	report_equal(shown, platform_is_vmi() ? ROOM : FUNCTIONS, "of which so many have MSI-X");
	return 0;
}
