/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ROM as the client uses it: found in the kernel's mapping of low memory,
 * asked for each call by number, its answers checked.
 */
#include "client.h"

#define NO_NUMBERS	42, 43, 49, 60, 72, 74, 75, 1000, 0x7fffffff, 0x80000000, 0xffffffff
#define MONITOR_VECTORS	0xf0		/* from here on a kernel may have no gates */
#define PATCH_QUERIES	4500	/* one for each site of a kernel */

typedef uint64_t REGPARM relocation_function(uint32_t number);
typedef uint32_t REGPARM init_function(void);

void *op_entries[NUMBERS];
static struct vmi_rom_header *rom;
static bool active;

/* In the order in which real clients ask. */
static const uint8_t queries[] = {
	VMI_NUMBER_CPUID, VMI_NUMBER_CLTS, VMI_NUMBER_GetDR, VMI_NUMBER_SetDR, VMI_NUMBER_GetCR0,
	VMI_NUMBER_GetCR2, VMI_NUMBER_GetCR3, VMI_NUMBER_GetCR4, VMI_NUMBER_SetCR0, VMI_NUMBER_SetCR2,
	VMI_NUMBER_SetCR3, VMI_NUMBER_SetCR4, VMI_NUMBER_GetInterruptMask,
	VMI_NUMBER_SetInterruptMask, VMI_NUMBER_DisableInterrupts, VMI_NUMBER_EnableInterrupts,
	VMI_NUMBER_WBINVD, VMI_NUMBER_RDTSC, VMI_NUMBER_SetTR, VMI_NUMBER_SetLDT, VMI_NUMBER_SetGDT,
	VMI_NUMBER_SetIDT, VMI_NUMBER_GetGDT, VMI_NUMBER_GetIDT, VMI_NUMBER_GetTR,
	VMI_NUMBER_WriteLDTEntry, VMI_NUMBER_WriteGDTEntry, VMI_NUMBER_WriteIDTEntry,
	VMI_NUMBER_UpdateKernelStack, VMI_NUMBER_SetIOPLMask, VMI_NUMBER_IODelay,
	VMI_NUMBER_SetLazyMode, VMI_NUMBER_FlushTLB, VMI_NUMBER_InvalPage, VMI_NUMBER_SetPxE,
	VMI_NUMBER_UpdatePxE, VMI_NUMBER_SetPxELong, VMI_NUMBER_UpdatePxELong,
	VMI_NUMBER_AllocatePage, VMI_NUMBER_ReleasePage, VMI_NUMBER_SetLinearMapping,
	VMI_NUMBER_APICRead, VMI_NUMBER_APICWrite, VMI_NUMBER_GetCycleFrequency,
	VMI_NUMBER_GetCycleCounter, VMI_NUMBER_GetWallclockTime, VMI_NUMBER_WallclockUpdated,
	VMI_NUMBER_SetAlarm, VMI_NUMBER_CancelAlarm, VMI_NUMBER_Halt,
};

static struct vmi_relocation relocation(uint32_t number)
{
	union {
		uint64_t both;
		struct vmi_relocation record;
	} answer;

	answer.both = ((relocation_function *)&rom->slot_get_relocation_info)(number);
	return answer.record;
}

static bool is_none(uint32_t number)
{
	struct vmi_relocation r = relocation(number);

	return r.type == VMI_RELOCATION_NONE && !(r.reserved[0] | r.reserved[1] | r.reserved[2]);
}

bool rom_is_active(void)
{
	return active;
}

struct vmi_rom_header *rom_probe(void)
{
	uint32_t at;

	for (at = VMI_ROM_SCAN_START; at < VMI_ROM_SCAN_END; at += VMI_ROM_SCAN_STEP) {
		struct vmi_rom_header *h = (void *)(LOWMEM + at);

		if (h->rom_signature != VMI_ROM_SIGNATURE || h->signature != VMI_SIGNATURE)
			continue;
		if (h->api_major != VMI_API_MAJOR || !h->pci_header || !h->licence)
			continue;
		if (strncmp((const char *)h + h->licence, VMI_LICENCE_GPL_V2, sizeof(VMI_LICENCE_GPL_V2)))
			continue;
		rom = h;
		return h;
	}
	return NULL;
}

/* ---- misuse: nothing of it may break the client's boot ---- */

static bool all_none(void)
{
	uint32_t number;

	for (number = 0; number < NUMBERS; number++)
		if (!is_none(number))
			return false;
	return true;
}

static void call_early(void *entry)
{
	((void (REGPARM *)(uint32_t, uint32_t, uint32_t))entry)(0, 0, 0);
}

