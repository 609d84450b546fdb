/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message-signalled interrupts: what the guest has programmed into the MSI and MSI-X
 * capabilities of PCI functions, and what the functions have instead.  msi.c has the
 * capabilities in configuration space and the messages that arrive, msix.c the tables in
 * memory.  docs/interrupts.md, "Messages".
 *
 * Terms: a message is an address, of which bits 31 to 20 are FEEh, and data; together
 * they say which local APIC gets which vector.  In the hardware all messages are the
 * monitor's: they go to this CPU, each at a vector of its own from VECTOR_MSI on.
 */
#ifndef VMI_MSI_H
#define VMI_MSI_H

#include "dev/dev.h"
#include "mmu/mmu.h"

#define MSI_FUNCTIONS	DEVICE_CLAIMS

/* The words of a message, as an entry of an MSI-X table has them. */
enum { MSI_ADDRESS, MSI_UPPER, MSI_DATA, MSI_CONTROL, MSI_WORDS };
#define MSI_MASKED	1u		/* in MSI_CONTROL */

struct msi_message {
	uint32_t word[MSI_WORDS];
};

enum msi_kind { KIND_MSI, KIND_MSIX, KINDS };

/* By kind: where the capability is, and the register with the pointer to it; 0: none. */
struct capabilities {
	uint8_t at[KINDS], before[KINDS];
};

struct msi_function {
	uint16_t function;		/* PCI_FUNCTION() */
	uint32_t identity;		/* its vendor and device */
	struct capabilities c;
	bool shown[KINDS];		/* the guest may use it */
	bool on[KINDS];			/* the guest has enabled it */
	uint8_t first, count;		/* its vectors, from VECTOR_MSI + first on */
	struct msi_message message;	/* MSI: the guest's */

	/* MSI-X */
	uint32_t place;			/* the capability's second dword, which says: */
	uint8_t bar;			/* register of the BAR in which the table lies */
	uint32_t offset;		/* and where, from the BAR's address on */
	uint16_t entries;		/* in the hardware; the guest is shown only count */
	bool cleaned;			/* no entry has anything that is not ours */
	uint64_t table;			/* physical address; 0: it cannot be reached now */
};

/* Part of struct controllers, and guarded with it. */
struct msi {
	struct msi_function function[MSI_FUNCTIONS];
	unsigned functions, vectors;	/* in use */
	struct msi_message entry[MSI_VECTORS];	/* MSI-X: the guest's, by vector */
	uint8_t owner[MSI_VECTORS];	/* by vector: the index of its function */
	bool complained;		/* a message that cannot be translated was logged */
};

/* ---- for pci.c ---- */

/* The guest has read a dword; or is about to write one; or has written one. */
struct config_access;
void msi_config_read(struct config_access *a);
void msi_config_write(struct config_access *a);
void msi_config_written(const struct config_access *a);

/* ---- for device.c ---- */

/* Is @frame one in which a function has its table?  And an access there. */
bool msix_is_frame(uint64_t frame);
void msix_memory(uint64_t physical, unsigned size, bool write, uint32_t *value);

/* ---- for msi.c, by msix.c ---- */

/* The monitor's message number @n: to this CPU, fixed, edge-triggered. */
static inline uint32_t msi_address(void)
{
	return APIC_BASE_DEFAULT | (PHYSICAL_APIC(APIC_ID) >> 24) << 12;
}

static inline uint32_t msi_data(unsigned n)
{
	return VECTOR_MSI + n;
}

/* The BAR may have moved, or been opened or closed: find the table, and claim its frames. */
void msix_place(struct msi_function *f);

/* Before the function is enabled.  false: its table cannot be reached. */
bool msix_prepare(struct msi_function *f);

#endif
