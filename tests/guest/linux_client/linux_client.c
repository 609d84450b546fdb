/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a kernel that uses the numbered interface as Linux does boots, runs users and keeps time; misuse breaks nothing.
 * Environments: native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae
 */
#include "client.h"

#include "msr.h"
#include "pit.h"

#include "base/hole.h"

#define WANTED_TICKS	5u
#define MSR_ABSENT	0x12345678u
#define MASTER		0x20
#define MASTER_DATA	0x21
#define SLAVE_DATA	0xa1
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET	0xfe
#define PIT_COUNT	11932u		/* 100 Hz */
#define STACK_SIZE	8192

const struct boot_config boot_config = {
	.paging = BOOT_PAGING_32,
	.high_alias = true,
	.stay_native = true,	/* the library's activation; ours comes by number */
};

struct client_frame last_fault;
volatile uint32_t ticks, alarms, syscalls;
uint32_t fixup;
static uint8_t stack[STACK_SIZE] __attribute__((aligned(16)));
static uint64_t idt[256] __attribute__((aligned(8)));

/* Raw, as they stay in a 3.0 client. */
static void raw_outb(uint8_t value, uint16_t port)
{
	__asm__ volatile("outb %0, %w1" : : "a" (value), "Nd" (port));
}

static uint8_t raw_inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %w1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static void raw_wrmsr(uint32_t index, uint32_t value)
{
	__asm__ volatile("wrmsr" : : "c" (index), "a" (value), "d" (0));
}

/* ---- entries ---- */

static bool end_of_stay(struct client_frame *f)
{
	if (f->vector != 0x80)
		return f->vector < 32;
	syscalls++;
	if (!f->eax || (f->eax == 1 && ticks >= WANTED_TICKS))
		return true;
	f->eax++;
	return false;
}

REGPARM void client_trap(struct client_frame *f)
{
	if (f->vector == IRQ_VECTOR) {
		ticks++;
		raw_outb(0x20, MASTER);
		return;
	}
	if (f->vector == VECTOR_ALARM) {
		alarms++;
		OP2(APICWrite, 0xb0, 0);
		return;
	}
	if (!end_of_stay(f))
		return;
	last_fault = *f;
	if ((f->cs & 3) != 3 && fixup) {
		f->eip = fixup;
		return;
	}
	client_resume();
}

/* ---- the order in which a real client goes on after patching ---- */

static void write_gate(unsigned int vector, uint32_t handler, uint32_t type, unsigned int dpl)
{
	uint64_t gate = descriptor_gate(handler, SELECTOR_KERNEL_CODE,
					ACCESS_PRESENT | ACCESS_DPL(dpl) | type);

	OP4(WriteIDTEntry, (uint32_t)idt, vector, (uint32_t)gate, (uint32_t)(gate >> 32));
}

static void fill_idt(void)
{
	struct vmi_dtr dtr = { .limit = sizeof(idt) - 1, .base = (uint32_t)idt };
	unsigned int vector;

	for (vector = 0; vector < 48; vector++)
		write_gate(vector, client_gates[vector], ACCESS_INTERRUPT_GATE, 0);
	write_gate(VECTOR_ALARM, (uint32_t)client_alarm, ACCESS_INTERRUPT_GATE, 0);
	write_gate(0x80, (uint32_t)client_syscall, ACCESS_TRAP_GATE, 3);
	OP1(SetIDT, (uint32_t)&dtr);
	dtr.base = 0;
	OP1(GetIDT, (uint32_t)&dtr);
	report_equal(dtr.base, (uint32_t)idt, "IDT base");
}

static void load_tables(void)
{
	struct vmi_dtr gdtr = { .limit = GDT_ENTRIES * 8 - 1, .base = (uint32_t)tables_gdt() };
	uint64_t tss = descriptor_segment((uint32_t)tables_tss(), sizeof(struct tss) - 1,
					  ACCESS_PRESENT | ACCESS_TSS);

	OP1(SetGDT, (uint32_t)&gdtr);
	OP2(UpdateKernelStack, SELECTOR_KERNEL_DATA, (uint32_t)stack + STACK_SIZE);
	OP4(WriteGDTEntry, (uint32_t)tables_gdt(), SELECTOR_TSS / 8, (uint32_t)tss, (uint32_t)(tss >> 32));
	OP1(SetTR, SELECTOR_TSS);
	OP1(SetLDT, 0);
	/* SetTR takes the stack from the TSS again, as hardware does. */
	tables_tss()->ss0 = SELECTOR_KERNEL_DATA;
	OP2(UpdateKernelStack, SELECTOR_KERNEL_DATA, (uint32_t)stack + STACK_SIZE);
}

