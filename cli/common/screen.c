/* SPDX-License-Identifier: ISC */
#include "screen.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MAX = 100000 };

/* DEC's private modes, in the order in which they are switched on. The alternate screen is switched off last. */
static const struct {
	uint32_t number;
	bool is_on_at_first;
} modes[] = {
	{ 47, false },   { 1047, false }, { 1049, false }, /* the alternate screen */
	{ 1, false },    { 2004, false },                  /* the cursor keys; bracketed paste */
	{ 9, false },    { 1000, false }, { 1001, false }, { 1002, false }, { 1003, false }, /* the mouse */
	{ 1005, false }, { 1006, false }, { 1015, false }, { 1016, false }, { 1004, false }, /* and the focus */
	{ 2026, false }, { 2031, false }, { 2048, false }, /* reports, a held screen */
	{ 7, true },     { 25, true },                     /* wrapping, the cursor */
};

enum { MODES = sizeof modes / sizeof *modes };

/* ---- looking ---- */

static void reset(struct screen *screen) {
	screen->changed = screen->pushed = screen->set_flags = screen->other_keys = 0;
	screen->has_keypad = screen->draws_lines = false;
	screen->is_other = true;
}

static void set_mode(struct screen *screen, uint32_t number, bool is_on) {
	for (unsigned i = 0; i < MODES; i++) {
		if (modes[i].number != number)
			continue;
		if (is_on == modes[i].is_on_at_first)
			screen->changed &= ~(UINT32_C(1) << i);
		else
			screen->changed |= UINT32_C(1) << i;
		screen->is_other = true;
	}
}

static void set_modes(struct screen *screen, bool is_on) {
	for (unsigned i = 0; i < screen->number_count; i++)
		set_mode(screen, screen->numbers[i], is_on);
}

static void push_keyboard(struct screen *screen) {
	screen->pushed++;
	screen->pushed_flags = screen->numbers[0];
	screen->is_other = true;
}

/* Mode 2 adds flags, 3 takes some away, any other replaces them. */
static void set_keyboard(struct screen *screen) {
	const uint32_t flags = screen->numbers[0], how = screen->number_count > 1 ? screen->numbers[1] : 1;

	screen->set_flags = how == 2 ? screen->set_flags | flags : how == 3 ? screen->set_flags & ~flags : flags;
	screen->is_other = true;
}

static void pop_keyboard(struct screen *screen) {
	const uint32_t count = screen->numbers[0] ? screen->numbers[0] : 1;

	screen->pushed -= count < screen->pushed ? count : screen->pushed;
	screen->is_other = true;
}

static void set_other_keys(struct screen *screen) {
	if (screen->numbers[0] != 4)
		return;
	screen->other_keys = screen->number_count > 1 ? screen->numbers[1] : 0;
	screen->is_other = true;
}

static void end_sequence(struct screen *screen, char last) {
	if (screen->middle)
		return;
	if (screen->mark == '?' && (last == 'h' || last == 'l'))
		set_modes(screen, last == 'h');
	else if (screen->mark == '>' && last == 'u')
		push_keyboard(screen);
	else if (screen->mark == '=' && last == 'u')
		set_keyboard(screen);
	else if (screen->mark == '<' && last == 'u')
		pop_keyboard(screen);
	else if (screen->mark == '>' && last == 'm')
		set_other_keys(screen);
}

static void begin_sequence(struct screen *screen) {
	screen->mark = screen->middle = 0;
	screen->number_count = 1;
	memset(screen->numbers, 0, sizeof screen->numbers);
}

static void add_digit(struct screen *screen, char digit) {
	uint32_t *number = &screen->numbers[screen->number_count - 1];

	*number = *number < NUMBER_MAX ? *number * 10 + (uint32_t)(digit - '0') : NUMBER_MAX;
}

/* A byte of a control sequence: marks, numbers, then the byte that ends it. */
static void note_in_sequence(struct screen *screen, char byte) {
	if (byte >= '0' && byte <= '9') {
		add_digit(screen, byte);
	} else if (byte == ';') {
		screen->number_count += screen->number_count < SCREEN_NUMBERS;
	} else if (byte >= '<' && byte <= '?') {
		screen->mark = (unsigned char)byte;
	} else if (byte >= ' ' && byte <= '/') {
		screen->middle = (unsigned char)byte;
	} else if (byte >= '@' && byte <= '~') {
		end_sequence(screen, byte);
	}
}

