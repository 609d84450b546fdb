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
#define EDU_FACTORIAL	(0x08 / 4)
#define EDU_STATUS	(0x20 / 4)
#define EDU_RAISE	(0x60 / 4)
#define EDU_ACKNOWLEDGE	(0x64 / 4)
#define EDU_DMA_FROM	(0x80 / 4)
#define EDU_DMA_TO	(0x88 / 4)
#define EDU_DMA_BYTES	(0x90 / 4)
#define EDU_DMA_COMMAND	(0x98 / 4)

#define EDU_STATUS_INTERRUPT	0x80u	/* a factorial that is ready interrupts */
#define EDU_DMA_START		1u
#define EDU_DMA_OUT		2u	/* from the buffer to memory */
#define EDU_BUFFER		0x40000u

/* Its registers, once edu_find() has returned true; a page of them is mapped. */
extern volatile uint32_t *edu;

/* The address of its function in configuration space. */
extern uint32_t edu_function;

/* Finds the device on bus 0, maps it, and lets it decode memory and be bus master. */
bool edu_find(void);

/* Copies @bytes, of memory or (EDU_BUFFER and on) the buffer; takes 100 ms. */
void edu_copy(uint32_t to, uint32_t from, uint32_t bytes);

#endif
