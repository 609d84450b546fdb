/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: whatever a call's arguments are, the guest gets a fault or nothing happens, and all goes on.
 * Environments: segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae
 *
 * Every call runs with all combinations of bad values for its arguments, as
 * the table of kinds says. What would be the guest's own end on hardware is in
 * tests/guest/ends: tables and page tables from nowhere.
 */
#include "bad_input.h"

#include "runtime.h"

#include "vmi.h"
#include "vmi_guest.h"

#define SCRATCH_PORT	0x84u		/* of the DMA pages, one that is no page */
#define ARGUMENTS	4		/* EAX, EDX, ECX, stack */

/*
 * P  a pointer that must fault where it is bad
 * p  a pointer that need not be used at all
 * n  a number, s a selector, f a frame, d a debug register's number
 * c  a short count, i any port to read, o the port that may be written
 * r  a page-table root with odd bits, R one that must fault
 * -  none
 */
struct call_kinds {
	uint8_t call;
	char kinds[ARGUMENTS + 1];
};

#define KINDS(name, kinds)	{ VMI_CALL_##name, kinds }

static const struct call_kinds calls[] = {
	KINDS(GetRelocationInfo, "n---"), KINDS(DisableInterrupts, "----"),
	KINDS(EnableInterrupts, "----"), KINDS(GetInterruptMask, "----"),
	KINDS(SetInterruptMask, "n---"), KINDS(DeliverInterrupts, "----"),
	KINDS(Pause, "----"), KINDS(Halt, "nnn-"), KINDS(SetInitialAPState, "pn--"), KINDS(Init, "----"),
	KINDS(SetGDT, "P---"), KINDS(SetIDT, "P---"), KINDS(SetLDT, "s---"),
	KINDS(SetTR, "s---"), KINDS(GetGDT, "P---"), KINDS(GetIDT, "P---"),
	KINDS(GetLDT, "----"), KINDS(GetTR, "----"), KINDS(WriteGDTEntry, "pnnn"),
	KINDS(WriteLDTEntry, "pnnn"), KINDS(WriteIDTEntry, "pnnn"),
	KINDS(UpdateKernelStack, "pn--"), KINDS(UpdateKernelStack, "sn--"),
	KINDS(CPUID, "n-n-"), KINDS(WRMSR, "nnn-"), KINDS(RDMSR, "--n-"),
	KINDS(SetCR0, "n---"), KINDS(SetCR2, "n---"), KINDS(SetCR3, "r---"),
	KINDS(SetCR3, "R---"), KINDS(SetCR4, "n---"),
	KINDS(GetCR0, "----"), KINDS(GetCR2, "----"), KINDS(GetCR3, "----"),
	KINDS(GetCR4, "----"), KINDS(CLTS, "----"), KINDS(SetDR, "dp--"),
	KINDS(GetDR, "n---"), KINDS(RDTSC, "----"), KINDS(RDPMC, "--n-"),
	KINDS(WBINVD, "----"), KINDS(INB, "-i--"), KINDS(INW, "-i--"), KINDS(INL, "-i--"),
	KINDS(OUTB, "no--"), KINDS(OUTW, "no--"), KINDS(OUTL, "no--"),
	KINDS(INSB, "poc-"), KINDS(INSW, "poc-"), KINDS(INSL, "poc-"),
	KINDS(OUTSB, "poc-"), KINDS(OUTSW, "poc-"), KINDS(OUTSL, "poc-"),
	KINDS(IODelay, "----"), KINDS(SetIOPLMask, "n---"),
	KINDS(APICWrite, "pn--"), KINDS(APICRead, "p---"),
	KINDS(GetCycleFrequency, "----"), KINDS(GetCycleCounter, "n---"),
	KINDS(SetAlarm, "nnnn"), KINDS(CancelAlarm, "n---"),
	KINDS(GetWallclockTime, "----"), KINDS(WallclockUpdated, "----"),
	KINDS(SetPte, "nP--"), KINDS(SetPxE, "nPn-"), KINDS(SwapPte, "nP--"),
	KINDS(TestAndSetPteBit, "np--"), KINDS(TestAndClearPteBit, "np--"),
	KINDS(UpdatePxE, "pn--"), KINDS(UpdatePxELong, "pn--"),
	KINDS(SetPteLong, "nnP-"), KINDS(SetPxELong, "nnPn"), KINDS(SwapPteLong, "nnP-"),
	KINDS(TestAndSetPteBitLong, "np--"), KINDS(TestAndClearPteBitLong, "np--"),
	KINDS(RegisterPageUsage, "fn--"), KINDS(AllocatePage, "fnfn"),
	KINDS(ReleasePage, "fn--"), KINDS(ClonePageTable, "ffn-"),
	KINDS(ClonePageDirectory, "ffn-"), KINDS(SetLinearMapping, "nnnn"),
	KINDS(InvalPage, "p---"), KINDS(FlushTLB, "n---"), KINDS(SetDeferredMode, "n---"),
	KINDS(FlushDeferredCalls, "----"), KINDS(SetLazyMode, "n---"),
};

