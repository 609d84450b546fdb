/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page frames above the kernel's image, and what of the image ring 3 sees.
 */
#ifndef RUNTIME_MEMORY_H
#define RUNTIME_MEMORY_H

#include <stdint.h>

#define PAGE_SIZE	4096u

/* Code, constants and data for ring 3; whole files named *user.c go there. */
#define __user_text	__attribute__((section(".user.text")))
#define __user_data	__attribute__((section(".user.data")))

/* linker/guest.ld */
extern uint8_t image_start[], image_end[];
extern uint8_t user_start[], user_end[];

/* Frames lie below this, within the identity mapping. */
#define MEMORY_MAPPED	0x04000000u

/* Learns where RAM ends; bytes counts from 1 MiB. */
void memory_init(uint32_t upper_bytes);

/*
 * A zeroed page frame by its address, which is linear and physical at once.
 * A kernel that runs out has a bug: that ends the run.
 */
uint32_t memory_allocate_page(void);

/* Gives one back; it may be handed out next. */
void memory_free_page(uint32_t frame);

uint32_t memory_pages_left(void);

#endif
