/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs C functions on all inputs at once: the sources under test are compiled, as
 * they are, by a C++ compiler for which uint32_t and uint64_t are bit vectors
 * that z3 knows.  Where the C branches on one the function is run again for the
 * other side, so that every path is taken that z3 finds an input for, and on each of
 * them every verify() is asked for all its inputs.
 *
 * Trusted: this file, g++ and z3.  Arithmetic is that of C's unsigned types, on
 * which it is defined for all values but a shift by too much or a division by 0:
 * those are verified too.
 */
#ifndef PROVE_SYMBOLIC_H
#define PROVE_SYMBOLIC_H

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>
#include <unistd.h>

namespace symbolic {

/* ---- z3, at the other end of two pipes ---- */

static FILE *to_z3, *from_z3;
static unsigned long terms, paths, goals, failures;

static void start()
{
	int in[2], out[2];

	if (pipe(in) || pipe(out))
		abort();
	if (!fork()) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execlp("z3", "z3", "-in", (char *)0);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_z3 = fdopen(in[1], "w");
	from_z3 = fdopen(out[0], "r");
}

static void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(to_z3, format, list);
	va_end(list);
}

static std::string answer()
{
	char line[256];

	fflush(to_z3);
	if (!fgets(line, sizeof(line), from_z3)) {
		fprintf(stderr, "z3 has ended\n");
		exit(2);
	}
	return std::string(line, strcspn(line, "\n"));
}

/* Is there an input for this path for which @condition holds? */
static bool possible(const std::string &condition)
{
	std::string said;

	say("(push)(assert %s)(check-sat)\n", condition.c_str());
	said = answer();
	if (said != "sat" && said != "unsat") {
		fprintf(stderr, "z3: %s\n", said.c_str());
		exit(2);
	}
	if (said == "unsat")
		say("(pop)\n");
	return said == "sat";
}

/* ---- paths ---- */

struct decision {
	bool taken, other;	/* other: the other side is still to be taken */
};
static std::vector<decision> trail;
static size_t depth;
static std::vector<std::string> inputs;

static bool decide(const std::string &condition)
{
	std::string negation = "(not " + condition + ")";

	if (depth == trail.size()) {
		bool yes = possible(condition), no;

		if (yes)
			say("(pop)\n");
		no = possible(negation);
		if (no)
			say("(pop)\n");
		if (!yes && !no) {
			fprintf(stderr, "a path without inputs\n");
			exit(2);
		}
		trail.push_back({ yes, yes && no });
	}
	say("(assert %s)\n", (trail[depth].taken ? condition : negation).c_str());
	return trail[depth++].taken;
}

/* ---- values ---- */

struct boolean {
	bool known, value;
	std::string term;

	boolean(bool v) : known(true), value(v), term(v ? "true" : "false") {}
	explicit boolean(const std::string &t) : known(false), value(false), term(t) {}
	operator bool() const { return known ? value : decide(term); }
};

static std::string name(const char *sort, const std::string &term)
{
	std::string id = "t" + std::to_string(terms++);

	say("(define-fun %s () %s %s)\n", id.c_str(), sort, term.c_str());
	return id;
}

static void verify(const char *what, const boolean &goal)
{
	goals++;
	if (goal.known && goal.value)
		return;
	if (!possible("(not " + goal.term + ")"))
		return;
	failures++;
	printf("not so: %s, for\n", what);
	for (const std::string &input : inputs) {
		say("(eval %s)\n", input.c_str());
		printf("\t%s = %s\n", input.c_str(), answer().c_str());
	}
	say("(pop)\n");
}

