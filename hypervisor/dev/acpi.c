// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the ACPI tables say of the machine's power management: how to turn it off, and
 * at which ports what lies.  They are read in POST, before a guest could change them.
 */
#include "dev/acpi.h"

/* ACPI specification 6.0, 5.2.5 to 5.2.9, 7.4.2 */
#define BIOS_AREA		0xe0000u
#define BIOS_AREA_END		0x100000u
#define TABLE_LENGTH		4u
#define TABLE_HEADER		36u
#define RSDP_RSDT		16u
#define FADT_FACS		36u
#define FADT_DSDT		40u
#define FADT_SMI_COMMAND	48u
#define FADT_ACPI_ENABLE	52u
#define FADT_ACPI_DISABLE	53u
#define FADT_PM1A_EVENT		56u
#define FADT_PM1A_CONTROL	64u
#define FADT_PM_TIMER		76u
#define FADT_GPE0		80u
#define FADT_PM1_EVENT_LENGTH	88u
#define FADT_PM_TIMER_LENGTH	91u
#define FADT_GPE0_LENGTH	92u
#define AML_PACKAGE		0x12u
#define AML_BYTE		0x0au
#define TABLE_MAX		0x100000u

CONST_AFTER_START struct acpi acpi;

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

/* The register block whose port and length stand there in the FADT; a port of 0: none. */
static void add_ports(const uint8_t *fadt, unsigned port, unsigned length)
{
	uint32_t first = dword(fadt + port), count = fadt[length];

	if (first && count && first + count <= PORTS)
		acpi.ports[acpi.blocks++] = (struct port_range){ (uint16_t)first,
			(uint16_t)(first + count - 1) };
}

static void read_fadt(const uint8_t *fadt, uint8_t *zero)
{
	if (acpi.control)
		return;
	if (!find_s5(zero + dword(fadt + FADT_DSDT)))
		return;
	acpi.smi_port = (uint16_t)dword(fadt + FADT_SMI_COMMAND);
	acpi.enable = fadt[FADT_ACPI_ENABLE];
	acpi.disable = fadt[FADT_ACPI_DISABLE];
	acpi.control = (uint16_t)dword(fadt + FADT_PM1A_CONTROL);
	acpi.facs = dword(fadt + FADT_FACS);
	add_ports(fadt, FADT_PM1A_EVENT, FADT_PM1_EVENT_LENGTH);
	add_ports(fadt, FADT_PM_TIMER, FADT_PM_TIMER_LENGTH);
	add_ports(fadt, FADT_GPE0, FADT_GPE0_LENGTH);
}

void acpi_prepare(uint8_t *zero)
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
