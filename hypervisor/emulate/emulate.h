/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction emulator: what it is asked for (emulate), and the services
 * that it asks of the monitor in turn.  trap.c calls it for a #GP, and for a
 * page fault on a page that the guest may use but the monitor does not map
 * for it: a device model's, or one that holds a loaded descriptor table.
 *
 * Rules for all services:
 *  - The guest's privilege is what the guest believes: ring 1 is its kernel.
 *  - A bool service that returns false has recorded the one fault that the
 *    guest must see, and has changed nothing.
 *  - Segments are numbered SEG_*, sizes are in bytes.
 */
#ifndef VMI_EMULATE_H
#define VMI_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/decode.h"
#include "base/frame.h"

enum emulate_result {
	/* Done: frame (EIP included) is what the guest continues with. */
	EMULATED,
	/*
	 * The recorded fault is to be reflected.  EIP names the instruction and
	 * nothing has changed, but what string iterations did before the fault.
	 */
	EMULATE_FAULT,
	/* No instruction of ours: reflect the exception that brought us here. */
	EMULATE_UNKNOWN,
	/*
	 * INT n, INT3 or INTO: reflect soft_vector through the guest's gate (with
	 * its DPL check, unless DPL is no matter), the return address being
	 * EIP + length; a fault in doing so has EIP as it is.
	 */
	EMULATE_SOFT_INT,
};

enum emulate_cause {
	EMULATE_GP,		/* after #GP: privileged and I/O instructions */
	EMULATE_PAGE,		/* after #PF: instructions with a memory operand too */
};

/* Bits of emulate_context.events. */
#define EMULATE_SINGLE_STEP	1	/* EFLAGS.TF was set: deliver #DB with DR6.BS next */
#define EMULATE_STI_SHADOW	2	/* virtual IF has just been set by STI: no interrupt before the next instruction */
#define EMULATE_SS_SHADOW	4	/* SS was loaded (MOV, POP): no interrupt or #DB before the next instruction */

struct emulate_context {
	/* in */
	uint8_t cause;		/* enum emulate_cause */
	/* out, valid after EMULATED and EMULATE_SOFT_INT */
	uint8_t events;		/* EMULATE_SINGLE_STEP ... */
	uint8_t soft_vector;
	uint8_t length;		/* of the instruction */
};

/*
 * Executes the instruction at the frame's CS:EIP, or, if it repeats, at most
 * EMULATE_CHUNK iterations (one if TF is set): EIP then stays and RF is set
 * as the processor does when an interrupt comes between iterations.
 */
enum emulate_result emulate(struct frame *f, struct emulate_context *ctx);

#define EMULATE_CHUNK	64

/* ---- Services: faults ---- */

/* Records an exception with an error code (0 for #UD, which has none). */
void fault_record(unsigned vector, uint32_t error);

#define VECTOR_UD	6
#define VECTOR_GP	13
#define VECTOR_PF	14

/* ---- Services: guest memory ---- */

/* Bits of access, as in a page fault's error code. */
#define ACCESS_READ	0
#define ACCESS_WRITE	2
#define ACCESS_USER	4	/* by ring 3 or V8086 mode */

/*
 * Reads up to max bytes at CS:EIP into buf and returns how many there are;
 * if fewer than max, a fetch fault is recorded for the first one missing (the
 * emulator returns it only if the instruction needs that byte).
 */
int guest_fetch(struct frame *f, uint8_t *buf, int max);

/*
 * Guest memory at linear .. linear + len - 1 (at most 8, may cross a page),
 * through the guest's page tables, accessed bits set.  With ACCESS_WRITE a
 * read has the checks and faults of a write (and may set the dirty bit): it is
 * the first half of a read-modify-write, or probes before a side effect.  The
 * hole, and wrapping into it, fault like a page that is not present.
 */
bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access);

/*
 * Likewise for a store; all or nothing, also over two pages.  The second is
 * used after EMULATE_PAGE: the page may be one that the monitor protects, and
 * what the store means for the shadow descriptors must take effect.  (Both
 * may be one function.)
 */
bool guest_write(uint32_t linear, const void *buf, uint32_t len, unsigned access);
bool guest_write_emulated(uint32_t linear, const void *buf, uint32_t len, unsigned access);

