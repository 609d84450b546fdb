/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: an interrupt at a vector where none should come is ended and counted, and harms nobody, whenever it comes.
 * Environments: native segment paged
 * Variants: machine=busy machine=start machine=direct
 * Qemu: -icount shift=5,sleep=off -rtc clock=vm -device edu,dma_mask=0xffffffff
 *
 * A guest cannot send such interrupts by a controller, nor by the message of a device.  But
 * a device that copies a word to FEE00000h sends one, too, and DMA is not policed.  With
 * machine=start they wait when the kernel activates, sent natively by the local APIC.
 * Natively they come to handlers, which shows that they are sent.
 */
#include "runtime.h"

#include <stddef.h>

#include "apic.h"
#include "edu.h"
#include "statistic.h"
#include "vmi.h"

#define TICK_HZ		100
#define COPY_TICKS	12		/* more than 100 ms */
#define SPINS		50000
#define MESSAGES	0xfee00000u	/* to the APIC with ID 0 */
#define VECTOR_DIRECT	0x80		/* may be entered from ring 3 */

static const uint32_t vectors[] = {
	0x31, 0x61, VECTOR_DIRECT, 0x9e, 0xa0, 0xc7, 0xf0, 0xf1, 0xfc, 0xfe, 0xff,
};
#define VECTORS	(sizeof(vectors) / sizeof(*vectors))

/* task_user.asm */
extern const uint8_t task_spin[];

const struct boot_config boot_config = { .paging = BOOT_PAGING_32, .stay_native = true };

static volatile uint32_t arrived[256], ticks;

static bool handle(struct trap_frame *frame)
{
	arrived[frame->vector]++;
	apic_write(APIC_EOI, 0);
	return true;
}

static void on_tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
}

static void busy(uint32_t until)
{
	vmi_enable_interrupts();
	while (ticks < until)
		vmi_pause();
	vmi_disable_interrupts();
}

static void closed(uint32_t until)
{
	uint64_t end = pit_clock() + (uint64_t)PIT_HZ * COPY_TICKS / TICK_HZ;

	(void)until;
	while (pit_clock() < end)
		vmi_pause();
}

static void halted(uint32_t until)
{
	while (ticks < until) {
		vmi_halt();
		vmi_disable_interrupts();
	}
}

static void raw_halted(uint32_t until)
{
	while (ticks < until)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	vmi_disable_interrupts();
}

/* In ring 3 interrupts cannot be off. */
static void in_user(uint32_t until)
{
	struct trap_frame registers = { .ecx = SPINS, .eflags = EFLAGS_IF };
	struct fault fault;

	while (ticks < until) {
		user_run((uint32_t)task_spin, user_stack_top(), &registers, &fault);
		if (fault.vector != TRAP_USER_EXIT)
			report(false, "ring 3 ended with vector %x", fault.vector);
	}
}

static const struct situation {
	const char *name;
	void (*wait)(uint32_t until);
} situations[] = {
	{ "busy", busy },
	{ "interrupts off", closed },
	{ "halted by a call", halted },
	{ "ring 3", in_user },
	{ "halted by STI; HLT", raw_halted },
};

static void send(const struct situation *s, unsigned int number)
{
	uint32_t vector = vectors[number], before = statistic("stray");
	uint32_t handled = arrived[vector];

	edu_copy(MESSAGES, EDU_BUFFER + number * 4, 4, false);
	s->wait(ticks + COPY_TICKS);
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
	report_equal(arrived[vector] - handled, !platform_is_vmi(), "%s, vector %x: handled",
		     s->name, vector);
	report_equal(statistic("stray") - before, platform_is_vmi(), "and counted");
}

static void test_vectors(void)
{
	unsigned int number, i;

	irq_set_handler(IRQ_TIMER, on_tick);
	pit_start(TICK_HZ);
	pit_set_hook(on_tick);
	edu_copy(EDU_BUFFER, (uint32_t)vectors, sizeof(vectors), false);
	busy(COPY_TICKS);
	for (i = 0; i < sizeof(situations) / sizeof(*situations); i++)
		for (number = 0; number < VECTORS; number++)
			send(&situations[i], number);
	pit_stop();
}

/*
 * The handler of a direct gate runs from ring 3 without the monitor.  At ring 0, where the
 * guest is while it is halted, the processor cannot enter it.
 */
static void test_direct(void)
{
	uint32_t before, i;

	tables_set_kernel_stack(trap_stack_top());
	tables_open_gate(VECTOR_DIRECT, ACCESS_TRAP_GATE, 3);
	for (i = 0; i < VECTORS && vectors[i] != VECTOR_DIRECT; i++)
		;
	edu_copy(EDU_BUFFER, (uint32_t)vectors, sizeof(vectors), false);
	irq_set_handler(IRQ_TIMER, on_tick);
	pit_start(TICK_HZ);
	pit_set_hook(on_tick);
	busy(COPY_TICKS);
	before = statistic("stray");
	edu_copy(MESSAGES, EDU_BUFFER + i * 4, 4, false);
	halted(ticks + COPY_TICKS);
	pit_stop();
	report_equal(statistic("stray") - before, platform_is_vmi(), "one at a direct gate, halted");
}

static void self_ipi(uint32_t vector)
{
	apic_write(APIC_ICR_LOW, ICR_SELF | vector);
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
}

/* They wait natively, and are the guest's after that, whatever the monitor has there. */
static void test_start(void)
{
	unsigned int vector;

	for (vector = 0x30; vector < 256; vector++)
		apic_write(APIC_ICR_LOW, ICR_SELF | vector);
	platform_start(false);
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
	for (vector = 0x30; vector < 256; vector++)
		if (arrived[vector] != 1)
			report(false, "vector %x: %u times", vector, arrived[vector]);
	report_equal(statistic("stray"), 0, "none is a stray one");
}

int main(void)
{
	unsigned int vector;

	if (!boot_word_is("machine", "start"))
		platform_start(false);
	for (vector = 0x30; vector < 256; vector++)
		trap_set_handler((uint8_t)vector, handle);
	pit_clock_start();
	apic_enable();
	if (boot_word_is("machine", "start"))
		test_start();
	else if (!edu_find())
		return 1;
	else if (boot_word_is("machine", "direct"))
		test_direct();
	else
		test_vectors();
	self_ipi(0x31);
	report(arrived[0x31] != 0, "the lowest vector can interrupt: nothing is in service");
	return 0;
}
