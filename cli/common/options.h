/* SPDX-License-Identifier: ISC */
/*
 * Command lines by table: parsing (getopt_long's, with options before the first operand, none abbreviated), the help
 * texts and the manual's check read the same lines of a .def file.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_rank { COMMON, RARE }; /* -h leaves out the rare ones */

struct option_line {
	int letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: it takes none */
	enum option_rank rank;
	const char *summary; /* a line of -h */
	const char *more;    /* what --help says beside it, or "" */
};

/* The most options of a verb. */
enum { OPTIONS_MOST = 96 };

struct verb {
	const char *name;
	const char *summary;
	const char *operands; /* "[--] COMMAND [ARGUMENT...]" */
	const struct option_line *options;
	size_t count;
	const char *epilogue; /* near the end of --help */
	const char *example;  /* a command, at the end of -h and --help */
};

enum {
	OPTIONS_END = -1,   /* argv[optind] is the first operand */
	OPTIONS_WRONG = -2, /* said on standard error */
	OPTIONS_SAID = -3   /* help or version, which every verb has, was printed */
};

/* The next option: its index in verb->options, with optarg; or one of the above. */
int options_next(const struct verb *verb, int argc, char **argv);

/* For a verb without operands: whether there is one. It is said. */
bool options_have_operand(const struct verb *verb, int argc, char **argv);

/* What --version prints, with a verb and without one. */
void print_version(void);

#endif
