/* SPDX-License-Identifier: ISC */
/*
 * What a command has switched on at the user's terminal by control sequences of its output: the alternate screen, mouse
 * reports, bracketed paste, the cursor, the keyboard's protocol. A command that is killed, or stopped, does not switch
 * it off; hold and its keeper do. Only these sequences are known: this is no emulator.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCREEN_NUMBERS = 16, SCREEN_TEXT = 256 };

struct screen {
	uint32_t changed;      /* a bit for each known mode that is not as a terminal has it at first */
	uint32_t pushed;       /* how often the protocol of the keyboard was pushed (kitty's) */
	uint32_t pushed_flags; /* the last that was pushed */
	uint32_t other_keys;   /* xterm's modifyOtherKeys */
	uint32_t set_flags;    /* of the keyboard's protocol, without a push */
	bool draws_lines;      /* the character set of lines */
	bool has_keypad;       /* application keypad */
	bool is_other;         /* than when screen_take_change was called last */

	/* of the sequence that is being read */
	enum escape_place place;
	unsigned char mark, middle;
	uint32_t numbers[SCREEN_NUMBERS];
	unsigned number_count;
};

/* Looks at output that is written to the terminal. A sequence may begin in one part and end in another. */
void screen_note(struct screen *screen, const char *bytes, size_t size);

/* Once after each change. */
bool screen_take_change(struct screen *screen);

/* The text that switches all off, and the one that switches it on again: the length, 0 if nothing was switched on. */
size_t screen_off(const struct screen *screen, char text[SCREEN_TEXT]);
size_t screen_on(const struct screen *screen, char text[SCREEN_TEXT]);

#endif
