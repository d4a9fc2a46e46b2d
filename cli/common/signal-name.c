/* SPDX-License-Identifier: ISC */
#include "signal-name.h"
#include "suggest.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	PREFIX = sizeof "SIG" - 1,
	SIGNALS = 64,
	FIRST_REAL_TIME = 34 /* RTMIN of hold_signal_name */
};

/* Other names for some of them, as kill(1) and timeout(1) have them. */
static const struct {
	const char *name;
	int number;
} aliases[] = {
	{ "CLD", SIGCHLD },
	{ "IOT", SIGABRT },
#ifdef SIGPOLL
	{ "POLL", SIGPOLL },
#endif
};

static const char *without_sig(const char *text) {
	return strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
}

/* A decimal number from 0 to `most` that is the whole text, or -1. */
static int whole_number(const char *text, int most) {
	int number = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		number = number * 10 + (*text - '0');
		if (number > most)
			return -1;
	}
	return number;
}

/* As hold_signal_name has it: the numbers of most programs, and not those of this C library. */
static int real_time(const char *name) {
	const int span = SIGRTMAX - FIRST_REAL_TIME;
	int offset;

	if (strcasecmp(name, "RTMIN") == 0)
		return FIRST_REAL_TIME;
	if (strcasecmp(name, "RTMAX") == 0)
		return SIGRTMAX;
	if (strncasecmp(name, "RTMIN+", 6) != 0 && strncasecmp(name, "RTMAX-", 6) != 0)
		return -1;
	offset = whole_number(name + 6, span);
	if (offset < 0)
		return -1;
	return name[5] == '+' ? FIRST_REAL_TIME + offset : SIGRTMAX - offset;
}

/* Some numbers below the real-time signals are the C library's own, and have no name. */
static bool has_name(int signal, char text[SIGNAL_NAME_SIZE]) {
	return strncmp(signal_name(signal, text), "SIG", PREFIX) == 0;
}

int signal_number(const char *text) {
	const char *name = without_sig(text);
	char known[SIGNAL_NAME_SIZE];

	if (*text >= '0' && *text <= '9')
		return whole_number(text, SIGRTMAX);
	for (int signal = 1; signal < FIRST_REAL_TIME; signal++) {
		if (has_name(signal, known) && strcasecmp(name, known + PREFIX) == 0)
			return signal;
	}
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		if (strcasecmp(name, aliases[i].name) == 0)
			return aliases[i].number;
	}
	return real_time(name);
}

char *signal_name(int signal, char text[SIGNAL_NAME_SIZE]) {
	hold_signal_name(signal, text, SIGNAL_NAME_SIZE);
	return text;
}

const char *signal_suggest(const char *text) {
	static char names[SIGNALS][SIGNAL_NAME_SIZE];
	const char *list[SIGNALS];
	size_t count = 0;

	for (int signal = 1; signal < FIRST_REAL_TIME; signal++) {
		if (!has_name(signal, names[count]))
			continue;
		list[count] = names[count] + PREFIX;
		count++;
	}
	return suggest(without_sig(text), list, count);
}
