/* SPDX-License-Identifier: ISC */
#include "detach-key.h"

#include <stdio.h>
#include <string.h>

enum { NUMBERS = 3, CONTROL = 4, LOCKS = 64 | 128 /* of capitals and numbers */ };

static char small(char letter) {
	return letter >= 'A' && letter <= 'Z' ? (char)(letter + 'a' - 'A') : letter;
}

/* The key that is pressed with control for the character. */
static char plain_key(int key) {
	return small((char)(key + '@'));
}

bool detach_key_parse(const char *text, int *ret) {
	const bool is_short = text[0] == '^';
	const char letter = small(is_short ? text[1] : strncmp(text, "ctrl-", 5) == 0 ? text[5] : 0);

	*ret = DETACH_KEY_NONE;
	if (strcmp(text, "none") == 0)
		return true;
	if (!letter || text[is_short ? 2 : 6] || !strchr("@abcdefghijklmnopqrstuvwxyz[\\]^_", letter))
		return false;
	*ret = letter & 31;
	return true;
}

char *detach_key_text(int key, char text[DETACH_KEY_TEXT]) {
	snprintf(text, DETACH_KEY_TEXT, "ctrl-%c", plain_key(key));
	return text;
}

/*
 * The numbers of a control sequence; of each what follows a colon is left out. Returns its last byte; 0: it is none, or
 * is not whole.
 */
static char read_sequence(const char *typed, size_t size, unsigned numbers[NUMBERS]) {
	unsigned count = 0;
	bool is_skipped = false;

	for (size_t i = 2; i < size && count < NUMBERS; i++) {
		if (typed[i] >= '0' && typed[i] <= '9') {
			if (!is_skipped && numbers[count] < 1000)
				numbers[count] = numbers[count] * 10 + (unsigned)(typed[i] - '0');
		} else if (typed[i] == ';') {
			count++;
			is_skipped = false;
		} else if (typed[i] == ':') {
			is_skipped = true;
		} else {
			return typed[i];
		}
	}
	return 0;
}

static bool is_control(unsigned modifiers) {
	return modifiers > 0 && ((modifiers - 1) & ~(unsigned)LOCKS) == CONTROL;
}

static bool is_key_sequence(int key, const char *typed, size_t size) {
	const unsigned code = (unsigned char)plain_key(key);
	unsigned numbers[NUMBERS] = { 0 };

	if (size < 3 || typed[0] != '\033' || typed[1] != '[')
		return false;
	switch (read_sequence(typed, size, numbers)) {
	case 'u':
		return numbers[0] == code && is_control(numbers[1]);
	case '~':
		return numbers[0] == 27 && is_control(numbers[1]) && numbers[2] == code;
	default:
		return false;
	}
}

static void note_byte(struct pasted *pasted, char byte) {
	static const char mark[] = "\033[200~";
	enum { DIGIT = 4, LENGTH = 6 };
	const bool is_next = byte == mark[pasted->matched] || (pasted->matched == DIGIT && byte == '1');

	if (!is_next) {
		pasted->matched = byte == mark[0];
		return;
	}
	if (pasted->matched == DIGIT)
		pasted->digit = byte;
	if (++pasted->matched < LENGTH)
		return;
	pasted->is_inside = pasted->digit == '0';
	pasted->matched = 0;
}

size_t detach_key_find(int key, struct pasted *pasted, const char *typed, size_t size) {
	if (key == DETACH_KEY_NONE)
		return size;
	for (size_t i = 0; i < size; i++) {
		if (!pasted->is_inside && (typed[i] == key || is_key_sequence(key, typed + i, size - i)))
			return i;
		note_byte(pasted, typed[i]);
	}
	return size;
}
