/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the local APIC's test, and how its registers are reached.
 */
#ifndef APIC_TEST_H
#define APIC_TEST_H

#include "runtime.h"

#include "vmi.h"

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
#define LVT_MASKED		0x10000u
#define LVT_PERIODIC		0x20000u
#define LVT_EXTINT		0x700u
#define DIVIDE_BY_1		0xbu
#define ICR_SELF		0x40000u

#define VECTOR_LOW		0x41
#define VECTOR_HIGH		0x61
#define VECTOR_APIC_TIMER	0x71

/* Where the test maps the APIC's page. */
#define APIC_LINEAR		0x50000000u

uint32_t apic_read(uint32_t offset);
void apic_write(uint32_t offset, uint32_t value);
bool apic_bit(uint32_t bits, unsigned int vector);

extern volatile uint32_t arrived[256];	/* by vector; the handler ends them */
extern bool by_memory;			/* plain accesses, or the calls */

void moment(void);		/* interrupts on, and off again */
void wait_us(uint32_t microseconds);
void test_timer(void);

#endif
