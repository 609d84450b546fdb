// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wall time.  The CMOS clock counts whole seconds; the real counter (the TSC) tells
 * how much of a second has passed.  So wall time is real time plus an offset, which is
 * narrowed by reading the CMOS clock again and again.  A reading that disagrees by
 * less than a second corrects the offset.  One that disagrees by more means that
 * somebody has set the clock, or that the machine stood still: wall time jumps, and
 * VMI_WallclockUpdated says so once.
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
#define SHUTDOWN	0x0f		/* what the BIOS does after a reset */
#define CENTURY		0x32
#define INDEX		0x7fu		/* bit 7 of the index port masks NMIs */

#define A_UPDATING	0x80u
#define B_24_HOURS	0x02u
#define B_BINARY	0x04u
#define B_SET		0x80u
#define HOURS_PM	0x80u

#define NS		1000000000ll
#define CHECKS_HZ	16u	/* the clock is read at least so often, while anybody asks */
#define CLOCK_TRIES	5000u	/* readings: an update takes 2 ms */

/* Shared by all CPUs: guarded by clock.lock once there are several. */
static struct clock {
	uint8_t index;		/* the register that the guest has selected */
	uint8_t shutdown;	/* the shutdown byte, a model: the hardware has 0 */
	bool valid;		/* the clock has been read at least once */
	bool updated;		/* wall time has jumped, and the guest does not know yet */
	uint64_t checked;	/* when the clock was read last, in cycles */
	int64_t offset;		/* wall time is at least real time plus this, in ns, ... */
	int64_t slack;		/* ... and exceeds that by less than this */
	uint64_t last;		/* the answer given last: time does not go back */
} clock;

static uint8_t cmos_read(uint8_t index)
{
	outb(PORT_CMOS_INDEX, index);
	return inb(PORT_CMOS_DATA);
}

/* ---- the guest's accesses ---- */

static bool shutdown_selected(uint16_t port)
{
	return port == PORT_CMOS_DATA && (clock.index & INDEX) == SHUTDOWN;
}

uint8_t wallclock_port_read(uint16_t port)
{
	return shutdown_selected(port) ? clock.shutdown : inb(port);
}

/* A write may set the clock, so the next question for wall time reads it again. */
void wallclock_port_write(uint16_t port, uint8_t value)
{
	if (shutdown_selected(port)) {
		clock.shutdown = value;
		return;
	}
	if (port == PORT_CMOS_INDEX)
		clock.index = value;
	else
		clock.checked = 0;
	outb(port, value);
}

void wallclock_clear_shutdown(void)
{
	outb(PORT_CMOS_INDEX, SHUTDOWN);
	outb(PORT_CMOS_DATA, 0);
	outb(PORT_CMOS_INDEX, clock.index);
}

/* ---- the CMOS clock ---- */

struct reading {
	uint8_t second, minute, hour, day, month, year, century, b;
};

/* The registers are in the order of the structure's members. */
static void take_reading(struct reading *r)
{
	static const uint8_t registers[] = {
		SECONDS, MINUTES, HOURS, DAY, MONTH, YEAR, CENTURY, REG_B,
	};
	uint8_t *to = &r->second;
	unsigned i;

	for (i = 0; i < sizeof(registers); i++)
		to[i] = cmos_read(registers[i]);
}

/* Registers hold BCD, unless register B says binary. */
static unsigned cmos_number(const struct reading *r, uint8_t value)
{
	return r->b & B_BINARY ? value : (value >> 4) * 10u + (value & 0xf);
}

/* Days since 1970-01-01.  The year is taken to begin in March, so a leap day ends it. */
static uint32_t days(unsigned year, unsigned month, unsigned day)
{
	if (month <= 2) {
		year--;
		month += 12;
	}
	return year * 365 + year / 4 - year / 100 + year / 400 +
	       (month * 153 - 457) / 5 + day - 719469u;
}

static uint32_t hour_of_day(const struct reading *r)
{
	if (r->b & B_24_HOURS)
		return cmos_number(r, r->hour);
	return cmos_number(r, r->hour & ~HOURS_PM) % 12 + (r->hour & HOURS_PM ? 12 : 0);
}

