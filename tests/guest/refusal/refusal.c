/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a VMI_Init that refuses has changed nothing, and the next one succeeds.
 * Environments: segment paged bochs
 * Variants: paging=32 paging=pae paging=off
 * Qemu: -cpu qemu32,+nx
 */
#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#define PORT_MASTER_MASK 0x21
#define PORT_SLAVE_MASK	0xa1
#define PDPTE_RESERVED	0x02u

const struct boot_config boot_config = {
	.paging = BOOT_PAGING_32,
	.stay_native = true,
};

/* What VMI_Init may not change when it answers -1. */
struct state {
	uint32_t cr0, cr3, cr4, eflags;
	uint64_t efer;
	uint8_t gdtr[8], idtr[8];
	uint16_t ldt, tr, cs, ss, ds, es, fs, gs;
	uint8_t masks[2];
};

typedef uint32_t __attribute__((regparm(3))) init_function(void);

static struct vmi_rom rom;

static void take_state(struct state *s)
{
	memset(s, 0, sizeof(*s));
	__asm__ volatile("movl %%cr0, %0" : "=r" (s->cr0));
	__asm__ volatile("movl %%cr3, %0" : "=r" (s->cr3));
	s->cr4 = vmi_get_cr4();
	__asm__ volatile("pushfl; popl %0" : "=r" (s->eflags));
	s->eflags &= EFLAGS_IF | EFLAGS_DF;
	s->efer = vmi_rdmsr(MSR_EFER);
	__asm__ volatile("sgdt %0" : "=m" (s->gdtr));
	__asm__ volatile("sidt %0" : "=m" (s->idtr));
	__asm__ volatile("sldt %0" : "=m" (s->ldt));
	__asm__ volatile("str %0" : "=m" (s->tr));
	__asm__ volatile("movw %%cs, %0" : "=m" (s->cs));
	__asm__ volatile("movw %%ss, %0" : "=m" (s->ss));
	__asm__ volatile("movw %%ds, %0" : "=m" (s->ds));
	__asm__ volatile("movw %%es, %0" : "=m" (s->es));
	__asm__ volatile("movw %%fs, %0" : "=m" (s->fs));
	__asm__ volatile("movw %%gs, %0" : "=m" (s->gs));
	s->masks[0] = vmi_inb(PORT_MASTER_MASK);
	s->masks[1] = vmi_inb(PORT_SLAVE_MASK);
}

static void expect_refusal(const char *why)
{
	const struct vmi_rom_header *header = (const void *)rom.image;
	struct state before, after;
	uint32_t result;

	take_state(&before);
	result = ((init_function *)(uint32_t)&header->slot_init)();
	take_state(&after);
	report_equal(result, 0xffffffff, "%s: VMI_Init", why);
	report(memcmp(&before, &after, sizeof(before)) == 0, "%s: nothing has changed", why);
	report(cpu_ring() == 0, "%s: the guest is native", why);
}

/* The table that the registers were loaded from has become another one. */
static void without_gdt(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) whole, none = { 7, 0 };

	__asm__ volatile("sgdt %0" : "=m" (whole));
	none.base = whole.base;
	__asm__ volatile("lgdt %0" : : "m" (none));
	expect_refusal("no descriptors");
	__asm__ volatile("lgdt %0" : : "m" (whole));
}

static void reload_cr3(void *unused)
{
	(void)unused;
	vmi_set_cr3(vmi_get_cr3());
}

/* Its last selectors are the monitor's. */
static void with_large_gdt(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) whole, large;

	__asm__ volatile("sgdt %0" : "=m" (whole));
	large = whole;
	large.limit = 0xe007;
	__asm__ volatile("lgdt %0" : : "m" (large));
	expect_refusal("a GDT of 56 KiB and more");
	__asm__ volatile("lgdt %0" : : "m" (whole));
}

/* QEMU's TCG takes pointers with reserved bits; a processor could not go back. */
static void with_bad_pointers(void)
{
	volatile uint32_t *pointer;
	struct fault fault;

	if (paging_mode() != BOOT_PAGING_PAE)
		return;
	pointer = (uint32_t *)(vmi_get_cr3() & ~31u);
	*pointer |= PDPTE_RESERVED;
	if (!expect_fault(reload_cr3, NULL, &fault))
		expect_refusal("reserved bits in a page-directory pointer");
	*pointer &= ~PDPTE_RESERVED;
}

int main(void)
{
	struct vmi_reason why;

	vmi_disable_interrupts();
	if (!report(vmi_probe(0, &rom, &why) == 0, "there is a ROM"))
		return 0;
	without_gdt();
	with_large_gdt();
	with_bad_pointers();
	platform_start(false);
	report(platform_is_vmi(), "and then it succeeds");
	return 0;
}