static void first_calls(void)
{
	uint32_t cr4, cr0, cr3;

	OP4(SetLinearMapping, 0, LOWMEM, (HOLE_BASE - LOWMEM) / PAGE_SIZE, 0);
	cr4 = OP0(GetCR4);
	OP1(SetCR4, cr4 | 0x80);	/* PGE on and off: a global flush */
	OP1(SetCR4, cr4);
	report_equal(OP0(GetCR4), cr4, "CR4 after PGE was switched");
	OP1(FlushTLB, VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
	cr3 = OP0(GetCR3);
	report_equal(cr3 & ~0xfffu, paging_kernel_root() & ~0xfffu, "CR3");
	OP1(SetCR3, cr3);
	OP1(InvalPage, LOWMEM);
	fill_idt();
	load_tables();
	report_equal(OP1(GetDR, 7) & 0xff, 0, "DR7's enables");
	cr0 = OP0(GetCR0);
	OP1(SetCR0, cr0 | CR0_TS);
	report(OP0(GetCR0) & CR0_TS, "CR0.TS set");
	OP0(CLTS);
	report(!(OP0(GetCR0) & CR0_TS), "and cleared by CLTS");
}

/* ---- what must hold of the calls ---- */

static void same_registers(void (*site)(void), const char *name, uint32_t mask)
{
	uint32_t before[8], after[8], changed = 0;
	unsigned int i;

	client_registers(site, before, after);
	for (i = 0; i < 8; i++)
		if (i != 3 && before[i] != after[i])
			changed |= 1u << i;
	report_equal(changed & mask, 0, "registers that %s changes (EDI is bit 0, EAX bit 7)", name);
}

static void test_sites(void)
{
	client_disable();
	report_equal(client_get_mask() & 0x200, 0, "mask after the disable site");
	client_set_mask(0x202);
	report_equal(client_get_mask() & 0x200, 0x200, "after the set site");
	client_set_mask(0x2);
	report_equal(client_get_mask() & 0x200, 0, "and off again");
	same_registers((void (*)(void))client_enable, "enable", 0xff);
	report_equal(client_get_mask() & 0x200, 0x200, "mask after the enable site");
	same_registers((void (*)(void))client_disable, "disable", 0xff);
	same_registers((void (*)(void))client_get_mask, "get mask", 0x7f);
	same_registers((void (*)(void))client_set_mask, "set mask", 0xff);
	client_disable();
}

static void test_msr(void)
{
	uint32_t low, high;

	raw_wrmsr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (MSR_SYSENTER_CS));
	report(low == SELECTOR_KERNEL_CODE && !high, "raw WRMSR and RDMSR");
	last_fault.vector = 0;
	__asm__ volatile("movl $1f, %0\n\trdmsr\n1:\tmovl $0, %0"
			 : "=m" (fixup) : "c" (MSR_ABSENT) : "eax", "edx", "memory");
	/* QEMU's TCG reads 0. */
	if (rom_is_active())
		report(last_fault.vector == TRAP_PROTECTION && !last_fault.error,
		       "an MSR that is not there is #GP(0)");
	raw_wrmsr(MSR_SYSENTER_CS + 1, (uint32_t)stack + STACK_SIZE);
	raw_wrmsr(MSR_SYSENTER_CS + 2, (uint32_t)client_sysenter);
}

static void start_timer(void)
{
	raw_outb(0x11, MASTER);
	raw_outb(IRQ_VECTOR, MASTER_DATA);
	raw_outb(4, MASTER_DATA);
	raw_outb(1, MASTER_DATA);
	raw_outb(0xfe, MASTER_DATA);
	raw_outb(0xff, SLAVE_DATA);
	report_equal(raw_inb(MASTER_DATA), 0xfe, "the mask register reads back");
	raw_outb(PIT_RATE_0, PIT_COMMAND);
	raw_outb(PIT_COUNT & 0xff, PIT_CHANNEL_0);
	raw_outb(PIT_COUNT >> 8, PIT_CHANNEL_0);
}

