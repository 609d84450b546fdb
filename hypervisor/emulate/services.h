/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the emulator asks of the monitor: the guest's processor, its memory and its
 * devices.  The rules for all of it stand in cpu.h.  On the host
 * tests/host/emulate_mock.c offers the same.
 */
#ifndef VMI_EMULATE_SERVICES_H
#define VMI_EMULATE_SERVICES_H

#include "cpu/cpu.h"
#include "dev/dev.h"
#include "mmu/mmu.h"

#endif
