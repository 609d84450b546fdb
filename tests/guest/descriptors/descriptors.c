/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: exceptions and interrupts go by the segments of handler and stack as they are now, in whichever way they were changed.
 * Environments: native bochs-native segment paged bochs bochs-paged paged-checked
 * Variants: paging=32 unpatched=careful
 *
 * The monitor remembers which selectors were flat (hypervisor/cpu/flat.c) and what
 * became of descriptors (segment.c): each case has it do so first.  The changes
 * keep the bits that it hashes by.
 */
#include "runtime.h"

#include "vmi.h"

#include "jump.h"

#define CODE		SELECTOR_SPARE
#define STACK		(SELECTOR_SPARE + 8)
#define FLAT		((uint64_t)0x00c00000 << 32)	/* 4 KiB units, 32-bit */
#define BASE		0x1000u
#define PIC_COMMAND	0x20
#define PIC_EOI		0x20
#define DEFER_DT	4

/* entry.asm, task_user.asm */
extern const uint8_t entry_one[], entry_two[], undefined_site[], task_undefined[];
extern volatile struct {
	uint32_t which, esp, cs, ss;
} noted;
void undefined_at(uint32_t ss, uint32_t esp);
void arrived(void);

static struct jump_context back;
static uint32_t fault_vector, fault_error;
static uint8_t stack[4 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
#define STACK_TOP	((uint32_t)stack + PAGE_SIZE)	/* or one page up, by its base */

void arrived(void)
{
	jump_to(&back, 1);
}

static bool take_fault(struct trap_frame *frame)
{
	fault_vector = frame->vector;
	fault_error = frame->error & ~1u;	/* EXT: Bochs and TCG do without */
	jump_to(&back, 1);
}

static uint64_t code(uint32_t base, uint32_t access)
{
	return descriptor_segment(base, 0xfffff, ACCESS_PRESENT | access) | FLAT;
}

static uint64_t data(uint32_t base)
{
	return descriptor_segment(base, base ? 0x3fff : 0xfffff, ACCESS_PRESENT | ACCESS_DATA) | FLAT;
}

/* ---- ways to change an entry of the GDT ---- */

static uint64_t other_gdt[GDT_ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static void by_call(uint16_t selector, uint64_t d)
{
	tables_set_segment(selector, d);
}

/* Unpatched, the store alone has to do. */
static void by_store(uint16_t selector, uint64_t d)
{
	struct vmi_dtr gdtr;

	*(volatile uint64_t *)&tables_gdt()[selector / 8] = d;
	if (platform_patched_sites()) {
		vmi_get_gdt(&gdtr);
		vmi_set_gdt(&gdtr);
	}
}

static void by_raw_load(uint16_t selector, uint64_t d)
{
	struct vmi_dtr gdtr = { .limit = GDT_ENTRIES * 8 - 1, .base = (uint32_t)tables_gdt() };

	*(volatile uint64_t *)&tables_gdt()[selector / 8] = d;
	__asm__ volatile("lgdt %0" : : "m" (gdtr));
}

/* The runtime's own table gets the entry, too: the next way goes on with that. */
static void by_other_table(uint16_t selector, uint64_t d)
{
	struct vmi_dtr gdtr = { .limit = sizeof(other_gdt) - 1, .base = (uint32_t)other_gdt };

	*(volatile uint64_t *)&tables_gdt()[selector / 8] = d;
	memcpy(other_gdt, tables_gdt(), sizeof(other_gdt));
	vmi_set_gdt(&gdtr);
}

static void by_deferred_call(uint16_t selector, uint64_t d)
{
	vmi_set_deferred_mode(DEFER_DT);
	tables_set_segment(STACK + 8, d ^ 0x10000);	/* not alone in the queue */
	tables_set_segment(selector, d);
	vmi_flush_deferred_calls();
	vmi_set_deferred_mode(0);
}

/* Stored before, and then announced. */
static void by_late_call(uint16_t selector, uint64_t d)
{
	*(volatile uint64_t *)&tables_gdt()[selector / 8] = d;
	tables_set_segment(selector, d);
}

static void load(uint64_t *table)
{
	struct vmi_dtr gdtr = { .limit = sizeof(other_gdt) - 1, .base = (uint32_t)table };

	vmi_set_gdt(&gdtr);
	vmi_write_gdt_entry(table, STACK / 8 + 1, 0, 0);
}

/* What a call says was in this place, in the table before, already. */
static void by_call_again(uint16_t selector, uint64_t d)
{
	load(tables_gdt());
	tables_set_segment(selector, d);
	memcpy(other_gdt, tables_gdt(), sizeof(other_gdt));
	other_gdt[selector / 8] = data(2 * BASE);
	load(other_gdt);
	vmi_write_gdt_entry(other_gdt, selector / 8, (uint32_t)d, (uint32_t)(d >> 32));
}

typedef void change(uint16_t selector, uint64_t d);

static const struct {
	change *change;
	const char *name;
} ways[] = {
	{ by_call, "a call" }, { by_store, "a store" }, { by_raw_load, "LGDT" },
	{ by_deferred_call, "a deferred call" }, { by_late_call, "a store and a call" },
	{ by_other_table, "another table" }, { by_call_again, "a call, as for another table" },
};

/* ---- events ---- */

static void in_kernel(void)
{
	undefined_at(read_ss(), STACK_TOP);
}

static void on_stack(void)
{
	undefined_at(STACK | cpu_ring(), STACK_TOP);
}

static void in_user(void)
{
	struct trap_frame *frame = (struct trap_frame *)trap_stack_top() - 1;

	*frame = (struct trap_frame){
		.gs = USER_SS, .fs = USER_SS, .es = USER_SS, .ds = USER_SS,
		.eip = (uint32_t)task_undefined, .cs = USER_CS, .eflags = EFLAGS_FIXED | EFLAGS_IF,
		.esp = user_stack_top(), .ss = USER_SS,
	};
	trap_leave(frame);
}

static void by_timer(void)
{
	pit_start(1000);
	vmi_enable_interrupts();
	for (;;)
		vmi_halt();
}

static void after_timer(void)
{
	vmi_disable_interrupts();
	vmi_outb(PIC_EOI, PIC_COMMAND);
	pit_stop();
}

/* Which handler ran, or 0 and fault_vector. */
static uint32_t raise(void (*event)(void))
{
	noted.which = 0;
	fault_vector = NO_FAULT;
	memset(stack, 0, sizeof(stack));
	vmi_disable_interrupts();
	if (jump_set(&back) == 0)
		event();
	if (event == by_timer)
		after_timer();
	return noted.which;
}

static void arrives(void (*event)(void), uint32_t which, const char *what, const char *way)
{
	uint32_t got = raise(event);

	if (!report(got == which, "%s by %s: handler %u", what, way, got))
		print("  %s, error %x\n", trap_name(fault_vector), fault_error);
}

static void faults(void (*event)(void), uint32_t vector, const char *what, const char *way)
{
	uint32_t got = raise(event);

	report(!got && fault_vector == vector && fault_error == CODE, "%s by %s: %s, error %x", what, way,
	       trap_name(fault_vector), fault_error);
}

/* ---- handlers ---- */

static uint32_t distance(void)
{
	return (uint32_t)(entry_two - entry_one);
}

static void test_code(change *change, const char *way, void (*event)(void))
{
	uint64_t absent = ~((uint64_t)ACCESS_PRESENT << 40);

	change(CODE, code(0, ACCESS_CODE));
	arrives(event, 1, "flat code", way);
	change(CODE, code(distance(), ACCESS_CODE));
	arrives(event, 2, "a base", way);
	change(CODE, code(0, ACCESS_CODE));
	arrives(event, 1, "no base", way);
	change(CODE, code(0, ACCESS_CODE) & absent);
	faults(event, TRAP_NOT_PRESENT, "not present", way);
	change(CODE, code(0, ACCESS_CODE));
	arrives(event, 1, "present", way);
	change(CODE, code(0, ACCESS_DATA));
	faults(event, TRAP_PROTECTION, "data", way);
	change(CODE, code(0, ACCESS_CODE));
	arrives(event, 1, "code", way);
	change(CODE, code(0, ACCESS_CODE | ACCESS_DPL(3)));
	if (event == in_kernel)		/* from ring 3 hardware would stay there (abi.md, 10) */
		faults(event, TRAP_PROTECTION, "ring 3's", way);
	change(CODE, 0);
	faults(event, TRAP_PROTECTION, "nothing", way);
}

static void test_timer(change *change, const char *way)
{
	change(CODE, code(0, ACCESS_CODE));
	arrives(by_timer, 1, "an interrupt to flat code", way);
	change(CODE, code(distance(), ACCESS_CODE));
	arrives(by_timer, 2, "an interrupt to a base", way);
	change(CODE, code(0, ACCESS_CODE));
	arrives(by_timer, 1, "an interrupt to no base", way);
}

/* ---- stacks ---- */

static void lies_at(void (*event)(void), uint32_t base, unsigned int words, uint32_t eip, const char *way)
{
	uint32_t linear = base + STACK_TOP - words * 4;

	raise(event);
	report(noted.which == 1 && noted.esp == STACK_TOP - words * 4 && *(uint32_t *)linear == eip
	       && *(uint32_t *)(linear ^ BASE) == 0 && (noted.ss & 0xfffc) == STACK,
	       "a stack at base %x by %s: ESP %x", base, way, noted.esp);
}

static void test_stack(change *change, const char *way)
{
	tables_set_kernel_stack(trap_stack_top());
	change(CODE, code(0, ACCESS_CODE));
	change(STACK, data(0));
	lies_at(on_stack, 0, 3, (uint32_t)undefined_site, way);
	change(STACK, data(BASE));
	lies_at(on_stack, BASE, 3, (uint32_t)undefined_site, way);
	change(STACK, data(0));
	lies_at(on_stack, 0, 3, (uint32_t)undefined_site, way);
	tables_tss()->ss0 = STACK | cpu_ring();
	vmi_update_kernel_stack(tables_tss(), STACK_TOP);
	lies_at(in_user, 0, 5, (uint32_t)task_undefined, way);
	change(STACK, data(BASE));
	lies_at(in_user, BASE, 5, (uint32_t)task_undefined, way);
	change(STACK, data(0));
	lies_at(in_user, 0, 5, (uint32_t)task_undefined, way);
	tables_set_kernel_stack(trap_stack_top());
}

static void on_narrow_stack(void)
{
	undefined_at(STACK | cpu_ring(), PAGE_SIZE);
}

/* SP counts, whatever a return to such a stack leaves in ESP's upper half. */
static void test_narrow_stack(void)
{
	by_other_table(CODE, code(0, ACCESS_CODE));
	by_other_table(STACK, descriptor_segment((uint32_t)stack, 0xffff, ACCESS_PRESENT | ACCESS_DATA));
	raise(on_narrow_stack);
	report(noted.which == 1 && (noted.esp & 0xffff) == PAGE_SIZE - 12
	       && *(uint32_t *)(stack + PAGE_SIZE - 12) == (uint32_t)undefined_site,
	       "a 16-bit stack: handler %u, ESP %x", noted.which, noted.esp);
}

int main(void)
{
	static const uint8_t vectors[] = { TRAP_PROTECTION, TRAP_NOT_PRESENT };
	uint64_t gate = descriptor_gate((uint32_t)entry_one, CODE, ACCESS_PRESENT | ACCESS_INTERRUPT_GATE);
	unsigned int i;

	for (i = 0; i < sizeof(vectors); i++)
		trap_set_handler(vectors[i], take_fault);
	tables_set_gate(TRAP_INVALID_OPCODE, gate);
	tables_set_gate(IRQ_VECTOR + IRQ_TIMER, gate);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		test_code(ways[i].change, ways[i].name, in_kernel);
		test_code(ways[i].change, ways[i].name, in_user);
		test_timer(ways[i].change, ways[i].name);
		test_stack(ways[i].change, ways[i].name);
	}
	test_narrow_stack();
	return 0;
}