/* By name, since no number leads to them yet. */
static void misuse_calls(void)
{
	static const enum vmi_call calls[] = {
		VMI_CALL_DisableInterrupts, VMI_CALL_Halt, VMI_CALL_SetGDT, VMI_CALL_SetCR3,
		VMI_CALL_IRET, VMI_CALL_SYSEXIT, VMI_CALL_FlushTLB, VMI_CALL_UpdateKernelStack,
	};
	struct vmi_reason why;
	struct vmi_rom found;
	struct fault fault;
	unsigned int i;

	if (!report(!vmi_probe(0, &found, &why), "the library finds the ROM, too"))
		return;
	for (i = MONITOR_VECTORS; i < 256; i++)
		tables_set_gate((uint8_t)i, 0);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		uint32_t offset;

		report(!vmi_rom_entry(&found, calls[i], &offset)
		       && expect_fault(call_early, (uint8_t *)rom + offset, &fault),
		       "call %u before activation faults", calls[i]);
	}
	for (i = MONITOR_VECTORS; i < 256; i++)
		tables_open_gate((uint8_t)i, ACCESS_INTERRUPT_GATE, 0);
}

#define USER_ROM	0x08000000u	/* where ring 3 sees the ROM */

static void misuse_from_user(void)
{
	uint32_t physical = (uint32_t)rom - LOWMEM, page;
	uint32_t at = USER_ROM + physical % PAGE_SIZE;
	struct trap_frame registers = { .eax = VMI_NUMBER_CPUID, .edx = 1 };
	struct fault fault;

	for (page = 0; page < 17; page++)
		paging_map(USER_ROM + page * PAGE_SIZE, (physical & ~0xfffu) + page * PAGE_SIZE,
			   PTE_PRESENT | PTE_USER);
	registers.ebx = at + VMI_OFF_SLOT_INIT;
	user_run((uint32_t)user_call, user_stack_top(), &registers, &fault);
	report(fault.vector == TRAP_USER_EXIT && fault.frame.eax == 0xffffffffu,
	       "VMI_Init refuses ring 3 (vector %x, EAX %x)", fault.vector, fault.frame.eax);
	registers.ebx = at + VMI_OFF_SLOT_GETRELOC;
	user_run((uint32_t)user_call, user_stack_top(), &registers, &fault);
	report(fault.vector == TRAP_USER_EXIT && !fault.frame.eax && !(fault.frame.edx & 0xff),
	       "ring 3 gets no relocation");
	for (page = 0; page < 17; page++)
		paging_unmap(USER_ROM + page * PAGE_SIZE);
}

#define STACK_16	0x20000u
#define SP_16		0x800u

/*
 * V8086 mode stands for real mode: both run the slots as 16-bit code.  The
 * near return leads to the INT3s between the slots.
 */
static void misuse_slot_16(uint32_t slot, struct fault *fault)
{
	uint32_t physical = (uint32_t)rom - LOWMEM;
	struct {
		uint32_t eip, cs, eflags, esp, ss, es, ds, fs, gs;
	} frame = { slot, physical >> 4, EFLAGS_FIXED | EFLAGS_VM, SP_16, STACK_16 >> 4, 0, 0, 0, 0 };

	*(volatile uint16_t *)(STACK_16 + SP_16) = VMI_OFF_SLOT_GETRELOC - 1;
	expect_fault(client_enter_16, &frame, fault);
	report(fault->vector == TRAP_BREAKPOINT && fault->frame.eip == VMI_OFF_SLOT_GETRELOC
	       && (fault->frame.esp & 0xffff) == SP_16 + 2, "slot %x, called from 16-bit code, returns",
	       slot);
}

static void misuse_from_16(void)
{
	uint32_t physical = (uint32_t)rom - LOWMEM, page;
	struct fault fault;

	for (page = physical & ~0xfffu; page < physical + 0x10000; page += PAGE_SIZE)
		paging_map(page, page, PTE_PRESENT | PTE_USER);
	paging_map(STACK_16, memory_allocate_page(), PTE_PRESENT | PTE_WRITE | PTE_USER);
	misuse_slot_16(VMI_OFF_SLOT_INIT, &fault);
	report_equal(fault.frame.eax, 0xffff, "VMI_Init's AX");
	misuse_slot_16(VMI_OFF_SLOT_GETRELOC, &fault);
	report_equal(fault.frame.eax | (fault.frame.edx & 0xff), 0, "VMI_GetRelocationInfo's type and entry");
	for (page = physical & ~0xfffu; page < physical + 0x10000; page += PAGE_SIZE)
		paging_map(page, page, PTE_PRESENT | PTE_WRITE);
	paging_map(STACK_16, STACK_16, PTE_PRESENT | PTE_WRITE);
}

