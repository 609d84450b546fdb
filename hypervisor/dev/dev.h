/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's devices: its interrupt controllers, clocks and alarms, I/O ports, and
 * the registers of the machine that it must not have.  This is the public header
 * of dev/.
 */
#ifndef VMI_DEV_H
#define VMI_DEV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "model/ioapic.h"
#include "model/pic.h"

/* ---- physical.c: the physical interrupt controllers ---- */

/* A register of the physical local APIC. */
#define PHYSICAL_APIC(offset)	(*(volatile uint32_t *)(HOLE_APIC + (offset)))

#define PIC_EOI_SPECIFIC	0x60
#define PIC_SLAVE_LINES		8u

/* End the interrupt of @line at the physical pair, for a line of the slave at both chips. */
static INLINE void pair_end(unsigned line)
{
	if (line >= PIC_SLAVE_LINES) {
		outb(PIC_SLAVE_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | (line - PIC_SLAVE_LINES)));
		line = PIC_CASCADE;
	}
	outb(PIC_MASTER_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | line));
}

/*
 * Something has arrived at @vector, which no device should use.  If the physical local
 * APIC is serving it, it is a stray interrupt: it is ended there and counted, and nobody
 * gets it.  false: it is no interrupt.  Exceptions have vectors below STRAY_FIRST, which
 * the local APIC refuses.
 */
#define STRAY_FIRST	16u
bool stray_interrupt(unsigned vector);

/* The same for one that the processor could not deliver: the highest that is in service. */
bool stray_undelivered(void);

/* Is @vector one of those at which physical interrupts arrive? */
static INLINE bool vector_is_physical(unsigned vector)
{
	return vector - VECTOR_FIRST < VECTOR_PIC + PIC_LINES - VECTOR_FIRST ||
	       vector == VECTOR_SPURIOUS;
}

/* ---- controllers.c: the guest's interrupt controllers ---- */

/*
 * @line of the physical pair has interrupted; it is ended there.  Returns the vector to
 * deliver at once, which happens only if @guest_is_ready; or -1: the request is in the
 * models now, or the interrupt was dropped (spurious or stale).
 */
int controllers_line_arrived(unsigned line, bool guest_is_ready);

/* @pin of the physical IO-APIC has interrupted, at its vector of VECTOR_IOAPIC and up. */
void controllers_pin_arrived(unsigned pin);

/*
 * A message has arrived at vector VECTOR_MSI + @n.  It is ended, and the message that the
 * guest has in its place is delivered.  false: the guest has none, and nothing has happened.
 */
bool msi_arrived(unsigned n);

/* At VMI_Init, once nothing waits in the physical local APIC: messages become the monitor's. */
void msi_adopt(void);

/* What is due next: a vector of the local APIC, CONTROLLERS_PAIR, or CONTROLLERS_NONE. */
enum { CONTROLLERS_NONE = -1, CONTROLLERS_PAIR = -2 };
int controllers_next(void);

/* The interrupt that controllers_next() has named is being delivered: its vector. */
unsigned controllers_acknowledge(int next);

/* A write to IA32_APIC_BASE; false: #GP. */
bool controllers_set_apic_base(uint64_t value);

/*
 * Registers of the local APIC; the low 12 bits of @offset count.  A write returns true
 * if the timer may be concerned: see local_apic_write().
 */
uint32_t controllers_apic_read(uint32_t offset);
bool controllers_apic_write(uint32_t offset, uint32_t value);

/* Is @port a command or data port of the 8259 pair (20h, 21h, A0h, A1h)? */
static inline bool port_is_pair(unsigned port)
{
	return (port & ~0x81u) == PIC_MASTER_COMMAND;
}

/* The kernel writes a byte to one of these ports; most often it ends an interrupt. */
void controllers_pair_write(uint16_t port, uint8_t value);

/* ---- device.c: pages that are models ---- */

/*
 * After EMULATE_PAGE: does the guest map @linear to a closed page, and permit this
 * access to it?  If not, the emulator calls guest_read() or guest_write() next, which
 * faults as the guest's page tables say.
 */
bool device_page(uint32_t linear, unsigned access);

/*
 * A load or store of 1, 2 or 4 bytes at a linear address for which device_page()
 * is true.  A value that is read is zero-extended; of a value to write, bits above
 * @size bytes are ignored.  Cannot fail.
 */
void device_access(uint32_t linear, unsigned size, bool write, uint32_t *value);

/* ---- port.c ---- */

#define PORTS		0x10000u
#define PORTS_FIXED	0x1000u		/* above these lie PCI functions, wherever they are moved */

/* Does every access to @port go to the hardware, also one of two or four bytes? */
bool port_goes_straight(unsigned port);

/*
 * Access a port under the monitor's policy; the guest's own privilege is not asked for
 * (see io_allowed()).  @size is 1, 2 or 4, a read value is zero-extended.  Always true.
 */
bool port_in(uint16_t port, unsigned size, uint32_t *value);
bool port_out(uint16_t port, unsigned size, uint32_t value);

/* ---- deadline.c, time.c: counters, alarms and the one physical timer ---- */

#define NEVER		(~0ull)

/* At VMI_Init: counters and alarms begin. */
void time_start(void);

/* Ticks of the physical timer that last at least @cycles of the TSC. */
uint32_t deadline_ticks(uint64_t cycles);

/* A deadline may have changed: set the physical timer to the earliest. */
void deadline_update(void);

/* The guest writes to its local APIC; a changed timer there is a changed deadline. */
static inline void local_apic_write(uint32_t offset, uint32_t value)
{
	if (controllers_apic_write(offset, value))
		deadline_update();
}

/* The physical timer has interrupted. */
void deadline_expire(void);

/*
 * VMI_SetAlarm, with its arguments in the frame: EAX = flags, ECX:EDX = expiry,
 * ESI:EDI = period.  Always true.
 */
bool alarm_set(const struct frame *f);

/* VMI_CancelAlarm: true if it was armed. */
bool alarm_cancel(unsigned counter);

/*
 * For tests (docs/time.md): the monitor takes the processor away from the guest between
 * two times of the real counter.  false: #GP.
 */
#define MSR_TAKE_FROM	0x40000000u
#define MSR_TAKE_TO	0x40000001u
bool deadline_write_msr(uint32_t index, uint64_t value);

/* ---- wallclock.c ---- */

/* VMI_GetWallclockTime: nanoseconds since 1970; it never goes back, but at a jump. */
uint64_t wallclock_time(void);

/* VMI_WallclockUpdated: has wall time jumped since the last question? */
bool wallclock_updated(void);

/* In POST: which ports are open to a guest; after acpi_prepare(). */
void allow_prepare(void);

/* At VMI_Init: the machine's registers as the guest has left them. */
void platform_start(void);

/* ---- acpi.c ---- */

/* In POST; @zero is where physical address 0 can be read. */
void acpi_prepare(uint8_t *zero);

/* ---- power.c: power-off and reset ---- */

/* A reset of the whole machine. */
void machine_reset(void) NORETURN;

/* A reset of the processor alone: memory stays. */
void machine_init(void) NORETURN;

void machine_off(void) NORETURN;

#endif
