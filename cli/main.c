/* SPDX-License-Identifier: ISC */
#include "common/message.h"
#include "common/suggest.h"
#include "verbs/verbs.h"

#include <pidhold.h>

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *summary;
	int (*main)(int argc, char **argv);
} verbs[] = {
#define VERB(name, summary) { #name, summary, verb_##name##_main },
#include "verbs/verbs.def"
#undef VERB
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(FILE *to) {
	fprintf(to, "hold VERB [OPTION...] [OPERAND...]\n");
	for (int i = 0; i < VERBS; i++)
		fprintf(to, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
	fprintf(to, "'hold VERB -h' lists a verb's options, 'hold --version' tells the version\n");
}

static int refuse(const char *name) {
	const char *names[VERBS], *near;

	for (int i = 0; i < VERBS; i++)
		names[i] = verbs[i].name;
	say("unknown %s '%s'", name[0] == '-' ? "option" : "verb", name);
	near = suggest(name, names, VERBS);
	if (near)
		hint("did you mean 'hold %s'?", near);
	else if (name[0] != '-')
		hint("to start a command: hold run -- %s", name);
	return STATUS_FAILED;
}

/* A link to hold that is named after nice or timeout runs the verb that replaces that program. */
static int (*verb_of_link(const char *path))(int argc, char **argv) {
	const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path;

	if (name && strcmp(name, "nice") == 0)
		return verb_nice_main;
	return name && strcmp(name, "timeout") == 0 ? verb_timeout_main : NULL;
}

static int dispatch(int argc, char **argv) {
	int (*const linked)(int argc, char **argv) = verb_of_link(argv[0]);

	if (linked)
		return linked(argc, argv);
	if (argc < 2) {
		print_help(stderr);
		return STATUS_FAILED;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0) {
		printf("hold %s\n", hold_version());
		return 0;
	}
	for (int i = 0; i < VERBS; i++) {
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].main(argc - 1, argv + 1);
	}
	return refuse(argv[1]);
}

int main(int argc, char **argv) {
	int status;

	message_begin();
	status = dispatch(argc, argv);
	if (output_is_written() || status != 0) /* a verb that failed has said so */
		return status;
	return say_unwritten();
}
