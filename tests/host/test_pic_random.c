/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/pic.c */
/*
 * The 8259A model against a second one, over long random runs.  The second
 * works input by input, as the data sheet tells it, and shares no code with
 * the first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pic_pair.h"
#include "random.h"

/*
 * Priorities are a list, requests and services are flags
 * per input, nothing is cached.
 */
struct naive_chip {
	int order[8];		/* highest priority first */
	int pin[8], edge[8], level[8], service[8], masked[8];
	int base, auto_eoi, rotate_auto, nested, special, show_isr, polled;
};

struct naive {
	struct naive_chip chip[2];
	unsigned let_go;
};

static int naive_choice(struct naive *n, int which);

static int naive_wants(struct naive *n, int which, int input)
{
	struct naive_chip *c = &n->chip[which];

	if (which == 0 && input == 2 && naive_choice(n, 1) >= 0)
		return 1;
	return c->edge[input] || (c->level[input] && c->pin[input]);
}

static int naive_choice(struct naive *n, int which)
{
	struct naive_chip *c = &n->chip[which];
	int i;

	for (i = 0; i < 8; i++) {
		int input = c->order[i];
		int busy = c->service[input] &&
			   !(c->special && c->masked[input]);
		int wanted = naive_wants(n, which, input) && !c->masked[input];

		if (busy)
			return wanted && c->nested && input == 2 ? 2 : -1;
		if (wanted)
			return input;
	}
	return -1;
}

static void naive_let_go(struct naive *n, int which, int input)
{
	if (n->chip[which].level[input])
		n->chip[which].pin[input] = 0;
	if (which || input != 2)
		n->let_go |= 1u << (which * 8 + input);
}

static void naive_lowest(struct naive_chip *c, int input)
{
	int i;

	for (i = 0; i < 8; i++)
		c->order[i] = (input + 1 + i) % 8;
}

static void naive_eoi(struct naive *n, int which, int input, int rotate)
{
	struct naive_chip *c = &n->chip[which];

	if (c->service[input])
		naive_let_go(n, which, input);
	c->service[input] = 0;
	if (rotate)
		naive_lowest(c, input);
}

static void naive_serve(struct naive *n, int which, int input)
{
	struct naive_chip *c = &n->chip[which];

	c->edge[input] = 0;
	c->service[input] = 1;
	if (c->auto_eoi)
		naive_eoi(n, which, input, c->rotate_auto);
}

static int naive_ack(struct naive *n)
{
	int input = naive_choice(n, 0), inner = naive_choice(n, 1);

	if (input < 0)
		return n->chip[0].base + 7;
	naive_serve(n, 0, input);
	if (input != 2)
		return n->chip[0].base + input;
	if (inner < 0)
		return n->chip[1].base + 7;
	naive_serve(n, 1, inner);
	return n->chip[1].base + inner;
}

static void naive_ocw2(struct naive *n, int which, unsigned value)
{
	struct naive_chip *c = &n->chip[which];
	int i, input = (int)(value & 7);

	switch (value >> 5) {
	case 0:
	case 4:
		c->rotate_auto = value >> 7;
		break;
	case 1:
	case 5:
		for (i = 0; i < 8; i++) {
			input = c->order[i];
			if (c->service[input] &&
			    !(c->special && c->masked[input])) {
				naive_eoi(n, which, input, value >> 7);
				break;
			}
		}
		break;
	case 3:
	case 7:
		naive_eoi(n, which, input, value >> 7);
		break;
	case 6:
		naive_lowest(c, input);
		break;
	}
}

static void naive_ocw3(struct naive_chip *c, unsigned value)
{
	c->polled = value & 4 ? 1 : 0;
	if (!c->polled && value & 2)
		c->show_isr = value & 1;
	if (value & 0x40)
		c->special = value & 0x20 ? 1 : 0;
}

static void naive_mask(struct naive *n, int which, unsigned value)
{
	struct naive_chip *c = &n->chip[which];
	int i;

	for (i = 0; i < 8; i++) {
		int was = c->masked[i];

		c->masked[i] = value >> i & 1;
		if (was && !c->masked[i] && c->level[i] && c->pin[i] &&
		    !c->service[i])
			naive_let_go(n, which, i);
	}
}

