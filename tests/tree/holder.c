/* SPDX-License-Identifier: ISC */
/*
 * holder CONTAINMENT SECONDS: a caller that holds a tree, which ends by itself after so long. It says "ready" or the
 * error of the start; a line on its standard input makes it release the hold, which it says too.
 */
#include <pidhold.h>

#include <stdio.h>
#include <string.h>

static const char *const ways[] = {
	[HOLD_CONTAIN_NONE] = "none",   [HOLD_CONTAIN_GROUP] = "group",   [HOLD_CONTAIN_KEEPER] = "keeper",
	[HOLD_CONTAIN_PIDNS] = "pidns", [HOLD_CONTAIN_CGROUP] = "cgroup",
};

static int contain_of(const char *name) {
	for (int way = HOLD_CONTAIN_NONE; way <= HOLD_CONTAIN_CGROUP; way++) {
		if (!strcmp(ways[way], name))
			return way;
	}
	return -1;
}

static void say(const char *what, int number) {
	printf("%s %d\n", what, number);
	fflush(stdout);
}

int main(int argc, char **argv) {
	char script[128], line[8];
	const char *words[] = { "sh", "-c", script, NULL };
	struct hold_options options = { .size = sizeof options, .argv = words };
	struct hold *h;
	int error;

	if (argc != 3)
		return 2;
	snprintf(script, sizeof script, "sleep %s & setsid sleep %s & wait", argv[2], argv[2]);
	options.contain = contain_of(argv[1]);
	error = hold_spawn(&h, &options, NULL);
	say(error < 0 ? "error" : "ready", error);
	if (error < 0 || !fgets(line, sizeof line, stdin))
		return 1;
	hold_release(h);
	say("released", 0);
	return !fgets(line, sizeof line, stdin);
}
