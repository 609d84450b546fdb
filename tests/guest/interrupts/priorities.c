/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of several interrupts comes first, and which may interrupt whose
 * handler: the 8259's fully nested mode, held against an interrupt flag that
 * delays handlers (under the monitor, a virtual one).
 */
#include "interrupts.h"

#include "runtime.h"

#include "vmi.h"

#define SLOW_HZ		50	/* one tick per scene, two at most */
#define ORDER_MAX	8

#define TIMER		(1u << IRQ_TIMER)
#define KEYBOARD	(1u << IRQ_KEYBOARD)

static unsigned int order[ORDER_MAX];
static volatile unsigned int order_length;
static uint16_t in_service_at_tick;
static uint32_t keys_in_tick;
static uint16_t requested_in_tick;

static void note(unsigned int irq)
{
	if (order_length < ORDER_MAX)
		order[order_length] = irq;
	order_length++;
}

static void note_tick(struct trap_frame *frame)
{
	(void)frame;
	note(IRQ_TIMER);
	in_service_at_tick = pic_in_service();
}

static void note_key(void)
{
	note(IRQ_KEYBOARD);
}

/* Sets the scene: interrupts off, nothing pending, a tick in 20 ms. */
static void begin(irq_handler on_tick, void (*on_key)(void))
{
	vmi_disable_interrupts();
	order_length = 0;
	in_service_at_tick = 0;
	pit_set_hook(on_tick);
	keyboard_set_hook(on_key);
	pit_start(SLOW_HZ);
}

static void end(void)
{
	vmi_disable_interrupts();
	pit_stop();
	pit_set_hook(NULL);
	keyboard_set_hook(NULL);
}

static bool order_is(unsigned int first, unsigned int second)
{
	unsigned int i;

	if (order_length == 2 && order[0] == first && order[1] == second)
		return true;
	print("lines in order:");
	for (i = 0; i < order_length && i < ORDER_MAX; i++)
		print(" %u", order[i]);
	print("\n");
	return false;
}

/* The key comes first, but the timer's line is the higher. */
static void test_both_pending(void)
{
	begin(note_tick, note_key);
	keyboard_raise(1);
	report(wait_requested(TIMER | KEYBOARD), "key and tick wait");
	vmi_enable_interrupts();
	vmi_disable_interrupts();
	report(order_is(IRQ_TIMER, IRQ_KEYBOARD),
	       "the tick is delivered before an earlier key");
	report_equal(in_service_at_tick, TIMER, "alone in service");
	end();
}

static void key_waits_for_tick(void)
{
	uint64_t start = pit_clock();

	note(IRQ_KEYBOARD);
	vmi_enable_interrupts();
	while (order_length < 2 && pit_clock() - start < PIT_HZ / 10)
		vmi_pause();
	vmi_disable_interrupts();
}

static void test_nested(void)
{
	begin(note_tick, key_waits_for_tick);
	keyboard_raise(2);
	vmi_enable_interrupts();
	wait_us(1000);
	vmi_disable_interrupts();
	report(order_is(IRQ_KEYBOARD, IRQ_TIMER),
	       "a tick interrupts the key's handler where that enables");
	report_equal(in_service_at_tick, TIMER | KEYBOARD,
		     "both in service then");
	end();
}

static void key_lets_tick_wait(void)
{
	note(IRQ_KEYBOARD);
	wait_requested(TIMER);
}

static void test_delayed(void)
{
	begin(note_tick, key_lets_tick_wait);
	keyboard_raise(3);
	vmi_enable_interrupts();
	wait_us(1000);
	vmi_disable_interrupts();
	report(order_is(IRQ_KEYBOARD, IRQ_TIMER),
	       "a tick waits for the key's handler where that does not");
	report_equal(in_service_at_tick, TIMER,
		     "whose end of interrupt ended the key");
	end();
}

static void tick_raises_key(struct trap_frame *frame)
{
	(void)frame;
	note(IRQ_TIMER);
	keyboard_raise(4);
	vmi_enable_interrupts();
	wait_us(2000);
	vmi_disable_interrupts();
	keys_in_tick = keyboard_count();
	requested_in_tick = pic_requested();
}

static void test_lower_waits(void)
{
	uint32_t keys = keyboard_count();

	begin(tick_raises_key, note_key);
	wait_requested(TIMER);
	vmi_enable_interrupts();
	wait_us(1000);
	vmi_disable_interrupts();
	report(keys_in_tick == keys && requested_in_tick & KEYBOARD,
	       "a key does not interrupt the tick's handler");
	report(order_is(IRQ_TIMER, IRQ_KEYBOARD)
	       && keyboard_count() == keys + 1 && keyboard_byte() == 4,
	       "but comes after its end");
	end();
}

void test_priorities(void)
{
	test_both_pending();
	test_nested();
	test_delayed();
	test_lower_waits();
}
