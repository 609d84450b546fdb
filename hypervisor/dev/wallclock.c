// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wall clock: the CMOS clock, which counts seconds, and the real counter,
 * which tells how far a second has gone.  The clock is read time and again.  A
 * reading that disagrees by less than a second sets the fraction right; one by
 * more means that somebody has set the clock, or that the machine stood still:
 * wall time jumps then, and VMI_WallclockUpdated says so once.
 */
#include "base/arith64.h"
#include "dev/dev.h"
#include "dev/wallclock.h"

#define SECONDS		0x00
#define MINUTES		0x02
#define HOURS		0x04
#define DAY		0x07
#define MONTH		0x08
#define YEAR		0x09
#define REG_A		0x0a
#define REG_B		0x0b
#define CENTURY		0x32

#define A_UPDATING	0x80u
#define B_24_HOURS	0x02u
#define B_BINARY	0x04u
#define B_SET		0x80u
#define HOURS_PM	0x80u

#define NS		1000000000ll
#define CHECKS_HZ	16u	/* so often the clock is read if that tells nothing new */
#define CLOCK_TRIES	50000u	/* an update takes 2 ms */

/* Shared by all CPUs: guarded by clock.lock once there are several. */
static struct clock {
	uint8_t index;		/* as the guest has selected it */
	bool valid;
	bool updated;		/* and not yet told */
	uint64_t checked;	/* when, in cycles */
	int64_t offset;		/* wall time is real time and this, in ns ... */
	int64_t slack;		/* ... or more, by less than this */
	uint64_t last;		/* what was told last: time does not go back */
} clock;

static uint8_t read(uint8_t index)
{
	outb(PORT_CMOS_INDEX, index);
	return inb(PORT_CMOS_DATA);
}

/* ---- the guest's accesses ---- */

uint8_t wallclock_port_read(uint16_t port)
{
	return inb(port);
}

/* What it writes may set the clock: the next question looks again. */
void wallclock_port_write(uint16_t port, uint8_t value)
{
	if (port == PORT_CMOS_INDEX)
		clock.index = value;
	else
		clock.checked = 0;
	outb(port, value);
}

/* ---- the CMOS clock ---- */

struct reading {
	uint8_t second, minute, hour, day, month, year, century, b;
};

static void take_reading(struct reading *r)
{
	static const uint8_t registers[] = {
		SECONDS, MINUTES, HOURS, DAY, MONTH, YEAR, CENTURY, REG_B,
	};
	uint8_t *to = &r->second;
	unsigned i;

	for (i = 0; i < sizeof(registers); i++)
		to[i] = read(registers[i]);
}

static unsigned number(const struct reading *r, uint8_t value)
{
	return r->b & B_BINARY ? value : (value >> 4) * 10u + (value & 0xf);
}

/* Days since 1970-01-01; the year begins with March, so leap days are last. */
static uint32_t days(unsigned year, unsigned month, unsigned day)
{
	if (month <= 2) {
		year--;
		month += 12;
	}
	return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 - 457) / 5 + day - 719469u;
}

static uint32_t hour_of_day(const struct reading *r)
{
	if (r->b & B_24_HOURS)
		return number(r, r->hour);
	return number(r, r->hour & ~HOURS_PM) % 12 + (r->hour & HOURS_PM ? 12 : 0);
}

static uint64_t seconds(const struct reading *r)
{
	unsigned year = number(r, r->year), century = number(r, r->century);

	if (century < 19 || century > 29)	/* no such register */
		century = year < 70 ? 20 : 19;
	return (uint64_t)days(century * 100 + year, number(r, r->month), number(r, r->day)) * 86400u +
	       hour_of_day(r) * 3600u + number(r, r->minute) * 60u + number(r, r->second);
}

/* false while it is being set. */
static bool read_clock(uint64_t *s)
{
	struct reading r, again;
	unsigned tries = 0;
	uint8_t *a = &r.second, *b = &again.second;
	unsigned i;

	do {
		while ((read(REG_A) & A_UPDATING) && ++tries < CLOCK_TRIES)
			;
		take_reading(&r);
		take_reading(&again);
		for (i = 0; i < sizeof(r) && a[i] == b[i]; i++)
			;
	} while (i < sizeof(r) && ++tries < CLOCK_TRIES);
	outb(PORT_CMOS_INDEX, clock.index);
	if ((r.b & B_SET) || i < sizeof(r))
		return false;
	*s = seconds(&r);
	return true;
}

/* ---- wall time ---- */

static int64_t real_ns(uint64_t cycles)
{
	uint64_t ms = div64_32(cycles, boot.khz);
	uint64_t rest = cycles - ms * boot.khz;

	return (int64_t)(ms * 1000000 + div64_32(rest * 1000000, boot.khz));
}

static void jump(int64_t offset)
{
	clock.updated = clock.valid;
	clock.valid = true;
	clock.offset = offset;
	clock.slack = NS;
	clock.last = 0;
}

/* The clock says that it is between @offset and one second later. */
static void compare(int64_t offset)
{
	int64_t behind = offset - clock.offset, ahead = -behind - NS;

	if (!clock.valid || behind >= NS || ahead >= NS / 2) {
		jump(offset);
	} else if (behind > 0) {
		clock.offset = offset;
		clock.slack = behind < clock.slack ? clock.slack - behind : 0;
	} else if (ahead > 0) {
		clock.offset -= ahead;
		clock.slack = 0;
	} else if (behind + NS < clock.slack) {
		clock.slack = behind + NS;
	}
}

/* A reading tells something where the second may have begun, or not yet. */
static bool tells(uint64_t now)
{
	uint64_t time = (uint64_t)(real_ns(now) + clock.offset);

	return now - clock.checked >= boot.khz * 1000u / CHECKS_HZ ||
	       (int64_t)(time - div64_32(time, NS) * NS) >= NS - clock.slack;
}

static uint64_t check(void)
{
	uint64_t now = rdtsc(), s;

	if (clock.valid && clock.checked && !tells(now))
		return now;
	if (read_clock(&s)) {
		now = rdtsc();
		clock.checked = now;
		compare((int64_t)s * NS - real_ns(now));
	}
	return now;
}

uint64_t wallclock_time(void)
{
	uint64_t now = (uint64_t)(real_ns(check()) + clock.offset);

	if (now > clock.last)
		clock.last = now;
	return clock.last;
}

bool wallclock_updated(void)
{
	bool updated;

	check();
	updated = clock.updated;
	clock.updated = false;
	return updated;
}
