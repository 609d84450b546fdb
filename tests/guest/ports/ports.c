/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: port calls, raw port instructions and ring 3's permission do what they do on hardware.
 * Environments: native bochs-native segment paged bochs
 *
 * The VGA's palette is a device that counts the bytes it gives and takes, its
 * CRTC's cursor a pair of registers that a word reaches, and CF8h holds a dword.
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"

#include "ports.h"

#define DAC_READ	0x3c7
#define DAC_WRITE	0x3c8
#define DAC_DATA	0x3c9
#define DAC_BYTES	24
#define CRTC		0x3d4
#define CRTC_CURSOR	0x0e
#define SCRATCH		0x3ff		/* COM1's, a byte that nobody minds */
#define PIC_MASK	0x21
#define AWAY		0x70000000u	/* nothing is mapped there */

static uint8_t bytes[DAC_BYTES], back[DAC_BYTES];

/* The palette keeps six bits. */
static void fill(uint8_t seed)
{
	unsigned int i;

	for (i = 0; i < DAC_BYTES; i++) {
		bytes[i] = (uint8_t)((seed + i * 5) & 0x3f);
		back[i] = 0xee;
	}
}

static void write_palette(const uint8_t *from, uint32_t count)
{
	vmi_outb(0, DAC_WRITE);
	vmi_outsb(DAC_DATA, from, count);
}

static void test_plain(void)
{
	uint32_t before = vmi_inl(PCI_ADDRESS);

	vmi_outb(0x5a, SCRATCH);
	report_equal(vmi_inb(SCRATCH), 0x5a, "INB and OUTB");
	vmi_outw(0x3400 | CRTC_CURSOR, CRTC);
	report_equal(vmi_inw(CRTC), 0x3400 | CRTC_CURSOR, "INW and OUTW");
	report_equal(vmi_inb(CRTC + 1), 0x34, "OUTW wrote both bytes");
	vmi_outl(0x80000008, PCI_ADDRESS);
	report_equal(vmi_inl(PCI_ADDRESS), 0x80000008, "INL and OUTL");
	vmi_outl(before, PCI_ADDRESS);
}

static void test_raw(void)
{
	uint32_t eax = 0x11223344, flags;

	__asm__ volatile("outb %%al, %w1" : : "a" (0x77), "d" (SCRATCH));
	__asm__ volatile("inb %w1, %%al" : "+a" (eax) : "d" (SCRATCH));
	report_equal(eax, 0x11223377, "raw IN AL changes AL alone");
	__asm__ volatile("outw %%ax, %w1" : : "a" (0x5500 | CRTC_CURSOR), "d" (CRTC));
	__asm__ volatile("inw %w1, %%ax" : "+a" (eax) : "d" (CRTC));
	report_equal(eax, 0x11225500 | CRTC_CURSOR, "raw IN AX changes AX alone");
	__asm__ volatile("outb %%al, $0x80; inb $0x21, %%al" : "+a" (eax));
	report_equal(eax & 0xff, vmi_inb(PIC_MASK), "the port as an immediate");
	__asm__ volatile("std; stc; inb %w2, %%al; pushfl; cld; popl %1"
			 : "+a" (eax), "=r" (flags) : "d" (SCRATCH) : "cc");
	report((flags & EFLAGS_DF) && (flags & 1), "raw IN keeps the flags");
}

static uint32_t breakpoints;

static bool count_breakpoint(struct trap_frame *frame)
{
	(void)frame;
	breakpoints++;
	return true;
}

/* Who emulates reads the instruction, which is no access to data. */
static void test_breakpoint(void)
{
	uint32_t address;

	__asm__ volatile("movl $1f, %0" : "=r" (address));
	trap_set_handler(TRAP_DEBUG, count_breakpoint);
	vmi_set_dr(0, address);
	vmi_set_dr(7, 0x000f0401);	/* reads and writes of 4 bytes */
	__asm__ volatile("1: outb %%al, $0x80; outb %%al, $0x21" : : "a" (vmi_inb(PIC_MASK)));
	vmi_set_dr(7, 0x400);
	trap_set_handler(TRAP_DEBUG, NULL);
	report_equal(breakpoints, 0, "a data breakpoint on raw OUT");
}