template <int BITS> struct vector {
	typedef typename std::conditional<BITS == 64, unsigned long long, unsigned>::type native;
	bool known;
	native value;
	std::string term;

	static const char *sort() { return BITS == 64 ? "(_ BitVec 64)" : "(_ BitVec 32)"; }

	static std::string constant(native v)
	{
		char text[32];

		snprintf(text, sizeof(text), BITS == 64 ? "#x%016llx" : "#x%08llx", (unsigned long long)v);
		return text;
	}

	vector() : vector(0) {}
	template <class T, class = typename std::enable_if<std::is_integral<T>::value || std::is_enum<T>::value>::type>
	vector(T v) : known(true), value((native)v), term(constant((native)v)) {}

	static vector of(const std::string &t)
	{
		vector v;

		v.known = false;
		v.term = name(sort(), t);
		return v;
	}

	/* C's conversions: 32 bits become 64 by themselves, */
	template <int OTHER, class = typename std::enable_if<(OTHER < BITS)>::type>
	vector(const vector<OTHER> &v) : vector((native)v.value)
	{
		if (!v.known)
			*this = of("((_ zero_extend 32) " + v.term + ")");
	}

	/* and 64 are cut by a cast or an assignment. */
	template <int OTHER, class = typename std::enable_if<(OTHER > BITS)>::type, class = void>
	vector(const vector<OTHER> &v) : vector((native)v.value)
	{
		if (!v.known)
			*this = of("((_ extract 31 0) " + v.term + ")");
	}

	vector(const boolean &b) : vector((native)b.value)
	{
		if (!b.known)
			*this = of("(ite " + b.term + " " + constant(1) + " " + constant(0) + ")");
	}

	boolean is(const char *relation, const vector &other) const
	{
		return boolean(name("Bool", std::string("(") + relation + " " + term + " " + other.term + ")"));
	}
	explicit operator bool() const { return known ? value != 0 : (bool)is("distinct", vector(0)); }

	vector binary(const char *what, const vector &other, native result) const
	{
		if (known && other.known)
			return vector(result);
		return of(std::string("(") + what + " " + term + " " + other.term + ")");
	}
	vector operator~() const { return binary("bvxor", vector(~(native)0), ~value); }
	vector operator-() const { return vector(0).binary("bvsub", *this, -value); }

	vector shift(const char *what, const vector &count, native result) const
	{
		verify("no shift by too much", count.known ? boolean(count.value < BITS) : count.is("bvult", vector(BITS)));
		return binary(what, count, result);
	}
	/* The type of a shift is that of its left side. */
	template <class T> vector operator<<(const T &count) const
	{
		vector c(count);

		return shift("bvshl", c, c.value < BITS ? value << c.value : 0);
	}
	template <class T> vector operator>>(const T &count) const
	{
		vector c(count);

		return shift("bvlshr", c, c.value < BITS ? value >> c.value : 0);
	}

	vector(const vector &) = default;
	vector(const volatile vector &v) : vector(const_cast<const vector &>(v)) {}
	vector &operator=(const vector &) = default;
	void operator=(const vector &v) volatile { const_cast<vector &>(*this) = v; }
	vector &operator++() { return *this += 1; }
	vector operator++(int) { vector old = *this; ++*this; return old; }
	vector &operator+=(const vector &b) { return *this = *this + b; }
	vector &operator-=(const vector &b) { return *this = *this - b; }
	vector &operator&=(const vector &b) { return *this = *this & b; }
	vector &operator|=(const vector &b) { return *this = *this | b; }
	vector &operator^=(const vector &b) { return *this = *this ^ b; }
};

static boolean operator!(const boolean &b)
{
	return b.known ? boolean(!b.value) : boolean("(not " + b.term + ")");
}

/* Both, either, implied: without a path for each. */
static boolean both(const boolean &a, const boolean &b)
{
	return boolean("(and " + a.term + " " + b.term + ")");
}

static boolean either(const boolean &a, const boolean &b)
{
	return boolean("(or " + a.term + " " + b.term + ")");
}

static boolean implies(const boolean &a, const boolean &b)
{
	return boolean("(=> " + a.term + " " + b.term + ")");
}

typedef vector<32> u32;
typedef vector<64> u64;

/* An operation of C's is as wide as the wider side, and 32 bits at least. */
template <class T> struct width {
	static const int bits = sizeof(T) == 8 ? 64 : 32;
	static const bool is_vector = false, counts = std::is_integral<T>::value || std::is_enum<T>::value;
};
template <int BITS> struct width<vector<BITS>> {
	static const int bits = BITS;
	static const bool is_vector = true, counts = true;
};
template <class A, class B> using wider = typename std::enable_if<
	(width<A>::is_vector || width<B>::is_vector) && width<A>::counts && width<B>::counts,
	vector<(width<A>::bits > width<B>::bits ? width<A>::bits : width<B>::bits)>>::type;

