// SPDX-License-Identifier: GPL-2.0-only
/* The one place for what POST leaves behind: start/post.c fills it. */
#include "base/boot.h"
#include "base/compiler.h"

CONST_AFTER_START struct boot boot;
