/* SPDX-License-Identifier: ISC */
#ifndef CORE_ENVIRONMENT_H
#define CORE_ENVIRONMENT_H

/*
 * A copy of the list, whose first LISTEN_PID has room for any number: the child writes its own there (OS_LISTEN_PID).
 * The other texts are those of `env`, which may be NULL. To be freed as one block; NULL: no memory.
 */
const char **environment_with_listen_pid(const char *const *env);

#endif