/* Seconds since 1970-01-01 0:00. */
static uint64_t seconds(const struct reading *r)
{
	unsigned year = cmos_number(r, r->year), century = cmos_number(r, r->century);
	unsigned month = cmos_number(r, r->month), day = cmos_number(r, r->day);

	if (century < 19 || century > 29)	/* the machine has no such register */
		century = year < 70 ? 20 : 19;
	return (uint64_t)days(century * 100 + year, month, day) * 86400u +
	       hour_of_day(r) * 3600u + cmos_number(r, r->minute) * 60u + cmos_number(r, r->second);
}

/*
 * One reading of the clock, which changes while it is read: two equal ones in a row are
 * believed.  false: there are none, the clock is being updated, or the guest is setting
 * it (bit SET of register B).  Nothing is waited for, since an update takes 2 ms.
 */
static bool read_clock(uint64_t *s)
{
	struct reading r, again;
	uint8_t *a = &r.second, *b = &again.second;
	bool updating = cmos_read(REG_A) & A_UPDATING;
	unsigned i;

	take_reading(&r);
	take_reading(&again);
	for (i = 0; i < sizeof(r) && a[i] == b[i]; i++)
		;
	outb(PORT_CMOS_INDEX, clock.index);
	if (updating || (r.b & B_SET) || i < sizeof(r))
		return false;
	*s = seconds(&r);
	return true;
}

/* ---- wall time ---- */

/* Cycles of the real counter in nanoseconds. */
static int64_t real_ns(uint64_t cycles)
{
	uint64_t ms = div64_32(cycles, boot.khz);
	uint64_t rest = cycles - ms * boot.khz;

	return (int64_t)(ms * 1000000 + div64_32(rest * 1000000, boot.khz));
}

/* The first reading is no jump that the guest has to know of. */
static void clock_jump(int64_t offset)
{
	clock.updated = clock.valid;
	clock.valid = true;
	clock.offset = offset;
	clock.slack = NS;
	clock.last = 0;
}

/*
 * A reading of the clock says that the offset is at least @offset, and less than one second
 * more.  Narrow the known range to where both agree.  If they do not overlap, the clock has
 * drifted a little (then move the range) or has been set (then jump).
 */
static void clock_compare(int64_t offset)
{
	int64_t behind = offset - clock.offset, ahead = -behind - NS;

	if (!clock.valid || behind >= NS || ahead >= NS / 2) {
		clock_jump(offset);
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

/*
 * Would a reading tell anything new?  It does where the known range does not say whether
 * the CMOS clock has begun a new second by now.  At times it is read anyway.
 */
static bool reading_tells(uint64_t now)
{
	uint64_t time = (uint64_t)(real_ns(now) + clock.offset);

	return now - clock.checked >= boot.khz * 1000u / CHECKS_HZ ||
	       (int64_t)(time - div64_32(time, NS) * NS) >= NS - clock.slack;
}

/* Read the clock if that tells anything.  Returns the real time, in cycles. */
static uint64_t clock_check(void)
{
	uint64_t now = rdtsc(), s;

	if (clock.valid && clock.checked && !reading_tells(now))
		return now;
	if (read_clock(&s)) {
		now = rdtsc();
		clock.checked = now;
		clock_compare((int64_t)s * NS - real_ns(now));
	}
	return now;
}

/* Called in VMI_Init, where there is time to wait: from here on wall time is known. */
void wallclock_start(void)
{
	unsigned tries = 0;

	clock.shutdown = cmos_read(SHUTDOWN);
	wallclock_clear_shutdown();
	do
		clock_check();
	while (!clock.valid && ++tries < CLOCK_TRIES);
}

uint64_t wallclock_time(void)
{
	uint64_t now = (uint64_t)(real_ns(clock_check()) + clock.offset);

	if (now > clock.last)
		clock.last = now;
	return clock.last;
}

bool wallclock_updated(void)
{
	bool updated;

	clock_check();
	updated = clock.updated;
	clock.updated = false;
	return updated;
}
