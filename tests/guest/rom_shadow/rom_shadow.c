/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: what a guest writes to a ROM after VMI_Init is lost, even if the shadow RAM was writable.
 * Environments: segment paged bochs
 *
 * The kernel opens the shadow through PAM while it still may, at ring 0.
 */
#include "runtime.h"

#include "pci.h"
#include "vmi.h"
#include "vmi_guest.h"

#define I440FX		0x12378086
#define PAM_C0000	0x5a		/* to DFFFFh, a nibble per 16 KiB */
#define PAM_REGISTERS	4
#define PAM_OPEN	0x33		/* reads and writes go to RAM */

const struct boot_config boot_config = {
	.paging = BOOT_PAGING_32,
	.stay_native = true,
};

#define SHADOW		0xc0000u
#define SHADOW_SIZE	0x20000u

static uint8_t copy[SHADOW_SIZE];

/* What was not in RAM until now is put there. */
static void open_shadow(void)
{
	uint8_t reg;

	memcpy(copy, (const void *)SHADOW, SHADOW_SIZE);
	for (reg = PAM_C0000; reg < PAM_C0000 + PAM_REGISTERS; reg++)
		pci_write_byte(reg, PAM_OPEN);
	memcpy((void *)SHADOW, copy, SHADOW_SIZE);
}

static void spoil(const struct vmi_rom *rom)
{
	uint32_t *word = (uint32_t *)(uintptr_t)rom->physical;
	uint32_t *end = word + rom->length / sizeof(*word);

	while (word < end)
		*word++ = 0xcccccccc;
}

/* As the operand of an instruction that reads it, too, as a string, by a port. */
static void store_otherwise(uint32_t *word)
{
	uint32_t before = *word, from = 0xcccccccc, *to = word, *source = &from;

	__asm__ volatile("lock xorl $-1, %0" : "+m" (*word) : : "cc");
	report_equal(*(volatile uint32_t *)word, before, "so is what XOR makes of it");
	vmi_outb(0, 0x3c7);
	vmi_insb(0x3c9, word, 4);
	report_equal(*(volatile uint32_t *)word, before, "what INSB reads is");
	__asm__ volatile("movsl" : "+D" (to), "+S" (source) : "m" (from) : "memory");
	report(to == word + 1 && *(volatile uint32_t *)word == before, "and what MOVS copies");
}

static uint32_t ticks;

static void count(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
}

int main(void)
{
	struct vmi_rom rom;
	struct vmi_reason why;

	report_equal(pci_read(0), I440FX, "the bridge is one whose PAM is known");
	open_shadow();
	report(vmi_probe(0, &rom, &why) == 0, "there is a ROM");
	platform_start(false);
	spoil(&rom);
	report(*(volatile uint32_t *)(uintptr_t)rom.physical != 0xcccccccc, "plain stores are lost");
	store_otherwise((uint32_t *)(uintptr_t)rom.physical);
	vmi_set_cr2(0x600dcafe);
	report_equal(vmi_get_cr2(), 0x600dcafe, "calls work");
	report(vmi_verify(&why) == 0, "patched sites do not lead there");
	pic_init();
	pit_set_hook(count);
	pit_start(1000);
	vmi_enable_interrupts();
	while (ticks < 5)
		vmi_halt();
	vmi_disable_interrupts();
	report(true, "interrupts come and handlers return");
	return 0;
}
