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

volatile uint32_t *edu;
uint32_t edu_function;

bool edu_find(void)
{
	edu_function = pci_find(EDU_ID);
	if (edu_function == PCI_NONE)
		return false;
	paging_map(EDU_LINEAR, pci_open(edu_function, 0), PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	edu = (volatile uint32_t *)EDU_LINEAR;
	return true;
}

/* The upper halves of the addresses stay 0. */
void edu_copy(uint32_t to, uint32_t from, uint32_t bytes, bool interrupt)
{
	edu[EDU_DMA_FROM] = from;
	edu[EDU_DMA_TO] = to;
	edu[EDU_DMA_BYTES] = bytes;
	edu[EDU_DMA_COMMAND] = EDU_DMA_START | (to - EDU_BUFFER >= PAGE_SIZE ? EDU_DMA_OUT : 0) |
			       (interrupt ? EDU_DMA_INTERRUPT : 0);
}
