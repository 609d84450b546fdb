/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is in a pipe (pipe.h); who waits for it is for process.c.
 */
#include "pipe.h"

/* As kernels copy: by words. */
static void copy(void *to, const void *from, uint32_t bytes)
{
	bytes /= 4;
	__asm__ volatile("rep movsl" : "+D" (to), "+S" (from), "+c" (bytes) : : "memory");
}

bool pipe_write(struct pipe *pipe, const void *from, uint32_t bytes)
{
	if (pipe->bytes || bytes > sizeof(pipe->data))
		return false;
	copy(pipe->data, from, bytes);
	pipe->bytes = bytes;
	return true;
}

bool pipe_read(struct pipe *pipe, void *to, uint32_t bytes)
{
	if (!bytes || pipe->bytes < bytes)
		return false;
	copy(to, pipe->data, bytes);
	pipe->bytes = 0;
	return true;
}
