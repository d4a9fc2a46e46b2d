/* SPDX-License-Identifier: ISC */
#ifndef CLI_ERROR_TEXT_H
#define CLI_ERROR_TEXT_H

/*
 * What a negative errno of the library says. If process descriptors or /proc are missing on this system, it says what
 * is needed: "Function not implemented (needs /proc of this PID namespace)". The text stays until the next call.
 */
const char *error_text(int error);

/* The same where the error is that of capability `name`. */
const char *error_text_of(const char *name, int error);

#endif
