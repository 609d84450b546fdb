/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines that the test can raise by itself: the keyboard's by a byte that the
 * controller is told to take for a key, the serial port's by an empty
 * transmitter, the real-time clock's by its periodic interrupt.
 */
#include "interrupts.h"

#include "runtime.h"

#include "rtc.h"
#include "vmi.h"

/* The keyboard controller (IBM PS/2 Technical Reference, keyboard section) */
#define KEYBOARD_DATA		0x60
#define KEYBOARD_STATUS		0x64
#define KEYBOARD_COMMAND	0x64
#define STATUS_OUTPUT_FULL	0x01
#define STATUS_INPUT_FULL	0x02
#define COMMAND_WRITE_MODE	0x60
#define COMMAND_FAKE_KEY	0xd2
#define MODE_INTERRUPT		0x01
#define MODE_NO_MOUSE		0x20

/* The UART (PC16550D data sheet, section 8) */
#define UART_DATA		(SERIAL_PORT + 0)
#define UART_INTERRUPTS		(SERIAL_PORT + 1)
#define UART_IDENTIFICATION	(SERIAL_PORT + 2)
#define INTERRUPT_TRANSMITTER	0x02
#define IDENTIFICATION_MASK	0x0f
#define SERIAL_LINE		"sent by interrupts\r\n"

#define RTC_INTERRUPTS		16

static volatile uint32_t keys;
static volatile uint8_t last_key;
static void (*key_hook)(void);
static volatile uint32_t serial_interrupts, serial_sent;
static volatile uint32_t rtc_interrupts;

static void handle_keyboard(struct trap_frame *frame)
{
	(void)frame;
	last_key = vmi_inb(KEYBOARD_DATA);
	keys++;
	if (key_hook)
		key_hook();
}

void keyboard_set_hook(void (*hook)(void))
{
	key_hook = hook;
}

static void keyboard_write(uint8_t byte, uint16_t port)
{
	while (vmi_inb(KEYBOARD_STATUS) & STATUS_INPUT_FULL)
		vmi_pause();
	vmi_outb(byte, port);
}

void keyboard_init(void)
{
	keyboard_write(COMMAND_WRITE_MODE, KEYBOARD_COMMAND);
	keyboard_write(MODE_INTERRUPT | MODE_NO_MOUSE, KEYBOARD_DATA);
	while (vmi_inb(KEYBOARD_STATUS) & STATUS_OUTPUT_FULL)
		vmi_inb(KEYBOARD_DATA);
	irq_set_handler(IRQ_KEYBOARD, handle_keyboard);
	keys = 0;
}

void keyboard_raise(uint8_t byte)
{
	keyboard_write(COMMAND_FAKE_KEY, KEYBOARD_COMMAND);
	keyboard_write(byte, KEYBOARD_DATA);
}

uint32_t keyboard_count(void)
{
	return keys;
}

uint8_t keyboard_byte(void)
{
	return last_key;
}

void test_keyboard(void)
{
	uint8_t byte;
	bool right = true;

	vmi_enable_interrupts();
	for (byte = 1; byte <= 20; byte++) {
		keyboard_raise(byte);
		wait_us(1000);
		right = right && last_key == byte && keys == byte;
	}
	vmi_disable_interrupts();
	report(right, "20 keys make %u interrupts", keys);
}

static void handle_serial(struct trap_frame *frame)
{
	uint8_t why = vmi_inb(UART_IDENTIFICATION) & IDENTIFICATION_MASK;

	(void)frame;
	if (why != INTERRUPT_TRANSMITTER)
		return;
	serial_interrupts++;
	if (SERIAL_LINE[serial_sent])
		vmi_outb((uint8_t)SERIAL_LINE[serial_sent++], UART_DATA);
	else
		vmi_outb(0, UART_INTERRUPTS);
}

void test_serial(void)
{
	uint32_t length = sizeof(SERIAL_LINE) - 1;

	irq_set_handler(IRQ_SERIAL, handle_serial);
	vmi_outb(INTERRUPT_TRANSMITTER, UART_INTERRUPTS);
	vmi_enable_interrupts();
	wait_us(20000);
	vmi_disable_interrupts();
	irq_set_handler(IRQ_SERIAL, NULL);
	vmi_outb(0, UART_INTERRUPTS);
	report(serial_sent == length && serial_interrupts == length + 1,
	       "the empty transmitter interrupts %u times for %u characters",
	       serial_interrupts, serial_sent);
}

static void handle_rtc(struct trap_frame *frame)
{
	(void)frame;
	if (rtc_read(RTC_C) & RTC_C_PERIODIC)
		rtc_interrupts++;
}

/* The clock's line is the second controller's. */
void test_rtc(void)
{
	uint64_t start;

	irq_set_handler(IRQ_RTC, handle_rtc);
	rtc_write(RTC_A, RTC_A_1024_HZ);
	rtc_write(RTC_B, RTC_B_24_HOURS | RTC_B_PERIODIC);
	rtc_read(RTC_C);
	start = pit_clock();
	vmi_enable_interrupts();
	while (rtc_interrupts < RTC_INTERRUPTS && pit_clock() - start < PIT_HZ)
		vmi_pause();
	vmi_disable_interrupts();
	rtc_write(RTC_B, RTC_B_24_HOURS);
	irq_set_handler(IRQ_RTC, NULL);
	rtc_read(RTC_C);
	report(rtc_interrupts == RTC_INTERRUPTS
	       && pit_clock() - start < PIT_HZ / 20,
	       "the second controller's line: %u interrupts of the clock",
	       rtc_interrupts);
}
