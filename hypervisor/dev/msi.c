// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message-signalled interrupts (msi.h).  The guest programs messages of its own, which
 * are only remembered; the functions have messages of the monitor's, which never change.
 * When one arrives it is translated: the guest's message decides about vector and local
 * APIC.  So an enable or mask bit goes straight to the hardware, an address or data
 * never does.
 *
 * Vectors are given to functions at VMI_Init, and for ever.  A function that was not there
 * then, or was one too many, has its capabilities hidden, and in a contained machine
 * (boot.devices) all have: they are left out of the list of capabilities, and drivers use
 * the interrupt line instead.
 */
#include "dev/controllers.h"
#include "dev/pci.h"

#define REG_IDENTITY		0x00u
#define REG_COMMAND		0x04u
#define COMMAND_LIST		0x00100000u	/* in the upper half, status: has capabilities */
#define REG_HEADER		0x0cu
#define HEADER_TYPE(v)		((v) >> 16 & 0x7f)
#define HEADER_BRIDGE		1u		/* the last type with its list at REG_LIST */
#define REG_BAR			0x10u
#define REG_LIST		0x34u
#define FIRST_CAPABILITY	0x40u
#define LIST_MAX		48u		/* as many as there is room for */

#define CAPABILITY_MSI		0x05u
#define CAPABILITY_MSIX		0x11u

/* A capability's first dword: identity, pointer to the next, control. */
#define HEAD_NEXT(v)		((v) >> 8 & 0xfc)
#define MSI_ENABLE		0x00010000u
#define MSI_MULTIPLE		0x007e0000u	/* vectors that it can have, and that it has */
#define MSI_64			0x00800000u
#define MSI_MASKABLE		0x01000000u
#define MSIX_SIZE		0x07ff0000u	/* entries, less one */
#define MSIX_FUNCTION_MASK	0x40000000u
#define MSIX_ENABLE		0x80000000u
#define MSIX_DWORDS		3u
#define MSIX_BAR		7u		/* in its second dword; the rest is the offset */
#define MSIX_MOST		8u		/* vectors that one function gets */

static struct msi *msi(void)
{
	return &controllers.msi;
}

/* ---- lists of capabilities ---- */

static unsigned kind_of(uint32_t head)
{
	unsigned identity = head & 0xff;

	return identity == CAPABILITY_MSI ? KIND_MSI : identity == CAPABILITY_MSIX ? KIND_MSIX : KINDS;
}

static void find_capabilities(unsigned function, struct capabilities *c)
{
	unsigned before = REG_LIST, at, kind, steps;
	uint32_t head;

	*c = (struct capabilities){ { 0 }, { 0 } };
	if (!(pci_read(function, REG_COMMAND) & COMMAND_LIST) ||
	    HEADER_TYPE(pci_read(function, REG_HEADER)) > HEADER_BRIDGE)
		return;
	at = pci_read(function, REG_LIST) & 0xfc;
	for (steps = 0; at >= FIRST_CAPABILITY && steps < LIST_MAX; steps++) {
		head = pci_read(function, at);
		kind = kind_of(head);
		if (kind < KINDS && !c->at[kind]) {
			c->at[kind] = (uint8_t)at;
			c->before[kind] = (uint8_t)before;
		}
		before = at;
		at = HEAD_NEXT(head);
	}
}

static unsigned table_entries(const struct msi_function *f)
{
	return ((pci_read(f->function, f->c.at[KIND_MSIX]) & MSIX_SIZE) >> 16) + 1;
}

/* It may have been unplugged, and another one be there now. */
static bool is_same(const struct msi_function *f)
{
	return pci_read(f->function, REG_IDENTITY) == f->identity &&
	       (!f->c.at[KIND_MSIX] ||
		(pci_read(f->function, f->c.at[KIND_MSIX] + 4u) == f->place &&
		 table_entries(f) == f->entries));
}

static struct msi_function *find_function(unsigned function)
{
	struct msi_function *f;

