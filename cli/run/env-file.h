/* SPDX-License-Identifier: ISC */
#ifndef CLI_ENV_FILE_H
#define CLI_ENV_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sets variables from the file's lines NAME=VALUE, without any expansion; empty lines and lines that begin with # are
 * skipped. A fifo is read up to the deadline. false: said on standard error.
 */
bool env_file_read(const char *path, int64_t deadline);

/* The same from a text, which is changed and has a byte of room after it; the path is for messages. */
bool env_file_set(const char *path, char *text, size_t size);

#endif
