/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the emulator calls: the guest's processor, its memory and its devices.  cpu/cpu.h
 * has the rules for all of these functions.  In the host tests, tests/host/emulate_mock.c
 * takes their place.
 */
#ifndef VMI_EMULATE_SERVICES_H
#define VMI_EMULATE_SERVICES_H

#include "cpu/cpu.h"
#include "dev/dev.h"
#include "mmu/mmu.h"

#endif
