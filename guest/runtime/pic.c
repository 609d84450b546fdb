/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 8259 pair (Intel 8259A data sheet): vectors 20h to 2Fh, fully nested,
 * ended by a non-specific EOI after the handler.
 */
#include "irq.h"

#include <stddef.h>

#include "vmi.h"

#define MASTER			0x20
#define SLAVE			0xa0
#define COMMAND			0
#define DATA			1

#define ICW1_INIT		0x11	/* edge triggered, cascaded, ICW4 */
#define ICW4_8086		0x01
#define OCW2_EOI		0x20	/* non-specific */
#define OCW3_READ_REQUESTED	0x0a
#define OCW3_READ_IN_SERVICE	0x0b

#define SPURIOUS_MASTER		7
#define SPURIOUS_SLAVE		15

static irq_handler handlers[IRQ_LINES];
static uint16_t masked = 0xffff;
static uint32_t spurious;

static void write_masks(void)
{
	vmi_outb((uint8_t)masked, MASTER + DATA);
	vmi_outb((uint8_t)(masked >> 8), SLAVE + DATA);
}

static void init_one(uint16_t port, uint8_t vector, uint8_t cascade)
{
	vmi_outb(ICW1_INIT, port + COMMAND);
	vmi_io_delay();
	vmi_outb(vector, port + DATA);
	vmi_io_delay();
	vmi_outb(cascade, port + DATA);
	vmi_io_delay();
	vmi_outb(ICW4_8086, port + DATA);
	vmi_io_delay();
}

static uint16_t read_both(uint8_t command)
{
	uint32_t mask = vmi_save_interrupts();
	uint16_t lines;

	vmi_outb(command, MASTER + COMMAND);
	vmi_outb(command, SLAVE + COMMAND);
	lines = (uint16_t)(vmi_inb(SLAVE + COMMAND) << 8
			   | vmi_inb(MASTER + COMMAND));
	vmi_set_interrupt_mask(mask);
	return lines;
}

uint16_t pic_requested(void)
{
	return read_both(OCW3_READ_REQUESTED);
}

uint16_t pic_in_service(void)
{
	return read_both(OCW3_READ_IN_SERVICE);
}

uint32_t pic_spurious(void)
{
	return spurious;
}

/*
 * A line that drops before its interrupt is acknowledged arrives as the
 * lowest-priority one, which then is not in service and wants no EOI.
 */
static bool is_spurious(unsigned int irq)
{
	if (irq != SPURIOUS_MASTER && irq != SPURIOUS_SLAVE)
		return false;
	if (pic_in_service() & 1u << irq)
		return false;
	spurious++;
	if (irq == SPURIOUS_SLAVE)
		vmi_outb(OCW2_EOI, MASTER + COMMAND);
	return true;
}

static bool handle_line(struct trap_frame *frame)
{
	unsigned int irq = frame->vector - IRQ_VECTOR;

	if (is_spurious(irq))
		return true;
	if (!handlers[irq])
		return false;
	handlers[irq](frame);

	/* The handler may have enabled interrupts; the EOI is not nested. */
	vmi_disable_interrupts();
	if (irq >= 8)
		vmi_outb(OCW2_EOI, SLAVE + COMMAND);
	vmi_outb(OCW2_EOI, MASTER + COMMAND);
	return true;
}

void pic_init(void)
{
	unsigned int irq;

	init_one(MASTER, IRQ_VECTOR, 1 << IRQ_CASCADE);
	init_one(SLAVE, IRQ_VECTOR + 8, IRQ_CASCADE);
	masked = 0xffff;
	write_masks();
	for (irq = 0; irq < IRQ_LINES; irq++)
		trap_set_handler((uint8_t)(IRQ_VECTOR + irq), handle_line);
}

void irq_mask(unsigned int irq)
{
	masked |= (uint16_t)(1u << irq);
	write_masks();
}

void irq_unmask(unsigned int irq)
{
	if (irq >= 8)
		masked &= (uint16_t)~(1u << IRQ_CASCADE);
	masked &= (uint16_t)~(1u << irq);
	write_masks();
}

void irq_drain(unsigned int irq)
{
	uint32_t mask = vmi_save_interrupts();
	uint16_t others = masked;

	masked = (uint16_t)~(1u << irq);
	write_masks();
	vmi_enable_interrupts();
	vmi_disable_interrupts();
	masked = others;
	write_masks();
	vmi_set_interrupt_mask(mask);
}

void irq_set_handler(unsigned int irq, irq_handler handler)
{
	uint32_t mask = vmi_save_interrupts();

	if (!handler)
		irq_mask(irq);
	handlers[irq] = handler;
	if (handler)
		irq_unmask(irq);
	vmi_set_interrupt_mask(mask);
}
