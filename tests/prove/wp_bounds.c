// SPDX-License-Identifier: GPL-2.0-only
/*
 * Base and length never wrap past a check.  In the contracts + is that of integers
 * without bounds; in the code it wraps.
 *
 * Proves: below_monitor() and below_hole() are exact; the bitmap of announced tables has a bit for what it is asked for
 * Functions: below_monitor below_hole table_announced table_announce table_release this_vcpu fault_record
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hole.h"

/*@ assigns \nothing;
  @ ensures exact: \result <==> start + last < HOLE_GUEST_END; */
static inline bool below_monitor(uint32_t start, uint32_t last);

#include "model/descriptor.c"
#include "mmu/shadow.h"

struct vcpu host_vcpu;
struct vcpu_state host_state;
struct gate_info host_info;
struct boot boot;
struct mmu mmu;

/*@ assigns host_vcpu.fault;
  @ ensures exact: \result <==> linear < HOLE_BASE && linear + len <= HOLE_BASE; */
static bool below_hole(uint32_t linear, uint32_t len, unsigned access);

/*@ requires bitmap: \valid_read(mmu.announced + (0 .. mmu.announced_frames / 32));
  @ assigns \nothing;
  @ ensures known: \result ==> frame < mmu.announced_frames; */
bool table_announced(uint32_t frame);

/*@ requires bitmap: \valid(mmu.announced + (0 .. mmu.announced_frames / 32));
  @ assigns mmu.announced[0 .. mmu.announced_frames / 32]; */
void table_announce(uint32_t frame);

/*@ requires bitmap: \valid(mmu.announced + (0 .. mmu.announced_frames / 32));
  @ assigns mmu.announced[0 .. mmu.announced_frames / 32]; */
void table_release(uint32_t frame);

/* The shadows are another's subject. */
//@ assigns \nothing;
void shadowpage_drop_frame(uint32_t frame);

//@ assigns \nothing; ensures \result == &host_vcpu;
static inline struct vcpu *this_vcpu(void);

//@ assigns host_vcpu.fault;
static inline void fault_record(unsigned vector, uint32_t error);

#include "mmu/guestmem.c"
#include "mmu/pagetype.c"
