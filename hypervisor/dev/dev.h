/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's devices: its interrupt controllers, clocks and alarms, ports, and
 * what of the machine is shielded from it.
 */
#ifndef VMI_DEV_H
#define VMI_DEV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "model/ioapic.h"
#include "model/pic.h"

/* ---- physical.c: the machine's own controllers ---- */

#define PHYSICAL_APIC(offset)	(*(volatile uint32_t *)(HOLE_APIC + (offset)))

#define PIC_EOI_SPECIFIC	0x60
#define PIC_SLAVE_LINES		8u

/* A line of the 8259 pair is ended, at both chips if it is the slave's. */
static INLINE void pair_end(unsigned line)
{
	if (line >= PIC_SLAVE_LINES) {
		outb(PIC_SLAVE_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | (line - PIC_SLAVE_LINES)));
		line = PIC_CASCADE;
	}
	outb(PIC_MASTER_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | line));
}

/* Does a physical interrupt come by @vector? */
static INLINE bool vector_is_physical(unsigned vector)
{
	return vector - VECTOR_FIRST < VECTOR_PIC + PIC_LINES - VECTOR_FIRST || vector == VECTOR_SPURIOUS;
}

/* ---- controllers.c: the guest's interrupt controllers ---- */

/*
 * A line of the pair has interrupted, and is ended there.  The vector to be delivered
 * at once, which is only where the guest is ready for that; or -1: the models have
 * it, or it was spurious.
 */
int controllers_line_arrived(unsigned line, bool guest_is_ready);

/* A pin of the IO-APIC has interrupted, by its own vector. */
void controllers_pin_arrived(unsigned pin);

/* What is due next: a vector of the local APIC's, CONTROLLERS_PAIR, or CONTROLLERS_NONE. */
enum { CONTROLLERS_NONE = -1, CONTROLLERS_PAIR = -2 };
int controllers_next(void);

/* It is delivered: the vector. */
unsigned controllers_acknowledge(int next);

/* IA32_APIC_BASE; false: #GP. */
bool controllers_set_apic_base(uint64_t value);

/* Registers of the local APIC, by the low 12 bits.  A write is true where it may concern the timer. */
uint32_t controllers_apic_read(uint32_t offset);
bool controllers_apic_write(uint32_t offset, uint32_t value);

/* The 8259 pair's command and data ports. */
static inline bool port_is_pair(unsigned port)
{
	return (port & ~0x81u) == 0x20;
}

/* A byte to one of them, from the kernel: mostly the end of an interrupt. */
void controllers_pair_write(uint16_t port, uint8_t value);

/* ---- device.c: pages that are models ---- */

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

/* ---- port.c ---- */

#define PORTS		0x10000u

/* Has the hardware the port to itself, with those that wider accesses to it reach? */
bool port_goes_straight(unsigned port);

/* The port itself, with the monitor's policy.  size 1, 2 or 4; what is read is zero-extended. */
bool port_in(uint16_t port, unsigned size, uint32_t *value);
bool port_out(uint16_t port, unsigned size, uint32_t value);

/* ---- deadline.c, time.c: counters, alarms and the one physical timer ---- */

#define NEVER		(~0ull)

void time_start(void);
uint32_t deadline_ticks(uint64_t cycles);

/* Something about a deadline has changed: the timer is set to the next one. */
void deadline_update(void);

/* A write to the local APIC, and what it means for the timer. */
static inline void local_apic_write(uint32_t offset, uint32_t value)
{
	if (controllers_apic_write(offset, value))
		deadline_update();
}

/* The timer has interrupted. */
void deadline_expire(void);

/* VMI_SetAlarm: EAX = flags, ECX:EDX = expiry, ESI:EDI = period, as halves lie in the frame.  Always true. */
bool alarm_set(const struct frame *f);

/* VMI_CancelAlarm: true if it was armed. */
bool alarm_cancel(unsigned counter);

/* For tests, docs/time.md: the monitor takes the processor away from one real time to another. */
#define MSR_TAKE_FROM	0x40000000u
#define MSR_TAKE_TO	0x40000001u
bool deadline_write_msr(uint32_t index, uint64_t value);

/* ---- wallclock.c ---- */

uint64_t wallclock_time(void);
bool wallclock_updated(void);

/* ---- shield.c: what would let the guest out ---- */

void shield_start(void);

/* ---- power.c: the ends of the machine ---- */

void power_prepare(uint8_t *zero);
void machine_reset(void) NORETURN;
void machine_init(void) NORETURN;
void machine_off(void) NORETURN;

#endif
