/* SPDX-License-Identifier: ISC */
#ifndef CLI_WRITE_ALL_H
#define CLI_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* Writes all of it, however long it takes. false: errno says why. */
bool write_all(int fd, const char *bytes, size_t size);

#endif
