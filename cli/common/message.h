/* SPDX-License-Identifier: ISC */
/*
 * What the command says on standard error: a line "hold: ...", and perhaps a second one that says what to do. No name
 * that is quoted there breaks the line or reaches the terminal as a control character.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <stdbool.h>

/* The exit statuses that are hold's own. */
enum {
	STATUS_RUNNING = 122,
	STATUS_LEFT = 123,
	STATUS_LIMIT = 124,
	STATUS_FAILED = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_HUNG_UP = 129 /* as by SIGHUP */
};

/* Decides how messages look, before the environment is changed for the command. */
void message_begin(void);

/* What standard error takes is shown on a terminal in raw mode: a line ends with a carriage return too. */
void message_return_too(void);

/* While deferred, a message that can't be written at once is kept; when that is over it is written, if it can be. */
void message_defer(bool deferred);

/*
 * Puts a question mark for each control character, for each that changes the direction of text or separates lines, and
 * for each byte that is not UTF-8. The text never becomes longer.
 */
void message_clean(char *text);

/* Says that standard output could not be written, and why, by errno. Returns STATUS_FAILED. */
int say_unwritten(void);

/*
 * Prints a message, and waits up to a second in all if standard error takes nothing. false: it could not be written.
 */
__attribute__((format(printf, 1, 2))) bool say(const char *format, ...);
__attribute__((format(printf, 1, 2))) void hint(const char *format, ...);

/* Shows a line on standard error, a terminal, in place of the one before; NULL: none. A message comes before it. */
void message_show_status(const char *line);

/* As timeout(1) has them: "timeout: ...", without colour. */
__attribute__((format(printf, 1, 2))) bool say_as_timeout(const char *format, ...);

/* To standard output as it is. Errors are seen by output_is_written. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);

/* A line to standard output, cleaned as by message_clean. Errors are seen by output_is_written. */
__attribute__((format(printf, 1, 2))) void print_clean(const char *format, ...);

/* Writes out what was printed. false: not all could be written, now or before; errno says why. */
bool output_is_written(void);

#endif
