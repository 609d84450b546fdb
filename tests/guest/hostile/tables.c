/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random descriptors, gates, LDTs and TSSs, used at once in every way there is.
 */
#include "hostile.h"

#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#include "base/hole.h"

static const uint32_t bases[] = {
	0, 1, 0x1000, 0x80000000, HOLE_BASE - PAGE_SIZE, HOLE_GUEST_END - 1, HOLE_GATE, HOLE_GDT,
	HOLE_IDT, HOLE_TSS, HOLE_CPU, HOLE_LDT, HOLE_BLOCK + BLOCK_IMAGE, HOLE_APIC, 0xfffff000, 0xffffffff,
};
static const uint32_t limits[] = {
	0, 7, TSS_HEADER - 1, 0xfff, 0xffff, (HOLE_BASE - 1) / PAGE_SIZE, (HOLE_GUEST_END - 1) / PAGE_SIZE,
	0xffffe, 0xfffff,
};
static const uint32_t targets[] = {
	HOLE_GATE, HOLE_GDT, HOLE_TSS + 0x64, HOLE_STACK_TOP - 16, HOLE_CPU, HOLE_LDT,
	HOLE_BLOCK + BLOCK_IMAGE, HOLE_WINDOWS, 0xfffffffc,
};
static const uint16_t selectors[] = {
	0, 3, 4, 7, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA, USER_CS, USER_SS, SELECTOR_TSS, HOSTILE_SELECTOR,
	HOSTILE_SELECTOR | 1, HOSTILE_SELECTOR | 3, HOSTILE_LDT, HOSTILE_TSS, 0x0c, 0x0f, GUEST_GDT_LIMIT - 7, MONITOR_CS,
	MONITOR_CS | 1, MONITOR_CS | 3, MONITOR_DS, MONITOR_DS | 3, MONITOR_TSS, MONITOR_LDT, MONITOR_LDT | 4, 0xfff8, 0xffff,
};

static uint64_t random_descriptor(uint32_t base)
{
	return descriptor_segment(base, PICK(limits), random_next() & 0xff)
	       | (uint64_t)(random_next() & 0x00f00000) << 32;
}

/* Stores what is there, if that can be read. */
static void touch_fs(uint32_t offset)
{
	__asm__ volatile("1: movl %%fs:(%0), %%eax\n\t"
			 "2: movl %%eax, %%fs:(%0)\n\t"
			 "3:\n\t"
			 FIXUP_ENTRY("1b", "3f") FIXUP_ENTRY("2b", "3b")
			 "3:\n\t"
			 : : "r" (offset) : "eax", "memory", "cc");
}

static void use_as_data(uint32_t base)
{
	unsigned int i;

	if (try_load_fs(PICK(selectors)))
		for (i = 0; i < COUNT(targets); i++)
			touch_fs(targets[i] - base);
	try_load_fs(0);
}

/* Of the code, through whichever segment; or of nothing, since nothing is mapped there. */
static uint32_t offset_of(const uint8_t *code, uint16_t selector, uint32_t base)
{
	uint32_t linear = random_below(4) ? (uint32_t)code : 0x70000000;

	return (selector & 0xfffc) == HOSTILE_SELECTOR ? linear - base : linear;
}

static void use_as_code(uint32_t base)
{
	uint16_t selector = PICK(selectors);

	hostile_kernel(offset_of(hostile_landing, selector, base), selector);
}

/* By a frame that an IRET returns to. */
static void return_to(const uint8_t *code, uint32_t base)
{
	/* IRET, its frame above; UD2 */
	static const uint8_t iret[] = { 0xcf, 0x0f, 0x0b };
	uint8_t *p = kernel_code;
	uint16_t cs = PICK(selectors);
	uint32_t words[5] = {
		PICK(selectors), user_stack_top(), 0x202 | (random_next() & 0x244dd5), cs,
		offset_of(code, cs, base),
	};
	unsigned int i;

	for (i = 0; i < COUNT(words); i++) {
		*p++ = 0x68;		/* PUSH */
		memcpy(p, &words[i], 4);
		p += 4;
	}
	memcpy(p, iret, sizeof(iret));
	hostile_kernel((uint32_t)kernel_code, read_cs());
}

