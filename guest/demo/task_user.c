/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring-3 task.  By its name all of this file is linked where ring 3 may
 * touch it; it can call nothing of the kernel but by INT 80h.
 */
#include "syscalls.h"

#include "demo.h"

void task_user(void);

static uint32_t call(uint32_t number, uint32_t first, uint32_t second)
{
	__asm__ volatile("int %1"
			 : "+a" (number)
			 : "i" (TRAP_SYSCALL), "b" (first), "c" (second)
			 : "memory");
	return number;
}

static void __attribute__((noreturn)) end_task(uint32_t result)
{
	__asm__ volatile("int %0" : : "i" (TRAP_USER_EXIT), "a" (result));
	__builtin_unreachable();
}

static void say(const char *text)
{
	uint32_t length = 0;

	while (text[length])
		length++;
	call(SYSCALL_PRINT, (uint32_t)text, length);
}

static uint32_t read_ring(void)
{
	uint32_t selector;

	__asm__ volatile("movl %%cs, %0" : "=r" (selector));
	return selector & 3;
}

/* The kernel wrote every other page's number; the rest is zero. */
static uint32_t wrong_pages(void)
{
	uint32_t wrong = 0, i;

	for (i = 0; i < DEMAND_PAGES; i++) {
		volatile uint32_t *word = (volatile uint32_t *)
					  (DEMAND_START + i * PAGE_SIZE);

		wrong += *word != (i % 2 ? 0 : i);
		*word = i;
	}
	return wrong;
}

static uint32_t wrong_calls(void)
{
	uint32_t wrong = 0, i;

	for (i = 0; i < TASK_CALLS; i++)
		wrong += call(SYSCALL_NOTHING, i, 0) != i;
	return wrong;
}

static uint32_t short_sleep(void)
{
	uint32_t before = call(SYSCALL_TICKS, 0, 0);

	call(SYSCALL_SLEEP, 5, 0);
	return call(SYSCALL_TICKS, 0, 0) - before < 5;
}

void task_user(void)
{
	uint32_t wrong;

	say("hello from ring 3");
	wrong = read_ring() != 3;
	wrong += wrong_pages();
	wrong += wrong_calls();
	wrong += short_sleep();
	wrong += call(SYSCALL_PRINT, (uint32_t)&call, 0xffffffff) != SYSCALL_ERROR;
	say(wrong ? "something was wrong" : "all calls were answered");
	end_task(wrong);
}