	for (f = msi()->function; f < msi()->function + msi()->functions; f++)
		if (f->function == function)
			return is_same(f) ? f : NULL;
	return NULL;
}

/* What is known of a function, or can be seen of one that was not there at VMI_Init. */
static struct msi_function look(unsigned function)
{
	const struct msi_function *known = find_function(function);
	struct msi_function f = { .function = (uint16_t)function };

	if (known)
		return *known;
	find_capabilities(function, &f.c);
	return f;
}

/* The next capability that the guest may see, from @at on. */
static unsigned skip_hidden(const struct msi_function *f, unsigned at)
{
	unsigned kind, again;

	for (again = 0; again < KINDS; again++)
		for (kind = 0; kind < KINDS; kind++)
			if (at && at == f->c.at[kind] && !f->shown[kind])
				at = HEAD_NEXT(pci_read(f->function, at));
	return at;
}

/* A pointer to a hidden capability leads to the next one. */
static void relink(const struct msi_function *f, struct config_access *a)
{
	unsigned shift = a->reg == REG_LIST ? 0 : 8, kind, at;

	for (kind = 0; kind < KINDS; kind++) {
		if (!f->c.at[kind] || a->reg != f->c.before[kind] || f->shown[kind])
			continue;
		at = skip_hidden(f, f->c.at[kind]);
		a->value = (a->value & ~(0xffu << shift)) | at << shift;
	}
}

/* ---- registers of the capabilities ---- */

/* The dwords of the MSI capability, without and with an upper half of the address. */
enum part { PART_HEAD, PART_ADDRESS, PART_UPPER, PART_DATA, PART_MASK, PART_PENDING, PART_NONE };

static enum part part_at(uint32_t head, unsigned dword)
{
	static const uint8_t narrow[] = { PART_HEAD, PART_ADDRESS, PART_DATA, PART_MASK, PART_PENDING };
	enum part part = PART_NONE;

	if (head & MSI_64)
		part = dword < PART_NONE ? (enum part)dword : PART_NONE;
	else if (dword < sizeof(narrow))
		part = (enum part)narrow[dword];
	return part > PART_DATA && !(head & MSI_MASKABLE) ? PART_NONE : part;
}

/* The capability, and the dword of it, in which the register lies.  KINDS: none. */
static enum msi_kind find_register(const struct msi_function *f, unsigned reg, unsigned *dword,
				   enum part *part)
{
	unsigned at = f->c.at[KIND_MSI];

	*dword = (reg - at) / 4;
	if (at && reg >= at) {
		*part = part_at(pci_read(f->function, at), *dword);
		if (*part != PART_NONE)
			return KIND_MSI;
	}
	at = f->c.at[KIND_MSIX];
	*dword = (reg - at) / 4;
	if (at && reg >= at && *dword < MSIX_DWORDS)
		return KIND_MSIX;
	return KINDS;
}

/* Of a message: which word is register @part? */
static unsigned word_of(enum part part)
{
	return part - PART_ADDRESS + MSI_ADDRESS;
}

void msi_config_read(struct config_access *a)
{
	struct msi_function f = look(a->function);
	enum part part = PART_NONE;
	enum msi_kind kind;
	unsigned dword;

	kind = find_register(&f, a->reg, &dword, &part);
	if (kind != KINDS && !f.shown[kind])
		a->value = 0;
	else if (kind == KIND_MSI && part == PART_HEAD)
		a->value &= ~MSI_MULTIPLE;
	else if (kind == KIND_MSI && part <= PART_DATA)
		a->value = f.message.word[word_of(part)];
	else if (kind == KIND_MSIX && dword == 0)
		a->value = (a->value & ~MSIX_SIZE) | (f.count - 1u) << 16;
	relink(&f, a);
}

/* Whatever a reset of the function has left there, the hardware's message is ours. */
static void program_msi(const struct msi_function *f)
{
	unsigned at = f->c.at[KIND_MSI], data = at + 8;

	pci_write_dword(f->function, at + 4, msi_address());
	if (pci_read(f->function, at) & MSI_64) {
		pci_write_dword(f->function, at + 8, 0);
		data = at + 12;
	}
	pci_write_dword(f->function, data, msi_data(f->first));
}

