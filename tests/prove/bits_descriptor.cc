// SPDX-License-Identifier: GPL-2.0-only
/*
 * All 2^64 descriptors, in both modes: what the processor gets is never a system
 * descriptor, never DPL 0 and, in segment mode, lets no offset through that reaches
 * the monitor.  The manual's definitions (SDM volume 3, 3.4.5 and 5.3) are
 * written down here once more.
 *
 * Proves: what becomes of all 2^64 descriptors: no system descriptor, no DPL 0, no byte of the monitor's
 */
#include "symbolic.h"

#include "model/descriptor.c"

using symbolic::boolean;

static boolean has(const u32 &bits, const u32 &mask)
{
	return (bits & mask) != u32(0);
}

static u32 base_of(const descriptor &d)
{
	return d.low >> 16 | (d.high & 0xff) << 16 | (d.high & 0xff000000u);
}

/* The offset of a byte that the descriptor lets through, if it is one. */
static boolean lets_through(const descriptor &d, const u32 &offset)
{
	u32 raw = (d.low & 0xffff) | (d.high & 0xf0000);
	boolean large = has(d.high, 0x00800000), big = has(d.high, 0x00400000);
	boolean down = both(has(d.high, 0x400), !has(d.high, 0x800));
	boolean within = either(both(large, offset <= (raw << 12 | 0xfff)), both(!large, offset <= raw));

	return both(has(d.high, 0x8000),
		    either(both(!down, within), both(down, both(!within, either(big, offset <= 0xffff)))));
}

static void verify_form(const descriptor &in, const descriptor &out)
{
	boolean none = both(out.low == u32(0), out.high == u32(0));

	verify("a system descriptor becomes none", implies(!has(in.high, 0x1000), none));
	verify("no system descriptor", either(none, has(out.high, 0x1000)));
	verify("no DPL 0", either(none, has(out.high, 0x6000)));
	verify("DPL 3 only for DPL 3",
	       implies((out.high & 0x6000) == u32(0x6000), (in.high & 0x6000) == u32(0x6000)));
	verify("no 64-bit code", !has(out.high, 0x200000));
	verify("accessed is preset", either(none, has(out.high, 0x100)));
	verify("present only if it was", implies(has(out.high, 0x8000), has(in.high, 0x8000)));
	verify("the same base", either(none, base_of(in) == base_of(out)));
	verify("the same kind, rights and size",
	       either(none, ((in.high ^ out.high) & u32(0x400a00)) == u32(0)));
}

static descriptor any_descriptor()
{
	descriptor d = { symbolic::any<u32>("low"), symbolic::any<u32>("high") };

	return d;
}

static void segment_mode()
{
	descriptor in = any_descriptor(), out = segment_sanitize(in, PROTECT_SEGMENT);
	u32 offset = symbolic::any<u32>("offset");

	verify_form(in, out);
	verify("no byte of the monitor's",
	       implies(lets_through(out, offset), base_of(out) + offset < u32(HOLE_GUEST_END)));
}

static void paged_mode()
{
	descriptor in = any_descriptor(), out = segment_sanitize(in, PROTECT_PAGED);
	u32 offset = symbolic::any<u32>("offset");

	verify_form(in, out);
	verify("no byte more, and none less",
	       either(!has(in.high, 0x1000), either(both(lets_through(in, offset), lets_through(out, offset)),
						   both(!lets_through(in, offset), !lets_through(out, offset)))));
}

static void lower()
{
	descriptor in = any_descriptor(), out;
	u32 offset = symbolic::any<u32>("offset");

	if (!descriptor_wraps(in))
		return;
	out = descriptor_lower(in);
	verify_form(in, out);
	verify("the lower part has no byte of the monitor's",
	       implies(lets_through(out, offset), base_of(out) + offset < u32(HOLE_GUEST_END)));
	verify("the lower part ends at the base",
	       implies(lets_through(out, offset), base_of(out) + offset < base_of(out)));
}

int main()
{
	symbolic::start();
	symbolic::run(segment_mode);
	symbolic::run(paged_mode);
	symbolic::run(lower);
	return symbolic::report();
}
