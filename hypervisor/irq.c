// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts.  The monitor owns the physical controllers; a physical interrupt
 * is acknowledged at once and becomes a request in the guest's model of the
 * 8259 pair (pic.c), from where it is delivered when virtual IF allows.
 * docs/interrupts.md follows one all the way.
 */
#include "monitor.h"

#define PIC_EOI_SPECIFIC	0x60
#define PIC_ICW1		0x11
#define PIC_ICW4		0x01
#define PIC_READ_IRR		0x0a
#define PIC_READ_ISR		0x0b
#define SLAVE			8u

#define MSR_APIC_BASE		0x1bu
#define APIC_GLOBAL_ENABLE	0x800u
#define APIC_REGISTER(offset)	(*(volatile uint32_t *)(HOLE_APIC + (offset)))
#define REG_EOI			0x0b0
#define REG_SVR			0x0f0
#define REG_LVT_TIMER		0x320
#define REG_LVT_LINT0		0x350
#define SVR_ENABLE		0x100u
#define LVT_EXTINT		0x700u
#define LVT_MASKED		0x10000u

static uint16_t masked;		/* lines masked at the physical pair */

static void write_mask(void)
{
	outb(PIC_MASTER_DATA, (uint8_t)masked);
	outb(PIC_SLAVE_DATA, (uint8_t)(masked >> 8));
}

bool irq_is_port(uint16_t port)
{
	return (port & ~1u) == PIC_MASTER_COMMAND || (port & ~1u) == PIC_SLAVE_COMMAND ||
	       (port & ~1u) == PIC_MASTER_ELCR;
}

/* Level-triggered lines that the model has let go of can interrupt again. */
static void unmask_released(void)
{
	uint16_t released = pic_take_released(&cpu->pic) & masked;

	if (released) {
		masked &= (uint16_t)~released;
		write_mask();
	}
}

uint8_t irq_read(uint16_t port)
{
	uint8_t value = pic_read(&cpu->pic, port);

	unmask_released();
	cpu->attention = 1;
	return value;
}

void irq_write(uint16_t port, uint8_t value)
{
	pic_write(&cpu->pic, port, value);
	if ((port & ~1u) == PIC_MASTER_ELCR)
		outb(port, value);
	unmask_released();
	cpu->attention = 1;
}

static void acknowledge(unsigned line)
{
	if (line >= SLAVE) {
		outb(PIC_SLAVE_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | (line - SLAVE)));
		outb(PIC_MASTER_COMMAND, PIC_EOI_SPECIFIC | PIC_CASCADE);
	} else {
		outb(PIC_MASTER_COMMAND, (uint8_t)(PIC_EOI_SPECIFIC | line));
	}
}

static uint8_t read_isr(uint16_t command)
{
	uint8_t isr;

	outb(command, PIC_READ_ISR);
	isr = inb(command);
	outb(command, PIC_READ_IRR);
	return isr;
}

/* Lines 7 and 15 also stand for a request that went away. */
static bool spurious(unsigned line)
{
	uint16_t command = line >= SLAVE ? PIC_SLAVE_COMMAND : PIC_MASTER_COMMAND;

	if (line % SLAVE != 7 || (read_isr(command) & 0x80))
		return false;
	if (line >= SLAVE)
		outb(PIC_MASTER_COMMAND, PIC_EOI_SPECIFIC | PIC_CASCADE);
	return true;
}

static void line_interrupt(unsigned line)
{
	cpu->stats[STAT_INTERRUPT]++;
	if (spurious(line))
		return;
	if (pic_elcr(&cpu->pic) >> line & 1) {
		masked |= (uint16_t)(1u << line);
		write_mask();
		pic_set_line(&cpu->pic, line, true);
	} else {
		pic_pulse(&cpu->pic, line);
	}
	acknowledge(line);
}

void irq_physical(unsigned vector)
{
	if (vector - VECTOR_PIC < PIC_LINES)
		line_interrupt(vector - VECTOR_PIC);
	else if (vector == VECTOR_TIMER) {
		cpu->stats[STAT_TIMER]++;
		APIC_REGISTER(REG_EOI) = 0;
	}
	cpu->attention = 1;
}

bool irq_waits(void)
{
	return pic_output(&cpu->pic);
}

static bool can_take(const struct frame *f)
{
	if (!irq_waits() || cpu->sti_shadow)
		return false;
	return frame_from_user(f) || (cpu->state->virtual_if & EFLAGS_IF);
}

/*
 * The last thing before the guest runs: deliver, or leave the note that makes
 * the guest ask when it sets virtual IF.
 */
void irq_work(struct frame *f)
{
	if (can_take(f)) {
		transfer_forward(f);
		/* A return that faulted has left them disabled. */
		if (can_take(f) && !inject_interrupt(f, (unsigned)pic_ack(&cpu->pic)))
			reflect_fault(f);
	}
	cpu->state->pending = irq_waits() ? EFLAGS_IF : 0;
}

/* ---- start ---- */

static void program_physical_pair(void)
{
	outb(PIC_MASTER_COMMAND, PIC_ICW1);
	outb(PIC_SLAVE_COMMAND, PIC_ICW1);
	outb(PIC_MASTER_DATA, VECTOR_PIC);
	outb(PIC_SLAVE_DATA, VECTOR_PIC + SLAVE);
	outb(PIC_MASTER_DATA, 1 << PIC_CASCADE);
	outb(PIC_SLAVE_DATA, PIC_CASCADE);
	outb(PIC_MASTER_DATA, PIC_ICW4);
	outb(PIC_SLAVE_DATA, PIC_ICW4);
}

static void start_local_apic(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_GLOBAL_ENABLE);
	APIC_REGISTER(REG_SVR) = SVR_ENABLE | VECTOR_SPURIOUS;
	APIC_REGISTER(REG_LVT_TIMER) = LVT_MASKED | VECTOR_TIMER;
	APIC_REGISTER(REG_LVT_LINT0) = LVT_EXTINT;
}

/*
 * From here on every interrupt is the monitor's.  The model starts as the
 * physical pair was programmed; requests that waited there are kept, as the
 * initialisation words drop them.
 */
void irq_take_over(void)
{
	uint16_t imr = (uint16_t)(inb(PIC_MASTER_DATA) | inb(PIC_SLAVE_DATA) << 8);
	uint16_t elcr = (uint16_t)(inb(PIC_MASTER_ELCR) | inb(PIC_SLAVE_ELCR) << 8);
	uint16_t irr;
	unsigned line;

	outb(PIC_MASTER_COMMAND, PIC_READ_IRR);
	outb(PIC_SLAVE_COMMAND, PIC_READ_IRR);
	irr = (uint16_t)(inb(PIC_MASTER_COMMAND) | inb(PIC_SLAVE_COMMAND) << 8);
	pic_init(&cpu->pic);
	pic_write(&cpu->pic, PIC_MASTER_ELCR, (uint8_t)elcr);
	pic_write(&cpu->pic, PIC_SLAVE_ELCR, (uint8_t)(elcr >> 8));
	pic_set_imr(&cpu->pic, imr);
	program_physical_pair();
	for (line = 0; line < PIC_LINES; line++)
		if ((irr & ~elcr) >> line & 1 && line != PIC_CASCADE)
			pic_pulse(&cpu->pic, line);
	masked = 0;
	write_mask();
	start_local_apic();
	cpu->attention = 1;
}
