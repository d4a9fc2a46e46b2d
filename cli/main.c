/* SPDX-License-Identifier: ISC */
#include "common/message.h"
#include "common/options.h"
#include "common/suggest.h"
#include "verbs/verbs.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef int verb_main(int argc, char **argv);

static const struct {
	const char *name, *summary;
	verb_main *main;
} verbs[] = {
#define VERB(name, summary) { #name, summary, verb_##name##_main },
#include "verbs/verbs.def"
#undef VERB
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(void (*put)(const char *format, ...)) {
	put("hold VERB [OPTION...] [OPERAND...]\n");
	for (int i = 0; i < VERBS; i++)
		put("  %-8s %s\n", verbs[i].name, verbs[i].summary);
	put("'hold help VERB' explains a verb, 'hold VERB -h' lists its common options.\n"
	    "Example: hold run --timeout 5m -- make. Manual: hold(1)\n");
}

static void put_error(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

static int print_help_main(int argc, char **argv) {
	(void)argv;
	print_help(argc ? print : put_error);
	return argc ? 0 : STATUS_FAILED;
}

static int print_version_main(int argc, char **argv) {
	(void)argc, (void)argv;
	print_version();
	return 0;
}

static int refuse_main(int argc, char **argv) {
	const char *names[VERBS], *near, *const name = argv[0];

	(void)argc;
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
static verb_main *verb_of_link(const char *path) {
	const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path;

	if (name && strcmp(name, "nice") == 0)
		return verb_nice_main;
	return name && strcmp(name, "timeout") == 0 ? verb_timeout_main : NULL;
}

static verb_main *verb_of_name(const char *name) {
	for (int i = 0; i < VERBS; i++) {
		if (strcmp(name, verbs[i].name) == 0)
			return verbs[i].main;
	}
	return refuse_main;
}

static bool is_one_of(const char *word, const char *one, const char *other) {
	return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

/* hold help VERB is hold VERB --help. */
static int explain_main(int argc, char **argv) {
	char option[] = "--help";

	if (argc < 2 || is_one_of(argv[1], "-h", "--help") || strcmp(argv[1], "help") == 0)
		return print_help_main(argc, argv);
	if (is_one_of(argv[1], "-V", "--version"))
		return print_version_main(argc, argv);
	return verb_of_name(argv[1])(2, (char *[]){ argv[1], option, NULL });
}

static verb_main *verb_of_word(const char *word) {
	if (!word || is_one_of(word, "-h", "--help"))
		return print_help_main;
	if (is_one_of(word, "-V", "--version"))
		return print_version_main;
	return strcmp(word, "help") == 0 ? explain_main : verb_of_name(word);
}

int main(int argc, char **argv) {
	verb_main *verb = verb_of_link(argv[0]);
	const int skipped = verb || argc == 0 ? 0 : 1;
	int status;

	message_begin();
	if (!verb)
		verb = verb_of_word(argc > 1 ? argv[1] : NULL);
	status = verb(argc - skipped, argv + skipped);
	if (output_is_written() || status != 0) /* a verb that failed has said so */
		return status;
	return say_unwritten();
}
