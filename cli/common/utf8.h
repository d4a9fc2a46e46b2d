/* SPDX-License-Identifier: ISC */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes of UTF-8 begin here: 1 to 4; 0 if it is none (too long, a surrogate, beyond Unicode, cut). */
size_t utf8_length(const char *text);

/* The character of `length` bytes, as utf8_length has returned it. */
uint32_t utf8_character(const char *text, size_t length);

/* Columns of a terminal that a character takes at most. */
int utf8_columns(uint32_t character);

/* Removes the first bytes of a character at the end that was cut by a buffer of `size` bytes. */
void utf8_trim(char *text, size_t size);

#endif