static void write_msi(struct msi_function *f, enum part part, struct config_access *a)
{
	static const uint32_t kept[] = { 0xfffffffcu, 0xffffffffu, 0xffffu };
	uint32_t *word;

	if (part == PART_HEAD) {
		a->value &= ~MSI_MULTIPLE;
		if (a->lanes & MSI_ENABLE) {
			program_msi(f);
			f->on[KIND_MSI] = (a->value & MSI_ENABLE) != 0;
		}
	} else if (part <= PART_DATA) {
		word = &f->message.word[word_of(part)];
		*word = ((*word & ~a->lanes) | (a->value & a->lanes)) & kept[word_of(part)];
		a->lanes = 0;
	} else {
		a->value &= 1;		/* it has one vector */
	}
}

static void write_msix(struct msi_function *f, unsigned dword, struct config_access *a)
{
	if (dword != 0 || !(a->lanes & MSIX_ENABLE))
		return;
	if ((a->value & MSIX_ENABLE) && !msix_prepare(f))
		a->value &= ~MSIX_ENABLE;
	f->on[KIND_MSIX] = (a->value & MSIX_ENABLE) != 0;
}

void msi_config_write(struct config_access *a)
{
	struct msi_function f = look(a->function), *known = find_function(a->function);
	enum part part = PART_NONE;
	enum msi_kind kind;
	unsigned dword;

	kind = find_register(&f, a->reg, &dword, &part);
	if (kind == KINDS)
		return;
	if (!f.shown[kind])
		a->lanes = 0;
	else if (kind == KIND_MSI)
		write_msi(known, part, a);
	else
		write_msix(known, dword, a);
}

/*
 * The memory in which a table lies may begin elsewhere now.  A BAR of 64 bits has two
 * registers.
 */
void msi_config_written(const struct config_access *a)
{
	struct msi_function *f = find_function(a->function);

	if (f && f->shown[KIND_MSIX] &&
	    (a->reg == REG_COMMAND || a->reg == f->bar || a->reg == f->bar + 4u))
		msix_place(f);
}

/* ---- messages that arrive ---- */

/* The guest's message behind number @n of ours; NULL: it has enabled none. */
static const struct msi_message *find_message(unsigned n)
{
	const struct msi_function *f = &msi()->function[msi()->owner[n]];

	if (n >= msi()->vectors)
		return NULL;
	if (f->on[KIND_MSIX])
		return &msi()->entry[n];
	return f->on[KIND_MSI] && n == f->first ? &f->message : NULL;
}

/*
 * A message that was sent before the guest masked it counts: hardware would have delivered
 * it then.
 */
bool msi_arrived(unsigned n)
{
	const struct msi_message *m = find_message(n);
	struct apic_message translated;

	if (!m)
		return false;
	PHYSICAL_APIC(APIC_EOI) = 0;
	if (apic_decode_message(m->word[MSI_ADDRESS], m->word[MSI_UPPER], m->word[MSI_DATA],
				&translated)) {
		controllers_message(&translated);
	} else if (!msi()->complained) {
		msi()->complained = true;
		print("vmi: message %x:%08x data %x dropped: neither fixed nor lowest priority\n",
		      m->word[MSI_UPPER], m->word[MSI_ADDRESS], m->word[MSI_DATA]);
	}
	return true;
}

/* ---- at VMI_Init ---- */

static void adopt_msi(struct msi_function *f)
{
	unsigned at = f->c.at[KIND_MSI], dword;
	uint32_t head = pci_read(f->function, at);
	enum part part;

	for (dword = 1; dword < PART_NONE; dword++) {
		part = part_at(head, dword);
		if (part <= PART_DATA)
			f->message.word[word_of(part)] = pci_read(f->function, at + 4 * dword);
	}
	f->message.word[MSI_DATA] &= 0xffff;
	f->on[KIND_MSI] = (head & MSI_ENABLE) != 0;
	program_msi(f);
	pci_write_dword(f->function, at, head & ~MSI_MULTIPLE);
}