static void test_strings(void)
{
	uint32_t words[3] = { 0x80000000, 0x80000004, 0x80000008 };
	uint32_t address = vmi_inl(PCI_ADDRESS), got[2] = { 0, 0 };
	uint16_t cursor[2] = { 0x1200 | CRTC_CURSOR, 0x4500 | CRTC_CURSOR };

	fill(1);
	write_palette(bytes, DAC_BYTES);
	vmi_outb(0, DAC_READ);
	vmi_insb(DAC_DATA, back, DAC_BYTES);
	report(!memcmp(bytes, back, DAC_BYTES), "OUTSB and INSB, upwards");
	vmi_outsw(CRTC, cursor, 2);
	cursor[0] = 0;
	vmi_insw(CRTC, cursor, 1);
	report_equal(cursor[0], 0x4500 | CRTC_CURSOR, "OUTSW and INSW");
	vmi_outsl(PCI_ADDRESS, words, 3);
	vmi_insl(PCI_ADDRESS, got, 1);
	report(got[0] == words[2] && got[1] == 0, "OUTSL and INSL");
	vmi_outl(address, PCI_ADDRESS);
	vmi_insb(DAC_DATA, (void *)AWAY, 0);
	report(true, "a count of zero touches nothing");
}

/* With DF set, from the last byte to the first; raw and by call. */
static void test_downwards(void)
{
	const uint8_t *from = bytes + DAC_BYTES - 1;
	uint8_t *to = back + DAC_BYTES - 1;
	uint32_t count = DAC_BYTES, port = DAC_DATA;

	fill(7);
	vmi_outb(0, DAC_WRITE);
	VMI_ASM("std\n" VMI_NATIVE_TEXT(OUTSB) "\ncld"
		: "+S" (from), "+c" (count), "+d" (port)
		: VMI_NATIVE_OPS(OUTSB) : "eax", "memory", "cc");
	report(count == 0 && from + 1 == bytes, "OUTSB downwards: ECX, ESI");
	vmi_outb(0, DAC_READ);
	count = DAC_BYTES;
	VMI_ASM("std\n" VMI_NATIVE_TEXT(INSB) "\ncld"
		: "+D" (to), "+c" (count), "+d" (port)
		: VMI_NATIVE_OPS(INSB) : "eax", "memory", "cc");
	report(count == 0 && to + 1 == back, "INSB downwards: ECX, EDI");
	report(!memcmp(bytes, back, DAC_BYTES), "the bytes are in their order");
}

static uint32_t frame_for_away;
static uint32_t seen_ecx, seen_pointer, seen_cr2, faults;

/* The page comes on demand, and the instruction goes on where it was. */
static bool map_on_demand(struct trap_frame *frame)
{
	faults++;
	seen_ecx = frame->ecx;
	seen_pointer = frame->edi;
	seen_cr2 = vmi_get_cr2();
	if (faults > 1)
		return false;
	paging_map(AWAY, frame_for_away, PTE_PRESENT | PTE_WRITE);
	return true;
}

static void test_faulting(void)
{
	uint8_t *edge = (uint8_t *)AWAY - 5;
	uint32_t before = memory_allocate_page();

	frame_for_away = memory_allocate_page();
	paging_map(AWAY - PAGE_SIZE, before, PTE_PRESENT | PTE_WRITE);
	fill(3);
	write_palette(bytes, DAC_BYTES);
	vmi_outb(0, DAC_READ);
	faults = 0;
	trap_set_handler(TRAP_PAGE, map_on_demand);
	vmi_insb(DAC_DATA, edge, DAC_BYTES);
	report(faults == 1 && seen_cr2 == AWAY && seen_ecx == DAC_BYTES - 5
	       && seen_pointer == AWAY, "INSB faults in its sixth byte with ECX and EDI there");
	report(!memcmp(edge, bytes, DAC_BYTES), "and goes on without losing a byte");
	paging_unmap(AWAY);
	faults = 0;
	vmi_outb(0, DAC_WRITE);
	vmi_outsb(DAC_DATA, edge, DAC_BYTES);
	trap_set_handler(TRAP_PAGE, NULL);
	vmi_outb(0, DAC_READ);
	vmi_insb(DAC_DATA, back, DAC_BYTES);
	report(faults == 1 && seen_ecx == DAC_BYTES - 5
	       && !memcmp(back, bytes, DAC_BYTES), "OUTSB likewise");
}

