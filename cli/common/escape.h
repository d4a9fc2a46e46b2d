/* SPDX-License-Identifier: ISC */
/*
 * Where in the output for a terminal a byte stands: in the text, or in a sequence that the terminal obeys (ECMA-48, and
 * what xterm adds). What a sequence means is not known here.
 */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

enum { ESCAPE_BYTE = 033 };

/* What came before the next byte. The first is 0, the state of a terminal at first. */
enum escape_place {
	ESCAPE_TEXT,        /* text and single control characters */
	ESCAPE_BEGUN,       /* ESC */
	ESCAPE_MIDDLE,      /* ESC and an intermediate byte, as in ESC ( 0 */
	ESCAPE_CONTROL,     /* ESC [ and a part of a control sequence */
	ESCAPE_STRING,      /* ESC ] and a part of a text for the terminal, as of a title */
	ESCAPE_STRING_BEGUN /* ESC within such a text, which \ after it ends */
};

/* The place after this byte. */
enum escape_place escape_next(enum escape_place place, unsigned char byte);

#endif
