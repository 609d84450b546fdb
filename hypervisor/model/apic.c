// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of a vCPU's local APIC.  Read apic.h and docs/interrupts.md first.
 *
 * Behaviour follows the Intel SDM, volume 3, chapter "Advanced Programmable
 * Interrupt Controller", for an xAPIC with six LVT entries and without EOI
 * broadcast suppression.  NMIs and SMIs do not exist here (docs/abi.md).
 */
#include "model/apic.h"
#include "base/arith64.h"

#define VERSION			0x00050014u	/* LVT entries 0 to 5 */
#define LOWEST_VECTOR		16		/* vectors below it are illegal */
#define BROADCAST		0xff
#define DFR_FIXED		0x0fffffffu
#define DFR_FLAT		0xf
#define BASE_RESERVED		0xfffffff0000006ffull

#define MESSAGE_ADDRESS		0xfeeu		/* bits 31 to 20 */
#define MESSAGE_LOGICAL		0x00000004u

#define ICR_LOGICAL		0x00000800u
#define ICR_ASSERT		0x00004000u
#define ICR_LEVEL		0x00008000u

enum shorthand { TO_DESTINATION, TO_SELF, TO_ALL, TO_OTHERS };

/* Indices into reg[]. */
enum {
	ID = APIC_INDEX(APIC_ID),
	TPR = APIC_INDEX(APIC_TPR),
	LDR = APIC_INDEX(APIC_LDR),
	DFR = APIC_INDEX(APIC_DFR),
	SVR = APIC_INDEX(APIC_SVR),
	ISR = APIC_INDEX(APIC_ISR),
	TMR = APIC_INDEX(APIC_TMR),
	IRR = APIC_INDEX(APIC_IRR),
	ESR = APIC_INDEX(APIC_ESR),
	ICR_LOW = APIC_INDEX(APIC_ICR_LOW),
	ICR_HIGH = APIC_INDEX(APIC_ICR_HIGH),
	TIMER = APIC_INDEX(APIC_LVT_TIMER),
	LINT0 = APIC_INDEX(APIC_LVT_LINT0),
	ERROR = APIC_INDEX(APIC_LVT_ERROR),
	INITIAL = APIC_INDEX(APIC_TIMER_INITIAL),
	CURRENT = APIC_INDEX(APIC_TIMER_CURRENT),
	DIVIDE = APIC_INDEX(APIC_TIMER_DIVIDE),
};

/* Which registers exist: bit n of word m stands for index 32 * m + n. */
static const uint32_t present[2] = { 0xffffff0c, 0x43ff01ff };

/* The bits that the guest can write, from ICR_LOW on.  Status bits are set by the model. */
static const uint32_t writable[DIVIDE - ICR_LOW + 1] = {
	0x000ccfff, 0xff000000,				/* ICR */
	0x000300ff, 0x000107ff, 0x000107ff,		/* LVT timer ... */
	0x0001a7ff, 0x0001a7ff, 0x000100ff,		/* ... error */
	0xffffffff, 0, 0, 0, 0, 0, 0x0000000b,		/* the timer */
};

static unsigned top_bit(uint32_t word)
{
	return 31u - (unsigned)__builtin_clz(word);
}

/*
 * The highest vector that is set in ISR or IRR, or -1.  Bit n of @words says that
 * word n of @bits is not 0, so no empty word is read.
 */
static int highest_vector(const uint32_t *bits, unsigned words)
{
	unsigned i;

	if (!words)
		return -1;
	i = top_bit(words);
	return (int)(i << 5 | top_bit(bits[i]));
}

static void set_bit(uint32_t *bits, uint8_t *words, unsigned vector)
{
	bits[vector >> 5] |= 1u << (vector & 31);
	*words |= (uint8_t)(1u << (vector >> 5));
}

static void clear_bit(uint32_t *bits, uint8_t *words, unsigned vector)
{
	uint32_t *word = &bits[vector >> 5];

	*word &= ~(1u << (vector & 31));
	if (!*word)
		*words &= (uint8_t)~(1u << (vector >> 5));
}

/*
 * @priority, or the class of @vector where that is higher: how the processor
 * priority is computed from the task priority (SDM volume 3, 10.8.3.1).
 */
