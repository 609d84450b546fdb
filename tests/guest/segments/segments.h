/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the segments test share.
 */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#define ACCESS_CONFORMING	0x1f	/* code, readable */
#define ACCESS_DOWN		0x17	/* data, writable */
#define ACCESS_LDT		0x02
#define FLAGS_32		0x00400000u
#define FLAGS_PAGES		0x00800000u
#define SELECTOR_LDT		0x38
#define SELECTOR_OTHER		0x40

/* descriptor_segment() with size and granularity */
uint64_t segment(uint32_t base, uint32_t limit, uint32_t access, unsigned ring, uint32_t flags);

/* Through FS; false if it faulted. */
bool read_fs(uint32_t offset, uint32_t *value);
bool write_fs(uint32_t offset, uint32_t value);

void test_thread_local(void);	/* thread.c */
void test_escapes(void);	/* escape.c */
void test_ldt(void);		/* ldt.c */

#endif
