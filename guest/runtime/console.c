/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The serial port under print().  The guest's output goes here only; the
 * debug console at port E9h is the monitor's.
 */
#include "console.h"

#include <stdint.h>

#include "vmi.h"

/* 16550 registers, offsets from the port (PC16550D data sheet, section 8) */
#define UART_DATA		0
#define UART_INTERRUPTS		1
#define UART_DIVISOR_LOW	0
#define UART_DIVISOR_HIGH	1
#define UART_FIFO		2
#define UART_LINE		3
#define UART_MODEM		4
#define UART_STATUS		5

#define LINE_8N1		0x03
#define LINE_DIVISOR		0x80
#define FIFO_ON_AND_CLEAR	0x07
#define MODEM_DTR_RTS_OUT2	0x0b
#define STATUS_TRANSMIT_EMPTY	0x20
#define STATUS_IDLE		0x40	/* the last bit has left, too */

/* A machine without a UART reads FFh and is never busy; this bounds others. */
#define TRANSMIT_TRIES		1000000

void console_init(void)
{
	vmi_outb(0, SERIAL_PORT + UART_INTERRUPTS);
	vmi_outb(LINE_DIVISOR, SERIAL_PORT + UART_LINE);
	vmi_outb(1, SERIAL_PORT + UART_DIVISOR_LOW);
	vmi_outb(0, SERIAL_PORT + UART_DIVISOR_HIGH);
	vmi_outb(LINE_8N1, SERIAL_PORT + UART_LINE);
	vmi_outb(FIFO_ON_AND_CLEAR, SERIAL_PORT + UART_FIFO);
	vmi_outb(MODEM_DTR_RTS_OUT2, SERIAL_PORT + UART_MODEM);
}

static void wait_status(uint8_t bit)
{
	uint32_t tries = TRANSMIT_TRIES;

	while (!(vmi_inb(SERIAL_PORT + UART_STATUS) & bit) && --tries)
		;
}

void console_flush(void)
{
	wait_status(STATUS_IDLE);
}

static void put_raw(uint8_t byte)
{
	wait_status(STATUS_TRANSMIT_EMPTY);
	vmi_outb(byte, SERIAL_PORT + UART_DATA);
}

void console_put(char c)
{
	if (c == '\n')
		put_raw('\r');
	put_raw((uint8_t)c);
}
