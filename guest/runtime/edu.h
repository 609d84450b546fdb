/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's edu device (docs/specs/edu.txt there): it interrupts at will, by its line or by
 * a message, and copies between memory and a buffer of its own.
 */
#ifndef RUNTIME_EDU_H
#define RUNTIME_EDU_H

#include <stdbool.h>
#include <stdint.h>

/* Indices of its registers. */
#define EDU_INTERRUPTS	(0x24 / 4)
#define EDU_RAISE	(0x60 / 4)
#define EDU_ACKNOWLEDGE	(0x64 / 4)
#define EDU_DMA_FROM	(0x80 / 4)
#define EDU_DMA_TO	(0x88 / 4)
#define EDU_DMA_BYTES	(0x90 / 4)
#define EDU_DMA_COMMAND	(0x98 / 4)

#define EDU_RAISE_BITS		1u	/* any: written to EDU_RAISE and EDU_ACKNOWLEDGE */
#define EDU_DMA_START		1u
#define EDU_DMA_OUT		2u	/* from the buffer to memory */
#define EDU_DMA_INTERRUPT	4u	/* when it is done */
#define EDU_BUFFER		0x40000u

/* Its registers, once edu_find() has returned true; a page of them is mapped. */
extern volatile uint32_t *edu;

/* The address of its function in configuration space. */
extern uint32_t edu_function;

/* Finds the device on bus 0, maps it, and lets it decode memory and be bus master. */
bool edu_find(void);

/*
 * Copies @bytes between memory and the buffer (EDU_BUFFER and on), in 100 ms; then it
 * interrupts if asked to.
 */
void edu_copy(uint32_t to, uint32_t from, uint32_t bytes, bool interrupt);

#endif