#define SYMBOLIC_VALUE(op, what) \
	template <class A, class B, class W = wider<A, B>> W operator op(const A &x, const B &y) \
	{ \
		W a(x), b(y); \
		return a.binary(what, b, a.value op b.value); \
	}
/* By a power of two: shifts and masks, which z3 finds easier. */
#define SYMBOLIC_DIVISION(op, what, easy, operand) \
	template <class A, class B, class W = wider<A, B>> W operator op(const A &x, const B &y) \
	{ \
		W a(x), b(y); \
		verify("no division by 0", b != 0); \
		if (b.known && b.value && !(b.value & (b.value - 1))) \
			return a.binary(easy, W(operand), a.value op b.value); \
		return a.binary(what, b, b.known && b.value ? a.value op b.value : 0); \
	}
#define SYMBOLIC_RELATION(op, what) \
	template <class A, class B, class W = wider<A, B>> boolean operator op(const A &x, const B &y) \
	{ \
		W a(x), b(y); \
		return a.known && b.known ? boolean(a.value op b.value) : a.is(what, b); \
	}
template <class T, int BITS, class = typename std::enable_if<std::is_integral<T>::value>::type>
vector<width<T>::bits> operator<<(const T &value, const vector<BITS> &count)
{
	return vector<width<T>::bits>(value) << count;
}
template <class T, int BITS, class = typename std::enable_if<std::is_integral<T>::value>::type>
vector<width<T>::bits> operator>>(const T &value, const vector<BITS> &count)
{
	return vector<width<T>::bits>(value) >> count;
}
SYMBOLIC_VALUE(+, "bvadd")
SYMBOLIC_VALUE(-, "bvsub")
SYMBOLIC_VALUE(*, "bvmul")
SYMBOLIC_VALUE(&, "bvand")
SYMBOLIC_VALUE(|, "bvor")
SYMBOLIC_VALUE(^, "bvxor")
SYMBOLIC_RELATION(==, "=")
SYMBOLIC_RELATION(!=, "distinct")
SYMBOLIC_RELATION(<, "bvult")
SYMBOLIC_RELATION(<=, "bvule")
SYMBOLIC_RELATION(>, "bvugt")
SYMBOLIC_RELATION(>=, "bvuge")
SYMBOLIC_DIVISION(/, "bvudiv", "bvlshr", __builtin_ctzll(b.value))
SYMBOLIC_DIVISION(%, "bvurem", "bvand", b.value - 1)

/* ---- inputs ---- */

template <class T> static T any(const char *what)
{
	T v;

	say("(declare-const %s %s)\n", what, T::sort());
	inputs.push_back(what);
	v.known = false;
	v.term = what;
	return v;
}

/* From here on only the inputs for which this holds count. */
static void assume(const boolean &condition)
{
	say("(assert %s)\n", condition.term.c_str());
}

static void run(void (*function)())
{
	trail.clear();
	do {
		say("(reset)(set-logic QF_BV)\n");
		inputs.clear();
		depth = 0;
		function();
		paths++;
		/* that the path has inputs at all, and the assumptions no contradiction */
		if (!possible("true")) {
			printf("a path without inputs\n");
			failures++;
		}
		while (!trail.empty() && !trail.back().other)
			trail.pop_back();
		if (!trail.empty())
			trail.back() = { !trail.back().taken, false };
	} while (!trail.empty());
}

static int report()
{
	printf("%lu goals on %lu paths, %lu not proven\n", goals, paths, failures);
	return failures || !goals;
}

}

/* ---- the C that is compiled ---- */

using symbolic::both;
using symbolic::either;
using symbolic::implies;
using symbolic::assume;
using symbolic::verify;
using symbolic::u32;
using symbolic::u64;

#define uint32_t	symbolic::u32
#define uint64_t	symbolic::u64
#define unsigned	symbolic::u32
#define _Static_assert(...)
#define __asm__
#define volatile(...)		/* of an asm; without parentheses it stays */

#endif
