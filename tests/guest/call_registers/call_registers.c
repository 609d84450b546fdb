/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: each call at the ELF door does its work and changes no register but those that docs/abi.md allows it.
 * Environments: segment paged bochs
 * Variants: paging=32 paging=pae
 *
 * Each runs from the hole's copy and from the ROM, with a pattern in every
 * register; with DF set and all flags looked at where they survive; with the
 * data segments null where CS and SS suffice. The cases are tables (cases*.c),
 * and every call of include/vmi_calls.def must have one or be named here.
 */
#include "registers.h"

#include "runtime.h"

#include "msr.h"
#include "vmi.h"
#include "vmi_guest.h"

/* Calls that this ROM may lack, and those that have tests of their own. */
static const uint8_t optional[] = {
	VMI_CALL_SetInitialAPState,
};
static const uint8_t elsewhere[] = {
	VMI_CALL_Shutdown, VMI_CALL_Reboot,	/* power */
	VMI_CALL_RDPMC,				/* bad_input: it faults */
	VMI_CALL_IRET, VMI_CALL_SYSEXIT,	/* below */
};

static struct vmi_rom rom;
static bool seen[VMI_NR_CALLS];
uint32_t mask_after;

static bool is_among(const uint8_t *list, unsigned int size, uint32_t call)
{
	while (size--)
		if (list[size] == call)
			return true;
	return false;
}

static void fill(struct registers *r)
{
	*r = (struct registers){
		.eax = PATTERN_EAX, .ebx = PATTERN_EBX, .ecx = PATTERN_ECX, .edx = PATTERN_EDX,
		.esi = PATTERN_ESI, .edi = PATTERN_EDI, .ebp = PATTERN_EBP,
		.eflags = EFLAGS_FIXED,
		.ds = SELECTOR_KERNEL_DATA | 1, .es = SELECTOR_USER_DATA | 3,
		.fs = SELECTOR_USER_DATA | 3, .gs = SELECTOR_KERNEL_DATA | 1,
	};
}

/* In words, what changed and should not have; NULL: nothing. */
static const char *wrong_register(const struct registers *in, const struct registers *out,
				  uint32_t changes)
{
	uint32_t flags = in->eflags ^ out->eflags;

	if (in->ebp != out->ebp)
		return "EBP";
	if (in->ebx != out->ebx && !(changes & CHANGES_EBX))
		return "EBX";
	if (in->esi != out->esi && !(changes & CHANGES_ESI))
		return "ESI";
	if (in->edi != out->edi && !(changes & CHANGES_EDI))
		return "EDI";
	if (in->eax != out->eax && !(changes & CHANGES_EAX))
		return "EAX";
	if (in->ecx != out->ecx && !(changes & CHANGES_ECX))
		return "ECX";
	if (in->edx != out->edx && !(changes & CHANGES_EDX))
		return "EDX";
	if (in->esp_before != out->esp_after)
		return "ESP";
	if (((in->ds ^ out->ds) | (in->es ^ out->es) | (in->fs ^ out->fs)
	     | (in->gs ^ out->gs)) & 0xffff)
		return "a segment register";
	if (flags & EFLAGS_DF)
		return "DF";
	if (flags & EFLAGS_ARITH && !(changes & CHANGES_FLAGS))
		return "the flags";
	return NULL;
}

static void run(void *argument)
{
	(void)argument;
	invoke();
	mask_after = vmi_get_interrupt_mask();
}

static void try_one(const struct call_case *c, uint32_t base, uint32_t offset, uint32_t flags,
		    bool null_segments, const char *how)
{
	struct registers in;
	struct fault fault;
	const char *wrong;
	bool right;

	fill(&in);
	in.eflags |= flags;
	if (c->prepare)
		c->prepare(&in);
	if (null_segments)
		in.ds = in.es = in.fs = in.gs = 0;
	in.entry = base + offset;
	invoke_registers = in;
	if (expect_fault(run, NULL, &fault)) {
		report(false, "%s, %s: %s at %x, cr2 %x", vmi_call_name(c->call), how,
		       trap_name(fault.vector), fault.frame.eip, fault.cr2);
		return;
	}
	in.esp_before = invoke_registers.esp_before;
	wrong = wrong_register(&in, &invoke_registers, c->changes);
	right = !c->right || c->right(&invoke_registers);
	vmi_disable_interrupts();
	report(!wrong && right, "%s, %s%s%s", vmi_call_name(c->call), how,
	       wrong ? ": changes " : right ? "" : ": wrong effect", wrong ? wrong : "");
	if (!wrong && !right)
		print("  eax %x edx %x ecx %x\n", invoke_registers.eax, invoke_registers.edx,
		      invoke_registers.ecx);
}

static void try_from(const struct call_case *c, uint32_t base, uint32_t offset, const char *how)
{
	uint32_t flags = c->changes & CHANGES_FLAGS ? 0 : EFLAGS_DF | EFLAGS_ARITH;

	try_one(c, base, offset, flags, false, how);
	if (c->changes & NULL_SEGMENTS) {
		try_one(c, base, offset, EFLAGS_DF, false, how);
		try_one(c, base, offset, 0, true, how);
	}
}