void hostile_descriptor(void)
{
	uint32_t base = PICK(bases);

	tables_set_segment(HOSTILE_SELECTOR, random_descriptor(base));
	use_as_data(base);
	use_as_code(base);
	return_to(user_out, base);
	return_to(hostile_landing, base);
	tables_set_segment(HOSTILE_SELECTOR, 0);
}

/* INT n, whose gate may be of any kind and lead anywhere. */
void hostile_gate(void)
{
	uint16_t selector = PICK(selectors);
	uint32_t base = PICK(bases), offset = offset_of(hostile_landing, selector, base);
	uint8_t code[] = { 0xcd, random_below(4) ? HOSTILE_VECTOR : (uint8_t)random_next(), 0x0f, 0x0b };

	tables_set_segment(HOSTILE_SELECTOR, random_descriptor(base));
	tables_set_gate(HOSTILE_VECTOR, descriptor_gate(offset, selector, random_next() & 0xff));
	/* Monitor calls are tests/guest/bad_input's; and the stubs expect error codes of some. */
	if (code[1] == VECTOR_CALL || code[1] < TRAP_EXCEPTIONS)
		code[1] = HOSTILE_VECTOR;
	memcpy(kernel_code, code, sizeof(code));
	hostile_kernel((uint32_t)kernel_code, read_cs());
	memcpy(user_code, code, sizeof(code));
	hostile_user((uint32_t)user_code, user_stack_top() - 64);
	tables_set_segment(HOSTILE_SELECTOR, 0);
}

static void set_ldt(void *selector)
{
	vmi_set_ldt((uint32_t)selector);
}

static void set_tr(void *selector)
{
	vmi_set_tr((uint32_t)selector);
}

static void restore_tr(void)
{
	uint64_t d = descriptor_segment((uint32_t)tables_tss(), sizeof(struct tss) - 1, ACCESS_PRESENT | ACCESS_TSS);

	tables_set_segment(SELECTOR_TSS, d);
	vmi_set_tr(SELECTOR_TSS);
	tables_set_kernel_stack(trap_stack_top());
}

/* LDTs and TSSs anywhere, with ring 3's port access to read the TSS. */
void hostile_system(void)
{
	static const uint8_t in_out[] = { 0xec, 0xee, 0x0f, 0x0b }, sysenter[] = { 0x0f, 0x34, 0x0f, 0x0b };
	uint32_t base = PICK(bases);
	struct fault fault;

	tables_set_segment(HOSTILE_LDT, descriptor_segment(base, PICK(limits), 0x82)
			   | (uint64_t)(random_next() & 0x00f00000) << 32);
	expect_fault(set_ldt, (void *)(uint32_t)(random_below(2) ? HOSTILE_LDT : PICK(selectors)), &fault);
	use_as_data(0);
	use_as_code(0);
	vmi_set_ldt(0);
	tables_set_segment(HOSTILE_TSS, descriptor_segment(PICK(bases), PICK(limits), 0x89)
			   | (uint64_t)(random_next() & 0x00f00000) << 32);
	expect_fault(set_tr, (void *)HOSTILE_TSS, &fault);
	vmi_update_kernel_stack((void *)(uint32_t)read_ss(), trap_stack_top());
	if (cpu_checks_limits()) {
		memcpy(user_code, in_out, sizeof(in_out));
		hostile_user((uint32_t)user_code, user_stack_top() - 64);
	}
	restore_tr();
	vmi_wrmsr(MSR_SYSENTER_CS, PICK(selectors));
	vmi_wrmsr(MSR_SYSENTER_CS + 1, trap_stack_top());
	vmi_wrmsr(MSR_SYSENTER_CS + 2, (uint32_t)hostile_landing);
	if (vmi_rdmsr(MSR_SYSENTER_CS) == SELECTOR_KERNEL_CODE) {	/* else nothing would be left to tell of it */
		memcpy(kernel_code, sysenter, sizeof(sysenter));
		hostile_kernel((uint32_t)kernel_code, read_cs());
		memcpy(user_code, sysenter, sizeof(sysenter));
		hostile_user((uint32_t)user_code, user_stack_top() - 64);
	}
	vmi_wrmsr(MSR_SYSENTER_CS, 0);
}