static void naive_initialise(struct naive *n, int which, unsigned icw4)
{
	struct naive_chip *c = &n->chip[which];
	int i;

	for (i = 0; i < 8; i++) {
		if (c->service[i] || (c->level[i] && c->pin[i]))
			naive_let_go(n, which, i);
		c->edge[i] = 0;
		c->service[i] = 0;
		c->masked[i] = 0;
	}
	naive_lowest(c, 7);
	c->base = which ? 0x28 : 0x20;
	c->auto_eoi = icw4 >> 1 & 1;
	c->nested = !which && icw4 >> 4 & 1;
	c->rotate_auto = 0;
	c->special = 0;
	c->show_isr = 0;
	c->polled = 0;
}

static void naive_elcr(struct naive *n, int which, unsigned value)
{
	struct naive_chip *c = &n->chip[which];
	int i;

	value &= which ? 0xde : 0xf8;
	for (i = 0; i < 8; i++) {
		if (c->level[i] == (int)(value >> i & 1))
			continue;
		c->edge[i] = 0;
		c->level[i] = 1;
		if (c->pin[i])
			naive_let_go(n, which, i);
		c->level[i] = value >> i & 1;
	}
}

static void naive_line(struct naive_chip *c, int input, int level)
{
	if (!c->level[input] && level && !c->pin[input])
		c->edge[input] = 1;
	if (!level && c->pin[input])
		c->edge[input] = 0;
	c->pin[input] = level;
}

static unsigned naive_read(struct naive *n, int which, int odd)
{
	struct naive_chip *c = &n->chip[which];
	unsigned value = 0;
	int i;

	if (c->polled) {
		c->polled = 0;
		i = naive_choice(n, which);
		if (i >= 0)
			naive_serve(n, which, i);
		return i < 0 ? 0 : 0x80 | (unsigned)i;
	}
	for (i = 0; i < 8; i++) {
		int bit = odd ? c->masked[i] : c->show_isr ? c->service[i] :
			  naive_wants(n, which, i);

		value |= (unsigned)bit << i;
	}
	return value;
}

static bool usual;		/* no rotation, no special modes in this run */
static unsigned taken, not_taken, opened;

/* pic_take() is a request and pic_ack(), or it is nothing. */
static void take(struct pic *p, struct naive *n, unsigned irq)
{
	struct pic before = *p, slow_path = *p;
	struct naive_chip *c = &n->chip[irq / 8];
	int vector = pic_take(p, irq);

	if (vector < 0) {
		assert_memory_equal(p, &before, sizeof before);
		not_taken++;
		return;
	}
	assert_false(pic_output(&before));
	if (c->level[irq % 8]) {
		pic_set_line(&slow_path, irq, true);
		c->pin[irq % 8] = 1;
	} else {
		pic_pulse(&slow_path, irq);
		c->edge[irq % 8] = 1;
	}
	assert_true(pic_output(&slow_path));
	assert_int_equal(pic_ack(&slow_path), vector);
	assert_memory_equal(p, &slow_path, sizeof slow_path);
	assert_int_equal(naive_ack(n), vector);
	taken++;
}

