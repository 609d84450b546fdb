/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the local APIC's test, and how its registers are reached.
 */
#ifndef APIC_TEST_REGISTERS_H
#define APIC_TEST_REGISTERS_H

#include "runtime.h"

#include "apic.h"

#define VECTOR_LOW		0x41
#define VECTOR_HIGH		0x61
#define VECTOR_APIC_TIMER	0x71

uint32_t register_read(uint32_t offset);
void register_write(uint32_t offset, uint32_t value);
bool apic_bit(uint32_t bits, unsigned int vector);

extern volatile uint32_t arrived[256];	/* by vector; the handler ends them */
extern bool by_memory;			/* plain accesses, or the calls */

void moment(void);		/* interrupts on, and off again */
void test_timer(void);

#endif
