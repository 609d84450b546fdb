/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The surroundings in which a case faults as its table row says, and their
 * end.
 */
#include "exceptions.h"

#include "runtime.h"

#include "vmi.h"

uint32_t case_error;

static uint32_t test_frame;
static uint64_t divide_gate;

void prepare_init(void)
{
	test_frame = memory_allocate_page();
	divide_gate = tables_idt()[TRAP_DIVIDE];
}

static void nothing(void)
{
}

clean_up prepare_nothing(const struct fault_case *fault_case, unsigned int ring)
{
	(void)fault_case;
	(void)ring;
	case_argument = 0;
	case_error = 0;
	return nothing;
}

/* A selector is loaded with the RPL of the ring that loads it. */
static void set_selector(uint32_t selector, unsigned int ring)
{
	case_argument = selector | (ring ? ring : cpu_ring());
	case_error = selector;
}

clean_up prepare_absent_segment(const struct fault_case *fault_case,
				unsigned int ring)
{
	uint32_t access = ACCESS_DPL(ring) | ACCESS_DATA;

	(void)fault_case;
	tables_set_segment(SELECTOR_SPARE,
			   descriptor_segment(0, 0xffff, access));
	set_selector(SELECTOR_SPARE, ring);
	return nothing;
}

clean_up prepare_no_segment(const struct fault_case *fault_case,
			    unsigned int ring)
{
	(void)fault_case;
	set_selector(GDT_ENTRIES * 8, ring);
	return nothing;
}

static void clear_task_switched(void)
{
	vmi_clts();
}

clean_up prepare_task_switched(const struct fault_case *fault_case,
			       unsigned int ring)
{
	prepare_nothing(fault_case, ring);
	vmi_set_cr0(vmi_get_cr0() | CR0_TS);
	return clear_task_switched;
}

static void restore_divide_gate(void)
{
	tables_set_gate(TRAP_DIVIDE, divide_gate);
}

clean_up prepare_absent_gate(const struct fault_case *fault_case,
			     unsigned int ring)
{
	prepare_nothing(fault_case, ring);
	tables_set_gate(TRAP_DIVIDE, 0);
	return restore_divide_gate;
}

/* The vector is the operand of the INT that faults. */
clean_up prepare_absent_vector(const struct fault_case *fault_case,
			       unsigned int ring)
{
	uint8_t vector = *(const uint8_t *)(fault_case->at + 1);

	prepare_nothing(fault_case, ring);
	tables_set_gate(vector,
			descriptor_gate(0, SELECTOR_KERNEL_CODE,
					ACCESS_DPL(3) | ACCESS_INTERRUPT_GATE));
	return nothing;
}

static void set_page(unsigned int ring)
{
	case_argument = TEST_ADDRESS;
	case_error = ring == 3 ? PAGE_ERROR_USER : 0;
}

clean_up prepare_absent_page(const struct fault_case *fault_case,
			     unsigned int ring)
{
	(void)fault_case;
	set_page(ring);
	return nothing;
}

static void unmap_page(void)
{
	paging_unmap(TEST_PAGE);
}

clean_up prepare_read_only_page(const struct fault_case *fault_case,
				unsigned int ring)
{
	(void)fault_case;
	set_page(ring);
	paging_map(TEST_PAGE, test_frame, PTE_PRESENT | PTE_USER);
	return unmap_page;
}

clean_up prepare_kernel_page(const struct fault_case *fault_case,
			     unsigned int ring)
{
	(void)fault_case;
	set_page(ring);
	paging_map(TEST_PAGE, test_frame, PTE_PRESENT | PTE_WRITE);
	return unmap_page;
}

static void reset_fpu(void)
{
	__asm__ volatile("fninit");
}

clean_up prepare_fpu(const struct fault_case *fault_case, unsigned int ring)
{
	prepare_nothing(fault_case, ring);
	vmi_set_cr0((vmi_get_cr0() | CR0_NE) & ~(CR0_TS | CR0_EM));
	return reset_fpu;
}
