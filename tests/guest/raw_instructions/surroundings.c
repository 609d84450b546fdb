/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the cases find: memory, descriptors and registers, the same each time;
 * and digests of what they leave.
 */
#include "raw_instructions.h"

#include "runtime.h"

#include "msr.h"
#include "pci.h"
#include "vmi.h"

#define SELECTOR_FS	SELECTOR_SPARE
#define SELECTOR_GS	(SELECTOR_SPARE + 8)
#define SELECTOR_TSS_2	(SELECTOR_SPARE + 16)
#define SELECTOR_LDT	(SELECTOR_SPARE + 24)
#define SELECTOR_ABSENT	(SELECTOR_SPARE + 32)
#define SELECTOR_STACK_16 (SELECTOR_SPARE + 40)
#define FLAGS_FLAT	((uint64_t)0x00c00000 << 32)
#define TYPE_LDT	2
#define SCRATCH_PORT	0x3ff
#define INDEX_BITS	0xfffffffcu	/* the two others, reserved, are kept by QEMU */
#define DR6_NOTHING	0xffff0ff0u
#define DR7_NOTHING	0x400u

uint8_t raw_buffer[8192] __attribute__((aligned(PAGE_SIZE)));
static uint8_t stack_16[0x10000 + PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint8_t fresh_buffer[sizeof(raw_buffer)];
struct vmi_dtr raw_gdtr, raw_idtr, raw_other_gdtr, raw_other_idtr, raw_high_gdtr;
uint64_t raw_other_gdt[512] __attribute__((aligned(PAGE_SIZE)));
uint64_t raw_other_idt[512] __attribute__((aligned(PAGE_SIZE)));
static uint64_t ldt[512] __attribute__((aligned(PAGE_SIZE)));
static struct tss tss_2 __attribute__((aligned(PAGE_SIZE)));
static uint32_t cr0, cr4, tail_frame, read_only_frame;

static const uint8_t low_code[] = {
	0xc3,			/* 0: RET */
	0xcd, TRAP_USER_EXIT,	/* 1: INT, from ring 3 */
	0xcb,			/* 3: RETF */
	0x66, 0xcb,		/* 4: RETF with 16-bit operands */
};

static uint64_t data_at(uint32_t base, uint32_t access)
{
	return descriptor_segment(base, 0xfffff, access | ACCESS_DATA) | FLAGS_FLAT;
}

void surroundings_init(void)
{
	uint32_t low_frame = memory_allocate_page(), i;

	for (i = 0; i < sizeof(fresh_buffer); i++)
		fresh_buffer[i] = (uint8_t)(i * 7 + (i >> 8));
	cr0 = vmi_get_cr0();
	cr4 = vmi_get_cr4();
	tail_frame = memory_allocate_page();
	read_only_frame = memory_allocate_page();
	memcpy((void *)low_frame, low_code, sizeof(low_code));
	paging_map(RAW_LOW, low_frame, PTE_PRESENT | PTE_WRITE | PTE_USER);
	paging_map(RAW_TAIL, tail_frame, PTE_PRESENT | PTE_WRITE);
	paging_map(RAW_READ_ONLY, read_only_frame, PTE_PRESENT);
	ldt[1] = data_at((uint32_t)raw_buffer + 0x300, ACCESS_PRESENT);
	raw_gdtr = (struct vmi_dtr) { .base = (uint32_t)tables_gdt(), .limit = GDT_ENTRIES * 8 - 1 };
	raw_idtr = (struct vmi_dtr) { .base = (uint32_t)tables_idt(), .limit = IDT_ENTRIES * 8 - 1 };
	raw_other_gdtr = (struct vmi_dtr) { .base = (uint32_t)raw_other_gdt, .limit = 0xfff };
	raw_other_idtr = (struct vmi_dtr) { .base = (uint32_t)raw_other_idt, .limit = 0x7ff };
	/* What LGDT with 16-bit operands must not take for a part of the base. */
	raw_high_gdtr = (struct vmi_dtr) { .base = raw_other_gdtr.base | 0x7f000000, .limit = 0xfff };
	tables_open_gate(RAW_VECTOR, ACCESS_INTERRUPT_GATE, 0);
}

static void reset_tables(void)
{
	tables_set_segment(SELECTOR_FS, data_at((uint32_t)raw_buffer + 0x100, ACCESS_PRESENT));
	tables_set_segment(SELECTOR_GS, data_at((uint32_t)raw_buffer + 0x200, ACCESS_PRESENT));
	tables_set_segment(SELECTOR_LDT, descriptor_segment((uint32_t)ldt, sizeof(ldt) - 1,
							    ACCESS_PRESENT | TYPE_LDT));
	tables_set_segment(SELECTOR_ABSENT, data_at(0, 0));
	tables_set_segment(SELECTOR_STACK_16, descriptor_segment((uint32_t)stack_16, 0xffff,
								 ACCESS_PRESENT | ACCESS_DATA));
	tables_set_segment(SELECTOR_TSS, descriptor_segment((uint32_t)tables_tss(), sizeof(struct tss) - 1,
							    ACCESS_PRESENT | ACCESS_TSS));
	vmi_set_tr(SELECTOR_TSS);
	tables_set_segment(SELECTOR_TSS_2, descriptor_segment((uint32_t)&tss_2, sizeof(tss_2) - 1,
							      ACCESS_PRESENT | ACCESS_TSS));
	memcpy(raw_other_gdt, tables_gdt(), GDT_ENTRIES * 8);
	raw_other_gdt[SELECTOR_FS / 8] = data_at((uint32_t)raw_buffer + 0x400, ACCESS_PRESENT);
	memcpy(raw_other_idt, tables_idt(), IDT_ENTRIES * 8);
	raw_other_idt[RAW_VECTOR] = raw_other_idt[RAW_VECTOR + 1];
	vmi_set_ldt(0);
	vmi_set_gdt(&raw_gdtr);
	vmi_set_idt(&raw_idtr);
	__asm__ volatile("movw %w0, %%fs; movw %w1, %%gs" : : "r" (SELECTOR_FS), "r" (SELECTOR_GS));
}

void surroundings_reset(void)
{
	unsigned int i;

	vmi_disable_interrupts();
	memcpy(raw_buffer, fresh_buffer, sizeof(raw_buffer));
	memcpy((void *)tail_frame, raw_buffer, PAGE_SIZE);
	vmi_set_cr0(cr0);
	vmi_set_cr4(cr4);
	vmi_set_cr2(0);
	vmi_set_dr(7, DR7_NOTHING);
	vmi_set_dr(6, DR6_NOTHING);
	for (i = 0; i < 4; i++)
		vmi_set_dr(i, 0);
	for (i = 0; i < 3; i++)
		vmi_wrmsr(MSR_SYSENTER_CS + i, 0);
	vmi_outb(0, SCRATCH_PORT);
	vmi_outl(0, PCI_ADDRESS);
	reset_tables();
}

uint32_t raw_digest(uint32_t digest, const void *from, uint32_t size)
{
	const uint32_t *word = from;

	for (size /= 4; size; size--)
		digest = (digest ^ *word++ ^ digest >> 15) * 16777619u;
	return digest;
}

uint32_t surroundings_memory(void)
{
	uint32_t digest = raw_digest(RAW_DIGEST, raw_buffer, sizeof(raw_buffer));

	return raw_digest(digest, (const void *)RAW_TAIL, PAGE_SIZE);
}

uint32_t surroundings_system(void)
{
	uint32_t state[16] = {
		vmi_get_cr0(), vmi_get_cr2(), vmi_get_cr3(), vmi_get_cr4(),
		vmi_get_dr0(), vmi_get_dr1(), vmi_get_dr2(), vmi_get_dr3(), vmi_get_dr6(), vmi_get_dr7(),
		(uint32_t)vmi_rdmsr(MSR_SYSENTER_CS), (uint32_t)vmi_rdmsr(MSR_SYSENTER_CS + 1),
		(uint32_t)vmi_rdmsr(MSR_SYSENTER_CS + 2),
		vmi_inb(SCRATCH_PORT), vmi_inl(PCI_ADDRESS) & INDEX_BITS, vmi_get_tr() & ~3u,
	};

	return raw_digest(RAW_DIGEST, state, sizeof(state));
}
