/* SPDX-License-Identifier: ISC */
/* The run that an operand means. */
#ifndef CLI_STORE_FIND_H
#define CLI_STORE_FIND_H

#include "runs.h"

/* Whether the operand can only mean a run, since it begins as a name does. */
bool run_is_named(const char *text);

/*
 * By its whole name or by its reference; with may_abbreviate, also by what only one name begins with. false: said on
 * standard error, after the verb.
 */
bool run_find(const char *verb, const char *text, bool may_abbreviate, struct run_entry *ret);

/* The same in a store that the caller has opened, perhaps STORE_NONE. */
bool run_find_in(const char *verb, int store, const char *text, bool may_abbreviate, struct run_entry *ret);

/* The run whose command has this reference. false: there is none, or it cannot be looked; nothing is said. */
bool run_find_reference(const char *reference, struct run_entry *ret);

#endif