/* returns.c has them. */
static const uint8_t returns[] = { VMI_CALL_IRET, VMI_CALL_SYSEXIT };

/* Each attempt ends the machine, whatever the arguments: tests/test_power.py. */
static const uint8_t ends[] = { VMI_CALL_Shutdown, VMI_CALL_Reboot };

/* The middle one of three pages, so that a small way off it does no harm. */
static uint8_t scratch[3][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
#define GOOD	((uint32_t)scratch[1] + 1)	/* but misaligned */

bool unlimited;

static uint32_t pointers[] = {
	0, AWAY, AWAY - 2, HOLE_BASE - 2, HOLE_ROM, HOLE_GATE_INFO, HOLE_GUEST_END, HOLE_CPU,
	HOLE_WINDOWS, 0xfffffffd, 0,	/* GOOD */
};
#define POINTERS	(sizeof(pointers) / sizeof(pointers[0]))

/* The first is what a call without the argument gets. */
static const uint32_t numbers[] = {
	0, 1, 7, 0x100, 0x12345, 0x7fffffff, 0x80000000, 0xffffffff,
};
static const uint32_t selectors[] = {
	0, 3, 4, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA | 4, 8 * (GDT_ENTRIES - 1),
	8 * GDT_ENTRIES, GUEST_GDT_LIMIT - 7, MONITOR_CS, MONITOR_TSS, MONITOR_LDT, 0xfff8, 0xffff, 0xffffffff,
};
static const uint32_t frames[] = {
	0, 0xa0, 0xf0, 0x3fff, 0x3800, 0xfec00, 0xfee00, 0xfffff, 0x100000, 0xffffffff,
};
static const uint32_t debug_numbers[] = { 0, 3, 8, 0x100, 0x7fffffff, 0x80000000, 0xffffffff };
static const uint32_t counts[] = { 0, 1, 5 };
static const uint32_t ports[] = { 0, 0x1f, 0x5f, 0xcf7, 0xcfa, 0xcfe, 0xfffe, 0xffff };
static const uint32_t out_ports[] = { SCRATCH_PORT };
static uint32_t roots[8], bad_roots[4];

static const struct {
	char kind;
	const uint32_t *values;
	unsigned int count;
} kinds[] = {
	{ 'P', pointers, POINTERS }, { 'p', pointers, POINTERS },
	{ 'n', numbers, sizeof(numbers) / 4 }, { 's', selectors, sizeof(selectors) / 4 },
	{ 'f', frames, sizeof(frames) / 4 }, { 'd', debug_numbers, sizeof(debug_numbers) / 4 },
	{ 'c', counts, sizeof(counts) / 4 }, { 'i', ports, sizeof(ports) / 4 },
	{ 'o', out_ports, 1 }, { '-', numbers, 1 },
	{ 'r', roots, sizeof(roots) / 4 }, { 'R', bad_roots, sizeof(bad_roots) / 4 },
};

static unsigned int kind_index(char kind)
{
	unsigned int i = 0;

	while (kinds[i].kind != kind)
		i++;
	return i;
}

/* The kernel's own page tables, with bits in CR3 that mean nothing there. */
static void fill_roots(void)
{
	static const uint32_t low[] = { 0, 1, 2, 4, 8, 0x10, 0x18, 0x1f };
	unsigned int i;

	for (i = 0; i < sizeof(roots) / 4; i++)
		roots[i] = paging_kernel_root() | low[i];
}

/* PAE only: reserved bits in one of the four entries (SDM volume 3, 4.4.1). */
static void fill_bad_roots(void)
{
	static const uint64_t reserved[] = { 0x2, 0x100, 1ull << 52, 1ull << 63 };
	unsigned int i;

	for (i = 0; i < sizeof(bad_roots) / 4; i++) {
		bad_roots[i] = memory_allocate_page();
		memcpy((void *)bad_roots[i], (void *)paging_kernel_root(), 32);
		((uint64_t *)bad_roots[i])[i] |= reserved[i] | PTE_PRESENT;
	}
}

/* ---- one attempt ---- */

static uint32_t entry, arguments[ARGUMENTS];

/* Strings have their pointer in ESI and EDI. */
static void call(void *argument)
{
	uint32_t eax = arguments[0], edx = arguments[1], ecx = arguments[2];
	uint32_t esi = eax, edi = eax;

	(void)argument;
	__asm__ volatile("pushl %[stack]\n\t"
			 "pushl %[stack]\n\t"
			 "call *%[entry]\n\t"
			 "addl $8, %%esp"
			 : "+a" (eax), "+d" (edx), "+c" (ecx), "+S" (esi), "+D" (edi)
			 : [entry] "m" (entry), [stack] "m" (arguments[3])
			 : "ebx", "memory", "cc");
}

static uint32_t cr0, cr3, cr4;

/* What a call may have changed of its own good right. */
static void restore(uint8_t number)
{
	switch (number) {
	case VMI_CALL_SetCR0:
		vmi_set_cr0(cr0);
		break;
	case VMI_CALL_SetCR3:
		vmi_set_cr3(cr3);
		break;
	case VMI_CALL_SetCR4:
		vmi_set_cr4(cr4);
		break;
	case VMI_CALL_SetIOPLMask:
		vmi_set_iopl_mask(0);
		break;
	case VMI_CALL_SetDeferredMode:
	case VMI_CALL_SetLazyMode:
		vmi_set_lazy_mode(0);
		break;
	case VMI_CALL_SetLinearMapping:
		vmi_set_linear_mapping(arguments[0], 0, 0, 0);
		break;
	case VMI_CALL_AllocatePage:
	case VMI_CALL_RegisterPageUsage:
		vmi_release_page(arguments[0], 1);
		break;
	case VMI_CALL_UpdateKernelStack:
		tables_set_kernel_stack(trap_stack_top());
		break;
	case VMI_CALL_SetLDT:
		vmi_set_ldt(0);
		break;
	default:
		break;
	}
	vmi_disable_interrupts();
}

static void explain(uint8_t number, const char *what, const struct fault *fault)
{
	report(false, "VMI_%s(%x, %x, %x, %x): %s", vmi_call_name(number), arguments[0],
	       arguments[1], arguments[2], arguments[3], what);
	print("  %s, error %x, cr2 %x, eip %x\n", trap_name(fault->vector), fault->error,
	      fault->cr2, fault->frame.eip);
}

static bool is_plausible(const struct fault *fault)
{
	return fault->vector == TRAP_PROTECTION || fault->vector == TRAP_PAGE
	       || fault->vector == TRAP_NOT_PRESENT || fault->vector == TRAP_STACK
	       || fault->vector == TRAP_INVALID_TSS || fault->vector == TRAP_INVALID_OPCODE;
}

static bool stores_descriptor(uint8_t call)
{
	return call >= VMI_CALL_WriteGDTEntry && call <= VMI_CALL_WriteIDTEntry;
}

static bool stores_entry(uint8_t call)
{
	return call >= VMI_CALL_SetPte && call <= VMI_CALL_TestAndClearPteBitLong;
}

/*
 * These store at ring 1, where only limits keep them from the monitor in segment
 * mode.
 */
static bool would_hit(const struct call_kinds *c)
{
	unsigned int i;

	if (!unlimited)
		return false;
	if (stores_descriptor(c->call))
		return arguments[0] + arguments[1] * 8 >= HOLE_GUEST_END - 8;
	for (i = 0; stores_entry(c->call) && i < ARGUMENTS; i++)
		if ((c->kinds[i] == 'P' || c->kinds[i] == 'p') && arguments[i] >= HOLE_GUEST_END)
			return true;
	return false;
}

/* Whether the guest got what it may. */
static bool attempt(const struct call_kinds *c)
{
	struct fault fault;
	unsigned int i;
	bool must = false, faulted;

	for (i = 0; i < ARGUMENTS; i++)
		if ((c->kinds[i] == 'P' && arguments[i] != GOOD && arguments[i] != HOLE_ROM)
		    || c->kinds[i] == 'R')
			must = true;
	if (would_hit(c))
		return true;
	faulted = expect_fault(call, NULL, &fault);
	restore(c->call);
	if (faulted && !is_plausible(&fault)) {
		explain(c->call, "an odd exception", &fault);
		return false;
	}
	if (must && !faulted) {
		explain(c->call, "should have faulted", &fault);
		return false;
	}
	return true;
}

/* ---- all of them ---- */

static unsigned int attempts;

/* All combinations of what the kinds offer. */
static void attempt_all(const struct call_kinds *c)
{
	unsigned int at[ARGUMENTS] = { 0 }, i;
	unsigned int begin = attempts;
	bool right = true;

	for (;;) {
		for (i = 0; i < ARGUMENTS; i++)
			arguments[i] = kinds[kind_index(c->kinds[i])].values[at[i]];
		attempts++;
		right = attempt(c) && right;
		for (i = 0; i < ARGUMENTS; i++) {
			if (++at[i] < kinds[kind_index(c->kinds[i])].count)
				break;
			at[i] = 0;
		}
		if (i == ARGUMENTS || !right)
			break;
	}
	if (right)
		report(true, "%s, %u times", vmi_call_name(c->call), attempts - begin);
}

/* Good bytes where the misaligned pointer leads: the GDT's and IDT's own. */
static void prepare(uint8_t number)
{
	struct vmi_dtr dtr;

	memset(scratch, 0, sizeof(scratch));
	if (number == VMI_CALL_Halt)
		pit_start(1000);
	else
		pit_stop();
	if (number == VMI_CALL_SetIDT)
		vmi_get_idt(&dtr);
	else
		vmi_get_gdt(&dtr);
	memcpy((void *)GOOD, &dtr, sizeof(dtr));
}

static void check_list(void)
{
	uint32_t number;
	unsigned int i;

	for (number = 0; number < VMI_NR_CALLS; number++) {
		bool found = false;

		for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			found = found || calls[i].call == number;
		for (i = 0; i < sizeof(returns); i++)
			found = found || returns[i] == number || ends[i] == number;
		if (!found)
			report(false, "%s has arguments here", vmi_call_name(number));
	}
}

/* ---- and then ---- */

static uint32_t ticks;

static void count(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
}

static void __user_text user_code(void)
{
	__asm__ volatile("movl $42, %%eax; int $0x81" : : : "eax");
}

static void test_alive(void)
{
	uint32_t page = memory_allocate_page(), value;
	struct fault fault;

	paging_map(AWAY, page, PTE_PRESENT | PTE_WRITE);
	report(try_write((void *)AWAY, 77) && *(uint32_t *)page == 77, "a page can be mapped");
	paging_unmap(AWAY);
	report(!try_read((void *)AWAY, &value), "and unmapped");
	user_run((uint32_t)user_code, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_USER_EXIT && fault.frame.eax == 42, "ring 3 runs");
	pit_set_hook(count);
	pit_start(1000);
	vmi_enable_interrupts();
	while (ticks < 5)
		vmi_halt();
	vmi_disable_interrupts();
	pit_stop();
	report(true, "ticks come");
}

int main(void)
{
	unsigned int i;

	cr0 = vmi_get_cr0();
	cr3 = vmi_get_cr3();
	cr4 = vmi_get_cr4();
	pointers[POINTERS - 1] = GOOD;
	unlimited = platform_cuts_segments() && !cpu_checks_limits();
	fill_roots();
	if (paging_mode() == BOOT_PAGING_PAE)
		fill_bad_roots();
	check_list();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].kinds[0] == 'R' && paging_mode() != BOOT_PAGING_PAE)
			continue;
		prepare(calls[i].call);
		entry = vmi_entry(calls[i].call);
		if (entry)
			attempt_all(&calls[i]);
	}
	print("%u attempts\n", attempts);
	test_returns();
	test_alive();
	return 0;
}
