/* SPDX-License-Identifier: ISC */
#ifndef CLI_PARSE_BYTES_H
#define CLI_PARSE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a number of bytes; K, M, G or T behind it are powers of 1,024. false: it is none, or does not fit. */
bool parse_bytes(const char *text, uint64_t *ret);

#endif
