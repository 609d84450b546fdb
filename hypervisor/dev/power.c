// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power-off and reset, as VMI_Shutdown and VMI_Reboot ask for them.  How to turn the
 * machine off is in the ACPI tables; they are read in POST, before a guest could change
 * them.
 */
#include "dev/dev.h"

/* ACPI specification 6.0, 5.2.5 to 5.2.9, 4.8.3.2, 7.4.2 */
#define BIOS_AREA		0xe0000u
#define BIOS_AREA_END		0x100000u
#define TABLE_LENGTH		4u
#define TABLE_HEADER		36u
#define RSDP_RSDT		16u
#define FADT_DSDT		40u
#define FADT_SMI_COMMAND	48u
#define FADT_ACPI_ENABLE	52u
#define FADT_PM1A_CONTROL	64u
#define CONTROL_SCI_ENABLE	0x0001u
#define CONTROL_SLEEP		0x2000u
#define SLEEP_TYPE_SHIFT	10
#define AML_PACKAGE		0x12u
#define AML_BYTE		0x0au
#define TABLE_MAX		0x100000u

#define RESET_HARD		0x02
#define RESET_NOW		0x04

#define ICR_INIT		0x4500u		/* assert, physical destination */
#define PATIENCE		1000000u

CONST_AFTER_START static struct {
	uint16_t control;		/* PM1a's port, 0: none */
	uint16_t smi_port;
	uint8_t acpi_enable, sleep_type;
} acpi;

static uint32_t dword(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static bool is_named(const uint8_t *p, const char *name)
{
	return p[0] == name[0] && p[1] == name[1] && p[2] == name[2] && p[3] == name[3];
}

/*
 * The sleep type of S5 stands in AML, as Name(_S5_, Package() { sleep type, ... }).
 * There is no AML interpreter here: the name is searched for.
 */
static bool find_s5(const uint8_t *dsdt)
{
	uint32_t length = dword(dsdt + TABLE_LENGTH);
	const uint8_t *p = dsdt + TABLE_HEADER, *end = dsdt + length - 8;

	if (length < TABLE_HEADER + 8 || length > TABLE_MAX)
		return false;
	for (; p < end; p++)
		if (is_named(p, "_S5_") && p[4] == AML_PACKAGE) {
			p += 7;	/* name, package, length (one byte), number of elements */
			acpi.sleep_type = (*p == AML_BYTE ? p[1] : p[0]) & 7;
			return true;
		}
	return false;
}

static void read_fadt(const uint8_t *fadt, uint8_t *zero)
{
	if (!find_s5(zero + dword(fadt + FADT_DSDT)))
		return;
	acpi.smi_port = (uint16_t)dword(fadt + FADT_SMI_COMMAND);
	acpi.acpi_enable = fadt[FADT_ACPI_ENABLE];
	acpi.control = (uint16_t)dword(fadt + FADT_PM1A_CONTROL);
}

void power_prepare(uint8_t *zero)
{
	const uint8_t *p = zero + BIOS_AREA, *rsdt;
	uint32_t at, length;

	while (!is_named(p, "RSD ") || !is_named(p + 4, "PTR "))
		if ((p += 16) == zero + BIOS_AREA_END)
			return;
	rsdt = zero + dword(p + RSDP_RSDT);
	length = dword(rsdt + TABLE_LENGTH);
	for (at = TABLE_HEADER; at + 4 <= length && length <= TABLE_MAX; at += 4) {
		p = zero + dword(rsdt + at);
		if (is_named(p, "FACP"))
			read_fadt(p, zero);
	}
}

/* Long enough for a reset or a power-off to take effect. */
static void linger(void)
{
	unsigned i;

	for (i = 0; i < PATIENCE; i++)
		cpu_pause();
}

/*
 * If the machine is in legacy mode (SCI_EN clear), ACPI has to be enabled first: only
 * then has SLP_EN an effect.  If nothing turns it off, the CPU halts for good.
 */
void machine_off(void)
{
	print("vmi: guest shut down\n");
	if (acpi.control) {
		if (!(inw(acpi.control) & CONTROL_SCI_ENABLE) && acpi.smi_port && acpi.acpi_enable)
			outb(acpi.smi_port, acpi.acpi_enable);
		outw(acpi.control, (uint16_t)(CONTROL_SLEEP | acpi.sleep_type << SLEEP_TYPE_SHIFT));
		linger();
	}
	print("vmi: no power-off: %s; the CPU is halted\n",
	      acpi.control ? "ACPI's has no effect" : "no ACPI tables in POST");
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Every way that a PC has, the cleanest first. */
void machine_reset(void)
{
	outb(PORT_RESET_CONTROL, RESET_HARD);
	outb(PORT_RESET_CONTROL, RESET_HARD | RESET_NOW);
	linger();
	outb(PORT_KEYBOARD_COMMAND, KEYBOARD_RESET);
	linger();
	triple_fault();
}

/* The CPU sends INIT to itself: it starts at its reset vector, memory stays. */
void machine_init(void)
{
	PHYSICAL_APIC(APIC_ICR_HIGH) = PHYSICAL_APIC(APIC_ID);
	PHYSICAL_APIC(APIC_ICR_LOW) = ICR_INIT;
	linger();
	machine_reset();
}
