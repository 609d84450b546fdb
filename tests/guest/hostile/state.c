/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random words in the vCPU state page, which is the kernel's to write and tells
 * the monitor and its gate what they may only take for hints; then the things
 * that look there.  What is in service without a cause is ended again, as the
 * harm is the kernel's own.
 */
#include "hostile.h"

#include "runtime.h"

#include "apic.h"
#include "vmi.h"

#include "base/hole.h"

#define STATE		((volatile uint32_t *)HOLE_STATE)
#define STATE_WORDS	16
#define MASTER		0x20
#define SLAVE		0xa0
#define EOI		0x20

void hostile_state_begin(void)
{
	apic_enable();
	apic_write(APIC_LVT_TIMER, HOSTILE_VECTOR + 1);
}

static void act(void)
{
	unsigned int i;

	switch (random_below(9)) {
	case 0:
		vmi_outb((uint8_t)(random_below(2) ? EOI : 0x60 + random_below(8)), MASTER);
		break;
	case 1:
		vmi_outb((uint8_t)(random_below(2) ? EOI : 0x60 + random_below(8)), SLAVE);
		break;
	case 2:
		vmi_enable_interrupts();
		break;
	case 3:
		pic_in_service();
		break;
	case 4:
		vmi_flush_deferred_calls();
		break;
	case 5:
		vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT,
			      vmi_get_cycle_counter(VMI_CYCLES_REAL) + random_below(100000), 0);
		break;
	case 6:
		apic_write(APIC_EOI, 0);
		break;
	case 7:
		vmi_cancel_alarm(VMI_CYCLES_REAL);
		break;
	default:
		for (i = 0; i < 2000; i++)
			vmi_pause();
		break;
	}
}

void hostile_state(void)
{
	uint32_t saved[STATE_WORDS], i;

	vmi_disable_interrupts();
	for (i = 0; i < STATE_WORDS; i++)
		saved[i] = STATE[i];
	for (i = 0; i < 4; i++) {
		STATE[random_below(STATE_WORDS)] = random_below(2) ? random_next() : random_below(0x400);
		act();
	}
	for (i = 0; i < STATE_WORDS; i++)
		STATE[i] = saved[i];
	vmi_disable_interrupts();
	vmi_cancel_alarm(VMI_CYCLES_REAL);
	for (i = 0; i < 8; i++) {
		vmi_outb(EOI, SLAVE);
		vmi_outb(EOI, MASTER);
	}
	apic_write(APIC_EOI, 0);
	vmi_enable_interrupts();
	vmi_disable_interrupts();
}
