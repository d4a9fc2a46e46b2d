/* SPDX-License-Identifier: ISC */
#include "options.h"
#include "message.h"
#include "suggest.h"
#include "utf8.h"

#include <pidhold.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { INDEX_BASE = 1000 };

/* What getopt_long returns for an option by its long name. */
enum { LONG_HELP = INDEX_BASE - 1, LONG_VERSION = INDEX_BASE - 2 };

static const struct option_line version_line = { 'V', "version", NULL, COMMON, "the version", "" };
static const struct option_line help_line = { 'h', "help", NULL, COMMON, "this page; --help: all that there is to say",
					      "" };

/* getopt_long also takes abbreviations, which a new option could make ambiguous: so only whole names are accepted. */
static int is_whole_name(const struct verb *verb, const char *argument) {
	const char *names[OPTIONS_MOST + 2], *near, *name = argument + 2;
	const size_t length = strcspn(name, "=");
	char text[64];
	size_t count = 0;

	for (; count < verb->count; count++)
		names[count] = verb->options[count].name;
	names[count++] = version_line.name;
	names[count++] = help_line.name;
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
			return 1;
	}
	snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text), name);
	utf8_trim(text, sizeof text);
	say("%s: unknown option '--%s'", verb->name, text);
	near = suggest(text, names, count);
	if (near)
		hint("did you mean '--%s'?", near);
	else
		hint("'hold %s -h' lists the options", verb->name);
	return 0;
}

static int find_letter(const struct verb *verb, int letter) {
	for (size_t i = 0; i < verb->count; i++) {
		if (verb->options[i].letter == letter)
			return (int)i;
	}
	return OPTIONS_WRONG;
}

static void fill(const struct verb *verb, char *letters, struct option *longs) {
	size_t i;

	*letters++ = '+'; /* the first operand ends the options */
	*letters++ = ':';
	for (i = 0; i < verb->count; i++) {
		const struct option_line *line = &verb->options[i];

		longs[i] = (struct option){ line->name, line->argument ? required_argument : no_argument, NULL,
					    INDEX_BASE + (int)i };
		if (!line->letter)
			continue;
		*letters++ = (char)line->letter;
		if (line->argument)
			*letters++ = ':';
	}
	longs[i++] = (struct option){ version_line.name, no_argument, NULL, LONG_VERSION };
	longs[i++] = (struct option){ help_line.name, no_argument, NULL, LONG_HELP };
	longs[i] = (struct option){ NULL, 0, NULL, 0 };
	*letters++ = 'V';
	*letters++ = 'h';
	*letters = 0;
}

static void print_line(const struct option_line *line, int all) {
	char names[64];
	int n;

	n = snprintf(names, sizeof names, line->letter ? "-%c, " : "    ", line->letter);
	snprintf(names + n, sizeof names - (size_t)n, "--%s%s%s", line->name, line->argument ? " " : "",
		 line->argument ? line->argument : "");
	print("  %-28s %s\n", names, line->summary);
	if (!all || !*line->more)
		return;
	for (const char *more = line->more; *more; more += strspn(more, "\n")) {
		int length = (int)strcspn(more, "\n");

		print("  %-28s   %.*s\n", "", length, more);
		more += length;
	}
}

static void print_help(const struct verb *verb, int all) {
	print("hold %s [OPTION...] %s\n", verb->name, verb->operands);
	if (all)
		print("%s\n\n", verb->summary);
	for (size_t i = 0; i < verb->count; i++) {
		if (all || verb->options[i].rank == COMMON)
			print_line(&verb->options[i], all);
	}
	print_line(&version_line, all);
	print_line(&help_line, all);
	if (all)
		print("\n%s\n", verb->epilogue);
	print("Example: %s. Manual: hold(1)\n", verb->example);
}

void print_version(void) {
	print("hold %s\nLicence: ISC. Bugs: see REPORTING BUGS in hold(1)\n", hold_version());
}

bool options_have_operand(const struct verb *verb, int argc, char **argv) {
	if (optind < argc)
		say("%s: '%s': it takes no operand", verb->name, argv[optind]);
	return optind < argc;
}

int options_next(const struct verb *verb, int argc, char **argv) {
	char letters[2 * OPTIONS_MOST + 8];
	struct option longs[OPTIONS_MOST + 3];
	const char *here = optind < argc ? argv[optind] : "";
	int found;

	if (verb->count > OPTIONS_MOST) {
		say("%s: more options than hold can read", verb->name);
		return OPTIONS_WRONG;
	}
	fill(verb, letters, longs);
	if (strncmp(here, "--", 2) == 0 && here[2] && !is_whole_name(verb, here))
		return OPTIONS_WRONG;
	opterr = 0;
	found = getopt_long(argc, argv, letters, longs, NULL);
	switch (found) {
	case -1:
		return OPTIONS_END;
	case LONG_VERSION:
	case 'V':
		print_version();
		return OPTIONS_SAID;
	case LONG_HELP:
	case 'h':
		print_help(verb, found == LONG_HELP);
		return OPTIONS_SAID;
	case ':':
		say("%s: option '%s' needs an argument", verb->name, here);
		return OPTIONS_WRONG;
	case '?':
		if (strncmp(here, "--", 2) == 0)
			say("%s: option '%s' takes no argument", verb->name, here);
		else
			say("%s: unknown option '-%c'", verb->name, optopt);
		hint("'hold %s -h' lists the options", verb->name);
		return OPTIONS_WRONG;
	default:
		return found >= INDEX_BASE ? found - INDEX_BASE : find_letter(verb, found);
	}
}
