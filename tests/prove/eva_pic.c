// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any sequence of calls from the start on.  The loop is one step of it from any
 * state in the invariant: `lowest` and `next` number inputs, `icw` words.
 *
 * Proves: pic.c: no run-time error in any sequence of calls
 * Options: -eva-use-spec rotate_right
 */
#include "prove.h"

#include "model/pic.h"

/* What exhaust_models.c finds out for every set and every count. */
/*@ requires byte: bits <= 0xff;
  @ requires count: count <= 8;
  @ assigns \result \from bits, count;
  @ ensures byte: \result <= 0xff;
  @ ensures some: bits != 0 ==> \result != 0; */
static unsigned rotate_right(unsigned bits, unsigned count);

#include "model/pic.c"

/*@ predicate valid_chip(struct pic_chip *c) =
  @	c->lowest <= 7 && -1 <= c->next <= 7 && c->icw <= 4; */

static uint16_t any_port(void)
{
	static const uint16_t ports[] = {
		PIC_MASTER_COMMAND, PIC_MASTER_DATA, PIC_SLAVE_COMMAND, PIC_SLAVE_DATA,
		PIC_MASTER_ELCR, PIC_SLAVE_ELCR,
	};

	return ports[any_of(0, 5)];
}

void prove(void)
{
	struct pic p;
	unsigned i;

	pic_init(&p);
	while (any_bool()) {
		//@ check master: valid_chip(&p.chip[0]);
		//@ check slave: valid_chip(&p.chip[1]);
		any_bytes(&p, sizeof(p));
		for (i = 0; i < 2; i++) {
			p.chip[i].lowest = (uint8_t)any_of(0, 7);
			p.chip[i].next = (int8_t)Frama_C_interval(-1, 7);
			p.chip[i].icw = (uint8_t)any_of(0, 4);
			p.chip[i].auto_eoi = any_bool();
			p.chip[i].rotate_auto_eoi = any_bool();
			p.chip[i].nested = any_bool();
			p.chip[i].special_mask = any_bool();
			p.chip[i].read_isr = any_bool();
			p.chip[i].poll = any_bool();
			p.chip[i].unusual = any_bool();
		}
		switch (any_of(0, 9)) {
		case 0:
			pic_write(&p, any_port(), any_u8);
			break;
		case 1:
			pic_read(&p, any_port());
			break;
		case 2:
			pic_set_line(&p, any_of(0, PIC_LINES - 1), any_bool());
			break;
		case 3:
			pic_pulse(&p, any_of(0, PIC_LINES - 1));
			break;
		case 4:
			pic_ack(&p);
			break;
		case 5:
			pic_take(&p, any_of(0, PIC_LINES - 1));
			break;
		case 6:
			pic_serve(&p, any_u16);
			break;
		case 7:
			pic_open(&p);
			break;
		case 8:
			pic_set_base(&p, any_of(0, 1), any_u8, any_bool());
			break;
		case 9:
			pic_set_imr(&p, any_u16);
			break;
		}
	}
}
