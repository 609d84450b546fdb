// SPDX-License-Identifier: GPL-2.0-only
/*
 * In POST: measure how fast the TSC and the local APIC's timer run.  The measure is the
 * PIT, the one clock of a PC whose frequency is known; its channel 2 is free in POST.
 *
 * The machine may stand still at any time (an emulator shares its host).  So at each end
 * all three clocks are read several times, and the reading that took the shortest time
 * counts.  If the machine stood still for so long that the PIT has counted to its end,
 * the measurement is repeated.
 */
#include "base/arith64.h"
#include "start/start.h"

#define PIT_HZ		1193182u
#define PIT_COUNT	0xffffu
#define LATCH_2		0x80
#define ONE_SHOT_2	0xb0	/* channel 2, both bytes, mode 0 */
#define GATE_2		0x01
#define SOUND		0x02
#define OUT_2		0x20	/* in mode 0: the count has been reached */
#define MEASURE_COUNT	35800u	/* 30 ms */
#define LOOKS		8
#define TRIES		20


/* The three clocks, read at (nearly) one moment. */
struct look {
	uint64_t tsc;
	uint32_t apic;
	uint16_t pit;
};

/* There is no paging yet: the segments of POST have this base (post.c, physical()). */
static volatile uint32_t *apic_register(uint32_t offset)
{
	return (volatile uint32_t *)(LOCAL_APIC_BASE + offset - boot.block + HOLE_BLOCK);
}

static uint16_t pit_read(void)
{
	uint8_t low = inb(PORT_PIT_CHANNEL_2);

	return (uint16_t)(inb(PORT_PIT_CHANNEL_2) << 8 | low);
}

static struct look take_look(void)
{
	struct look best = { 0, 0, 0 }, l;
	uint64_t shortest = ~0ull, took;
	unsigned i;

	for (i = 0; i < LOOKS; i++) {
		l.tsc = rdtsc();
		outb(PORT_PIT_COMMAND, LATCH_2);
		l.apic = *apic_register(APIC_TIMER_CURRENT);
		took = rdtsc() - l.tsc;
		l.pit = pit_read();
		if (took < shortest) {
			shortest = took;
			best = l;
		}
	}
	return best;
}

/* The frequency in kHz of a clock that counted @n while the PIT counted @pit. */
static uint32_t khz(uint64_t n, uint32_t pit)
{
	return (uint32_t)div64_32(n * PIT_HZ, pit * 1000u);
}

/* false: the PIT has counted to its end, and the measurement is worth nothing. */
static bool measure(struct look *first, struct look *last)
{
	outb(PORT_PIT_COMMAND, ONE_SHOT_2);
	outb(PORT_PIT_CHANNEL_2, (uint8_t)PIT_COUNT);
	outb(PORT_PIT_CHANNEL_2, (uint8_t)(PIT_COUNT >> 8));
	*first = take_look();
	do
		*last = take_look();
	while ((uint16_t)(first->pit - last->pit) < MEASURE_COUNT && !(inb(PORT_SPEAKER) & OUT_2));
	return !(inb(PORT_SPEAKER) & OUT_2);
}

/* The BIOS gets its settings of speaker port and APIC timer back; the timer is stopped. */
void calibrate(void)
{
	uint8_t speaker = inb(PORT_SPEAKER);
	uint32_t lvt = *apic_register(APIC_LVT_TIMER), divide = *apic_register(APIC_TIMER_DIVIDE);
	struct look first, last;
	unsigned tries = TRIES;

	*apic_register(APIC_LVT_TIMER) = APIC_LVT_MASKED;
	*apic_register(APIC_TIMER_DIVIDE) = APIC_DIVIDE_BY_1;
	outb(PORT_SPEAKER, (uint8_t)((speaker & ~SOUND) | GATE_2));
	do
		*apic_register(APIC_TIMER_INITIAL) = 0xffffffffu;
	while (!measure(&first, &last) && --tries);
	outb(PORT_SPEAKER, speaker);
	*apic_register(APIC_TIMER_INITIAL) = 0;
	*apic_register(APIC_TIMER_DIVIDE) = divide;
	*apic_register(APIC_LVT_TIMER) = lvt;

	boot.khz = khz(last.tsc - first.tsc, (uint16_t)(first.pit - last.pit));
	boot.apic_tick = (uint32_t)div64_32((last.tsc - first.tsc) << 16, first.apic - last.apic);
	boot.apic_rate = reciprocal31(boot.apic_tick);
}
