/* SPDX-License-Identifier: ISC */
/*
 * Calls that are made to fail. The program is linked with --wrap, so that the library's system calls, and the few
 * calls of libc that may fail, come here first: they are written down, and a filter may answer in their place.
 *
 * What is written down lies in memory that children of any kind share. The wrapper of system calls runs in the child
 * between clone and exec too, in its parent's memory: like os/start/child.c it keeps away from libc, and so must a
 * filter.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/calls.h"

/* The calls of libc that are watched; system calls have their own numbers. Allocation is the one FAULT_ALLOCATE. */
enum {
	FAULT_ALLOCATE = -20,
	FAULT_MMAP,
	FAULT_MADVISE,
	FAULT_STAT,
	FAULT_FACCESSAT,
	FAULT_TCSETATTR,
	FAULT_FORK,
	FAULT_CLONE3, /* a: its flags, cut */
	FAULT_CLONE   /* a: its flags */
};

/* Those that the kernel has twice where ids were once 16 bits wide. */
enum {
#ifdef SYS_setresuid32
	FAULT_FCHOWN = SYS_fchown32,
	FAULT_SETGROUPS = SYS_setgroups32,
	FAULT_SETRESGID = SYS_setresgid32,
	FAULT_SETRESUID = SYS_setresuid32
#else
	FAULT_FCHOWN = SYS_fchown,
	FAULT_SETGROUPS = SYS_setgroups,
	FAULT_SETRESGID = SYS_setresgid,
	FAULT_SETRESUID = SYS_setresuid
#endif
};

enum fault_side { FAULT_IN_PARENT, FAULT_IN_CHILD };

struct fault_call {
	long number, a, b, c;
	long result;
	int ends[2];   /* of pipe2 */
	char path[96]; /* of openat, stat, faccessat */
};

enum {
	FAULT_CALLS = 400,
	FAULT_NOTHING = 1 /* the call answers 0 and does nothing */
};

/* Memory is copied, whatever was asked for: what valgrind and qemu-user do. */
#define FAULT_UNSHARED (0x100ul | 0x4000ul) /* CLONE_VM, CLONE_VFORK */

/* 0: the call is made; else its answer, a negative errno, or FAULT_NOTHING. Not asked but between arm and disarm. */
typedef long fault_filter(const struct fault_call *call, enum fault_side side, int index);

struct fault_state {
	bool armed;
	int parent; /* pid */
	int count[2];
	struct fault_call calls[2][FAULT_CALLS];
	fault_filter *filter;
	/* for fault_nth, the filter that lets one call fail */
	enum fault_side side;
	int index, error;
	bool reached;
};

extern struct fault_state *faults;

/* Flags of clone3 and clone that are ignored, by this kernel so to speak. Each process's own. */
extern unsigned long fault_dropped;

/* From here to fault_disarm calls are written down, from the first again, and filtered. NULL: nothing is. */
void fault_arm(fault_filter *filter);
void fault_disarm(void);

/* The filter that answers error for the call `index` of `side`, both in *faults. */
fault_filter fault_nth;

/* Blocks that are allocated now, by the test and the library. */
long fault_live_blocks(void);

/* The calls themselves, for filters. */
long __real_os_syscall(long number, long a, long b, long c, long d, long e, long f);

#endif
