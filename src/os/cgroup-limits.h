/* SPDX-License-Identifier: ISC */
/* The limits of a control group of version 2: the kernel's rules for who may set them, and the files that have them. */
#ifndef OS_CGROUP_LIMITS_H
#define OS_CGROUP_LIMITS_H

#include "os.h"

/*
 * Whether groups below `above` can have these limits. Controllers that are missing there are enabled, if that is
 * allowed by the caller of this function and by the kernel. 0, or an error with the limit and what it needs.
 */
int cgroup_enable(int above, const struct os_group_limits *limits, bool may_enable, struct os_refusal *ret_why);

/* Sets the limits of a new group. 0, or an error with the limit and what it needs. */
int cgroup_limit(int dirfd, const struct os_group_limits *limits, struct os_refusal *ret_why);

/* The name of the first of these limits. */
const char *cgroup_first_limit(const struct os_group_limits *limits);

/* Whether a group bounds none of its processes itself, so that one may be placed beside it. */
bool cgroup_is_unbounded(int dirfd);

#endif