static unsigned at_least(unsigned priority, int vector)
{
	if ((int)priority >> 4 >= vector >> 4)
		return priority;
	return (unsigned)vector & 0xf0;
}

static unsigned processor_priority(const struct apic *a)
{
	return at_least(a->reg[TPR], highest_vector(&a->reg[ISR], a->isr_words));
}

int apic_pending(const struct apic *a)
{
	int request;

	if (!a->enabled)
		return -1;
	request = highest_vector(&a->reg[IRR], a->irr_words);
	if (request < 0 || request >> 4 <= (int)processor_priority(a) >> 4)
		return -1;
	return request;
}

int apic_ack(struct apic *a)
{
	int vector = apic_pending(a);

	if (vector < 0)
		return (int)(a->reg[SVR] & 0xff);
	apic_serve(a, (unsigned)vector);
	return vector;
}

void apic_serve(struct apic *a, unsigned vector)
{
	clear_bit(&a->reg[IRR], &a->irr_words, vector);
	set_bit(&a->reg[ISR], &a->isr_words, vector);
}

bool apic_serves_alone(const struct apic *a, unsigned vector)
{
	unsigned word = vector >> 5;
	uint32_t bit = 1u << (vector & 31);

	return !a->irr_words && a->isr_words == 1u << word && a->reg[ISR + word] == bit &&
	       !(a->reg[TMR + word] & bit);
}

int apic_serve_alarm(struct apic *a, bool *serving)
{
	uint32_t entry = a->reg[TIMER];
	unsigned vector = entry & 0xff;

	*serving = a->isr_words != 0;
	if (!a->enabled || entry & (APIC_LVT_MASKED | APIC_LVT_MODE) || vector < LOWEST_VECTOR)
		return -1;
	if (a->irr_words || (*serving && !apic_serves_alone(a, vector)) ||
	    vector >> 4 <= a->reg[TPR] >> 4)
		return -1;
	a->reg[TMR + (vector >> 5)] &= ~(1u << (vector & 31));
	set_bit(&a->reg[ISR], &a->isr_words, vector);
	return (int)vector;
}

/*
 * An event for which LVT entry @entry names the vector.  It is lost if the entry is
 * masked or not in fixed mode.  Returns true if an interrupt was requested.
 */
static bool accept_lvt(struct apic *a, unsigned entry, bool level)
{
	if (a->reg[entry] & (APIC_LVT_MASKED | APIC_LVT_MODE))
		return false;
	return apic_accept(a, (uint8_t)a->reg[entry], level);
}

/*
 * Log an error.  Only the first one since the last write to ESR interrupts.  So if
 * the error interrupt has an illegal vector itself, this does not recurse further.
 */
static void error(struct apic *a, uint32_t which)
{
	bool first = !a->errors;

	a->errors |= which;
	if (first)
		accept_lvt(a, ERROR, false);
}

bool apic_accept(struct apic *a, uint8_t vector, bool level)
{
	uint32_t bit = 1u << (vector & 31);
	uint32_t *tmr = &a->reg[TMR + (vector >> 5)];

	if (!a->enabled)
		return false;
	if (vector < LOWEST_VECTOR) {
		error(a, APIC_ESR_RECEIVE_ILLEGAL);
		return false;
	}
	*tmr |= bit;
	if (!level)
		*tmr ^= bit;
	set_bit(&a->reg[IRR], &a->irr_words, vector);
	return true;
}

/*
 * A level-triggered LINT0 in fixed mode requests an interrupt as long as the pin is
 * high, but not again while remote IRR says that one has not been ended yet.
 */
static void sample_lint0(struct apic *a)
{
	uint32_t *entry = &a->reg[LINT0];

	if (!(*entry & APIC_LVT_LEVEL))
		*entry &= ~APIC_LVT_REMOTE_IRR;
	else if (a->lint0 && !(*entry & APIC_LVT_REMOTE_IRR) &&
		 accept_lvt(a, LINT0, true))
		*entry |= APIC_LVT_REMOTE_IRR;
}

