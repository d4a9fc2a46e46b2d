/* SPDX-License-Identifier: ISC */
#ifndef CLI_ENV_FILE_H
#define CLI_ENV_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sets what the file's lines say, NAME=VALUE to the letter; empty lines and those that begin with # are passed over.
 * A fifo is read up to the deadline. false: said on standard error.
 */
bool env_file_read(const char *path, int64_t deadline);

/* The same of a text with a byte of room behind it, which is changed; the path is for messages. */
bool env_file_set(const char *path, char *text, size_t size);

#endif
