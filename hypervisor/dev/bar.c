// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI functions: what memory and which ports they decode now.  That is what the guest
 * may map and access (mmu/frames.c, allow.c), besides RAM and the ports of ordinary PCs.
 *
 * The base addresses that the guest reads are models.  The hardware gets a value only if
 * it leads to where nothing else is: not over RAM, nor over the chipset's windows.
 * Another value is kept here, so that the usual way to learn a size, by writing ones,
 * works, and the guest has no access until it writes a good one.
 *
 * A function that was not there at VMI_Init, or that belongs to the chipset, has no
 * registers that the guest could write, but for those in a list.
 */
#include "dev/acpi.h"
#include "dev/allow.h"
#include "dev/bar.h"
#include "mmu/mmu.h"

#define REG_COMMAND	0x04u
#define REG_CLASS	0x08u
#define REG_HEADER	0x0cu
#define REG_BARS	0x10u
#define REG_BUSES	0x18u		/* of a bridge: primary, secondary, ... */
#define REG_ROM		0x30u
#define INDEX(reg)	(((reg) - REG_BARS) / 4)
#define COMMAND_IO	1u
#define COMMAND_MEMORY	2u
#define COMMAND_MASTER	4u
#define BAR_IO		1u
#define BAR_64		4u
#define BAR_TYPE	6u
#define ROM_ENABLE	1u
#define IO_MASK		0xfffcu
#define MEMORY_MASK	0xfffffff0u
#define ROM_MASK	0xfffff800u

#define CLASS_HOST	0x0600u
#define CLASS_ISA	0x0601u
#define CLASS_BRIDGE	0x0604u
#define CLASS_SMBUS	0x0c05u
#define CLASS_IDE	0x0101u
#define IDE_MASTER	4u		/* its BAR with the bus master's ports */

#define IO_FIRST	0x1000u		/* below this ISA devices and the chipset live */
#define IO_LARGEST	256u
#define MEMORY_END	0xfec00u	/* the frames from there to 4 GiB are the chipset's */
#define MMCONFIG_FRAMES	0x10000u

CONST_AFTER_START static struct frame_range mmconfig;

static struct pci_function *find(unsigned function)
{
	struct pci_function *f;

	for (f = ports.functions; f < ports.functions + ports.function_count; f++)
		if (f->function == function)
			return f;
	return NULL;
}

/*
 * Host bridges, ISA bridges and power management; interrupt controllers, DMA, timers;
 * SMBus.  Class 8 also has SD controllers and watchdogs, which are ordinary devices.
 */
static bool is_chipset(const struct pci_function *f)
{
	if (f->class >> 8 == 0x06)
		return f->class != CLASS_BRIDGE;
	return (f->class >= 0x0800 && f->class <= 0x0804) || f->class == CLASS_SMBUS;
}

/* ---- what a base address says ---- */

static bool is_64(const struct pci_function *f, unsigned i)
{
	return i < INDEX(REG_ROM) - 3 && (f->bar[i].value & (BAR_IO | BAR_TYPE)) == BAR_64;
}

static bool is_io(const struct pci_function *f, unsigned i)
{
	return i < INDEX(REG_ROM) - 2 && (f->bar[i].value & BAR_IO);
}

static bool is_upper(const struct pci_function *f, unsigned i)
{
	return i && i < INDEX(REG_ROM) - 2 && is_64(f, i - 1) && !is_upper(f, i - 1);
}

static uint64_t wide(const struct pci_function *f, unsigned i, bool writable)
{
	uint32_t mask = i == INDEX(REG_ROM) ? ROM_MASK : MEMORY_MASK;
	uint32_t low = (writable ? f->bar[i].writable : f->bar[i].value) & mask;
	uint32_t high = !is_64(f, i) ? (writable ? 0xffffffffu : 0) :
			writable ? f->bar[i + 1].writable : f->bar[i + 1].value;

	return (uint64_t)high << 32 | low;
}

/* The frames that memory BAR @i decodes; none where a frame has no number. */
static struct frame_range memory_range(const struct pci_function *f, unsigned i)
{
	uint64_t base = wide(f, i, false), writable = wide(f, i, true);
	uint64_t last = base | ~writable;	/* of a size that is a power of two */

	if (!writable || last >> 43 || (last >> 12) + 1 - (base >> 12) > 0x1000000)
		return (struct frame_range){ 0, 0 };
	return (struct frame_range){ (uint32_t)(base >> 12),
				     (uint32_t)((last >> 12) + 1 - (base >> 12)) };
}