static void random_step(struct pic *p, struct naive *n)
{
	int which = (int)random_below(2);
	uint16_t port = which ? 0xa0 : 0x20;
	unsigned value = random_below(256), irq = random_below(16);
	unsigned level = random_below(2);

	switch (random_below(22)) {
	default:
		pic_set_line(p, irq, level);
		naive_line(&n->chip[irq / 8], (int)irq % 8, (int)level);
		break;
	case 0:
	case 1:
		pic_pulse(p, irq);
		n->chip[irq / 8].edge[irq % 8] = 1;
		break;
	case 2:
	case 3:
	case 4:
		assert_int_equal(pic_ack(p), naive_ack(n));
		break;
	case 5:
	case 6:
	case 7:
		value &= usual ? 0x67 : 0xe7;
		pic_write(p, port, (uint8_t)value);
		naive_ocw2(n, which, value);
		break;
	case 8:
		value = (value & (usual ? 0x07 : 0x67)) | 8;
		pic_write(p, port, (uint8_t)value);
		naive_ocw3(&n->chip[which], value);
		break;
	case 9:
	case 10:
		value &= random_below(256);
		pic_write(p, port + 1, (uint8_t)value);
		naive_mask(n, which, value);
		break;
	case 11:
	case 12:
		assert_int_equal(pic_read(p, port + (uint16_t)level),
				 naive_read(n, which, (int)level));
		break;
	case 13:
		if (random_below(8))
			break;
		value = 0x01 | (random_below(4) ? 0 : 2) | level << 4;
		if (usual)
			value = 0x01;
		pic_write(p, port, 0x11);
		pic_write(p, port + 1, which ? 0x28 : 0x20);
		pic_write(p, port + 1, which ? 0x02 : 0x04);
		pic_write(p, port + 1, (uint8_t)value);
		naive_initialise(n, which, value);
		break;
	case 14:
	case 15:
		if (irq != PIC_CASCADE)
			take(p, n, irq);
		break;
	case 16:
		if (random_below(4))
			break;
		pic_write(p, (uint16_t)(0x4d0 + which), (uint8_t)value);
		naive_elcr(n, which, value);
		break;
	}
}

/*
 * A line that is open: what it rings for is delivered at once, has it in service,
 * and its end leaves no trace.
 */
static void check_open(const struct pic *p)
{
	unsigned open = pic_open(p), irq;

	assert_int_equal(open & 1u << PIC_CASCADE, 0);
	for (irq = 0; irq < 16; irq++) {
		struct pic rung = *p, served = *p;
		unsigned slave = irq / 8;

		if (!(open >> irq & 1))
			continue;
		assert_false(pic_output(p));
		pic_pulse(&rung, irq);
		assert_int_equal(pic_ack(&rung), p->chip[slave].base + (int)irq % 8);
		pic_serve(&served, (uint16_t)(1u << irq | slave << PIC_CASCADE));
		assert_memory_equal(&rung, &served, sizeof(rung));
		if (slave)
			pic_write(&rung, PIC_SLAVE_COMMAND, 0x20);
		pic_write(&rung, PIC_MASTER_COMMAND, 0x20);
		rung.released = p->released;	/* of what is masked at its source: edges are not */
		assert_memory_equal(&rung, p, sizeof(rung));
		opened++;
	}
}

static void random_comparison(void **state)
{
	unsigned run, step;

	(void)state;
	for (run = 1; run <= 400 && random_more(); run++) {
		struct pic p = fresh();
		struct naive n;

		memset(&n, 0, sizeof n);
		naive_initialise(&n, 0, 1);
		naive_initialise(&n, 1, 1);
		random_start(run);
		usual = run % 2;
		for (step = 0; step < 2000 && random_more(); step++) {
			random_step(&p, &n);
			assert_int_equal(pic_output(&p),
					 naive_choice(&n, 0) >= 0);
			assert_int_equal(pic_take_released(&p), n.let_go);
			n.let_go = 0;
			check_open(&p);
		}
	}
	assert_true(!random_more() || (taken > 500 && not_taken > 500 && opened > 5000));
}

/* Any byte to any port leaves the model within its invariants. */
static void any_write(void **state)
{
	static const uint16_t port[] = {
		0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1
	};
	struct pic p = fresh();
	unsigned i;

	(void)state;
	random_start(7);
	for (i = 0; i < 500000 && random_more(); i++) {
		uint16_t at = port[random_below(6)];

		pic_write(&p, at, (uint8_t)random_below(256));
		(void)pic_read(&p, at);
		pic_set_line(&p, random_below(16), random_below(2));
		if (pic_output(&p)) {
			int vector = pic_ack(&p);

			assert_in_range(vector, 0, 255);
		}
		assert_in_range(p.chip[0].lowest, 0, 7);
		assert_in_range(p.chip[1].lowest, 0, 7);
		assert_in_range(p.chip[0].icw, 0, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_comparison),
		cmocka_unit_test(any_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
