/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CMOS clock's registers (MC146818 data sheet).
 */
#ifndef RUNTIME_RTC_H
#define RUNTIME_RTC_H

#include <stdint.h>

#include "vmi.h"

#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_A		0x0a
#define RTC_B		0x0b
#define RTC_C		0x0c		/* a read ends the interrupt */
#define RTC_CENTURY	0x32		/* where a PC has it */
#define RTC_A_UPDATING	0x80
#define RTC_A_1024_HZ	0x26
#define RTC_B_24_HOURS	0x02
#define RTC_B_BINARY	0x04
#define RTC_B_PERIODIC	0x40
#define RTC_B_SET	0x80
#define RTC_C_PERIODIC	0x40
#define IRQ_RTC		8

static inline uint8_t rtc_read(uint8_t index)
{
	vmi_outb(index, RTC_INDEX);
	return vmi_inb(RTC_DATA);
}

static inline void rtc_write(uint8_t index, uint8_t value)
{
	vmi_outb(index, RTC_INDEX);
	vmi_outb(value, RTC_DATA);
}

#endif
