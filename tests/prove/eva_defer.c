// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any queue, whose words change while they are read, and any size: no word beyond
 * the page is read.  Nothing else of the hole can be reached in this proof.
 *
 * Proves: defer.c: no run-time error for any queue, no word read beyond its page
 * Options: -absolute-valid-range 0xfc012000-0xfc012fff -eva-use-spec clear_shadow,clear_elsewhere
 */
#include "prove.h"

/* Where these write is bits_mmu's subject. */
struct written;
//@ assigns \nothing;
static inline void clear_shadow(const struct written *w, uint32_t linear);
//@ assigns *w, \result \from linear; ensures \result == 0 || \result == 1;
static bool clear_elsewhere(struct written *w, uint32_t linear);

#include "entry/defer.c"

struct vcpu host_vcpu;
struct vcpu_state host_state;
struct gate_info host_info;

bool shadow_translate(uint32_t linear, uint32_t *frame) { return false; }
void shadow_places(uint32_t frame, struct shadow_places *p) { }
void shadow_reset(void) { }
void shadow_written(uint32_t frame, unsigned offset) { }
void shadow_follow(uint32_t linear) { }
bool shadow_load_cr3(uint32_t value) { return any_bool(); }
unsigned segment_entry_changed(uint32_t at) { return any_u32; }
void direct_stack(uint16_t ss, uint32_t esp) { }
void direct_written(uint32_t at) { }
void descriptors_settle(unsigned changes) { }

void prove(void)
{
	any_bytes(&host_state, sizeof(host_state));
	host_vcpu.cr3 = any_u32;
	defer_flush_all();
}