/* A word that straddles the end of a mapping is all or nothing. */
static void straddle(void *edge)
{
	vmi_insw(CRTC, edge, 1);
}

static void test_straddling(void)
{
	uint8_t *edge = (uint8_t *)AWAY - 1;
	struct fault fault;

	paging_unmap(AWAY);
	*edge = 0x11;
	expect_fault(straddle, edge, &fault);
	report(fault.vector == TRAP_PAGE && fault.cr2 == AWAY && *edge == 0x11
	       && fault.frame.ecx == 1, "INSW over the edge writes nothing");
	paging_unmap(AWAY - PAGE_SIZE);
}

/* On hardware the level that counts is in ring 3's own flags. */
static uint32_t iopl;

static void set_iopl(uint32_t level)
{
	iopl = level << 12;
	vmi_set_iopl_mask(iopl);
}

static void user(void (*code)(void), uint32_t port, uint32_t value, struct fault *fault)
{
	struct trap_frame registers = { .edx = port, .eax = value, .ecx = 1, .eflags = iopl,
					.esi = (uint32_t)user_stack, .edi = (uint32_t)user_stack };

	user_run((uint32_t)code, user_stack_top(), &registers, fault);
}

static bool user_may(void (*code)(void), uint32_t port, uint32_t value)
{
	struct fault fault;

	user(code, port, value, &fault);
	return fault.vector == TRAP_USER_EXIT;
}

static bool user_may_not(void (*code)(void), uint32_t port)
{
	struct fault fault;

	user(code, port, 0, &fault);
	return fault.vector == TRAP_PROTECTION && fault.error == 0
	       && fault.frame.eip == (uint32_t)code;
}

static void test_iopl(void)
{
	struct fault fault;

	report(user_may_not(user_inb, SCRATCH) && user_may_not(user_outb, SCRATCH)
	       && user_may_not(user_insb, SCRATCH), "ring 3 has no ports");
	set_iopl(3);
	report(user_may(user_outb, SCRATCH, 0x42), "with IOPL 3 it has");
	user(user_inb, SCRATCH, 0x12345600, &fault);
	report_equal(fault.frame.eax, 0x12345642, "and reads what it wrote");
	user(user_inb, PIC_MASK, 0, &fault);
	report_equal(fault.frame.eax, vmi_inb(PIC_MASK), "a controller's port, too");
	report(user_may(user_inw, CRTC, 0) && user_may(user_outsb, SCRATCH, 0)
	       && user_may(user_inl, PCI_ADDRESS, 0), "words, dwords and strings");
	set_iopl(2);
	report(user_may_not(user_inb, SCRATCH), "IOPL 2 takes them back");
	set_iopl(3);
	set_iopl(0);
	report(user_may_not(user_inb, SCRATCH) && user_may_not(user_inl, PCI_ADDRESS)
	       && user_may_not(user_inb, PIC_MASK), "and so does IOPL 0");
}

static void permit(uint16_t port, bool on)
{
	uint8_t *byte = &tables_tss()->bitmap[port / 8];

	if (on)
		*byte &= (uint8_t)~(1u << port % 8);
	else
		*byte |= (uint8_t)(1u << port % 8);
}

static void test_bitmap(void)
{
	permit(SCRATCH, true);
	report(user_may(user_outb, SCRATCH, 0x24) && vmi_inb(SCRATCH) == 0x24,
	       "the TSS's bitmap opens a port");
	report(user_may_not(user_inb, SCRATCH - 1), "and not the one below");
	report(user_may_not(user_inw, SCRATCH - 1), "nor a word that has one foot in it");
	permit(CRTC, true);
	permit(CRTC + 1, true);
	report(user_may(user_inw, CRTC, 0), "two bits open a word");
	report(user_may_not(user_inl, CRTC), "but no dword");
	permit(CRTC + 1, false);
	report(user_may_not(user_inw, CRTC), "a bit set again closes it at once");
	permit(CRTC, false);
	permit(SCRATCH, false);
	report(user_may_not(user_inb, SCRATCH), "all closed");
	report(user_may_not(user_inb, 0x1000), "beyond the TSS's limit nothing is open");
}

int main(void)
{
	test_plain();
	test_raw();
	test_breakpoint();
	test_strings();
	test_downwards();
	test_faulting();
	test_straddling();
	test_iopl();
	test_bitmap();
	return 0;
}
