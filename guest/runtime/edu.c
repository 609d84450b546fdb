/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver for QEMU's edu device, for tests of interrupts.
 */
#include "edu.h"

#include "paging.h"
#include "pci.h"
#include "vmi.h"

#define EDU_ID		0x11e81234u
#define EDU_LINEAR	0x50002000u
#define COMMAND		4
#define COMMAND_ON	6		/* memory space, bus master */
#define BAR_0		0x10

volatile uint32_t *edu;
uint32_t edu_function;

bool edu_find(void)
{
	uint32_t slot = 0;

	while (slot < PCI_DEVICES && pci_read(PCI_DEVICE(slot)) != EDU_ID)
		slot++;
	if (slot == PCI_DEVICES)
		return false;
	edu_function = PCI_DEVICE(slot);
	pci_select(edu_function + COMMAND);
	vmi_outw(COMMAND_ON, PCI_DATA);
	paging_map(EDU_LINEAR, pci_read(edu_function + BAR_0) & ~0xfffu,
		   PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	edu = (volatile uint32_t *)EDU_LINEAR;
	return true;
}

/* The upper halves of the addresses stay 0. */
void edu_copy(uint32_t to, uint32_t from, uint32_t bytes)
{
	edu[EDU_DMA_FROM] = from;
	edu[EDU_DMA_TO] = to;
	edu[EDU_DMA_BYTES] = bytes;
	edu[EDU_DMA_COMMAND] = EDU_DMA_START | (to >= EDU_BUFFER + 4096 ? EDU_DMA_OUT : 0);
}
