/* SPDX-License-Identifier: ISC */
/* Which children of this process are the library's to reap: those of holds that have no keeper, and keepers. */
#ifndef CORE_OWN_CHILDREN_H
#define CORE_OWN_CHILDREN_H

#include "hold.h"

/* Around each start, whose children have no hold yet. h: what was started, or NULL. */
void own_children_begin_start(void);
void own_children_end_start(struct hold *h);

/* Before a hold is freed. */
void own_children_remove(struct hold *h);

/* Whether this child is, or may be, the library's: while a start is under way each may be. */
bool own_children_have(int pid);

/* Reaps a child that has ended and is not the library's, as long as no start is under way. */
bool own_children_reap_other(int pid, int pidfd);

#endif
