/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pipes: a page of kernel memory each, that one process fills and another
 * empties, a message of whole words at a time.
 */
#ifndef BENCH_PIPE_H
#define BENCH_PIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

struct pipe {
	uint32_t bytes;			/* waiting in it */
	uint8_t data[PAGE_SIZE];
};

/* False if the caller has to wait: for it to be empty, or for so many bytes. */
bool pipe_write(struct pipe *pipe, const void *from, uint32_t bytes);
bool pipe_read(struct pipe *pipe, void *to, uint32_t bytes);

#endif
