/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC: its registers by name (SDM vol. 3A, table 10-1), and its page
 * where a kernel can reach it.
 */
#ifndef RUNTIME_APIC_H
#define RUNTIME_APIC_H

#include <stdint.h>

#include "vmi.h"

#define APIC_PHYSICAL		0xfee00000u
#define APIC_LINEAR		0x50000000u

#define APIC_ID			0x020
#define APIC_VERSION		0x030
#define APIC_TPR		0x080
#define APIC_PPR		0x0a0
#define APIC_EOI		0x0b0
#define APIC_LDR		0x0d0
#define APIC_DFR		0x0e0
#define APIC_SVR		0x0f0
#define APIC_ISR		0x100
#define APIC_IRR		0x200
#define APIC_ICR_LOW		0x300
#define APIC_ICR_HIGH		0x310
#define APIC_LVT_TIMER		0x320
#define APIC_LVT_LINT0		0x350
#define APIC_TIMER_INITIAL	0x380
#define APIC_TIMER_CURRENT	0x390
#define APIC_TIMER_DIVIDE	0x3e0

#define SVR_ENABLE		0x100u
#define SVR_ENABLED		0x1ffu		/* spurious interrupts at vector FFh */
#define LVT_MASKED		0x10000u
#define LVT_PERIODIC		0x20000u
#define LVT_EXTINT		0x700u
#define ICR_SELF		0x40000u
#define TIMER_DIVIDE_1		0xb
#define TIMER_DIVIDE_16		0x3

static inline volatile uint32_t *apic_at(uint32_t offset)
{
	return (volatile uint32_t *)(APIC_LINEAR + offset);
}

static inline uint32_t apic_read(uint32_t offset)
{
	return vmi_apic_read(apic_at(offset));
}

static inline void apic_write(uint32_t offset, uint32_t value)
{
	vmi_apic_write(apic_at(offset), value);
}

/* Its page appears at APIC_LINEAR. */
void apic_map(void);

/* That, and it is switched on. */
void apic_enable(void);

/*
 * How far its timer, divided as DIVIDE says, counts in a fiftieth of a second of the
 * PIT's.  The timer ends stopped, its LVT entry masked.
 */
uint32_t apic_timer_fiftieth(uint32_t divide);

#endif