void apic_set_lint0(struct apic *a, bool level)
{
	bool rises = level && !a->lint0;

	a->lint0 = level;
	if (rises && !(a->reg[LINT0] & APIC_LVT_LEVEL))
		accept_lvt(a, LINT0, false);
	sample_lint0(a);
}

/* A write to the EOI register: the highest vector in service is ended. */
static void end_of_interrupt(struct apic *a)
{
	int vector = highest_vector(&a->reg[ISR], a->isr_words);

	if (vector < 0)
		return;
	clear_bit(&a->reg[ISR], &a->isr_words, (unsigned)vector);
	if (!(a->reg[TMR + (vector >> 5)] >> (vector & 31) & 1))
		return;

	a->eoi_vector = (int16_t)vector;
	if ((uint8_t)a->reg[LINT0] == vector) {
		a->reg[LINT0] &= ~APIC_LVT_REMOTE_IRR;
		sample_lint0(a);
	}
}

/* Logical destinations are matched in the flat or the cluster model (SDM volume 3, 10.6.2.2). */
bool apic_matches(const struct apic *a, uint8_t dest, bool logical)
{
	unsigned ldr = a->reg[LDR] >> 24;

	if (dest == BROADCAST)
		return true;
	if (!logical)
		return dest == a->reg[ID] >> 24;
	if (a->reg[DFR] >> 28 != DFR_FLAT) {
		if (dest >> 4 != 0xf && (dest ^ ldr) >> 4)
			return false;
		ldr &= 0xf;
	}
	return (dest & ldr) != 0;
}

bool apic_decode_message(uint32_t address, uint32_t upper, uint32_t data, struct apic_message *m)
{
	*m = (struct apic_message){
		.vector = (uint8_t)data,
		.mode = data >> 8 & 7,
		.dest = (uint8_t)(address >> 12),
		.logical = address & MESSAGE_LOGICAL,
	};
	return upper == 0 && address >> 20 == MESSAGE_ADDRESS && m->mode <= APIC_LOWEST;
}

/*
 * If the sender is itself a destination of an IPI, deliver it here.  Returns true
 * if other processors may be destinations too.  With lowest-priority delivery only
 * one destination gets the IPI, and where the sender is one of them it is chosen.
 */
static bool deliver_to_self(struct apic *a, const struct apic_message *m,
			   enum shorthand shorthand)
{
	bool others = shorthand == TO_ALL;

	if (shorthand == TO_OTHERS)
		return true;
	if (shorthand == TO_DESTINATION) {
		if (m->mode > APIC_LOWEST ||
		    !apic_matches(a, m->dest, m->logical))
			return true;
		others = m->mode == APIC_FIXED &&
			 (m->logical || m->dest == BROADCAST);
	} else if (m->mode != APIC_FIXED) {
		return false;	/* the SDM calls the combination invalid */
	}
	apic_accept(a, m->vector, false);
	return others;
}

/* A write to ICR_LOW sends an IPI.  IPIs are edge-triggered, whatever the trigger bit says. */
static void send_ipi(struct apic *a)
{
	uint32_t icr = a->reg[ICR_LOW];
	enum shorthand shorthand = icr >> 18 & 3;
	struct apic_message m = {
		.vector = (uint8_t)icr,
		.mode = icr >> 8 & 7,
		.dest = (uint8_t)(a->reg[ICR_HIGH] >> 24),
		.logical = icr & ICR_LOGICAL,
		.others = shorthand >= TO_ALL,
	};

	if (m.mode <= APIC_LOWEST && m.vector < LOWEST_VECTOR) {
		error(a, APIC_ESR_SEND_ILLEGAL);
		return;
	}
	if (m.mode == APIC_SMI || m.mode == APIC_RESERVED ||
	    m.mode == APIC_EXTINT)
		return;
	/* INIT level de-assert sets arbitration IDs, which xAPICs do not have */
	if (m.mode == APIC_INIT && (icr & (ICR_ASSERT | ICR_LEVEL)) == ICR_LEVEL)
		return;
	if (deliver_to_self(a, &m, shorthand)) {
		a->ipi = m;
		a->ipi_waits = true;
	}
}

