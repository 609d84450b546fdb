// SPDX-License-Identifier: GPL-2.0-only
/*
 * In POST: choose the protection mode, "segment" or "paged" (docs/architecture.md).  The
 * string opt/vmi/protect of QEMU's fw_cfg decides; where there is none, the ROM's default
 * (tools/mkrom --protect).  "auto" is segment mode if the CPU enforces segment limits, and
 * paged mode if it does not, as under QEMU's TCG.
 * In the same way, which devices the guest may have (docs/ports.md): all of them, or those
 * that can be contained.
 */
#include "start/start.h"

#define FW_CFG_SELECT	0x510
#define FW_CFG_DATA	0x511
#define FW_CFG_SIGNATURE	0x0000
#define FW_CFG_DIRECTORY	0x0019

/* An entry of fw_cfg's directory (QEMU, docs/specs/fw_cfg); numbers are big-endian. */
struct fw_cfg_file {
	uint32_t size;
	uint16_t select;
	uint16_t reserved;
	char name[56];
};

static void fw_cfg_read(void *to, unsigned n)
{
	uint8_t *p = to;

	while (n--)
		*p++ = inb(FW_CFG_DATA);
}

static bool same_string(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* The first bytes of file @name as a string; false if there is no fw_cfg or no such file. */
static bool fw_cfg_string(const char *name, char *to, unsigned max)
{
	struct fw_cfg_file file;
	char signature[4];
	uint32_t count, n;

	outw(FW_CFG_SELECT, FW_CFG_SIGNATURE);
	fw_cfg_read(signature, sizeof(signature));
	if (signature[0] != 'Q' || signature[1] != 'E' || signature[2] != 'M' ||
	    signature[3] != 'U')
		return false;
	outw(FW_CFG_SELECT, FW_CFG_DIRECTORY);
	fw_cfg_read(&count, sizeof(count));
	for (count = __builtin_bswap32(count); count; count--) {
		fw_cfg_read(&file, sizeof(file));
		if (!same_string(file.name, name))
			continue;
		n = __builtin_bswap32(file.size);
		if (n > max - 1)
			n = max - 1;
		outw(FW_CFG_SELECT, __builtin_bswap16(file.select));
		fw_cfg_read(to, n);
		to[n] = '\0';
		return true;
	}
	return false;
}

/* Take the mode that @wanted names; false: it names none. */
static bool force_mode(const char *wanted)
{
	if (same_string(wanted, "segment"))
		boot.protect = PROTECT_SEGMENT;
	else if (same_string(wanted, "paged"))
		boot.protect = PROTECT_PAGED;
	else
		return false;
	return true;
}

/* Returns the reason, for the log.  A string that makes no sense is reported, and is "auto". */
const char *protect_choose(const char *built_in)
{
	char wanted[16];

	if (fw_cfg_string("opt/vmi/protect", wanted, sizeof(wanted))) {
		if (force_mode(wanted))
			return "forced";
		if (!same_string(wanted, "auto"))
			print("vmi: opt/vmi/protect is '%s', want segment, paged or auto: "
			      "auto is used\n", wanted);
	} else if (force_mode(built_in)) {
		return "forced by the ROM";
	}
	if (limits_enforced()) {
		boot.protect = PROTECT_SEGMENT;
		return "auto: the CPU enforces segment limits";
	}
	boot.protect = PROTECT_PAGED;
	return "auto: the CPU enforces no segment limits";
}

static bool devices_are(const char *word)
{
	if (same_string(word, "contained"))
		boot.devices = DEVICES_CONTAINED;
	else if (!same_string(word, "open"))
		return false;
	return true;
}

void devices_choose(const char *built_in)
{
	char wanted[16];

	if (!fw_cfg_string("opt/vmi/devices", wanted, sizeof(wanted))) {
		devices_are(built_in);
	} else if (!devices_are(wanted)) {
		print("vmi: opt/vmi/devices is '%s', want open or contained: contained is used\n",
		      wanted);
		boot.devices = DEVICES_CONTAINED;
	}
}