/*
 * After EMULATE_PAGE: whether the guest maps linear to a device model's page
 * and permits this access to it.  If not, guest_read or guest_write is asked
 * next, and faults as the guest's page tables say.
 */
bool device_page(uint32_t linear, unsigned access);

/*
 * A load or store of 1, 2 or 4 bytes at a linear address for which device_page()
 * is true.  What is read is zero-extended; what is above size bytes of a value
 * to write means nothing.  Cannot fail.
 */
void device_access(uint32_t linear, unsigned size, bool write, uint32_t *value);

/* ---- Services: segments ---- */

/*
 * offset in segment -> linear, checked as the processor would for len bytes:
 * null, type, limit (expand-down too) with the guest's own descriptor, in
 * V8086 mode selector << 4 and limit FFFFh.  false: #GP(0), for SS #SS(0).
 * len 0 adds the base and never fails (INVLPG).
 */
bool segment_linear(struct frame *f, unsigned segment, uint32_t offset, uint32_t len, bool write,
		    uint32_t *linear);

/* The descriptor's D/B bit: of CS the code size, of SS the stack size.  false in V8086 mode. */
bool segment_is_32bit(struct frame *f, unsigned segment);

/* What MOV r, sreg shows the guest. */
uint16_t segment_selector(struct frame *f, unsigned segment);

/*
 * Loads ES, SS, DS, FS or GS in ring 1 with all checks of the processor, where
 * RPL 0 counts as 1; updates the frame or the register.
 */
bool segment_load(struct frame *f, unsigned segment, uint16_t selector);

/* ---- Services: control transfers that set CS (ring 1 only) ---- */

/*
 * Each does the whole instruction: stack, CS, EIP, EFLAGS, ESP, SS.  If false
 * the frame is as it was.  operand_size is 2 or 4.
 */
bool transfer_iret(struct frame *f, unsigned operand_size);
/* RETF; release bytes of arguments. */
bool transfer_far_return(struct frame *f, unsigned operand_size, uint32_t release);
/* JMP FAR. */
bool transfer_far_jump(struct frame *f, uint16_t selector, uint32_t offset);
/* CALL FAR; next is the offset to push. */
bool transfer_far_call(struct frame *f, unsigned operand_size, uint16_t selector, uint32_t offset,
		       uint32_t next);
/* SYSEXIT: as VMI_SYSEXIT, to EDX, stack ECX; virtual IF is not changed. */
bool transfer_sysexit(struct frame *f);

/* ---- Services: the virtual processor ---- */

/* number is 0, 2, 3 or 4. */
uint32_t cpu_read_cr(unsigned number);
bool cpu_write_cr(unsigned number, uint32_t value);
/* number is 0 to 7; 4 and 5 are 6 and 7 or #UD by CR4.DE. */
bool cpu_read_dr(unsigned number, uint32_t *value);
bool cpu_write_dr(unsigned number, uint32_t value);
bool cpu_read_msr(uint32_t index, uint64_t *value);
bool cpu_write_msr(uint32_t index, uint64_t value);
uint64_t cpu_read_tsc(void);
bool cpu_read_pmc(uint32_t counter, uint64_t *value);
void cpu_clts(void);
bool cpu_xsetbv(uint32_t index, uint32_t low, uint32_t high);
void cpu_wbinvd(void);
void cpu_invlpg(uint32_t linear);
bool cpu_lgdt(uint16_t limit, uint32_t base);
bool cpu_lidt(uint16_t limit, uint32_t base);
bool cpu_lldt(uint16_t selector);
bool cpu_ltr(uint16_t selector);

/* Virtual IF; setting it does not deliver: that is the exit path's, which looks at events. */
bool cpu_get_if(void);
void cpu_set_if(bool on);
/* Virtual IOPL, 0 to 3. */
unsigned cpu_iopl(void);

/* HLT: before the guest goes on. */
void cpu_halt(void);

/* ---- Services: ports ---- */

/* Ring 3 and V8086 mode only: IOPL (not in V8086 mode) and the guest TSS's bitmap.  false: #GP(0) or its page fault. */
bool io_allowed(struct frame *f, uint16_t port, unsigned size);

/* The port itself, with the monitor's policy.  size 1, 2 or 4; what is read is zero-extended. */
bool port_in(uint16_t port, unsigned size, uint32_t *value);
bool port_out(uint16_t port, unsigned size, uint32_t value);

#endif