void rom_misuse(void)
{
	report(all_none(), "before activation every number is type 0");
	misuse_calls();
	misuse_from_user();
	misuse_from_16();
	report(cpu_ring() == 0 && all_none(), "and all goes on natively");
}

/* ---- the client's boot ---- */

bool rom_activate(void)
{
	uint32_t cr3, again;

	__asm__ volatile("cli; movl %%cr3, %0" : "=r" (cr3));
	if (((init_function *)&rom->slot_init)())
		return false;
	active = true;
	report_equal(cpu_ring(), 1, "VMI_Init returns at CPL");
	again = ((init_function *)&rom->slot_init)();
	report_equal(again, 0xffffffff, "a second VMI_Init returns");
	__asm__ volatile("movl %%cr3, %0" : "=r" (again));
	report_equal(again, cr3, "raw MOV from CR3");
	return true;
}

static bool good(uint32_t number, struct vmi_relocation r)
{
	uint32_t top = rom->virtual_top;

	if (r.reserved[0] | r.reserved[1] | r.reserved[2])
		return false;
	if (number == VMI_NUMBER_IODelay)
		return r.type == VMI_RELOCATION_NOP;
	if (r.type == VMI_RELOCATION_NONE)
		return true;
	return r.type == VMI_RELOCATION_CALL_REL && r.eip >= top && r.eip < top + 0x20000;
}

static void query_all(void)
{
	unsigned int i, bad = 0;

	for (i = 0; i < sizeof(queries); i++) {
		struct vmi_relocation r = relocation(queries[i]);

		if (!good(queries[i], r)) {
			print("call %u: type %u, entry %x\n", queries[i], r.type, r.eip);
			bad++;
		}
		if (r.type == VMI_RELOCATION_CALL_REL)
			op_entries[queries[i]] = (void *)r.eip;
	}
	report_equal(bad, 0, "answers that no client takes, of %u", (unsigned int)sizeof(queries));
}

static void query_absent(void)
{
	static const uint32_t absent[] = { NO_NUMBERS };
	unsigned int i, times = 0;

	for (i = 0; i < sizeof(absent) / sizeof(*absent); i++)
		report(is_none(absent[i]), "number %x is type 0", absent[i]);
	for (i = VMI_NUMBER_GetCycleFrequency; i <= VMI_NUMBER_WallclockUpdated; i++)
		times += op_entries[i] != NULL;
	report(times == 0 || times == 6, "the time calls are there all or none (%u)", times);
}

void rom_query(void)
{
	unsigned int i, wrong = 0;

	query_all();
	query_absent();
	for (i = 0; i < PATCH_QUERIES; i++) {
		uint32_t number = VMI_NUMBER_EnableInterrupts + i % 6, flags;

		flags = OP0(GetInterruptMask);
		OP0(DisableInterrupts);
		wrong += relocation(number).type != VMI_RELOCATION_CALL_REL;
		OP1(SetInterruptMask, flags);
	}
	report_equal(wrong, 0, "sites that cannot be patched, of %u", PATCH_QUERIES);
}

/* ---- sites ---- */

static void write_site(uint8_t *site, const uint8_t *bytes, unsigned int n)
{
	memset(site, 0x90, SITE_SIZE);
	memcpy(site, bytes, n);
}

static void patch(uint8_t *site, uint32_t number, const uint8_t *native, unsigned int n)
{
	uint8_t call[5] = { 0xe8 };
	uint32_t offset;

	if (active) {
		offset = relocation(number).eip - ((uint32_t)site + sizeof(call));
		memcpy(call + 1, &offset, 4);
		native = call;
		n = sizeof(call);
	}
	write_site(site, native, n);
}

void rom_patch_sites(void)
{
	static const uint8_t sti[] = { 0xfb }, cli[] = { 0xfa }, iret[] = { 0xcf };
	static const uint8_t get[] = { 0x9c, 0x58 }, set[] = { 0x50, 0x9d };
	static const uint8_t sysexit[] = { 0xfb, 0x0f, 0x35 };

	patch(site_enable, VMI_NUMBER_EnableInterrupts, sti, sizeof(sti));
	patch(site_disable, VMI_NUMBER_DisableInterrupts, cli, sizeof(cli));
	patch(site_get_mask, VMI_NUMBER_GetInterruptMask, get, sizeof(get));
	patch(site_set_mask, VMI_NUMBER_SetInterruptMask, set, sizeof(set));
	patch(site_iret, VMI_NUMBER_IRET, iret, sizeof(iret));
	patch(site_sysexit, VMI_NUMBER_SYSEXIT, sysexit, sizeof(sysexit));
}
