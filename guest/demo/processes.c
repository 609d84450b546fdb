/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes: demand-zero pages, fork with copy on write, and what happens when
 * frames run out.  With the word `announce` the kernel announces its page
 * tables, with `deferred` it lets updates wait; what is printed does not change.
 */
#include "process.h"

#include "demo.h"

#include "vmi.h"

#define PROCESSES	4
#define FRAMES		80	/* for all processes: less than all of them want */
#define PRIVATE		(PTE_PRESENT | PTE_USER | PTE_WRITE)
#define SHARED		(PTE_PRESENT | PTE_USER)

extern void process_user(void);

struct frame {
	uint32_t address;
	uint32_t users;		/* processes that map it */
};

static struct frame frames[FRAMES];
static uint32_t roots[PROCESSES], home;
static unsigned int current, copies, zeroed, refused;
static bool announces, defers;

/* ---- what a kernel tells the monitor, if it wants to ---- */

static void announce(uint32_t page, uint32_t type)
{
	if (announces)
		vmi_allocate_page((page & -PAGE_SIZE) / PAGE_SIZE, type, 0, 0, 0);
}

static void retract(uint32_t page)
{
	if (announces)
		vmi_release_page((page & -PAGE_SIZE) / PAGE_SIZE, VMI_PAGE_PT);
}

static void may_wait(uint32_t mode)
{
	if (defers)
		vmi_set_lazy_mode(mode);
}

static uint32_t directory_of(uint32_t root, unsigned int gib)
{
	if (paging_mode() == BOOT_PAGING_PAE)
		return (uint32_t)((const uint64_t *)root)[gib] & -PAGE_SIZE;
	return root;
}

static void switch_to(uint32_t root)
{
	may_wait(VMI_LAZY_CPU);
	vmi_set_cr3(root);
	tables_set_kernel_stack(trap_stack_top());
	vmi_clts();
	may_wait(0);
}

/* ---- frames, and the entries that map them ---- */

static struct frame *find_frame(uint32_t address)
{
	unsigned int i;

	for (i = 0; i < FRAMES; i++)
		if (frames[i].users && frames[i].address == address)
			return &frames[i];
	return NULL;
}

static struct frame *take_frame(void)
{
	unsigned int i;

	for (i = 0; i < FRAMES; i++)
		if (!frames[i].users) {
			frames[i].users = 1;
			return &frames[i];
		}
	refused++;
	return NULL;
}

static uint32_t read_entry(const void *at)
{
	return at ? *(const uint32_t *)at : 0;
}

static void write_entry(void *at, uint32_t entry)
{
	if (paging_mode() == BOOT_PAGING_PAE)
		vmi_set_pte_long(entry, (vmi_pte_long *)at);
	else
		vmi_set_pte(entry, (vmi_pte *)at);
}

static void *entry_of(unsigned int process, unsigned int page)
{
	return paging_entry_address(roots[process], PROCESS_START + page * PAGE_SIZE);
}

static void map(unsigned int process, uint32_t linear, uint32_t entry)
{
	bool new_table = !paging_entry_address(roots[process], linear);

	paging_map_in(roots[process], linear, entry & -PAGE_SIZE, entry & PTE_FLAGS);
	if (new_table)
		announce((uint32_t)paging_entry_address(roots[process], linear), VMI_PAGE_PT);
}

/* ---- faults ---- */

static bool fill_zero(uint32_t linear)
{
	struct frame *frame = take_frame();

	if (!frame)
		return false;
	memset((void *)frame->address, 0, PAGE_SIZE);
	map(current, linear, frame->address | PRIVATE);
	zeroed++;
	return true;
}

static bool copy_on_write(uint32_t linear, uint32_t entry)
{
	struct frame *old = find_frame(entry & -PAGE_SIZE), *new = old;

	if (old->users > 1) {
		new = take_frame();
		if (!new)
			return false;
		memcpy((void *)new->address, (void *)old->address, PAGE_SIZE);
		old->users--;
		copies++;
	}
	map(current, linear, new->address | PRIVATE);
	return true;
}

