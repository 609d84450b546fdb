/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases of the exceptions test: the table is in cases_user.asm, the
 * surroundings that a case wants in prepare.c, their use in exceptions.c.
 */
#ifndef EXCEPTIONS_H
#define EXCEPTIONS_H

#include <stdint.h>

struct fault_case;

/* Undoes a preparation. */
typedef void (*clean_up)(void);

struct fault_case {
	const char *name;
	void (*run)(void *unused);
	uint32_t at;			/* EIP of the fault */
	uint32_t vector;
	uint32_t error;			/* ORed with case_error */
	uint32_t rings;			/* bit n: in ring n; the kernel's is 0 */
	clean_up (*prepare)(const struct fault_case *fault_case,
			    unsigned int ring);
};

extern const struct fault_case fault_cases[], fault_cases_end[];
void case_undefined(void *unused);

/* In EAX when the case starts. */
extern uint32_t case_argument;

/* prepare.c: what a preparation adds to the error code. */
extern uint32_t case_error;

void prepare_init(void);

clean_up prepare_nothing(const struct fault_case *, unsigned int ring);
clean_up prepare_absent_segment(const struct fault_case *, unsigned int ring);
clean_up prepare_no_segment(const struct fault_case *, unsigned int ring);
clean_up prepare_task_switched(const struct fault_case *, unsigned int ring);
clean_up prepare_absent_gate(const struct fault_case *, unsigned int ring);
clean_up prepare_absent_vector(const struct fault_case *, unsigned int ring);
clean_up prepare_absent_page(const struct fault_case *, unsigned int ring);
clean_up prepare_read_only_page(const struct fault_case *, unsigned int ring);
clean_up prepare_kernel_page(const struct fault_case *, unsigned int ring);
clean_up prepare_fpu(const struct fault_case *, unsigned int ring);

/* The page that faults, when it is prepared to. */
#define TEST_PAGE	0x40000000u
#define TEST_ADDRESS	(TEST_PAGE + 0x123)

/* What cases_user.asm loads. */
#define PATTERN_EBX	0xb0b0b0b0u
#define PATTERN_ESI	0x51515151u
#define PATTERN_EDI	0xd1d1d1d1u

#endif
