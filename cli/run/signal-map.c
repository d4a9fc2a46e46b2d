/* SPDX-License-Identifier: ISC */
#include "signal-map.h"
#include "../common/ladder.h"
#include "../common/message.h"

#include <signal.h>
#include <string.h>

/* These stop hold too, set the size of a terminal, or are not passed on at all. */
static bool is_hold_s_own(int signal) {
	static const int own[] = { SIGKILL, SIGSTOP, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV,
				   SIGSYS,  SIGPIPE, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		if (signal == own[i])
			return true;
	}
	return false;
}

bool signal_map_add(struct signal_map *map, const char *text) {
	const char *const equals = strchr(text, '=');
	const size_t length = equals ? (size_t)(equals - text) : 0;
	char name[32];
	int from, to;

	if (!equals || length >= sizeof name) {
		say("run: --map-signal '%s': not of the form SIGNAL=SIGNAL", text);
		hint("--map-signal TERM=QUIT");
		return false;
	}
	memcpy(name, text, length);
	name[length] = 0;
	if (!option_signal("run", "--map-signal", name, &from) ||
	    !option_signal("run", "--map-signal", equals + 1, &to))
		return false;
	if (from >= SIGNAL_MAP_SIZE || to >= SIGNAL_MAP_SIZE || is_hold_s_own(from)) {
		say("run: --map-signal '%s': hold does not pass %s on as it is", text, name);
		return false;
	}
	map->to[from] = (unsigned char)to;
	return true;
}

int signal_map_of(const struct signal_map *map, int signal) {
	const int to = signal > 0 && signal < SIGNAL_MAP_SIZE ? map->to[signal] : 0;

	return to ? to : signal;
}
