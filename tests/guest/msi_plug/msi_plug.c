/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a function that is plugged in while the kernel runs has no messages under the monitor.
 * Environments:
 *
 * tests/test_plug.py plugs QEMU's edu in when the test says `plug: ready`.
 */
#include "runtime.h"

#include "edu.h"
#include "pci.h"
#include "vmi.h"

#define LIST	0x34
#define MSI_AT	0x40		/* where edu has its capability */
#define ENABLE	0x00010000u

int main(void)
{
	uint32_t at;

	print("plug: ready\n");
	console_flush();
	while (!edu_find())
		vmi_pause();
	at = pci_capability(edu_function, PCI_CAPABILITY_MSI);
	report_equal(at != 0, !platform_is_vmi(), "a capability for messages");
	pci_write(edu_function + MSI_AT, pci_read(edu_function + MSI_AT) | ENABLE);
	report_equal(pci_read(edu_function + MSI_AT) & ENABLE, platform_is_vmi() ? 0 : ENABLE,
		     "enabled");
	if (platform_is_vmi())
		report_equal(pci_read_byte(edu_function + LIST), 0, "the list is empty");
	return 0;
}
