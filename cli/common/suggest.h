/* SPDX-License-Identifier: ISC */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

/* The one of `words` that `text` was most likely meant to be, or NULL if none is near. */
const char *suggest(const char *text, const char *const *words, size_t count);

#endif