/* Log2 of the timer's divisor, whose code 000b means 2, 110b means 128, and 111b means 1. */
static unsigned divide_shift(const struct apic *a)
{
	uint32_t divide = a->reg[DIVIDE];

	return (((divide >> 1 & 4) | (divide & 3)) + 1) & 7;
}

/* Timer ticks to cycles.  Not inlined, as timer_ticks(): 64-bit arithmetic takes much code. */
static __attribute__((noinline)) uint64_t to_cycles(const struct apic *a,
						     uint32_t ticks)
{
	return (uint64_t)ticks * a->cycles_per_tick >> 16 << divide_shift(a);
}

/* Ticks of the divided clock since the current count began. */
static __attribute__((noinline)) uint64_t timer_ticks(const struct apic *a,
						      uint64_t now)
{
	uint64_t cycles = now - a->start, whole;
	uint32_t rest;

	if ((int64_t)cycles < 0)
		return 0;
	cycles >>= divide_shift(a);
	whole = div64_32(cycles, a->cycles_per_tick);
	rest = (uint32_t)(cycles - whole * a->cycles_per_tick);
	return (whole << 16) +
	       div64_32((uint64_t)rest << 16 | 0xffff, a->cycles_per_tick);
}

/* What the current-count register shows. */
static uint32_t timer_current(const struct apic *a, uint64_t now)
{
	uint32_t initial = a->reg[INITIAL];
	uint64_t ticks;

	if (!a->running)
		return 0;
	ticks = timer_ticks(a, now);
	if (ticks >= initial) {
		if (!(a->reg[TIMER] & APIC_LVT_PERIODIC))
			return 0;
		ticks -= div64_32(ticks, initial) * initial;
	}
	return initial - (uint32_t)ticks;
}

/* To be called whenever the initial count or the divisor has changed. */
static void set_period(struct apic *a)
{
	a->period = to_cycles(a, a->reg[INITIAL]);
}

bool apic_timer_expire(struct apic *a, uint64_t now)
{
	uint64_t late;

	if (!a->running)
		return false;
	late = now - a->start - a->period;
	if ((int64_t)late < 0)
		return false;

	a->running = a->reg[TIMER] & APIC_LVT_PERIODIC;
	a->start += a->period;
	if (late >= a->period)
		a->start += div64_32(timer_ticks(a, now), a->reg[INITIAL]) *
			    a->period;
	return apic_alarm(a);
}

void apic_timer_adopt(struct apic *a, uint32_t initial, uint32_t current, uint64_t now)
{
	a->reg[INITIAL] = initial;
	set_period(a);
	a->start = now - to_cycles(a, initial - current);
	a->running = current != 0 && initial != 0;
}

bool apic_alarm(struct apic *a)
{
	return accept_lvt(a, TIMER, false);
}

/*
 * To be called when SVR or an LVT entry has been written.  While the APIC is disabled
 * by software all LVT entries are masked, and they stay masked when it is enabled
 * again (SDM volume 3, 10.4.7.2).
 */
static void update_enabled(struct apic *a)
{
	unsigned i;

	a->enabled = a->reg[SVR] & APIC_SVR_ENABLE;
	if (a->enabled)
		return;
	for (i = TIMER; i <= ERROR; i++)
		a->reg[i] |= APIC_LVT_MASKED;
}

static void write_lvt(struct apic *a, unsigned index, uint32_t value)
{
	a->reg[index] = value | (a->reg[index] & APIC_LVT_REMOTE_IRR);
	update_enabled(a);
	if (index == LINT0)
		sample_lint0(a);
}

/* The timer goes on counting from its current count, at the new rate. */
static void write_divide(struct apic *a, uint32_t value, uint64_t now)
{
	uint32_t passed = a->reg[INITIAL] - timer_current(a, now);

	a->reg[DIVIDE] = value;
	set_period(a);
	a->start = now - to_cycles(a, passed);
}

/*
 * Writes to ICR, LVT and timer.  If the timer's deadline has passed without
 * apic_timer_expire() having been called yet, that is made up for first: the
 * interrupt belongs to the old LVT entry and the old count.
 */
