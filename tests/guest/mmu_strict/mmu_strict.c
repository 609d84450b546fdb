/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: PDPTEs are those of the last load, and error codes tell of reserved bits, as the manual says; QEMU's TCG is laxer.
 * Environments: bochs-native bochs bochs-paged
 * Variants: paging=32 paging=pae
 */
#include "mmu_strict.h"

#include "msr.h"

#define LEAF_EXTENDED	0x80000001u
#define FEATURE_NX	0x00100000u

bool pae;

/* Ring 3: EBX = address. */
static const uint8_t user_code[] __user_text = {
	0x8b, 0x03, 0xcd, TRAP_USER_EXIT,	/* mov (%ebx), %eax */
	0x89, 0x0b, 0xcd, TRAP_USER_EXIT,	/* mov %ecx, (%ebx) */
};

static void read_it(void *address)
{
	*(volatile uint32_t *)address;
}

static void write_it(void *address)
{
	*(volatile uint32_t *)address = 0;
}

static void run_user(enum access kind, uint32_t linear, struct fault *fault)
{
	struct trap_frame registers = { .ebx = linear };
	uint32_t eip = (uint32_t)user_code + (kind == USER_WRITE ? 4 : 0);

	user_run(kind == USER_FETCH ? linear : eip, user_stack_top(), &registers, fault);
}

uint32_t error_of(enum access kind, uint32_t linear)
{
	struct fault fault;

	if (kind == KERNEL_READ || kind == KERNEL_WRITE)
		expect_fault(kind == KERNEL_READ ? read_it : write_it, (void *)linear, &fault);
	else
		run_user(kind, linear, &fault);
	if (fault.vector == NO_FAULT || fault.vector == TRAP_USER_EXIT)
		return NO_ERROR;
	return fault.vector == TRAP_PAGE && fault.cr2 == linear ? fault.error : OTHER_FAULT;
}

bool has_nx(void)
{
	uint32_t eax, ebx, ecx, edx;

	vmi_cpuid(LEAF_EXTENDED, 0, &eax, &ebx, &ecx, &edx);
	return (edx & FEATURE_NX) != 0;
}

void set_nxe(bool on)
{
	uint64_t efer = vmi_rdmsr(MSR_EFER) & ~(uint64_t)EFER_NXE;

	vmi_wrmsr(MSR_EFER, on ? efer | EFER_NXE : efer);
}

int main(void)
{
	pae = paging_mode() == BOOT_PAGING_PAE;
	if (pae)
		test_pointers();
	test_errors();
	return 0;
}