static void run_user(void (*eip)(void))
{
	uint32_t words[5] = { (uint32_t)eip, USER_CS, EFLAGS_FIXED | EFLAGS_IF, user_stack_top(), USER_SS };

	last_fault.vector = 0;
	client_run(words);
	client_disable();
}

static void test_users(void)
{
	run_user(user_int80);
	report(last_fault.vector == 0x80 && !last_fault.eax && syscalls == 2, "INT 80h, and back by the IRET site");
	user_eip = (uint32_t)user_sysenter_back;
	user_esp = user_stack_top();
	run_user(user_sysenter);
	report(last_fault.vector == 0x80 && sysenter_count == 100, "SYSENTER, and back by the SYSEXIT site (%u)",
	       sysenter_count);
	run_user(user_fault);
	report(last_fault.vector == TRAP_PAGE && (last_fault.error & 6) == 4, "ring 3's page fault (error %x)",
	       last_fault.error);
	report_equal(OP0(GetCR2), HOLE_STATE, "and its CR2");
	ticks = 0;
	run_user(user_spin);
	report(ticks >= WANTED_TICKS, "the timer interrupts ring 3");
	report_equal(last_fault.eflags & EFLAGS_IF, EFLAGS_IF, "whose flags show IF");
}

static void test_halt(void)
{
	uint32_t before = ticks;

	client_disable();
	OP0(Halt);
	report(ticks != before, "Halt ends with an interrupt taken");
	before = ticks;
	client_enable();
	__asm__ volatile("hlt");
	report(ticks != before, "and so does a raw HLT");
	client_disable();
}

/* A frame that cannot be returned through: a fault at the site, and the frame is as it was. */
static void bad_frame(const char *what, uint32_t eip, uint32_t cs, uint32_t ss, uint32_t error)
{
	uint32_t words[5] = { eip, cs, EFLAGS_FIXED | EFLAGS_IF, user_stack_top(), ss };

	last_fault.vector = 0;
	client_run(words);
	report(last_fault.vector == TRAP_PROTECTION && last_fault.error == error
	       && last_fault.eip == (uint32_t)site_iret && (last_fault.cs & 3) == (read_cs() & 3),
	       "a return with a bad %s is #GP(%x) at the site (vector %u error %x eip %x)", what, error,
	       last_fault.vector, last_fault.error, last_fault.eip);
	report(last_fault.esp == words[0] && (last_fault.ss & 0xffff) == words[1],
	       "and the frame lies above the fault's");
}

static void test_bad_frames(void)
{
	uint32_t eip = (uint32_t)user_int80;

	bad_frame("SS", eip, USER_CS, SELECTOR_SPARE | 3, SELECTOR_SPARE);
	bad_frame("CS", eip, SELECTOR_SPARE | 3, USER_SS, SELECTOR_SPARE);
	bad_frame("SS that is code", eip, USER_CS, USER_CS, SELECTOR_USER_CODE);
	bad_frame("CS of the monitor's", eip, MONITOR_CS | 3, USER_SS, MONITOR_CS);
}

static void test_client(void)
{
	rom_patch_sites();
	first_calls();
	test_sites();
	test_msr();
	start_timer();
	test_users();
	test_halt();
	test_bad_frames();
	test_memory();
	test_time();
}

/* As a real client reboots; tests/test_vmi_linux.py asks for it. */
static void reset(void)
{
	raw_outb(KEYBOARD_RESET, KEYBOARD_COMMAND);
	for (;;)
		__asm__ volatile("hlt");
}

int main(void)
{
	struct vmi_rom_header *rom = rom_probe();

	memory_prepare();
	memcpy(op_entries, native_ops, sizeof(op_entries));
	if (rom) {
		rom_misuse();
		memset(op_entries, 0, sizeof(op_entries));
		if (!report(rom_activate(), "VMI_Init succeeds"))
			return 0;
		print("platform: vmi, cpl %u, 6 sites\n", cpu_ring());
		rom_query();
	}
	test_client();
	if (boot_has_word("reset"))
		reset();
	return 0;
}