/* false: there are no frames, or the access was wrong; the process ends. */
static bool handle_fault(struct trap_frame *trap)
{
	uint32_t linear = vmi_get_cr2() & -PAGE_SIZE, entry;

	if (linear - PROCESS_START >= PROCESS_PAGES * PAGE_SIZE)
		return false;
	entry = read_entry(paging_entry_address(roots[current], linear));
	if (!(entry & PTE_PRESENT))
		return fill_zero(linear);
	return trap->error & PAGE_ERROR_WRITE ? copy_on_write(linear, entry) : false;
}

/* ---- processes ---- */

static void create(unsigned int process)
{
	unsigned int gib;

	roots[process] = paging_new_root();
	for (gib = 0; gib < 4; gib++)
		announce(directory_of(roots[process], gib), VMI_PAGE_PD);
}

/* Both go on with the same frames, which neither may write. */
static void fork(unsigned int parent, unsigned int child)
{
	unsigned int page;

	create(child);
	may_wait(VMI_LAZY_MMU);
	for (page = 0; page < PROCESS_PAGES; page++) {
		uint32_t entry = read_entry(entry_of(parent, page));

		if (!(entry & PTE_PRESENT))
			continue;
		find_frame(entry & -PAGE_SIZE)->users++;
		write_entry(entry_of(parent, page), (entry & -PAGE_SIZE) | SHARED);
		map(child, PROCESS_START + page * PAGE_SIZE, (entry & -PAGE_SIZE) | SHARED);
	}
	vmi_flush_tlb(VMI_FLUSH_TLB);
	may_wait(0);
}

static void destroy(unsigned int process)
{
	unsigned int page, gib;

	for (page = 0; page < PROCESS_PAGES; page++) {
		uint32_t entry = read_entry(entry_of(process, page));

		if (entry & PTE_PRESENT)
			find_frame(entry & -PAGE_SIZE)->users--;
	}
	retract((uint32_t)entry_of(process, 0));
	for (gib = 0; gib < 4; gib++)
		retract(directory_of(roots[process], gib));
	memory_free_page((uint32_t)entry_of(process, 0) & -PAGE_SIZE);
	for (gib = 0; gib < 4 && paging_mode() == BOOT_PAGING_PAE; gib++)
		memory_free_page(directory_of(roots[process], gib));
	memory_free_page(roots[process]);
}

/* Runs one; returns what it said, or prints what ended it. */
static uint32_t run(unsigned int process, uint32_t what)
{
	struct trap_frame registers = { .ebx = what, .ecx = process + 1 };
	struct fault end;

	current = process;
	switch_to(roots[process]);
	user_run((uint32_t)process_user, user_stack_top(), &registers, &end);
	switch_to(home);
	if (end.vector == TRAP_USER_EXIT)
		return end.frame.eax;
	print("process: %u ends by %s, error %x, at %x\n", process, trap_name(end.vector),
	      end.error, end.cr2);
	return 0;
}

static void print_sums(unsigned int count)
{
	unsigned int process;

	for (process = 0; process < count; process++)
		print("process: %u has %u\n", process, run(process, PROCESS_SUM));
	print("process: %u zeroed, %u copied, %u refused\n", zeroed, copies, refused);
}

/*
 * 0 fills its pages and forks 1, which changes half of them; 2 is forked of 1
 * and changes all; 3 starts empty, and there are not frames enough.
 */
void demo_processes(void)
{
	trap_handler before = trap_set_handler(TRAP_PAGE, handle_fault);
	unsigned int i;

	announces = boot_has_word("announce");
	defers = boot_has_word("deferred");
	home = vmi_get_cr3();
	for (i = 0; i < FRAMES; i++)
		frames[i].address = memory_allocate_page();
	create(0);
	run(0, PROCESS_FILL);
	fork(0, 1);
	run(1, PROCESS_CHANGE);
	fork(1, 2);
	print_sums(3);
	run(2, PROCESS_FILL);
	print_sums(3);
	create(3);
	run(3, PROCESS_FILL);
	destroy(2);
	run(3, PROCESS_FILL);
	print_sums(2);
	destroy(3);
	destroy(1);
	run(0, PROCESS_FILL);
	print_sums(1);
	destroy(0);
	for (i = 0; i < FRAMES; i++)
		memory_free_page(frames[i].address);
	trap_set_handler(TRAP_PAGE, before);
	demo_check(refused && copies, "processes fork, and one runs out of memory");
}