static void try_cases(const struct call_case *c)
{
	uint32_t offset;

	for (; c->call < VMI_NR_CALLS; c++) {
		seen[c->call] = true;
		if (vmi_rom_entry(&rom, c->call, &offset)) {
			if (!is_among(optional, sizeof(optional), c->call))
				report(false, "%s is in the ROM", vmi_call_name(c->call));
			continue;
		}
		try_from(c, rom.virtual_top, offset, "in the hole");
		try_from(c, (uint32_t)rom.image, offset, "in the ROM");
	}
}

/* Every call has a case, and is in the ROM. */
static void check_list(void)
{
	uint32_t call, offset;

	for (call = 0; call < VMI_NR_CALLS; call++) {
		if (!seen[call] && !is_among(elsewhere, sizeof(elsewhere), call))
			report(false, "%s has a case", vmi_call_name(call));
		if (!is_among(optional, sizeof(optional), call)
		    && vmi_rom_entry(&rom, call, &offset))
			report(false, "%s is in the ROM", vmi_call_name(call));
	}
}

/* ---- returns ---- */

static void run_iret(void *argument)
{
	(void)argument;
	invoke_iret();
}

/* To this ring; all that the frame does not load is as it was. */
static void try_iret(uint32_t base, uint32_t offset, bool null_segments)
{
	struct registers in;
	struct fault fault;
	const char *wrong;

	fill(&in);
	in.eflags |= EFLAGS_DF | EFLAGS_ARITH;
	if (null_segments)
		in.ds = in.es = in.fs = in.gs = 0;
	in.entry = base + offset;
	invoke_registers = in;
	if (expect_fault(run_iret, NULL, &fault)) {
		report(false, "IRET: %s at %x", trap_name(fault.vector), fault.frame.eip);
		return;
	}
	in.esp_before = invoke_registers.esp_before;
	wrong = wrong_register(&in, &invoke_registers, 0);
	report(!wrong, "IRET%s%s%s", null_segments ? ", null segments" : "",
	       wrong ? ": changes " : "", wrong ? wrong : "");
}

static bool do_sysexit(struct trap_frame *frame)
{
	(void)frame;
	invoke_registers.edx = (uint32_t)user_landed;
	invoke_registers.ecx = user_stack_top() - 16;
	invoke();
	return true;
}

/* To ring 3, out of a system call's handler. */
static void try_sysexit(uint32_t base, uint32_t offset, bool null_segments)
{
	const struct trap_frame *frame;
	struct registers in;
	struct fault fault;

	fill(&in);
	in.ds = in.es = SELECTOR_USER_DATA | 3;
	in.gs = in.fs = null_segments ? 0 : SELECTOR_USER_DATA | 3;
	if (null_segments)
		in.ds = in.es = 0;
	in.eflags |= EFLAGS_ARITH;
	in.entry = base + offset;
	invoke_registers = in;
	user_run((uint32_t)user_syscall, user_stack_top(), NULL, &fault);
	frame = &fault.frame;
	report(fault.vector == TRAP_USER_EXIT && frame->eax == in.eax && frame->ebx == in.ebx
	       && frame->esi == in.esi && frame->edi == in.edi && frame->ebp == in.ebp
	       && frame->esp == user_stack_top() - 16 && (frame->ds & 0xffff) == in.ds
	       && (frame->es & 0xffff) == in.es && (frame->fs & 0xffff) == in.fs
	       && (frame->gs & 0xffff) == in.gs && frame->eflags & EFLAGS_IF
	       && (frame->cs & 0xffff) == USER_CS && (frame->ss & 0xffff) == USER_SS,
	       "SYSEXIT%s", null_segments ? ", null segments" : "");
}

static void try_returns(uint32_t base)
{
	uint32_t offset;

	if (report(!vmi_rom_entry(&rom, VMI_CALL_IRET, &offset), "IRET is in the ROM")) {
		try_iret(base, offset, false);
		try_iret(base, offset, true);
	}
	if (report(!vmi_rom_entry(&rom, VMI_CALL_SYSEXIT, &offset), "SYSEXIT is in the ROM")) {
		try_sysexit(base, offset, false);
		try_sysexit(base, offset, true);
	}
}

int main(void)
{
	struct vmi_reason why;

	if (!report(!vmi_probe(0, &rom, &why), "the ROM is found"))
		return 0;
	vmi_wrmsr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	tables_open_gate(TRAP_SYSCALL, ACCESS_INTERRUPT_GATE, 3);
	trap_set_handler(TRAP_SYSCALL, do_sysexit);
	try_cases(cpu_cases);
	try_cases(io_cases);
	try_cases(mmu_cases);
	try_returns(rom.virtual_top);
	try_returns((uint32_t)rom.image);
	check_list();
	return 0;
}