static void write_high(struct apic *a, unsigned index, uint32_t value,
		       uint64_t now)
{
	value &= writable[index - ICR_LOW];
	apic_timer_expire(a, now);
	if (index == DIVIDE) {
		write_divide(a, value, now);
	} else if (index >= TIMER && index <= ERROR) {
		write_lvt(a, index, value);
	} else if (index != CURRENT) {
		a->reg[index] = value;
		if (index == ICR_LOW)
			send_ipi(a);
		if (index == INITIAL) {
			set_period(a);
			a->start = now;
			a->running = value;
		}
	}
}

/* Writes to the registers before ICR, but for EOI and TPR. */
static void write_low(struct apic *a, unsigned index, uint32_t value)
{
	switch (index) {
	case ID:
	case LDR:
		a->reg[index] = value & 0xff000000;
		break;
	case DFR:
		a->reg[DFR] = value | DFR_FIXED;
		break;
	case SVR:
		a->reg[SVR] = value & 0x3ff;
		update_enabled(a);
		break;
	case ESR:
		a->reg[ESR] = a->errors;
		a->errors = 0;
		break;
	}
}

/* Does register @index exist?  If not, the access is logged as an error. */
static bool exists(struct apic *a, unsigned index)
{
	if (index < 0x40 && present[index >> 5] >> (index & 31) & 1)
		return true;
	error(a, APIC_ESR_ILLEGAL_REGISTER);
	return false;
}

uint32_t apic_read(struct apic *a, uint32_t offset, uint64_t now)
{
	unsigned index = APIC_INDEX(offset & 0xfff);

	if (!apic_globally_enabled(a))
		return 0xffffffff;
	if (offset & 0xf || !exists(a, index))
		return 0;

	switch (index) {
	case APIC_INDEX(APIC_APR):
		return at_least(processor_priority(a),
				highest_vector(&a->reg[IRR], a->irr_words));
	case APIC_INDEX(APIC_PPR):
		return processor_priority(a);
	case CURRENT:
		return timer_current(a, now);
	default:
		return a->reg[index];
	}
}

void apic_write(struct apic *a, uint32_t offset, uint32_t value, uint64_t now)
{
	unsigned index = APIC_INDEX(offset & 0xfff);

	if (offset & 0xf)
		return;
	if (index == APIC_INDEX(APIC_EOI))
		end_of_interrupt(a);
	else if (index == TPR)
		a->reg[TPR] = (uint8_t)value;
	else if (!apic_globally_enabled(a) || !exists(a, index))
		return;
	else if (index < ICR_LOW)
		write_low(a, index, value);
	else
		write_high(a, index, value, now);
}

/* Enabling or disabling the APIC through IA32_APIC_BASE also resets it (SDM volume 3, 10.4.3). */
bool apic_set_base(struct apic *a, uint64_t value)
{
	uint64_t old = a->base;

	if (value & BASE_RESERVED)
		return false;
	a->base = (uint32_t)value & ~APIC_BASE_BSP;
	a->base |= (old & APIC_BASE_BSP) | (value >> 32) << 32;
	if ((old ^ value) & APIC_BASE_ENABLE)
		apic_reset(a);
	return true;
}

void apic_reset(struct apic *a)
{
	uint32_t id = a->reg[ID], cycles_per_tick = a->cycles_per_tick;
	uint64_t base = a->base;
	bool lint0 = a->lint0;

	*a = (struct apic){ 0 };
	a->reg[ID] = id;
	a->reg[APIC_INDEX(APIC_VERSION)] = VERSION;
	a->reg[DFR] = 0xffffffff;
	a->reg[SVR] = 0xff;
	a->base = base;
	a->cycles_per_tick = cycles_per_tick;
	a->lint0 = lint0;
	a->eoi_vector = -1;
	update_enabled(a);
}

void apic_init(struct apic *a, uint8_t id, bool bsp, uint32_t cycles_per_tick)
{
	a->reg[ID] = (uint32_t)id << 24;
	a->base = APIC_BASE_DEFAULT | APIC_BASE_ENABLE |
		  (bsp ? APIC_BASE_BSP : 0);
	a->cycles_per_tick = cycles_per_tick;
	a->lint0 = false;
	apic_reset(a);
}
