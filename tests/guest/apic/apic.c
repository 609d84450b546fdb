/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the local APIC by calls and by plain memory: self-IPIs, priorities, EOI, the timer, the way of the 8259's interrupts.
 * Environments: native segment paged bochs
 * Variants: paging=32 paging=pae
 * Qemu: -icount shift=3,sleep=off
 */
#include "registers.h"

#include "msr.h"

#define THREE_MS		3000000u	/* cycles of a TSC of 1 GHz, as under -icount */
#define MOVED_PHYSICAL		0xfed80000u
#define MOVED_LINEAR		0x50002000u

volatile uint32_t arrived[256];
bool by_memory;
static uint32_t order[4], order_length;
static bool keep_in_service;

uint32_t register_read(uint32_t offset)
{
	return by_memory ? *apic_at(offset) : apic_read(offset);
}

void register_write(uint32_t offset, uint32_t value)
{
	if (by_memory)
		*apic_at(offset) = value;
	else
		apic_write(offset, value);
}

bool apic_bit(uint32_t bits, unsigned int vector)
{
	return register_read(bits + vector / 32 * 16) >> vector % 32 & 1;
}

static bool handle(struct trap_frame *frame)
{
	arrived[frame->vector]++;
	if (order_length < 4)
		order[order_length++] = frame->vector;
	if (!keep_in_service)
		register_write(APIC_EOI, 0);
	return true;
}

void moment(void)
{
	vmi_enable_interrupts();
	vmi_io_delay();
	vmi_disable_interrupts();
}

static void send(uint32_t vector)
{
	register_write(APIC_ICR_LOW, ICR_SELF | vector);
}

static void test_registers(void)
{
	uint32_t eax = 1, ebx, ecx, edx;

	vmi_cpuid(1, 0, &eax, &ebx, &ecx, &edx);
	report(edx & CPUID_1_EDX_APIC, "CPUID has the APIC");
	report_equal(register_read(APIC_ID), ebx & 0xff000000u, "its identifier");
	report((register_read(APIC_VERSION) & 0xf0) == 0x10, "its version");
	register_write(APIC_TPR, 0x55);
	report_equal(register_read(APIC_TPR), 0x55, "the task priority is kept");
	register_write(APIC_TPR, 0);
	register_write(APIC_LDR, 0x01000000);
	report_equal(register_read(APIC_LDR), 0x01000000, "the logical destination is kept");
	register_write(APIC_SVR, SVR_ENABLE | 0xff);
	report(register_read(APIC_SVR) & SVR_ENABLE, "it is enabled");
}

static void test_self(void)
{
	arrived[VECTOR_LOW] = 0;
	send(VECTOR_LOW);
	report(apic_bit(APIC_IRR, VECTOR_LOW), "an IPI to oneself waits in IRR");
	report_equal(arrived[VECTOR_LOW], 0, "as interrupts are disabled");
	moment();
	report_equal(arrived[VECTOR_LOW], 1, "it comes with the enabling");
	report(!apic_bit(APIC_IRR, VECTOR_LOW) && !apic_bit(APIC_ISR, VECTOR_LOW),
	       "and its EOI ends it");
	vmi_enable_interrupts();
	send(VECTOR_LOW);
	vmi_io_delay();
	report_equal(arrived[VECTOR_LOW], 2, "enabled, it comes at once");
	vmi_disable_interrupts();
	register_write(APIC_ICR_HIGH, register_read(APIC_ID));
	register_write(APIC_ICR_LOW, VECTOR_LOW);
	moment();
	report_equal(arrived[VECTOR_LOW], 3, "also by one's identifier");
	register_write(APIC_ICR_HIGH, 0x01000000);
	register_write(APIC_ICR_LOW, 0x800 | VECTOR_LOW);
	moment();
	report_equal(arrived[VECTOR_LOW], 4, "or by a logical destination");
}

