// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segment mode only: segments that wrap around 4 GiB.  Thread-local storage lies at
 * negative offsets from the base of a segment, whose limit is 4 GiB.  Such a segment
 * covers both [base, 4 GiB) and [0, base), with the monitor in between, which no single
 * descriptor can leave out.  So the shadow descriptor covers one part at a time; when an
 * access to the other part faults, the shadow is exchanged and the instruction is
 * executed again.
 */
#include "cpu/cpu.h"

#define MANY		10000u	/* exchanges after which a warning is printed, once */
#define PUSHA_ESP	3	/* index of what PUSHA saves as ESP, which is not the guest's */
#define TRIES		3u

/* Let the shadow of @segment cover the other part.  false: it does not wrap. */
static bool exchange_part(struct frame *f, unsigned segment)
{
	uint16_t selector = segment_selector(f, segment);
	struct descriptor *shadow = segment_lookup(selector), guest;

	if (!shadow || !segment_guest(selector, &guest) || !descriptor_wraps(guest))
		return false;
	*shadow = descriptor_is_down(*shadow) ? segment_sanitize(guest, PROTECT_SEGMENT)
					      : descriptor_lower(guest);
	segment_reload();
	if (++this_vcpu()->stats[STAT_SEGMENT_FLIP] == MANY)
		print("vmi: %u faults at offsets that wrap around 4 GiB: "
		      "opt/vmi/protect=paged has none\n", MANY);
	return true;
}

/*
 * How often this instruction has been executed again without success.  It is the same one
 * if no register has changed since.
 */
static unsigned count_try(const struct frame *f)
{
	struct wrap *last = &this_vcpu()->wrap;
	bool same = last->eip == f->eip && last->esp == f->esp;
	unsigned i;

	for (i = 0; i < 8; i++)
		same = same && (i == PUSHA_ESP || last->registers[i] == (&f->edi)[i]);
	memcpy(last->registers, &f->edi, sizeof(last->registers));
	last->eip = f->eip;
	last->esp = f->esp;
	last->tries = same ? last->tries + 1 : 0;
	return last->tries;
}

/* The segment override of the instruction at CS:EIP, or DS if it has none. */
static unsigned data_segment(struct frame *f)
{
	static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	uint8_t bytes[INSN_MAX];
	int i, n = guest_fetch(f, bytes, INSN_MAX);
	unsigned s;

	for (i = 0; i < n; i++) {
		for (s = 0; s < sizeof(prefixes); s++)
			if (bytes[i] == prefixes[s])
				return s;
		if (bytes[i] != 0x66 && bytes[i] != 0x67 && (bytes[i] & 0xfc) != 0xf0)
			break;
	}
	return SEG_DS;
}

/*
 * The hardware does not say which segment faulted, and an instruction may use two that
 * wrap: its data segment and ES.  The right combination is found after at most three
 * exchanges; if the instruction still faults then, the fault is the guest's own.
 */
bool wrap_fault(struct frame *f)
{
	unsigned tries, segment;

	if (boot.protect != PROTECT_SEGMENT || frame_error(f) || frame_is_v86(f))
		return false;
	tries = count_try(f);
	if (tries > TRIES)
		return false;
	if (f->vector == VECTOR_SS)
		return exchange_part(f, SEG_SS);
	segment = data_segment(f);
	if (tries & 1)
		return exchange_part(f, SEG_ES) || exchange_part(f, segment);
	return exchange_part(f, segment) || exchange_part(f, SEG_ES);
}
