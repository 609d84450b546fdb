/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a kernel asks for its surroundings, and what the boot loader said.
 */
#ifndef RUNTIME_BOOT_H
#define RUNTIME_BOOT_H

#include <stdbool.h>
#include <stdint.h>

enum boot_paging {
	BOOT_PAGING_OFF,
	BOOT_PAGING_32,		/* two levels, 4-byte entries */
	BOOT_PAGING_PAE,	/* three levels, 8-byte entries */
};

/*
 * A kernel that wants other surroundings than those of config.c defines its
 * own, which the linker then takes; the words
 * `paging=off`, `paging=32` and `paging=pae` on the command line overrule it;
 * `unpatched` has the kernel activate with all its sites left native, and
 * `unpatched=careful` do without the instructions that then fail silently.
 */
struct boot_config {
	enum boot_paging paging;
	bool high_alias;	/* low memory appears at HIGH_ALIAS, too */
	bool stay_native;	/* do not activate (`native` on the command line) */
};

extern const struct boot_config boot_config;

/*
 * The kernel proper; when it returns, report_finish() ends the run.  A value
 * other than 0 says that it gave up, and counts as one more failed report.
 */
int main(void);

/* True if the command line has the word, alone or as `word=value`. */
bool boot_has_word(const char *word);

/* True if the command line has `word=value` with just this value. */
bool boot_word_is(const char *word, const char *value);

/* Bytes of RAM from 1 MiB up to the first hole. */
uint32_t boot_upper_bytes(void);

/* Called by entry.asm with what the boot loader left in EAX and EBX. */
void boot_start(uint32_t magic, const void *info);

#endif
