/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The benchmark kernel: one image for every column of the table.  It counts
 * what the time-stamp counter counts: guest instructions under -icount shift=0,
 * host time otherwise.  tools/bench boots it, and turns its lines into figures.
 *
 * Reading order: main.c (which benchmarks, how often), measure.c, the groups
 * irq.c ring.c cpu.c io.c pte.c space.c fault.c, the workloads in macro.c and
 * process.c and pipe.c, growth.c, startup.c, idle.c.
 */
#ifndef BENCH_H
#define BENCH_H

#include "runtime.h"
#include "vmi.h"

/* What a benchmark cannot be compared by, or needs. */
enum bench_flag {
	BENCH_SILENT = 1,	/* unpatched, it neither traps nor does its work */
	BENCH_NO_NATIVE = 2,	/* there is nothing like it on bare hardware */
	BENCH_VMI_ONLY = 4,	/* nor unpatched */
	BENCH_COUNTED = 8,	/* by the host's clock it would show the host's timers */
};

struct bench {
	const char *name;
	void (*run)(void);		/* one round */
	uint32_t flags;
	uint32_t calls[2];		/* the ROM must have these; 0: none */
};

struct bench_group {
	const char *name;
	const struct bench *benches;
	void (*prepare)(void);		/* once; may be NULL */
	bool longer;			/* not part of a brief run */
};


extern const struct bench irq_benches[], ring_benches[], cpu_benches[], io_benches[];
extern const struct bench time_benches[], pte_benches[], space_benches[], fault_benches[];
extern const struct bench macro_benches[], growth_benches[];
void irq_prepare(void);
void ring_prepare(void);
void io_prepare(void);
void space_prepare(void);

/* Activates here instead of in the runtime, and times it; the word `startup`. */
void startup(void);

/* Does nothing, for ever; the word `idle`. */
void idle(void) __attribute__((noreturn));

/*
 * A round is any number of stretches between bench_start() and bench_stop().
 * They are functions, so that every stretch has the same instructions around it.
 */
void bench_start(void);
void bench_stop(void);

/* Units (operations) that the round's stretches make up; loop rounds in them. */
void bench_units(uint32_t units);
void bench_loops(uint32_t loops);

/* Instructions per unit that belong to the measurement, not the operation. */
void bench_extra(int32_t instructions);

/* A stretch measured elsewhere: by ring 3, or up to a handler. */
void bench_add(uint64_t ticks);

/* `n` times the operation in one stretch: two instructions a round. */
#define BENCH_LOOP(n, operation)			\
	do {						\
		uint32_t bench_i = (n);			\
							\
		bench_units(n);				\
		bench_loops(n);				\
		bench_start();				\
		do {					\
			operation;			\
		} while (--bench_i);			\
		bench_stop();				\
	} while (0)

/* Nothing, n times: what measure.c takes off. */
#define BENCH_LOOPS	200

static inline uint64_t bench_now(void)
{
	uint64_t now;

	__asm__ volatile("rdtsc" : "=A" (now) : : "memory");
	return now;
}

/* measure.c: runs and prints one benchmark, or why not. */
void bench_measure(const char *group, const struct bench *bench);
void bench_calibrate(void);
bool bench_unpatched(void);

#endif
