/* SPDX-License-Identifier: ISC */
#include "signal-name.h"
#include "suggest.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	int number;
} signals[] = {
#define SIGNAL(name) { #name, SIG##name },
#include "signals.def"
#undef SIGNAL
};

enum { SIGNALS = sizeof signals / sizeof *signals };

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

static int real_time(const char *name) {
	const int span = SIGRTMAX - SIGRTMIN;
	int offset;

	if (strcasecmp(name, "RTMIN") == 0)
		return SIGRTMIN;
	if (strcasecmp(name, "RTMAX") == 0)
		return SIGRTMAX;
	if (strncasecmp(name, "RTMIN+", 6) != 0 && strncasecmp(name, "RTMAX-", 6) != 0)
		return -1;
	offset = whole_number(name + 6, span);
	if (offset < 0)
		return -1;
	return name[5] == '+' ? SIGRTMIN + offset : SIGRTMAX - offset;
}

int signal_number(const char *text) {
	const char *name = without_sig(text);

	if (*text >= '0' && *text <= '9')
		return whole_number(text, SIGRTMAX);
	for (int i = 0; i < SIGNALS; i++) {
		if (strcasecmp(name, signals[i].name) == 0)
			return signals[i].number;
	}
	return real_time(name);
}

char *signal_name(int signal, char text[SIGNAL_NAME_SIZE]) {
	for (int i = 0; i < SIGNALS; i++) {
		if (signals[i].number == signal) {
			snprintf(text, SIGNAL_NAME_SIZE, "SIG%s", signals[i].name);
			return text;
		}
	}
	if (signal >= SIGRTMIN && signal <= SIGRTMAX)
		snprintf(text, SIGNAL_NAME_SIZE, "SIGRTMIN+%d", signal - SIGRTMIN);
	else
		snprintf(text, SIGNAL_NAME_SIZE, "signal %d", signal);
	return text;
}

const char *signal_suggest(const char *text) {
	const char *names[SIGNALS];

	for (int i = 0; i < SIGNALS; i++)
		names[i] = signals[i].name;
	return suggest(without_sig(text), names, SIGNALS);
}
