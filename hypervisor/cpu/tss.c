// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a task-state segment is for here: the stack for entries from ring 3, and the ports
 * that ring 3 may access.  The guest's own TSS is read whenever it is needed, as the
 * processor does.  The physical TSS, in the hole, has the monitor's stack and the bitmap
 * of the ports that need no model.
 */
#include "cpu/cpu.h"

/* From VMI_UpdateKernelStack if the guest has called that, else from its TSS. */
bool tss_kernel_stack(uint16_t *ss, uint32_t *esp)
{
	const struct vcpu *v = this_vcpu();
	struct { uint32_t esp0, ss0; } stack;

	if (!info_page()->stack_by_call) {
		if (TSS_ESP0 * 4 + sizeof(stack) - 1 > v->tss_limit)
			return refuse(VECTOR_TS, v->tr & ~SELECTOR_RPL);
		if (!guest_read(v->tss_base + TSS_ESP0 * 4, &stack, sizeof(stack), ACCESS_READ))
			return false;
		info_page_rw()->esp0 = stack.esp0;
		info_page_rw()->ss0 = (uint16_t)stack.ss0;
	}
	*ss = (uint16_t)(info_page()->ss0 | 1);
	*esp = info_page()->esp0;
	return segment_check_stack(*ss, 1, VECTOR_TS);
}

unsigned vcpu_iopl(void)
{
	return info_page()->iopl;
}

/* Ports are closed by moving the bitmap beyond the limit of the TSS. */
void tss_open_ports(bool ring_3)
{
	*(uint16_t *)(HOLE_TSS + TSS_IO_PERMISSION_MAP) = ring_3 ? TSS_HEADER : PORT_MAP_CLOSED;
}

void tss_set_iopl(unsigned level)
{
	info_page_rw()->iopl = level;
	tss_open_ports(level == 3);
}

/*
 * Ask the bitmap in the guest's TSS, as it is now (SDM volume 1, 19.5.2): 1 if it allows
 * the ports, 0 if it does not, -1 if reading it faulted.
 */
static int bitmap_opens(uint16_t port, unsigned size)
{
	const struct vcpu *v = this_vcpu();
	uint16_t base, bits;

	if (TSS_IO_PERMISSION_MAP + 1 > v->tss_limit)
		return 0;
	if (!guest_read(v->tss_base + TSS_IO_PERMISSION_MAP, &base, 2, ACCESS_READ))
		return -1;
	if (base + port / 8u + 1 > v->tss_limit)
		return 0;
	if (!guest_read(v->tss_base + base + port / 8, &bits, 2, ACCESS_READ))
		return -1;
	return !(bits >> port % 8 & ((1u << size) - 1));
}

bool io_allowed(struct frame *f, uint16_t port, unsigned size)
{
	int opens;

	if (!frame_is_v86(f) && info_page()->iopl == 3)
		return true;
	opens = bitmap_opens(port, size);
	return opens > 0 || (opens == 0 && refuse(VECTOR_GP, 0));
}
