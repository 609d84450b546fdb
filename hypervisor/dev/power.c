// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power-off and reset, as VMI_Shutdown and VMI_Reboot ask for them, and all other ways
 * that a guest has to ask for either.
 *
 * A BIOS may take a reset for something else: as the shutdown byte in CMOS says, it
 * jumps at CPL 0 to where a vector in the BIOS data area points, or to the waking vector
 * in the FACS.  That byte is a model (wallclock.c) and clear in the hardware, so that
 * the resets that come about without the monitor (a watchdog, a triple fault) find
 * nothing; before one that is made here the vectors are cleared as well.
 */
#include "dev/acpi.h"
#include "dev/wallclock.h"
#include "mmu/mmu.h"

#define RESET_HARD		0x02
#define RESET_NOW		0x04

#define ICR_INIT		0x4500u		/* assert, physical destination */
#define PATIENCE		1000000u

/* Where a BIOS may look for a way on after a reset. */
#define BDA_RESET_VECTOR	0x467u		/* 40:67h, a far pointer */
#define BDA_RESET_FLAG		0x472u		/* 40:72h: 1234h skips the memory test */
#define FACS_VECTOR		12u		/* ACPI specification 6.0, 5.2.10 */
#define FACS_X_VECTOR		24u		/* 64 bits */

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
		if (!(inw(acpi.control) & CONTROL_SCI_ENABLE) && acpi.smi_port && acpi.enable)
			outb(acpi.smi_port, acpi.enable);
		outw(acpi.control, (uint16_t)(CONTROL_SLEEP | acpi.sleep_type << CONTROL_TYPE_SHIFT));
		linger();
	}
	print("vmi: no power-off: %s; the CPU is halted\n",
	      acpi.control ? "ACPI's has no effect" : "no ACPI tables in POST");
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void clear(uint32_t physical, unsigned size)
{
	uint8_t *p = window(physical / PAGE_SIZE);

	if (p && physical)
		memset(p + physical % PAGE_SIZE, 0, size);
}

/* A BIOS finds no way back into code of the guest. */
static void forget_vectors(void)
{
	wallclock_clear_shutdown();
	clear(BDA_RESET_VECTOR, 4);
	clear(BDA_RESET_FLAG, 2);
	if (acpi.facs) {
		clear(acpi.facs + FACS_VECTOR, 4);
		clear(acpi.facs + FACS_X_VECTOR, 8);
	}
}

/* Every way that a PC has, the cleanest first. */
void machine_reset(void)
{
	forget_vectors();
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
	forget_vectors();
	PHYSICAL_APIC(APIC_ICR_HIGH) = PHYSICAL_APIC(APIC_ID);
	PHYSICAL_APIC(APIC_ICR_LOW) = ICR_INIT;
	linger();
	machine_reset();
}