static void test_priorities(void)
{
	order_length = 0;
	send(VECTOR_LOW);
	send(VECTOR_HIGH);
	moment();
	report(order_length == 2 && order[0] == VECTOR_HIGH && order[1] == VECTOR_LOW,
	       "of two the higher vector comes first");

	register_write(APIC_TPR, VECTOR_LOW & 0xf0);
	order_length = 0;
	send(VECTOR_LOW);
	send(VECTOR_HIGH);
	moment();
	report(order_length == 1 && order[0] == VECTOR_HIGH, "the task priority holds the lower");
	vmi_enable_interrupts();
	register_write(APIC_TPR, 0);
	vmi_io_delay();
	vmi_disable_interrupts();
	report(order_length == 2 && order[1] == VECTOR_LOW, "until it sinks");

	keep_in_service = true;
	order_length = 0;
	send(VECTOR_HIGH);
	moment();
	report(apic_bit(APIC_ISR, VECTOR_HIGH), "without an EOI it stays in service");
	report_equal(register_read(APIC_PPR) & 0xf0, VECTOR_HIGH & 0xf0, "and sets the priority");
	send(VECTOR_LOW);
	moment();
	report_equal(order_length, 1, "which holds the lower one");
	keep_in_service = false;
	register_write(APIC_EOI, 0);
	moment();
	report_equal(order_length, 2, "until the EOI");
}

static uint32_t ticks;

static void handle_tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
}

/* Does the timer of the 8259 pair get through? */
static bool pair_interrupts(void)
{
	uint32_t before = ticks;

	vmi_enable_interrupts();
	wait_us(3000);
	vmi_disable_interrupts();
	return ticks != before;
}

static void test_pair(void)
{
	register_write(APIC_LVT_LINT0, LVT_EXTINT);
	pit_start(1000);
	pit_set_hook(handle_tick);
	report(pair_interrupts(), "the 8259's interrupts come through LINT0");
	register_write(APIC_TPR, 0xf0);
	report(pair_interrupts(), "whatever the task priority");
	register_write(APIC_TPR, 0);
	pit_stop();
}

static void test_pair_masked(void)
{
	uint32_t before;
	uint64_t start;

	register_write(APIC_LVT_LINT0, LVT_EXTINT | LVT_MASKED);
	pit_start(1000);
	pit_set_hook(handle_tick);
	report(!pair_interrupts(), "not while LINT0 is masked");
	register_write(APIC_LVT_LINT0, LVT_EXTINT);
	report(pair_interrupts(), "but then again");
	vmi_enable_interrupts();
	register_write(APIC_LVT_LINT0, LVT_EXTINT | LVT_MASKED);
	before = ticks;
	start = vmi_rdtsc();
	while (vmi_rdtsc() - start < THREE_MS)
		;
	vmi_disable_interrupts();
	report_equal(ticks - before, 0, "nor if it is masked while interrupts are on");
	register_write(APIC_LVT_LINT0, LVT_EXTINT);
	pit_stop();
}

/* Moving the page and switching off, as the manual has it; QEMU's own APIC does not move. */
static void test_base(void)
{
	uint64_t base = vmi_rdmsr(MSR_APIC_BASE);
	uint32_t eax = 1, ebx, ecx, edx;

	report((base & 0xfffff800u) == (APIC_PHYSICAL | APIC_BASE_ENABLE), "it lies at FEE00000h");
	if (!platform_is_vmi())
		return;
	paging_map(MOVED_LINEAR, MOVED_PHYSICAL, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	vmi_wrmsr(MSR_APIC_BASE, (base & 0xfff) | MOVED_PHYSICAL);
	report_equal(*(volatile uint32_t *)(MOVED_LINEAR + APIC_VERSION),
		     apic_read(APIC_VERSION), "its page can be moved");
	report_equal(*apic_at(APIC_VERSION), 0xffffffffu, "and is where it was no more");
	vmi_wrmsr(MSR_APIC_BASE, base & ~(uint64_t)APIC_BASE_ENABLE);
	vmi_cpuid(1, 0, &eax, &ebx, &ecx, &edx);
	report(!(edx & CPUID_1_EDX_APIC), "switched off CPUID has it not");
	pit_start(1000);
	pit_set_hook(handle_tick);
	report(pair_interrupts(), "and the 8259's interrupts come by wire");
	pit_stop();
	vmi_wrmsr(MSR_APIC_BASE, base);
	report_equal(register_read(APIC_SVR), 0xff, "switched on it is as after a reset");
	register_write(APIC_SVR, SVR_ENABLE | 0xff);
}

int main(void)
{
	unsigned int i;

	apic_map();
	trap_set_handler(VECTOR_LOW, handle);
	trap_set_handler(VECTOR_HIGH, handle);
	trap_set_handler(VECTOR_APIC_TIMER, handle);
	pit_clock_start();
	for (i = 0; i < 2; i++) {
		by_memory = i;
		print("%s\n", by_memory ? "by memory" : "by calls");
		test_registers();
		test_self();
		test_priorities();
		test_timer();
	}
	test_pair();
	test_pair_masked();
	test_base();
	return 0;
}
