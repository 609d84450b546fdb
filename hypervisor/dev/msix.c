// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of MSI-X, which lie in the functions' memory (msi.h).  The pages of a table
 * are closed to the guest.  What it writes to an entry is remembered, and the hardware's
 * entry has the monitor's message; only its mask bit follows.  Entries for which there
 * is no vector read as masked, and are.  Other registers in those pages are passed on.
 */
#include "dev/controllers.h"
#include "dev/pci.h"

#define ENTRY_SIZE		16u
#define REG_COMMAND		0x04u
#define COMMAND_MEMORY		2u
#define BAR_IO			1u
#define BAR_TYPE		6u
#define BAR_64			4u
#define LAST_BAR		0x24u

static struct msi *msi(void)
{
	return &controllers.msi;
}

static uint32_t table_size(const struct msi_function *f)
{
	return f->entries * ENTRY_SIZE;
}

/* ---- the hardware's entries ---- */

/* A register in the function's memory, at a physical address. */
static volatile void *device_register(uint64_t physical)
{
	return (volatile char *)hole_device((uint32_t)(physical >> 12)) + physical % PAGE_SIZE;
}

static volatile uint32_t *entry_word(const struct msi_function *f, unsigned entry, unsigned word)
{
	return device_register(f->table + entry * ENTRY_SIZE + word * 4);
}

/* It is masked while it changes, so that no half of a message is sent. */
static void program_entry(const struct msi_function *f, unsigned entry)
{
	*entry_word(f, entry, MSI_CONTROL) = MSI_MASKED;
	if (entry >= f->count)
		return;
	*entry_word(f, entry, MSI_ADDRESS) = msi_address();
	*entry_word(f, entry, MSI_UPPER) = 0;
	*entry_word(f, entry, MSI_DATA) = msi_data(f->first + entry);
	if (!(msi()->entry[f->first + entry].word[MSI_CONTROL] & MSI_MASKED))
		*entry_word(f, entry, MSI_CONTROL) = 0;
}

static void program_table(struct msi_function *f)
{
	unsigned entry;

	for (entry = 0; entry < f->entries; entry++)
		program_entry(f, entry);
}

/* At VMI_Init the hardware has what the guest wrote natively. */
static void read_table(struct msi_function *f)
{
	unsigned entry, word;

	for (entry = 0; entry < f->count; entry++)
		for (word = 0; word < MSI_WORDS; word++)
			msi()->entry[f->first + entry].word[word] = *entry_word(f, entry, word);
}

bool msix_prepare(struct msi_function *f)
{
	if (f->table)
		program_table(f);
	return f->table != 0;
}

/* ---- where the table is ---- */

/* 0: nowhere now. */
static uint64_t find_table(const struct msi_function *f)
{
	uint32_t low = pci_read(f->function, f->bar), high = 0;
	uint64_t table;

	if (!(pci_read(f->function, REG_COMMAND) & COMMAND_MEMORY) || (low & BAR_IO))
		return 0;
	if ((low & BAR_TYPE) == BAR_64 && f->bar < LAST_BAR)
		high = pci_read(f->function, f->bar + 4u);
	table = ((uint64_t)high << 32 | (low & ~0xfu)) + f->offset;
	return table >> 44 ? 0 : table;		/* frames have numbers of 32 bits */
}

/*
 * When the table is reached for the first time its entries are read, and then made ours:
 * whatever the guest does with the function later, none has a message of its making.
 */
void msix_place(struct msi_function *f)
{
	unsigned index = (unsigned)(f - msi()->function);
	uint64_t table = find_table(f);
	uint32_t first = (uint32_t)(table >> 12);
	uint32_t last = (uint32_t)((table + table_size(f) - 1) >> 12);

	if (table == f->table)
		return;
	if (!frames_claim_device(index, first, table ? last - first + 1 : 0))
		table = 0;
	f->table = table;
	shadow_reset();
	if (table && !f->cleaned) {
		read_table(f);
		program_table(f);
		f->cleaned = true;
	}
}

/* ---- the guest's accesses ---- */

bool msix_is_frame(uint64_t frame)
{
	const struct msi_function *f;

	for (f = msi()->function; f < msi()->function + msi()->functions; f++)
		if (f->table && frame >= f->table >> 12 &&
		    frame <= (f->table + table_size(f) - 1) >> 12)
			return true;
	return false;
}

/* The function whose table is at @physical; NULL: it is another register. */
static struct msi_function *table_at(uint64_t physical)
{
	struct msi_function *f;

	for (f = msi()->function; f < msi()->function + msi()->functions; f++)
		if (f->table && physical - f->table < table_size(f))
			return f;
	return NULL;
}

static uint32_t read_word(const struct msi_function *f, unsigned entry, unsigned word)
{
	if (entry < f->count)
		return msi()->entry[f->first + entry].word[word];
	return word == MSI_CONTROL ? MSI_MASKED : 0;
}

static void write_word(const struct msi_function *f, unsigned entry, unsigned word, uint32_t value)
{
	if (entry >= f->count)
		return;
	msi()->entry[f->first + entry].word[word] = value;
	if (word == MSI_CONTROL)
		program_entry(f, entry);
}

/* Entries are accessed by whole dwords; a write to a part of one is lost. */
static void access_table(const struct msi_function *f, uint64_t physical, unsigned size,
			 bool write, uint32_t *value)
{
	uint32_t offset = (uint32_t)(physical - f->table);
	unsigned entry = offset / ENTRY_SIZE, word = offset / 4 % MSI_WORDS;

	if (!write)
		*value = read_word(f, entry, word) >> 8 * (offset & 3);
	else if (size == 4)
		write_word(f, entry, word, *value);
}

static void pass(uint64_t physical, unsigned size, bool write, uint32_t *value)
{
	volatile void *at = device_register(physical);

	if (size == 4 && write)
		*(volatile uint32_t *)at = *value;
	else if (size == 2 && write)
		*(volatile uint16_t *)at = (uint16_t)*value;
	else if (write)
		*(volatile uint8_t *)at = (uint8_t)*value;
	else
		*value = size == 4 ? *(volatile uint32_t *)at :
			 size == 2 ? *(volatile uint16_t *)at : *(volatile uint8_t *)at;
}

/* An access that lies in two dwords could be half in a table: it reads ones, and is lost. */
void msix_memory(uint64_t physical, unsigned size, bool write, uint32_t *value)
{
	const struct msi_function *f = table_at(physical);

	if ((physical & 3) + size > 4) {
		if (!write)
			*value = 0xffffffffu;
	} else if (f) {
		access_table(f, physical, size, write, value);
	} else {
		pass(physical, size, write, value);
	}
	if (!write && size != 4)
		*value &= (1u << size * 8) - 1;
}
