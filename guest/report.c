/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Words for what the library found: names of calls, and one line for each
 * reason that says what is wrong, with which value, and the way out.
 */
#include "lib.h"

static const char *const call_names[VMI_NR_CALLS] = {
#define VMI_CALL(name, number, queue, site, place)	#name,
#include "vmi_calls.def"
};

/*
 * By enum vmi_error.  %w %f %t %o: where, found, want, offset, in hexadecimal;
 * %c: the call.
 */
static const char *const sentences[] = {
	"ROM at %w: good",
	"no ROM from c0000 to dffff (option ROMs of other kinds: %f)",
	"ROM at %w: signature %f, want %t (not a VMI ROM?)",
	"ROM at %w: %f bytes, room for %t (truncated file?)",
	"ROM at %w: checksum %f, want 0 (truncated file?)",
	"ROM at %w: interface version %f, want %t (other ROM, or rebuild)",
	"ROM at %w: no PCI header at offset %f (damaged file?)",
	"ROM at %w: licence at offset %f is neither GPL nor GPL v2",
	"ROM at %w: %f jump slots, want %t (damaged file?)",
	"ROM at %w: virtual top %f, want a free page from %t up (move the "
		"kernel's mappings, or rebuild the ROM)",
	"ROM at %w: no ELF header at 40h: %f, want %t (older ROM?)",
	"ROM at %w: its symbol tables are missing or damaged (rebuild it)",
	"sites are in that state already, or there is no ROM in use",
	"interrupts are on: disable them before vmi_activate()",
	"site %w (%c): byte %f of its record is %t (stray write, or the "
		"headers of another version?)",
	"site %w (%c): overlaps the site at %f (linked twice?)",
	"site %w (%c): lies in the hole from %f (link the kernel lower)",
	"site %w (%c): byte %o is %f, want %t (stray write, or another "
		"patcher?)",
	"site %w (%c): the ROM lacks VMI_%c (older ROM? see vmi-info)",
	"site %w (%c): %f bytes, the ROM's code needs %t",
	"ROM at %w: VMI_Init answered %f (unfit CPU or memory? see the debug "
		"console)",
};

VMI_STATIC_ASSERT(sentence_for_each_error,
		  sizeof(sentences) / sizeof(sentences[0]) ==
		  VMI_ERROR_INIT + 1);

const char *vmi_call_name(uint32_t call)
{
	return call < VMI_NR_CALLS ? call_names[call] : "?";
}

const char *vmi_site_state_name(enum vmi_site_state state)
{
	switch (state) {
	case VMI_SITE_NATIVE:
		return "native";
	case VMI_SITE_CALLED:
		return "called";
	case VMI_SITE_INLINED:
		return "inlined";
	case VMI_SITE_ERASED:
		return "erased";
	}
	return "?";
}

struct line {
	char *text;
	uint32_t size, used;
};

static void put_char(struct line *line, char c)
{
	if (line->used + 1 < line->size)
		line->text[line->used++] = c;
}

static void put_string(struct line *line, const char *text)
{
	while (*text)
		put_char(line, *text++);
}

static void put_hex(struct line *line, uint32_t value)
{
	int shift = 28;

	while (shift > 0 && (value >> shift) == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char(line, "0123456789abcdef"[(value >> shift) & 15]);
}

static void put_field(struct line *line, const struct vmi_reason *why,
		      char field)
{
	switch (field) {
	case 'w':
		put_hex(line, why->where);
		break;
	case 'f':
		put_hex(line, why->found);
		break;
	case 't':
		put_hex(line, why->want);
		break;
	case 'o':
		put_hex(line, why->offset);
		break;
	case 'c':
		put_string(line, vmi_call_name(why->call));
		break;
	default:
		break;
	}
}

uint32_t vmi_explain(const struct vmi_reason *why, char *text, uint32_t size)
{
	struct line line;
	const char *next;

	if (size == 0)
		return 0;
	line.text = text;
	line.size = size;
	line.used = 0;
	put_string(&line, "vmi: ");
	if ((uint32_t)why->error > VMI_ERROR_INIT)
		put_string(&line, "unknown reason");
	else
		for (next = sentences[why->error]; *next; next++) {
			if (*next == '%')
				put_field(&line, why, *++next);
			else
				put_char(&line, *next);
		}
	text[line.used] = '\0';
	return line.used;
}