static void adopt_msix(struct msi_function *f)
{
	unsigned at = f->c.at[KIND_MSIX];
	uint32_t head = pci_read(f->function, at);

	pci_write_dword(f->function, at, head | MSIX_FUNCTION_MASK);
	msix_place(f);
	f->on[KIND_MSIX] = (head & MSIX_ENABLE) && msix_prepare(f);
	pci_write_dword(f->function, at, f->on[KIND_MSIX] ? head : head & ~MSIX_ENABLE);
}

/* For MSI-X, where is the table, and how large? */
static void measure(struct msi_function *f)
{
	unsigned at = f->c.at[KIND_MSIX];

	f->identity = pci_read(f->function, REG_IDENTITY);
	if (!at)
		return;
	f->place = pci_read(f->function, at + 4);
	f->bar = (uint8_t)(REG_BAR + (f->place & MSIX_BAR) * 4);
	f->offset = f->place & ~MSIX_BAR;
	f->entries = (uint16_t)table_entries(f);
}

/* Of a capability that stays hidden, the enable bit is cleared. */
static void disable(unsigned function, const struct capabilities *c)
{
	static const uint32_t enable[KINDS] = { MSI_ENABLE, MSIX_ENABLE };
	unsigned kind;
	uint32_t head;

	for (kind = 0; kind < KINDS; kind++) {
		head = c->at[kind] ? pci_read(function, c->at[kind]) : 0;
		if (head & enable[kind])
			pci_write_dword(function, c->at[kind], head & ~enable[kind]);
	}
}

static void add_function(unsigned function)
{
	struct msi_function f = { .function = (uint16_t)function };

	find_capabilities(function, &f.c);
	if (!f.c.at[KIND_MSI] && !f.c.at[KIND_MSIX])
		return;
	if (boot.devices == DEVICES_CONTAINED) {
		disable(function, &f.c);
		return;
	}
	if (msi()->functions == MSI_FUNCTIONS) {
		print("vmi: pci %02x:%02x.%u has no messages: there are %u functions before it\n",
		      function >> 8, function >> 3 & 0x1f, function & 7, MSI_FUNCTIONS);
		disable(function, &f.c);
		return;
	}
	measure(&f);
	msi()->function[msi()->functions++] = f;
}

/* The vectors of a function if none gets more than @most. */
static unsigned share(const struct msi_function *f, unsigned most)
{
	unsigned want = f->c.at[KIND_MSIX] ? f->entries : 1;

	return want < most ? want : most;
}

static unsigned share_of_all(unsigned most)
{
	const struct msi_function *f;
	unsigned sum = 0;

	for (f = msi()->function; f < msi()->function + msi()->functions; f++)
		sum += share(f, most);
	return sum;
}

_Static_assert(MSI_FUNCTIONS <= MSI_VECTORS, "each function gets a vector");

static void give_vectors(struct msi_function *f, unsigned most)
{
	unsigned i;

	f->first = (uint8_t)msi()->vectors;
	f->count = (uint8_t)share(f, most);
	for (i = 0; i < f->count; i++)
		msi()->owner[msi()->vectors++] = (uint8_t)(f - msi()->function);
}

/* While they are few all have as many as they can use; else those with many have less. */
void msi_adopt(void)
{
	unsigned most = MSIX_MOST;
	struct msi_function *f;

	pci_each_function(add_function);
	while (share_of_all(most) > MSI_VECTORS)
		most--;
	for (f = msi()->function; f < msi()->function + msi()->functions; f++) {
		give_vectors(f, most);
		f->shown[KIND_MSI] = f->c.at[KIND_MSI] != 0;
		f->shown[KIND_MSIX] = f->c.at[KIND_MSIX] != 0;
		if (f->shown[KIND_MSI])
			adopt_msi(f);
		if (f->shown[KIND_MSIX])
			adopt_msix(f);
	}
}
