/* SPDX-License-Identifier: ISC */
#ifndef CLI_ENV_FILE_H
#define CLI_ENV_FILE_H

#include <stdbool.h>

/* Sets what the file's lines say, NAME=VALUE to the letter; empty lines and those that begin with # are passed over.
 * false: said on standard error. */
bool env_file_read(const char *path);

#endif
