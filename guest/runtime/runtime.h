/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small kernel under the demonstration kernel and every in-guest test.
 * A kernel written on it has one file with main(), includes this header, and
 * runs natively at CPL 0 or, after platform_start(), at CPL 1 by the same
 * code.
 *
 * Reading order: entry.asm, boot.c, config.c, platform.c, tables.c, stubs.asm,
 * trap.c, catch.c, jump.asm, paging.c, announce.c, memory.c, pic.c, pit.c, apic.c, pci.c, edu.c, random.c,
 * statistic.c, console.c, print.c, string.c, report.c.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include "boot.h"
#include "console.h"
#include "cpu.h"
#include "irq.h"
#include "memory.h"
#include "paging.h"
#include "platform.h"
#include "report.h"
#include "string.h"
#include "trap.h"

#endif