static bool memory_fits(struct frame_range r)
{
	uint32_t end = r.first + r.count;

	if (!r.count || frames_are_taken(r))
		return false;
	if (mmconfig.count && r.first < mmconfig.first + mmconfig.count && mmconfig.first < end)
		return false;
	return end <= MEMORY_END || r.first >= 0x100000u;
}

static bool io_range(const struct pci_function *f, unsigned i, struct port_range *r)
{
	unsigned base = f->bar[i].value & IO_MASK, mask = f->bar[i].writable & IO_MASK;
	unsigned size = mask & -mask;

	if (!size || size > IO_LARGEST || base < IO_FIRST || base + size > PORTS)
		return false;
	*r = (struct port_range){ (uint16_t)base, (uint16_t)(base + size - 1) };
	return true;
}

/* Registers of the chipset that lie among the ports of PCI functions. */
static const struct port_range reserved_ports[] = {
	{ 0x5658, 0x565b },	/* vmport */
	{ 0x8900, 0x8903 },	/* Bochs */
	{ 0xae00, 0xafff },	/* QEMU's hot plug */
	{ 0xb000, 0xb03f },	/* PIIX4: power management, SMBus, as Bochs's BIOS has them */
	{ 0xb100, 0xb10f },
};
#define RESERVED_END	(reserved_ports + sizeof(reserved_ports) / sizeof(reserved_ports[0]))

static bool overlap(struct port_range a, struct port_range b)
{
	return a.first <= b.last && b.first <= a.last;
}

static bool io_fits(struct port_range r)
{
	const struct port_range *p;
	unsigned i;

	for (p = reserved_ports; p < RESERVED_END; p++)
		if (overlap(r, *p))
			return false;
	for (i = 0; i < acpi.blocks; i++)
		if (overlap(r, acpi.ports[i]))
			return false;
	return !acpi.control ||
	       !overlap(r, (struct port_range){ acpi.control, (uint16_t)(acpi.control + 1) });
}

/* May the hardware have what the guest wants of BAR @i? */
static bool fits(const struct pci_function *f, unsigned i)
{
	struct port_range r;

	if (is_io(f, i))
		return io_range(f, i, &r) && io_fits(r);
	return memory_fits(memory_range(f, i));
}

/* ---- what is open ---- */

/* What no guest can misuse, even if the function does more by itself than it is told. */
static bool is_contained(const struct pci_function *f, unsigned i)
{
	if (f->class == CLASS_IDE)
		return i < IDE_MASTER;
	return f->class >> 8 == 0x03 || f->class == 0x0700 || f->class == 0x0701;
}

static bool is_decoded(const struct pci_function *f, unsigned i)
{
	if (!f->bar[i].writable || is_upper(f, i) || !fits(f, i))
		return false;
	if (boot.devices == DEVICES_CONTAINED && !is_contained(f, i))
		return false;
	if (i == INDEX(REG_ROM) && !(f->bar[i].value & ROM_ENABLE))
		return false;
	return f->command & (is_io(f, i) ? COMMAND_IO : COMMAND_MEMORY);
}

/* Tell everybody what the functions decode now. */
static void refresh(void)
{
	struct frame_range memory[OPEN_RANGES];
	struct port_range io[IO_RANGES];
	unsigned memories = 0, ios = 0, i;
	const struct pci_function *f;

	for (f = ports.functions; f < ports.functions + ports.function_count; f++)
		for (i = 0; i < BARS; i++) {
			if (!is_decoded(f, i))
				continue;
			if (!is_io(f, i) && memories < OPEN_RANGES)
				memory[memories++] = memory_range(f, i);
			else if (is_io(f, i) && ios < IO_RANGES)
				io_range(f, i, &io[ios++]);
		}
	frames_open(memory, memories);
	allow_io(io, ios);
}

/* ---- the rules ---- */

/* Registers of the chipset that a guest may write, by the function's class. */
static const struct {
	uint16_t class;
	uint8_t first, last;
} harmless[] = {
	{ CLASS_ISA, 0x60, 0x63 },	/* which interrupt a device's line is */
	{ CLASS_ISA, 0x68, 0x6b },
};

static uint32_t harmless_lanes(const struct pci_function *f, unsigned reg)
{
	uint32_t lanes = 0;
	unsigned i;

	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (f->class == harmless[i].class && reg >= harmless[i].first &&
		    reg <= harmless[i].last)
			lanes = 0xffffffffu;
	return lanes;
}

