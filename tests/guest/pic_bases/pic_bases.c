/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: interrupts keep the vectors that the kernel gave the 8259 pair before it activated; what waited comes once, what was in service is.
 * Environments: native segment paged bochs
 * Variants: bases=50-78 bases=08-70 bases=e0-c8 bases=50-78-auto bases=50-78-stopped
 * Qemu: -icount shift=3,sleep=off -rtc clock=vm
 *
 * The 8259's vectors cannot be read, so the monitor has to find them out.
 */
#include "runtime.h"

#include "pit.h"
#include "rtc.h"
#include "vmi.h"

#define MASTER			0x20
#define SLAVE			0xa0
#define DATA			1
#define ICW1			0x11
#define ICW4_8086		0x01
#define ICW4_AUTO_EOI		0x02
#define OCW2_EOI		0x20

/* The kernel activates in the middle of main(). */
const struct boot_config boot_config = { .paging = BOOT_PAGING_32, .stay_native = true };

struct choice {
	const char *word;
	uint8_t master, slave, icw4;
	bool stopped;		/* the PIT, at activation */
};

static const struct choice choices[] = {
	{ "50-78", 0x50, 0x78, ICW4_8086, false },
	{ "08-70", 0x08, 0x70, ICW4_8086, false },
	{ "e0-c8", 0xe0, 0xc8, ICW4_8086, false },
	{ "50-78-auto", 0x50, 0x78, ICW4_8086 | ICW4_AUTO_EOI, false },
	{ "50-78-stopped", 0x50, 0x78, ICW4_8086, true },
};

static const struct choice *chosen = choices;
static volatile uint32_t counts[IDT_ENTRIES];

static bool count(struct trap_frame *frame)
{
	counts[frame->vector]++;
	return true;
}

/* The stub of vector 8 expects an error code: a gate of the test's own. */
void tick_at_8(void);
extern volatile uint32_t ticks_at_8;

static uint32_t ticks(void)
{
	return chosen->master == 8 ? ticks_at_8 : counts[chosen->master];
}

static void end(uint16_t port)
{
	if (!(chosen->icw4 & ICW4_AUTO_EOI))
		vmi_outb(OCW2_EOI, port);
}

static void init_chip(uint16_t port, uint8_t base, uint8_t cascade)
{
	vmi_outb(ICW1, port);
	vmi_outb(base, port + DATA);
	vmi_outb(cascade, port + DATA);
	vmi_outb(chosen->icw4, port + DATA);
}

static void masks(uint8_t master, uint8_t slave)
{
	vmi_outb(master, MASTER + DATA);
	vmi_outb(slave, SLAVE + DATA);
}

static void choose(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(choices) / sizeof(*choices); i++)
		if (boot_word_is("bases", choices[i].word))
			chosen = &choices[i];
	for (i = 0; i < 8; i++) {
		trap_set_handler((uint8_t)(chosen->master + i), count);
		trap_set_handler((uint8_t)(chosen->slave + i), count);
	}
	if (chosen->master == 8)
		tables_set_gate(8, descriptor_gate((uint32_t)tick_at_8, read_cs(),
						   ACCESS_PRESENT | ACCESS_INTERRUPT_GATE));
	init_chip(MASTER, chosen->master, 1 << IRQ_CASCADE);
	init_chip(SLAVE, chosen->slave, IRQ_CASCADE);
}

static void enable_for_a_moment(void)
{
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
}

static bool wait_count(volatile uint32_t *counter, uint32_t want)
{
	uint64_t start = pit_clock();

	vmi_enable_interrupts();
	while (*counter < want && pit_clock() - start < PIT_HZ / 5)
		vmi_pause();
	vmi_disable_interrupts();
	return *counter >= want;
}

static volatile uint32_t *tick_counter(void)
{
	return chosen->master == 8 ? &ticks_at_8 : &counts[chosen->master];
}

static void test_tick(void)
{
	uint32_t before;

	masks(0xff & ~(1 << IRQ_TIMER), 0xff);
	report(wait_count(tick_counter(), 1), "the tick comes at vector %x",
	       chosen->master);
	end(MASTER);
	before = ticks();
	report(wait_count(tick_counter(), before + 1), "and once more");
	end(MASTER);
	masks(0xff, 0xff);
}

static void test_clock(void)
{
	volatile uint32_t *clock = &counts[chosen->slave];
	uint32_t before = *clock;

	masks(0xff & ~(1 << IRQ_CASCADE), 0xfe);
	enable_for_a_moment();
	end(SLAVE);
	end(MASTER);
	rtc_write(RTC_B, RTC_B_24_HOURS | RTC_B_PERIODIC);
	rtc_read(RTC_C);
	report(wait_count(clock, before + 1), "the clock comes at vector %x",
	       chosen->slave);
	rtc_write(RTC_B, RTC_B_24_HOURS);
	rtc_read(RTC_C);
	end(SLAVE);
	end(MASTER);
	masks(0xff, 0xff);
}

static void report_others(void)
{
	unsigned int i, others = 0;

	for (i = 0; i < IDT_ENTRIES; i++)
		if (i != chosen->master && i != chosen->slave)
			others += counts[i];
	report_equal(others, 0, "nothing comes at other vectors");
}

/* A one-shot that is over, and its interrupt handled. */
static void stop_pit(void)
{
	pit_one_shot(PIT_AT_ONCE);
	wait_count(tick_counter(), 1);
	end(MASTER);
}

/* No tick waits: the monitor's was its own. */
static void start_pit(void)
{
	uint32_t before = ticks();

	enable_for_a_moment();
	report_equal(ticks(), before, "no tick comes of the monitor's probing");
	vmi_outb(PIT_RATE_0, PIT_COMMAND);
	vmi_outb(0, PIT_CHANNEL_0);
	vmi_outb(0x20, PIT_CHANNEL_0);
}

int main(void)
{
	uint8_t a = rtc_read(RTC_A), b = rtc_read(RTC_B);
	uint32_t before;

	vmi_disable_interrupts();
	choose();
	masks(0xff & ~(1 << IRQ_TIMER), 0xff);
	pit_clock_start();
	if (chosen->stopped)
		stop_pit();
	before = ticks();
	platform_start(false);
	report_equal(vmi_inb(MASTER + DATA), 0xff & ~(1 << IRQ_TIMER), "the master's mask");
	report_equal(vmi_inb(SLAVE + DATA), 0xff, "the slave's mask");
	report(rtc_read(RTC_A) == a && rtc_read(RTC_B) == b, "the clock is as it was");
	report_equal(ticks(), before, "no tick while disabled");
	if (chosen->stopped)
		start_pit();
	test_tick();
	test_clock();
	report_others();
	return 0;
}
