/* SPDX-License-Identifier: ISC */
/* The system calls that src/os makes: by their numbers, or by libc where the build has chosen -Dplatform=posix. */
#ifndef OS_CALLS_H
#define OS_CALLS_H

#include "base/in-child.h"

#ifdef OS_CALLS_BY_LIBC
#include "calls-posix.h"
#else
#include "calls-linux.h"
#endif

#endif
