// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storage for what POST found out (boot.h).  start/post.c fills it in, and after
 * VMI_Init nobody can write to it.
 */
#include "base/boot.h"
#include "base/compiler.h"

CONST_AFTER_START struct boot boot;
