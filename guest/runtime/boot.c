/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the boot loader to main(): the console first, so that everything
 * after it can say what went wrong.
 */
#include "boot.h"

#include "vmi.h"

#include "console.h"
#include "cpu.h"
#include "irq.h"
#include "memory.h"
#include "paging.h"
#include "platform.h"
#include "report.h"
#include "string.h"

#define LOADER_MAGIC		0x2badb002u
#define INFO_MEMORY		0x00000001u
#define INFO_COMMAND_LINE	0x00000004u
#define COMMAND_LINE_MAX	256

/* The start of the Multiboot information (specification 0.6.96, 3.3). */
struct multiboot_info {
	uint32_t flags;
	uint32_t memory_lower, memory_upper;	/* KiB */
	uint32_t boot_device;
	const char *command_line;
};

static char command_line[COMMAND_LINE_MAX];
static uint32_t upper_bytes;

/* The loader's structures may lie anywhere: copy them before memory is used. */
static void read_info(const struct multiboot_info *info)
{
	if (info->flags & INFO_MEMORY)
		upper_bytes = info->memory_upper * 1024;
	if (info->flags & INFO_COMMAND_LINE) {
		size_t length = strlen(info->command_line);

		if (length >= COMMAND_LINE_MAX)
			length = COMMAND_LINE_MAX - 1;
		memcpy(command_line, info->command_line, length);
	}
}

/* Finds `word` where a word starts; returns what follows it. */
static const char *find_word(const char *word)
{
	const char *at = command_line;
	size_t length = strlen(word);

	while (*at) {
		if (!strncmp(at, word, length)
		    && (!at[length] || at[length] == ' ' || at[length] == '='))
			return at + length;
		while (*at && *at != ' ')
			at++;
		while (*at == ' ')
			at++;
	}
	return NULL;
}

bool boot_has_word(const char *word)
{
	return find_word(word) != NULL;
}

bool boot_word_is(const char *word, const char *value)
{
	const char *at = find_word(word);
	size_t length = strlen(value);

	if (!at || *at++ != '=' || strncmp(at, value, length))
		return false;
	return !at[length] || at[length] == ' ';
}

uint32_t boot_upper_bytes(void)
{
	return upper_bytes;
}

static struct boot_config choose_config(void)
{
	struct boot_config config = boot_config;

	if (boot_word_is("paging", "off"))
		config.paging = BOOT_PAGING_OFF;
	else if (boot_word_is("paging", "32"))
		config.paging = BOOT_PAGING_32;
	else if (boot_word_is("paging", "pae"))
		config.paging = BOOT_PAGING_PAE;
	if (boot_has_word("native"))
		config.stay_native = true;
	return config;
}

void boot_start(uint32_t magic, const void *info)
{
	struct boot_config config;
	int status;

	console_init();
	if (magic != LOADER_MAGIC)
		platform_fail("not started by a multiboot loader");
	read_info(info);
	config = choose_config();
	memory_init(upper_bytes);
	trap_init();
	tables_init();
	paging_init(&config);
	platform_start(config.stay_native);
	tables_set_kernel_stack(trap_stack_top());
	pic_init();
	status = main();
	if (status)
		report(false, "main() returned %d", status);
	report_finish();
}
