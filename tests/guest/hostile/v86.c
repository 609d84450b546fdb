/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random instructions in V8086 mode, with and without IOPL.
 */
#include "hostile.h"

#include "runtime.h"

#include "vmi.h"

#define LINEAR		0x6000u
#define CS		0x603u		/* looks like ring 3's */
#define OFFSET		(LINEAR - CS * 16 + 0x40)
#define EFLAGS_SOME	0x2448d5u	/* ID AC NT OF SZAPC */

struct v86_frame {
	struct trap_frame frame;
	uint32_t es, ds, fs, gs;
};

static void enter(void *frame)
{
	trap_leave(frame);
}

static uint8_t *code_page(void)
{
	static uint32_t page;

	if (!page) {
		page = memory_allocate_page();
		paging_map(LINEAR, page, PTE_PRESENT | PTE_WRITE | PTE_USER);
	}
	return (uint8_t *)page;
}

void hostile_v86(void)
{
	struct v86_frame *v = (struct v86_frame *)trap_stack_top() - 1;
	uint32_t *r = &v->frame.edi, i;

	memset(code_page(), 0xcc, PAGE_SIZE);
	hostile_put(code_page() + 0x40);
	*v = (struct v86_frame){
		.frame = {
			.eip = OFFSET, .cs = CS, .esp = 0x800 + random_below(8),
			.ss = random_below(2) ? CS : hostile_value(0),
			.eflags = EFLAGS_FIXED | EFLAGS_IF | EFLAGS_VM | (random_next() & EFLAGS_SOME),
		},
		.es = hostile_value(CS), .ds = hostile_value(CS), .fs = hostile_value(CS), .gs = hostile_value(CS),
	};
	for (i = 0; i < 8; i++)
		r[i] = random_below(2) ? random_below(64) : hostile_value(0);
	vmi_set_iopl_mask(random_next() & 0x3000);
	hostile_run(enter, v);
	vmi_set_iopl_mask(0);
}