/* Bus numbers and windows of bridges stay as the BIOS has set them. */
static bool is_routing(const struct pci_function *f, unsigned reg)
{
	return f->is_bridge && reg >= REG_BUSES && reg < 0x3c;
}

void function_write(struct config_access *a)
{
	const struct pci_function *f = find(a->function);
	uint32_t lanes = a->lanes;

	if (!f || is_routing(f, a->reg))
		a->lanes = 0;
	else if (is_chipset(f))
		a->lanes &= harmless_lanes(f, a->reg);
	if (a->lanes != lanes)
		closed_note("PCI register", (uint32_t)a->function << 8 | a->reg);
}

void command_write(struct config_access *a)
{
	struct pci_function *f = find(a->function);

	if (boot.devices == DEVICES_CONTAINED)
		a->value &= ~COMMAND_MASTER;
	f->command = (uint16_t)((f->command & ~a->lanes) | (a->value & a->lanes));
	refresh();
}

static struct pci_bar *bar_at(const struct config_access *a)
{
	struct pci_function *f = find(a->function);
	struct pci_bar *b = f ? &f->bar[INDEX(a->reg)] : NULL;

	return b && b->writable ? b : NULL;
}

void bar_read(struct config_access *a)
{
	const struct pci_bar *b = bar_at(a);

	if (b)
		a->value = b->value;
}

static void write_hardware(const struct pci_function *f, unsigned i)
{
	pci_write_dword(f->function, REG_BARS + i * 4, f->bar[i].value);
}

/* Both halves of a wide one go to the hardware together, when they make sense together. */
void bar_write(struct config_access *a)
{
	struct pci_function *f = find(a->function);
	struct pci_bar *b = bar_at(a);
	unsigned i = INDEX(a->reg);
	uint32_t changed;

	if (!b)
		return;
	changed = a->lanes & b->writable;
	a->lanes = 0;
	b->value = (b->value & ~changed) | (a->value & changed);
	if (is_upper(f, i))
		i--;
	if (fits(f, i)) {
		write_hardware(f, i);
		if (is_64(f, i))
			write_hardware(f, i + 1);
	}
	refresh();
}

/* ---- at VMI_Init ---- */

/* The bits that keep a one say how large it is (PCI 2.2, 6.2.5.1). */
static void size_bar(struct pci_function *f, unsigned i)
{
	unsigned reg = REG_BARS + i * 4;
	uint32_t before = pci_read(f->function, reg), ones, mask = MEMORY_MASK;

	pci_write_dword(f->function, reg, reg == REG_ROM ? ~ROM_ENABLE : 0xffffffffu);
	ones = pci_read(f->function, reg);
	pci_write_dword(f->function, reg, before);
	f->bar[i].value = before;
	if (is_upper(f, i))
		mask = 0xffffffffu;
	else if (reg == REG_ROM)
		mask = ROM_MASK;
	else if (before & BAR_IO)
		mask = ~3u;
	f->bar[i].writable = ones & mask;
	if (reg == REG_ROM && f->bar[i].writable)
		f->bar[i].writable |= ROM_ENABLE;
}

/* Meanwhile the function decodes nothing. */
static void size_bars(struct pci_function *f)
{
	unsigned i, count = f->is_bridge ? 2 : 6;

	pci_write_dword(f->function, REG_COMMAND, f->command & ~(COMMAND_IO | COMMAND_MEMORY));
	for (i = 0; i < count; i++)
		size_bar(f, i);
	if (!f->is_bridge)
		size_bar(f, INDEX(REG_ROM));
	if (boot.devices == DEVICES_CONTAINED)
		f->command &= (uint16_t)~COMMAND_MASTER;
	pci_write_dword(f->function, REG_COMMAND, f->command);
}

static void add_function(unsigned function)
{
	struct pci_function *f = &ports.functions[ports.function_count];

	if (ports.function_count == FUNCTIONS) {
		closed_note("PCI function", function);
		return;
	}
	ports.function_count++;
	f->function = (uint16_t)function;
	f->class = (uint16_t)(pci_read(function, REG_CLASS) >> 16);
	f->command = (uint16_t)pci_read(function, REG_COMMAND);
	f->is_bridge = (pci_read(function, REG_HEADER) >> 16 & 0x7f) == 1;
	if (!is_chipset(f))
		size_bars(f);
}

void bars_start(uint32_t first)
{
	mmconfig = (struct frame_range){ first, first ? MMCONFIG_FRAMES : 0 };
	pci_each_function(add_function);
	refresh();
}
