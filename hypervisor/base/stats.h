/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters per CPU: why the monitor was entered, and what it did.  The guest reads
 * counter n through CPUID leaf 40000010h + n (docs/abi.md), and tools/vmi-linux
 * reads them from memory.
 */
#ifndef VMI_STATS_H
#define VMI_STATS_H

/* STAT(symbol, name of at most 12 characters) */
#define STATS \
	STAT(CALL, "call") \
	STAT(DELIVER, "deliver") \
	STAT(IRET, "iret") \
	STAT(INTERRUPT, "interrupt") \
	STAT(TIMER, "timer") \
	STAT(INJECTED, "injected") \
	STAT(EMULATED, "emulated") \
	STAT(HIDDEN_FAULT, "hidden-fault") \
	STAT(PAGE_FAULT, "page-fault") \
	STAT(EXCEPTION, "exception") \
	STAT(SOFT_INT, "soft-int") \
	STAT(FORWARDED, "forwarded") \
	STAT(SEGMENT_FLIP, "segment-flip") \
	STAT(SHADOW_FLUSH, "shadow-flush") \
	STAT(SHADOW_RESET, "shadow-reset") \
	STAT(SHADOW_BUILT, "shadow-built") \
	STAT(SPACE_BUILT, "space-built") \
	STAT(EVICTED, "evicted") \
	STAT(QUEUE_FLUSH, "queue-flush") \
	STAT(STRAY, "stray")

enum stat {
#define STAT(symbol, name) STAT_##symbol,
	STATS
#undef STAT
	STAT_COUNT
};

#endif
