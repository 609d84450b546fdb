/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of the I/O group.  A port call changes its
 * result alone: not a flag, and not the part of EAX that it does not read.
 */
#include "registers.h"

#include "runtime.h"

#include "pci.h"
#include "vmi.h"

#define SCRATCH		0x3ff		/* a byte of COM1's that nobody minds */
#define CRTC		0x3d4		/* index and data: a word */
#define CRTC_CURSOR	0x0e
#define CONFIG_VALUE	0x80000008
#define COUNT		3

static uint32_t words[8];

static void scratch_in(struct registers *r)
{
	vmi_outb(0x42, SCRATCH);
	r->edx = (r->edx & 0xffff0000u) | SCRATCH;
}

static bool al_read(const struct registers *r)
{
	return r->eax == ((PATTERN_EAX & ~0xffu) | 0x42);
}

static void cursor_in(struct registers *r)
{
	vmi_outw(0x2100 | CRTC_CURSOR, CRTC);
	r->edx = (r->edx & 0xffff0000u) | CRTC;
}

static bool ax_read(const struct registers *r)
{
	return r->eax == ((PATTERN_EAX & ~0xffffu) | 0x2100 | CRTC_CURSOR);
}

static void config_in(struct registers *r)
{
	vmi_outl(CONFIG_VALUE, PCI_ADDRESS);
	r->edx = (r->edx & 0xffff0000u) | PCI_ADDRESS;
}

static bool eax_read(const struct registers *r)
{
	return r->eax == CONFIG_VALUE;
}

static void scratch_out(struct registers *r)
{
	vmi_outb(0, SCRATCH);
	r->edx = (r->edx & 0xffff0000u) | SCRATCH;
}

static bool al_written(const struct registers *r)
{
	(void)r;
	return vmi_inb(SCRATCH) == (PATTERN_EAX & 0xff);
}

static void cursor_out(struct registers *r)
{
	r->eax = 0x12344300 | CRTC_CURSOR;
	r->edx = (r->edx & 0xffff0000u) | CRTC;
}

static bool ax_written(const struct registers *r)
{
	(void)r;
	return vmi_inw(CRTC) == (0x4300 | CRTC_CURSOR);
}

static void config_out(struct registers *r)
{
	vmi_outl(0x80000000, PCI_ADDRESS);
	r->eax = CONFIG_VALUE;
	r->edx = (r->edx & 0xffff0000u) | PCI_ADDRESS;
}

static bool eax_written(const struct registers *r)
{
	(void)r;
	return vmi_inl(PCI_ADDRESS) == CONFIG_VALUE;
}

/* Strings go downwards, as DF is set: from the third unit. */
static void string(struct registers *r, uint32_t size)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		words[i] = 0x80000010 + 0x40 * i;
	r->ecx = COUNT;
	r->esi = r->edi = (uint32_t)words + (COUNT - 1) * size;
}

static bool went_down(uint32_t pointer, const struct registers *r, uint32_t size)
{
	return r->ecx == 0 && pointer == (uint32_t)words - size;
}

static void string_in_b(struct registers *r)
{
	scratch_in(r);
	string(r, 1);
}

static void string_in_w(struct registers *r)
{
	cursor_in(r);
	string(r, 2);
}

static void string_in_l(struct registers *r)
{
	config_in(r);
	string(r, 4);
}

static bool in_b_right(const struct registers *r)
{
	return went_down(r->edi, r, 1) && words[0] == 0x80424242;
}

static bool in_w_right(const struct registers *r)
{
	return went_down(r->edi, r, 2) && words[0] == 0x210e210e
	       && words[1] == (0x8000210e);
}

static bool in_l_right(const struct registers *r)
{
	return went_down(r->edi, r, 4) && words[0] == CONFIG_VALUE && words[2] == CONFIG_VALUE
	       && words[3] != CONFIG_VALUE;
}

static void string_out_b(struct registers *r)
{
	scratch_out(r);
	string(r, 1);
}

static void string_out_w(struct registers *r)
{
	cursor_out(r);
	string(r, 2);
	words[0] = words[1] = 0x66000000u | CRTC_CURSOR << 16 | 0x5500 | CRTC_CURSOR;
}

static void string_out_l(struct registers *r)
{
	config_out(r);
	string(r, 4);
}

static bool out_b_right(const struct registers *r)
{
	return went_down(r->esi, r, 1) && vmi_inb(SCRATCH) == 0x10;
}

static bool out_w_right(const struct registers *r)
{
	return went_down(r->esi, r, 2) && vmi_inw(CRTC) == (0x5500 | CRTC_CURSOR);
}

static bool out_l_right(const struct registers *r)
{
	return went_down(r->esi, r, 4) && vmi_inl(PCI_ADDRESS) == 0x80000010;
}

static void iopl_0(struct registers *r)
{
	r->eax = 0;
}

const struct call_case io_cases[] = {
	{ VMI_CALL_INB, CHANGES_EAX, scratch_in, al_read },
	{ VMI_CALL_INW, CHANGES_EAX, cursor_in, ax_read },
	{ VMI_CALL_INL, CHANGES_EAX, config_in, eax_read },
	{ VMI_CALL_OUTB, 0, scratch_out, al_written },
	{ VMI_CALL_OUTW, 0, cursor_out, ax_written },
	{ VMI_CALL_OUTL, 0, config_out, eax_written },
	{ VMI_CALL_INSB, CHANGES_ECX | CHANGES_EDI, string_in_b, in_b_right },
	{ VMI_CALL_INSW, CHANGES_ECX | CHANGES_EDI, string_in_w, in_w_right },
	{ VMI_CALL_INSL, CHANGES_ECX | CHANGES_EDI, string_in_l, in_l_right },
	{ VMI_CALL_OUTSB, CHANGES_ECX | CHANGES_ESI, string_out_b, out_b_right },
	{ VMI_CALL_OUTSW, CHANGES_ECX | CHANGES_ESI, string_out_w, out_w_right },
	{ VMI_CALL_OUTSL, CHANGES_ECX | CHANGES_ESI, string_out_l, out_l_right },
	{ VMI_CALL_IODelay, 0, NULL, NULL },
	{ VMI_CALL_SetIOPLMask, STANDARD, iopl_0, NULL },
	{ VMI_NR_CALLS, 0, NULL, NULL },
};
