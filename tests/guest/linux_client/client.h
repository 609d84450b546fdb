/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the numbered interface as real ones are (docs/linux.md): it
 * looks the ROM up by itself, asks for each call by its 3.0 number, calls
 * through pointers into the hole, patches six kinds of site, and leaves ports,
 * MSRs and HLT as raw instructions.  Natively the same table has functions of
 * the kernel's own.
 */
#ifndef LINUX_CLIENT_H
#define LINUX_CLIENT_H

#include "runtime.h"

#include "vmi.h"

#define REGPARM		__attribute__((regparm(3)))
#define LOWMEM		HIGH_ALIAS	/* where the kernel sees physical memory */
#define NUMBERS		74		/* 3.0's call numbers are below this */
#define VECTOR_ALARM	0x31
#define PAGE_TABLE_PAE	(VMI_PAGE_PAE * (paging_mode() == BOOT_PAGING_PAE))

/* The call's entry: the ROM's, or the kernel's own, or NULL. */
extern void *op_entries[NUMBERS];

#define OP0(name)		((uint32_t (REGPARM *)(void))op_entries[VMI_NUMBER_##name])()
#define OP1(name, a)		((uint32_t (REGPARM *)(uint32_t))op_entries[VMI_NUMBER_##name])(a)
#define OP2(name, a, b)		\
	((uint32_t (REGPARM *)(uint32_t, uint32_t))op_entries[VMI_NUMBER_##name])(a, b)
#define OP3(name, a, b, c)	\
	((uint32_t (REGPARM *)(uint32_t, uint32_t, uint32_t))op_entries[VMI_NUMBER_##name])(a, b, c)
#define OP4(name, a, b, c, d)	\
	((uint32_t (REGPARM *)(uint32_t, uint32_t, uint32_t, uint32_t))	\
	 op_entries[VMI_NUMBER_##name])(a, b, c, d)
#define OP5(name, a, b, c, d, e)	\
	((uint32_t (REGPARM *)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t)) \
	 op_entries[VMI_NUMBER_##name])(a, b, c, d, e)

/* native.c */
extern void *const native_ops[NUMBERS];

/* rom.c */
struct vmi_rom_header *rom_probe(void);
bool rom_is_active(void);
void rom_misuse(void);		/* before activation */
bool rom_activate(void);
void rom_query(void);
void rom_patch_sites(void);

/* client.asm: a call site in a function, erased until patched; and the kernel's entries */
#define SITE_SIZE	7
extern uint8_t site_enable[], site_disable[], site_get_mask[], site_set_mask[];
extern uint8_t site_iret[], site_sysexit[];
REGPARM uint32_t client_get_mask(void);
REGPARM void client_set_mask(uint32_t flags);
REGPARM void client_enable(void);
REGPARM void client_disable(void);
/* Through the same sites: a pattern in every register, before and after. */
REGPARM uint32_t client_registers(void (*site)(void), uint32_t before[8], uint32_t after[8]);

extern const uint32_t client_gates[48];
void client_syscall(void);
void client_alarm(void);
void client_sysenter(void);
void client_enter_16(void *frame);
void client_resume(void) __attribute__((noreturn));
extern uint32_t user_eip, user_esp;	/* where SYSEXIT goes */
extern uint32_t sysenter_count;

struct client_frame {
	uint32_t es, ds;
	uint32_t edi, esi, ebp, skipped_esp, ebx, edx, ecx, eax;
	uint32_t vector, error;
	uint32_t eip, cs, eflags, esp, ss;
};

/* Leaves for ring 3 by the IRET site, with these five words; back by client_resume(). */
REGPARM void client_run(const uint32_t words[5]);
REGPARM void client_trap(struct client_frame *frame);

/* client_user.asm: ring 3 */
void user_call(void);
void user_int80(void);
void user_sysenter(void);
void user_sysenter_back(void);
void user_fault(void);
void user_spin(void);

/* linux_client.c: what the last exception was, and how often others came */
extern struct client_frame last_fault;
extern volatile uint32_t ticks, alarms, syscalls;
extern uint32_t fixup;		/* go on there after a fault in ring 0 or 1 */

/* memory.c, time.c */
void memory_prepare(void);	/* before activation */
void test_memory(void);
void test_time(void);

#endif
