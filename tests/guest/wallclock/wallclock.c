/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the wall clock in all formats of the CMOS clock, across centuries and updates; that it was set is told once.
 * Environments: segment paged
 * Qemu: -icount shift=3,sleep=off -rtc clock=vm,base=2026-11-20T10:00:00
 */
#include "runtime.h"

#include "rtc.h"
#include "vmi.h"

#define NS		1000000000ull
#define START		1795168800u		/* 2026-11-20 10:00:00 */

struct setting {
	const char *name;
	uint8_t format;		/* RTC_B_24_HOURS, RTC_B_BINARY */
	uint16_t year;
	uint8_t month, day, hour, minute, second;
	uint64_t want;
};

static const struct setting settings[] = {
	{ "24 hours, BCD", RTC_B_24_HOURS, 2026, 11, 20, 23, 59, 58, 1795219198 },
	{ "24 hours, binary", RTC_B_24_HOURS | RTC_B_BINARY, 2024, 2, 29, 12, 34, 56, 1709210096 },
	{ "12 hours, BCD, p.m.", 0, 2009, 2, 13, 23, 31, 30, 1234567890 },
	{ "12 hours, binary, noon", RTC_B_BINARY, 2038, 1, 19, 12, 14, 7, 2147516047 },
	{ "12 hours, BCD, midnight", 0, 2000, 2, 29, 0, 0, 1, 951782401 },
	{ "the century's end", RTC_B_24_HOURS, 1999, 12, 31, 23, 59, 59, 946684799 },
	{ "the next but one", RTC_B_24_HOURS, 2100, 3, 1, 0, 0, 0, 4107542400 },
	{ "the epoch", RTC_B_24_HOURS, 1970, 1, 1, 0, 0, 0, 0 },
};

static uint64_t ms;

static uint8_t coded(const struct setting *s, uint8_t value)
{
	return s->format & RTC_B_BINARY ? value : (uint8_t)(value / 10 << 4 | value % 10);
}

static uint8_t coded_hour(const struct setting *s)
{
	uint8_t hour = s->hour % 12 ? s->hour % 12 : 12;

	if (s->format & RTC_B_24_HOURS)
		return coded(s, s->hour);
	return coded(s, hour) | (s->hour >= 12 ? 0x80 : 0);
}

static void set_clock(const struct setting *s)
{
	rtc_write(RTC_B, RTC_B_SET | s->format);
	rtc_write(0, coded(s, s->second));
	rtc_write(2, coded(s, s->minute));
	rtc_write(4, coded_hour(s));
	rtc_write(7, coded(s, s->day));
	rtc_write(8, coded(s, s->month));
	rtc_write(9, coded(s, (uint8_t)(s->year % 100)));
	rtc_write(RTC_CENTURY, coded(s, (uint8_t)(s->year / 100)));
	rtc_write(RTC_B, s->format);
}

static void sleep(uint64_t cycles)
{
	uint64_t end = vmi_get_cycle_counter(VMI_CYCLES_REAL) + cycles;

	vmi_set_alarm(VMI_CYCLES_REAL, end, 0);
	while (vmi_get_cycle_counter(VMI_CYCLES_REAL) < end) {
		vmi_halt();
		vmi_disable_interrupts();
	}
}

static void nothing(struct trap_frame *frame)
{
	(void)frame;
}

static void test_setting(const struct setting *s)
{
	uint64_t time, later;
	uint32_t updated, again;

	set_clock(s);
	time = vmi_get_wallclock_time();
	updated = vmi_wallclock_updated();
	sleep(2500 * ms);
	again = vmi_wallclock_updated();
	later = vmi_get_wallclock_time();
	report(time >= s->want * NS && time < (s->want + 1) * NS, "%s: %u s", s->name,
	       (uint32_t)time);
	report(updated == 1 && again == 0, "that it was set is told once");
	report(later >= time + 2400 * NS / 1000 && later <= time + 3600 * NS / 1000,
	       "and it goes on");
}

/* When a second begins is seen the better the more often one asks. */
static void test_fine(void)
{
	uint32_t i;

	for (i = 0; i < 2200; i++) {
		sleep(ms / 2);
		vmi_get_wallclock_time();
	}
	report_equal(vmi_wallclock_updated(), 0, "that is no jump");
}

/* Through two changes of the second, with the updates that make them. */
static void test_smooth(void)
{
	uint64_t begin = vmi_get_cycle_counter(VMI_CYCLES_REAL), before = vmi_get_wallclock_time();
	uint64_t now, start = before;
	uint32_t jumps = 0, updates = 0, i;

	for (i = 0; i < 4400; i++) {
		sleep(ms / 2);
		rtc_read(RTC_A);
		now = vmi_get_wallclock_time();
		jumps += now <= before || now - before > 2 * NS / 1000;
		updates += vmi_wallclock_updated();
		before = now;
	}
	report_equal(jumps, 0, "it runs smoothly");
	report_equal(updates, 0, "nobody set it");
	now = (vmi_get_cycle_counter(VMI_CYCLES_REAL) - begin) / (uint32_t)ms;
	before = (before - start) / 1000000;
	report(before >= now - 5 && before <= now + 5, "as fast as real time: %u ms in %u",
	       (uint32_t)before, (uint32_t)now);
}

/* Its fraction is right once a second has begun: the new one is seen in time. */
static void test_fraction(void)
{
	uint64_t time;
	uint8_t second;

	while (rtc_read(RTC_A) & RTC_A_UPDATING)
		;
	second = rtc_read(0);
	while (rtc_read(0) == second)
		;
	sleep(100 * ms);
	vmi_get_wallclock_time();
	sleep(850 * ms);
	vmi_get_wallclock_time();
	sleep(150 * ms);
	time = vmi_get_wallclock_time();
	time -= time / (uint32_t)NS * NS;
	report(time < 150 * NS / 1000, "the fraction of a second is near");
}

static void test_index(void)
{
	vmi_outb(RTC_B, RTC_INDEX);
	vmi_get_wallclock_time();
	sleep(200 * ms);
	vmi_get_wallclock_time();
	report_equal(vmi_inb(RTC_DATA), rtc_read(RTC_B), "the selected register stays selected");
}

int main(void)
{
	uint64_t time;
	unsigned int i;

	ms = (uint32_t)vmi_get_cycle_frequency() / 1000;
	irq_set_handler(IRQ_TIMER, nothing);
	report_equal(vmi_wallclock_updated(), 0, "at first nothing is new");
	time = vmi_get_wallclock_time();
	report(time >= START * NS && time < (START + 5) * NS, "the time of day");
	test_fraction();
	test_fine();
	test_smooth();
	test_index();
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		test_setting(&settings[i]);
	return 0;
}
