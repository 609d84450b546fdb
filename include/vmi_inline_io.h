/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The wrappers of vmi_inline.h, continued: ports, local APIC and time.
 */
#ifndef VMI_INLINE_IO_H
#define VMI_INLINE_IO_H

/* ---- I/O ---- */

/* The port calls change nothing but their result, not even flags */
#define VMI_PORT_IN(fn, name, type)					\
VMI_INLINE type fn(uint16_t port)					\
{									\
	type value;							\
									\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: "=a" (value)						\
		: "d" ((uint32_t)port), VMI_NATIVE_OPS(name)		\
		: "memory");						\
	return value;							\
}

/* In the order of the instructions' operands in AT&T syntax */
#define VMI_PORT_OUT(fn, name, type)					\
VMI_INLINE void fn(type value, uint16_t port)				\
{									\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: : "a" ((uint32_t)value), "d" ((uint32_t)port),	\
		    VMI_NATIVE_OPS(name)				\
		: "memory");						\
}

VMI_PORT_IN(vmi_inb, INB, uint8_t)
VMI_PORT_IN(vmi_inw, INW, uint16_t)
VMI_PORT_IN(vmi_inl, INL, uint32_t)
VMI_PORT_OUT(vmi_outb, OUTB, uint8_t)
VMI_PORT_OUT(vmi_outw, OUTW, uint16_t)
VMI_PORT_OUT(vmi_outl, OUTL, uint32_t)

/* Strings: upwards (DF clear), `count` units from or to `buffer` */
#define VMI_PORT_STRING(fn, name, buffer_type, buffer_register)		\
VMI_INLINE void fn(uint16_t port, buffer_type buffer, uint32_t count)	\
{									\
	uint32_t edx = port;						\
									\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: buffer_register (buffer), "+c" (count), "+d" (edx)	\
		: VMI_NATIVE_OPS(name)					\
		: "eax", "memory", "cc");				\
}

VMI_PORT_STRING(vmi_insb, INSB, void *, "+D")
VMI_PORT_STRING(vmi_insw, INSW, void *, "+D")
VMI_PORT_STRING(vmi_insl, INSL, void *, "+D")
VMI_PORT_STRING(vmi_outsb, OUTSB, const void *, "+S")
VMI_PORT_STRING(vmi_outsw, OUTSW, const void *, "+S")
VMI_PORT_STRING(vmi_outsl, OUTSL, const void *, "+S")

/* A RET behind a call: nothing changes */
VMI_INLINE void vmi_io_delay(void)
{
	VMI_ASM(VMI_NATIVE_TEXT(IODelay) : : VMI_NATIVE_OPS(IODelay));
}

VMI_INLINE void vmi_set_iopl_mask(uint32_t mask)
{
	VMI_STANDARD_1(SetIOPLMask, mask);
}

/* ---- Local APIC ---- */

VMI_INLINE void vmi_apic_write(volatile void *reg, uint32_t value)
{
	VMI_STANDARD_2(APICWrite, reg, value);
}

VMI_INLINE uint32_t vmi_apic_read(volatile void *reg)
{
	uint32_t value;

	VMI_ASM(VMI_NATIVE_TEXT(APICRead)
		: "=a" (value) : "a" (reg), VMI_NATIVE_OPS(APICRead)
		: "edx", "ecx", "memory", "cc");
	return value;
}

/* ---- Time ---- */

VMI_INLINE uint64_t vmi_get_cycle_frequency(void)
{
	uint64_t hz;

	VMI_GET_64(GetCycleFrequency, hz);
	return hz;
}

VMI_INLINE uint64_t vmi_get_cycle_counter(uint32_t counter)
{
	uint64_t cycles;

	VMI_ASM(VMI_NATIVE_TEXT(GetCycleCounter)
		: "=A" (cycles)
		: "a" (counter), VMI_NATIVE_OPS(GetCycleCounter)
		: "ecx", "cc");
	return cycles;
}

VMI_INLINE void vmi_set_alarm(uint32_t flags, uint64_t expiry,
			      uint64_t period)
{
	uint32_t edx = (uint32_t)expiry;
	uint32_t ecx = (uint32_t)(expiry >> 32);
	uint32_t low = (uint32_t)period;
	uint32_t high = (uint32_t)(period >> 32);

	VMI_STANDARD_STACK_2(SetAlarm, flags, edx, ecx, low, high);
}

VMI_INLINE uint32_t vmi_cancel_alarm(uint32_t flags)
{
	VMI_STANDARD_1(CancelAlarm, flags);
	return flags;
}

VMI_INLINE uint64_t vmi_get_wallclock_time(void)
{
	uint64_t ns;

	VMI_GET_64(GetWallclockTime, ns);
	return ns;
}

VMI_INLINE uint32_t vmi_wallclock_updated(void)
{
	uint32_t updated;

	VMI_GET_32(WallclockUpdated, updated);
	return updated;
}

#endif /* VMI_INLINE_IO_H */
