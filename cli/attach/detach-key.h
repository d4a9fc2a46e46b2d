/* SPDX-License-Identifier: ISC */
/* The key by which a viewer detaches. */
#ifndef CLI_ATTACH_DETACH_KEY_H
#define CLI_ATTACH_DETACH_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum { DETACH_KEY_NONE = -1, DETACH_KEY_USUAL = '\\' & 31 };

/* "ctrl-a", "^A", or "none": the control character, or DETACH_KEY_NONE. false: it is no such key. */
bool detach_key_parse(const char *text, int *ret);

/* How it is told to the user: "ctrl-\". */
enum { DETACH_KEY_TEXT = 8 };

char *detach_key_text(int key, char text[DETACH_KEY_TEXT]);

/* Whether the terminal tells that what comes is pasted (ESC [ 200 ~, and ESC [ 201 ~ after it). Begins as zero. */
struct pasted {
	bool is_inside;
	unsigned matched; /* so many bytes of such a mark have come */
	char digit;       /* its last one */
};

/*
 * Where the key is in what was typed; `size` if it is not there. Programs can make a terminal send it as a sequence,
 * ESC [ 92 ; 5 u or ESC [ 27 ; 5 ; 92 ~, which is found too. In pasted text it is no key.
 */
size_t detach_key_find(int key, struct pasted *pasted, const char *typed, size_t size);

#endif