static void note_after_escape(struct screen *screen, char byte) {
	screen->middle = (unsigned char)byte;
	switch (byte) {
	case '[':
		begin_sequence(screen);
		break;
	case '=':
	case '>':
		screen->has_keypad = byte == '=';
		screen->is_other = true;
		break;
	case 'c':
		reset(screen);
		break;
	default:
		break;
	}
}

static void note_set(struct screen *screen, char byte) {
	if (screen->middle != '(')
		return;
	screen->draws_lines = byte == '0';
	screen->is_other = true;
}

/* A control character within a sequence is no part of it. */
static void note_byte(struct screen *screen, char byte) {
	const enum escape_place before = screen->place;

	screen->place = escape_next(before, (unsigned char)byte);
	if ((unsigned char)byte < ' ')
		return;
	if (before == ESCAPE_BEGUN || (before == ESCAPE_STRING_BEGUN && byte != '\\'))
		note_after_escape(screen, byte);
	else if (before == ESCAPE_MIDDLE && screen->place == ESCAPE_TEXT)
		note_set(screen, byte);
	else if (before == ESCAPE_CONTROL)
		note_in_sequence(screen, byte);
}

void screen_note(struct screen *screen, const char *bytes, size_t size) {
	const char *const end = bytes + size;

	while (bytes < end) {
		if (screen->place == ESCAPE_TEXT) {
			bytes = memchr(bytes, ESCAPE_BYTE, (size_t)(end - bytes));
			if (!bytes)
				return;
		}
		note_byte(screen, *bytes++);
	}
}

bool screen_take_change(struct screen *screen) {
	const bool is_other = screen->is_other;

	screen->is_other = false;
	return is_other;
}

/* ---- switching ---- */

__attribute__((format(printf, 3, 4))) static void put(char *text, size_t *length, const char *format, ...) {
	va_list arguments;
	int written;

	va_start(arguments, format);
	written = vsnprintf(text + *length, SCREEN_TEXT - *length, format, arguments);
	va_end(arguments);
	if (written > 0 && (size_t)written < SCREEN_TEXT - *length)
		*length += (size_t)written;
}

static void put_mode(char *text, size_t *length, const struct screen *screen, unsigned i, bool is_on) {
	if (screen->changed & UINT32_C(1) << i)
		put(text, length, "\033[?%" PRIu32 "%c", modes[i].number, is_on ? 'h' : 'l');
}

/* The last mode first. The attributes of text are reset too, since a program that is killed rarely does that. */
size_t screen_off(const struct screen *screen, char text[SCREEN_TEXT]) {
	size_t length = 0;

	if (screen->draws_lines)
		put(text, &length, "\033(B");
	if (screen->set_flags)
		put(text, &length, "\033[=0u");
	if (screen->pushed)
		put(text, &length, "\033[<%" PRIu32 "u", screen->pushed);
	if (screen->other_keys)
		put(text, &length, "\033[>4m");
	if (screen->has_keypad)
		put(text, &length, "\033>");
	for (unsigned i = MODES; i-- > 0;)
		put_mode(text, &length, screen, i, modes[i].is_on_at_first);
	if (length)
		put(text, &length, "\033[m");
	return length;
}

size_t screen_on(const struct screen *screen, char text[SCREEN_TEXT]) {
	size_t length = 0;

	for (unsigned i = 0; i < MODES; i++)
		put_mode(text, &length, screen, i, !modes[i].is_on_at_first);
	if (screen->has_keypad)
		put(text, &length, "\033=");
	if (screen->other_keys)
		put(text, &length, "\033[>4;%" PRIu32 "m", screen->other_keys);
	if (screen->set_flags)
		put(text, &length, "\033[=%" PRIu32 "u", screen->set_flags);
	if (screen->draws_lines)
		put(text, &length, "\033(0");
	for (uint32_t i = 0; i < screen->pushed && i < SCREEN_NUMBERS; i++)
		put(text, &length, "\033[>%" PRIu32 "u", screen->pushed_flags);
	return length;
}
