/* SPDX-License-Identifier: ISC */
/*
 * pidhold.h - start a process, on a terminal of its own if wanted, and keep hold of it.
 *
 *
 * WHAT THE LIBRARY DOES TO YOUR PROGRAM
 *
 * It installs no signal handler, changes no disposition and no signal mask, starts no thread, waits for no
 * child that it did not start (except hold_orphans_reap), and never for "any child". Each descriptor that it opens is
 * close-on-exec from birth and above 2. It never prints and never exits, and it leaves errno as it was. No function
 * here is a cancellation point. Of the environment it reads PATH alone, to find a program.
 *
 *
 * A FIRST PROGRAM
 *
 *	const char *argv[] = { "make", "-j8", NULL };
 *	struct hold_options options = { .size = sizeof options, .argv = argv };
 *	struct hold_error error = { .size = sizeof error };
 *	struct hold_status status = { .size = sizeof status };
 *	struct hold *h;
 *	char text[512];
 *
 *	if (hold_spawn(&h, &options, &error) < 0) {
 *		hold_error_text(&error, text, sizeof text);
 *		...
 *	}
 *	if (hold_wait(h, hold_after_ms(60000), &status) == HOLD_PENDING)
 *		hold_stop(h, NULL, 0);
 *	hold_release(h);
 *
 *
 * CHAPTERS
 *
 * time, starting, holding, streams and terminal, signals, waiting, stopping and releasing, trees, stopping without
 * blocking, from start to end in one call, relay, driving, many, adopting, capabilities, auditing, functions by number
 *
 *
 * CONVENTIONS
 *
 * Results     0, or the value that the function's text names, on success; a negative errno on failure. Outcomes
 *             that are neither are positive: HOLD_PENDING, HOLD_GONE and those beside them. A pointer whose name begins
 *             with ret is written through on success alone, except where the function's text says more.
 * Structures  carry their own size first: { .size = sizeof x } (in C++: struct hold_x x = {}; x.size = sizeof x).
 *             Zero is the default of every other field. A structure may grow at its end: a shorter one, from
 *             an older program, is taken as if zeros followed; a longer one is taken if what follows is zero,
 *             else the answer is -E2BIG. Of a structure that is filled in no more than its size is written.
 *             A size of 0 is -EINVAL.
 * Constants   have the name of their family in front: HOLD_STDIO_..., HOLD_HOW_.... Each family has values of its own,
 *             so that a constant of one family never equals a constant of another, except 0. Flags are bits, results
 *             and streams are small numbers; they are no families.
 * Time        A deadline is a point on the monotonic clock, in nanoseconds: see hold_after_ms.
 * Text        A function that writes a text takes its room in bytes, with the final NUL, and returns the length of the
 *             whole text, as snprintf(3) does: it was cut if that is not less than the room.
 * Ownership   A hold has one owner. Arguments are borrowed for the call. A descriptor that a function of a hold
 *             returns is owned by the hold, and must not be closed, unless the function's name has `take` in it.
 * After fork  A hold belongs to the process that made it: in a child made by fork every function answers
 *             -ECHILD for it, except hold_release, which closes the child's copies and does no more.
 * Stack       A call takes up to 48 KiB of the caller's stack.
 * Safety      Thread-safe: any thread at any time; several threads may wait for one hold, and each gets the answer.
 *             One thread a hold: different holds at any time, the same hold from one thread at a time.
 *             Async-signal-safe: from a signal handler too (with audit hooks set, only if the hooks are).
 *             hold_release ends a hold: no other thread may be using it.
 *
 * Errors that any function may give, not repeated below: -EINVAL for a null pointer where none is allowed, an
 * unknown flag, or a structure of size 0; -E2BIG see Structures; -ENOMEM; -ECHILD see After fork. A function
 * that tells an audit hook may also fail with what the hook answers. A function that waits may also fail with what
 * ppoll(2) gives (no memory, or what a filter answers); nothing is lost by that, and the call can be made again.
 */
#ifndef PIDHOLD_H
#define PIDHOLD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(_WIN32)
#define HOLD_API __attribute__((visibility("default")))
#define HOLD_OWNED __attribute__((warn_unused_result)) /* the caller has to release what a success gives */
#else
#define HOLD_API
#define HOLD_OWNED
#endif

/*
 * On Windows there are, so far, hold_version, the functions of time, hold_kill and hold_audit_add; the rest is absent
 * there.
 */

#define HOLD_VERSION "0.2.0"
#define HOLD_VERSION_NUMBER 200 /* for #if: major * 10000 + minor * 100 + patch */

/*
 * The version of the library that is running, in the form of HOLD_VERSION (that of the header it was built with).
 * Thread-safe. Async-signal-safe.
 */
HOLD_API const char *hold_version(void);

/* What a function returns that neither failed nor did all. */
enum {
	HOLD_PENDING = 1,   /* the deadline passed */
	HOLD_GONE = 2,      /* the process had already ended, and its number is no longer its own */
	HOLD_SURVIVORS = 3, /* something of a tree could not be ended */
	HOLD_NONE_SEEN = 4, /* no process of a tree was seen any more, and nothing here can prove that none is left */
	HOLD_ENOUGH = 5,    /* a visitor wanted to see no more */
	HOLD_OUTPUT_END = 6 /* the output is at its end, and what was waited for has not come */
};

struct hold;    /* one process, held */
struct termios; /* the system's, from <termios.h> */

/* ---- time ------------------------------------------------------------------------------------------------- */

/* A deadline that has passed: look, do not wait. (In a structure a deadline of 0 is no limit: write HOLD_NOW there.) */
#define HOLD_NOW INT64_C(1)
#define HOLD_FOREVER INT64_MAX /* a deadline that never passes */

/*
 * The present point on the clock of deadlines.
 * Thread-safe. Async-signal-safe. Follows clock_gettime(2), CLOCK_MONOTONIC.
 */
HOLD_API int64_t hold_now(void);

/*
 * The deadline that lies `milliseconds` from now on the monotonic clock (which neither a clock set by hand nor
 * daylight saving moves). A negative number gives one that has passed, one too large HOLD_FOREVER. This clock stands
 * still while the system is suspended. A program whose limits count that time too polls hold_fd together with a
 * timerfd_create(2) of CLOCK_BOOTTIME.
 * Thread-safe. Async-signal-safe. Follows clock_gettime(2).
 */
HOLD_API int64_t hold_after_ms(int64_t milliseconds);

/*
 * The time that is left until a deadline in milliseconds, for poll(2) and its like: rounded up, so that a wait of that
 * length ends no earlier than the deadline; 0 if it has passed; -1 for HOLD_FOREVER; INT_MAX at the most.
 * Thread-safe. Async-signal-safe. Follows poll(2).
 */
HOLD_API int hold_ms_until(int64_t deadline);

#ifndef _WIN32

/* ---- starting --------------------------------------------------------------------------------------------- */

/* The standard streams of a process, and its terminal. */
enum {
	HOLD_STDIN = 0,
	HOLD_STDOUT = 1,
	HOLD_STDERR = 2,
	HOLD_TERMINAL = 3 /* also when none of the three standard streams is on it */
};

/* What a standard stream of the new process is. */
enum {
	HOLD_STDIO_DEFAULT = 0,   /* the new terminal if there is one, else HOLD_STDIO_INHERIT */
	HOLD_STDIO_INHERIT = 301, /* the caller's descriptor of that number; closed if the caller's is */
	HOLD_STDIO_NULL,          /* /dev/null */
	HOLD_STDIO_PIPE,          /* a new pipe, our end by hold_stream */
	HOLD_STDIO_FD,            /* .fd, any descriptor of the caller's */
	/* .path: read from for standard input; for the others created (mode 0666 less umask) or emptied. */
	HOLD_STDIO_FILE,
	HOLD_STDIO_APPEND,     /* .path: created if missing, written to at its end; not for standard input */
	HOLD_STDIO_LIKE_STDOUT /* standard error alone: where standard output goes */
};

struct hold_stdio {
	int32_t kind; /* HOLD_STDIO_... */
	int32_t fd;
	const char *path;
};

/* The caller's descriptor `fd` appears in the new process as number `as`, 3 or more; `fd` stays open here. */
struct hold_pass {
	int32_t fd, as;
};

struct hold_winsize {
	uint16_t rows, columns; /* in characters */
	uint16_t x_pixels, y_pixels;
};

/*
 * A terminal to be made. It has its size and modes before the process on it runs its first instruction. With
 * options.ids it belongs to their user, who can open it by its path, unless the system forbids the caller to give it
 * away. -ENOSPC at HOLD_AT_TERMINAL: the system has as many as the sysctl kernel.pty.max, or the mount option max= of
 * devpts, allows.
 */
struct hold_terminal {
	size_t size;
	struct hold_winsize winsize;
	const struct termios *modes; /* NULL: the system's for a new terminal, and IUTF8 */
};

/* A step of a ladder: send `signal`, then wait for the end for `wait_ms` before the next step. */
struct hold_rung {
	int32_t signal;
	int32_t reserved; /* 0 */
	int64_t wait_ms;  /* 0 or more. 0: the next rung follows at once; on the last rung 0 means 5 s */
};

#define HOLD_LADDER_MAX 16 /* rungs */

/* A resource limit: RLIMIT_... of <sys/resource.h>, and its values; UINT64_MAX is none. */
struct hold_limit {
	int32_t resource;
	int32_t reserved; /* 0 */
	uint64_t soft, hard;
};

/* Who the process is: real, effective and saved ids alike. */
struct hold_ids {
	size_t size;
	uint32_t set; /* HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS: which of the following count */
	uint32_t user, group;
	uint32_t reserved;      /* 0 */
	const uint32_t *groups; /* the supplementary groups; may be none */
	size_t group_count;
};

/*
 * Limits of the whole tree: of the process and all its descendants together. 0 is no limit. They are those of a control
 * group, which the kernel keeps; see hold_spawn for when there can be one. HOLD_CONTAIN_AUTO and BEST then mean
 * HOLD_CONTAIN_CGROUP.
 */
struct hold_tree_limits {
	size_t size;
	/*
	 * Bytes of memory, with the pages of files that are kept for the tree; and nothing is swapped out. Where there
	 * is no other way the kernel kills the whole tree (see hold_tree_usage, oom_kills).
	 */
	uint64_t memory;
	uint64_t tasks; /* processes and threads; beyond that fork(2) fails with EAGAIN. At least 1 for the process */
	/*
	 * Processor time in microseconds, after which the keeper ends the tree by the options' ladder. It looks at that
	 * often enough that the limit is passed by 20 ms of each processor at the most, with up to 64 processors.
	 */
	uint64_t cpu_time_us;
	uint32_t milli_cpus; /* processors at a time, in thousandths: 1500 are one and a half. 10 or more */
	uint32_t io_weight;  /* 1 to 10000, beside the 100 of other groups, where the disk's scheduler takes weights */
};

#define HOLD_IDS_USER 1u
#define HOLD_IDS_GROUP 2u
#define HOLD_IDS_GROUPS 4u

/* What hold_release does to a process that lives. */
enum {
	HOLD_ON_RELEASE_STOP = 0,   /* ends it as hold_stop does: that may take as long as the ladder */
	HOLD_ON_RELEASE_KILL = 401, /* ends it by SIGKILL */
	HOLD_ON_RELEASE_LEAVE       /* lets it live on, as the child of the caller, which reaps it, or of its keeper */
};

/*
 * Containment: how the process and all its descendants are kept together, so that all of them end with the hold. They
 * end when the hold is released (except with HOLD_ON_RELEASE_LEAVE), when the caller ends in whatever way, by SIGKILL
 * too, and when the caller executes another program. A child of the caller that was forked and has not executed a
 * program holds the keeper's socket open: until it ends too, the keeper does not know that the caller executed another
 * program.
 *
 * The keeper is a small process in a session of its own. It is the caller's child and the parent of the process. As a
 * child subreaper it becomes the parent of every orphan of the tree. It keeps none of the process's descriptors. It
 * ends when none of its children is left. hold_release waits for it; with HOLD_ON_RELEASE_LEAVE it stays until the
 * process has ended, and later calls of the library reap it. A host that waits for any child takes the keeper's end
 * from the library: such a host uses hold_orphans_reap. A keeper that another process has stopped is continued.
 *
 * What is left when processes are killed by SIGKILL from outside:
 *
 *			the caller	the keeper				the caller and the keeper
 *	NONE, GROUP	all (1)		-					-
 *	KEEPER		nobody		the descendants, except the process	the descendants, except the process
 *	CGROUP		nobody		nobody once the hold is stopped or	the group, until the next hold in a
 *					released				group is made there
 *	PIDNS		nobody		nobody					nobody
 *
 * (1) except what options.parent_death_signal ends. With a keeper the process itself gets SIGKILL when the keeper ends,
 * unless it has executed a set-user-ID program since. After the death of the keeper hold_tree_stop answers -EOWNERDEAD
 * with KEEPER, since the orphans have gone to another parent.
 *
 * AUTO and BEST take a control group; where none can be made, a keeper; where none can run, no containment. They also
 * take none where there are too few descriptors (see hold_spawn), and where /proc or process descriptors are missing;
 * hold_containment returns what was taken. A lack of processes, memory or time is no reason for less containment: it is
 * an error. Containment that is asked for by name is never replaced by less; it is refused together with
 * options.parent_death_signal, which only a child of the caller's own can have.
 *
 * From HOLD_CONTAIN_KEEPER on, in the order of their values, the ways have a keeper.
 */
enum {
	/*
	 * A control group, else a keeper, else none. With parent_death_signal or HOLD_ON_RELEASE_LEAVE, which need a
	 * child of the caller's own: none.
	 */
	HOLD_CONTAIN_AUTO = 0,
	/* As AUTO, also with HOLD_ON_RELEASE_LEAVE. parent_death_signal is sent only if this comes to none. */
	HOLD_CONTAIN_BEST = 501,
	HOLD_CONTAIN_NONE,   /* the process alone is held, as the caller's own child */
	HOLD_CONTAIN_GROUP,  /* a process group of its own, which any process may leave: no containment */
	HOLD_CONTAIN_KEEPER, /* a keeper: needs no privilege */
	/* A keeper that is the init of a PID namespace, with a /proc of its own. Not with HOLD_ON_RELEASE_LEAVE. */
	HOLD_CONTAIN_PIDNS,
	HOLD_CONTAIN_CGROUP /* a keeper, and a control group of version 2 below the caller's, with mode 0700 */
};

/*
 * The word for a way of containment: "cgroup" for HOLD_CONTAIN_CGROUP; "unknown" for a number that is none.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API const char *hold_containment_name(int containment);

#define HOLD_NEW_SESSION (UINT64_C(1) << 0)      /* setsid(2); a new terminal implies it */
#define HOLD_NEW_GROUP (UINT64_C(1) << 1)        /* a process group of its own in the caller's session */
#define HOLD_KEEP_MASK (UINT64_C(1) << 2)        /* the caller's signal mask, with options.blocked added */
#define HOLD_PASS_ALL (UINT64_C(1) << 3)         /* what is not close-on-exec passes, as through exec */
#define HOLD_SET_UMASK (UINT64_C(1) << 4)        /* options.umask counts */
#define HOLD_SET_OOM_SCORE (UINT64_C(1) << 5)    /* options.oom_score_adj counts */
#define HOLD_SET_IO_PRIORITY (UINT64_C(1) << 6)  /* options.io_priority counts */
#define HOLD_NO_NEW_PRIVS (UINT64_C(1) << 7)     /* set-user-ID programs give no privileges to it and its descendants */
#define HOLD_LADDER_AT_DEATH (UINT64_C(1) << 8)  /* if the caller is killed the tree is ended by the ladder */
#define HOLD_RESTORE_TERMINAL (UINT64_C(1) << 9) /* options.restored_terminal counts */
#define HOLD_SHELL_SCRIPTS (UINT64_C(1) << 10)   /* /bin/sh runs a file that the kernel does not know: see hold_spawn */
#define HOLD_SET_LISTEN_PID (UINT64_C(1) << 11)  /* LISTEN_PID, if the environment has it, becomes its own number */
#define HOLD_KEEPER_LEADS (UINT64_C(1) << 12)    /* a keeper leads the session of options.terminal: see hold_spawn */

#define HOLD_SIGNAL_BIT(signal) (UINT64_C(1) << ((signal)-1))

/*
 * Asked while a start waits. Other than 0: the start is given up. It runs in the thread that called hold_spawn, which
 * may share its memory with the new process, so it has to return.
 */
typedef int hold_give_up(void *context);

struct hold_options {
	size_t size;

	/* what is executed */
	const char *program;     /* NULL: argv[0]. Without a slash it is sought in PATH, that of `env` if given */
	const char *const *argv; /* ends with NULL; at least one */
	const char *const *env;  /* ends with NULL; "NAME=VALUE". NULL: the caller's */
	const char *directory;   /* the working directory. NULL: the caller's */
	uint64_t flags;

	/* its streams and descriptors */
	struct hold_stdio in, out, err;
	const struct hold_pass *pass;
	size_t pass_count;
	/* A new controlling terminal; 24 rows where its winsize has 0, 80 columns where that has 0. NULL: none. */
	const struct hold_terminal *terminal;

	/* who it is */
	const struct hold_ids *ids; /* NULL: the caller's */
	uint32_t umask;
	int32_t parent_death_signal; /* sent to it when the *thread* that called hold_spawn ends. 0: none */
	uint64_t blocked;            /* signals that start blocked: HOLD_SIGNAL_BIT(...) | ... */
	uint64_t keep_ignored;       /* signals that stay ignored if the caller ignores them; others get SIG_DFL */

	/* what it may use */
	int32_t nice;          /* added to the niceness, and to that of a new session: see hold_start_info */
	int32_t oom_score_adj; /* -1000 to 1000: who goes first when memory is short */
	int32_t io_priority;   /* class << 13 | level, as ioprio_set(2) has it */
	int32_t contain;       /* HOLD_CONTAIN_... */
	const struct hold_limit *limits;
	size_t limit_count;

	/* how it ends */
	const struct hold_rung *ladder; /* for each stop and each end of the tree. NULL: TERM, 5 s, KILL */
	size_t ladder_count;
	int32_t on_release;        /* HOLD_ON_RELEASE_... */
	int32_t restored_terminal; /* a terminal: a keeper puts its present modes back: see hold_terminal_restore */
	int64_t start_deadline;    /* by when the program must have been executed; 0: no limit */
	hold_give_up *give_up;     /* asked 20 times a second while the start waits, see hold_spawn; NULL: nobody is */
	void *give_up_context;

	/* what it and its descendants may use together */
	const struct hold_tree_limits *tree_limits; /* NULL: no limits */
};

/* Where a start failed. */
enum {
	HOLD_AT_OPTION = 801,
	HOLD_AT_MEMORY,
	HOLD_AT_PROGRAM,
	HOLD_AT_INTERPRETER,
	HOLD_AT_AUDIT,
	HOLD_AT_STDIN,
	HOLD_AT_STDOUT,
	HOLD_AT_STDERR,
	HOLD_AT_TERMINAL,
	HOLD_AT_PROCESS,
	HOLD_AT_SESSION,
	HOLD_AT_GROUP,
	HOLD_AT_CONTROLLING_TERMINAL,
	HOLD_AT_DIRECTORY,
	HOLD_AT_NICENESS,
	HOLD_AT_PARENT_DEATH_SIGNAL,
	HOLD_AT_DESCRIPTOR,
	HOLD_AT_SIGNAL_MASK,
	HOLD_AT_LIMIT,
	HOLD_AT_OOM_SCORE,
	HOLD_AT_IO_PRIORITY,
	HOLD_AT_GROUPS,
	HOLD_AT_GROUP_ID,
	HOLD_AT_USER_ID,
	HOLD_AT_NO_NEW_PRIVS,
	HOLD_AT_CONTAINMENT,
	HOLD_AT_TREE_LIMIT
};

#define HOLD_OBJECT_SIZE 4096

struct hold_error {
	size_t size;
	int32_t code;                  /* the negative errno that the call returned */
	int32_t step;                  /* HOLD_AT_... */
	char object[HOLD_OBJECT_SIZE]; /* what it failed on: a path, a number, an option's name; "": not known */
	/*
	 * At HOLD_AT_CONTAINMENT and HOLD_AT_TREE_LIMIT what this system lacks for it: "pidfd_open: Linux 5.3". A
	 * static text. NULL: no such thing is known to be the cause.
	 */
	const char *need;
};

/*
 * Starts a process and holds it. The caller is not forked: no handler of it runs, and the cost grows neither with its
 * memory nor with its threads. The process starts with every signal at its default and unblocked, and with no
 * descriptor that was not named, unless the options say otherwise. When the call returns, the program has been
 * executed.
 *
 * With a keeper the caller sends the plan of the start, the argument vector and the environment to the keeper, with the
 * descriptors that are to pass. The keeper starts the process. Nothing else of the caller is copied. Without a keeper
 * the process is started from the caller's memory, which it shares until it executes its program. There a start with
 * options.ids copies the description of the caller's memory (its page tables, not its pages), and a start with
 * options.ids, options.start_deadline, options.give_up or HOLD_PASS_ALL copies the table of descriptors: see
 * hold_start_info.
 *
 * The descriptors that are passed have to stay open until the call returns. Files are opened in the new process, with
 * the caller's rights and umask; their paths count from the caller's working directory. The calling thread waits for
 * all of that: for the other side of a fifo, for a file system that does not answer. options.start_deadline bounds the
 * wait: the process is killed then. With a keeper the wait is bounded even if the process does not take SIGKILL (a disk
 * that hangs): the keeper goes on ending it, and the call returns after 5 s more at the most. Without one the call
 * waits for its end. A keeper that is stopped while it begins is continued, and one that says nothing for 5 s is
 * killed. options.give_up ends the wait in the same way, with -ECANCELED. Signals of the caller are handled before it
 * is asked, so a program can ask there what its handlers noted.
 *
 * A start takes free descriptors, for the call and for the hold, which has 1 or, with a keeper, 3 of them:
 *
 *	NONE, GROUP	1; 3 for the first start of a program, or with options.ids, start_deadline or give_up
 *	KEEPER		7
 *	PIDNS, CGROUP	8
 *
 * and 2 more for a terminal or for each HOLD_STDIO_PIPE. AUTO and BEST need 3 at the most, and take less containment
 * where there are fewer than for a keeper. Too few are -EMFILE.
 *
 * The program of the keeper is a file if the library is installed. Else it is written into memory, and there a limit on
 * the size of files (RLIMIT_FSIZE) below the size of that program, some 20 KiB, forbids it: then there is no keeper.
 *
 * The program "/proc/self/exe" is the caller's own, also where a keeper starts it.
 *
 * A program that somebody has open for writing is tried again for half a second: in a program with threads a child on
 * its way to its own exec may have the descriptor with which another thread just wrote the file.
 *
 * With HOLD_SHELL_SCRIPTS an executable file whose format the kernel does not know (-ENOEXEC), a script without "#!"
 * above all, is run by /bin/sh, as execvp(3) does: the shell's arguments are the path of the file and argv[1] and so
 * on. The new process executes the shell itself, so this too is one start, and the audit hooks see the file.
 *
 * With a new terminal the process leads the terminal's session. When it ends the kernel hangs up on its descendants in
 * the foreground (SIGHUP), and no program there can be stopped by ^Z unless a shell with job control started it: its
 * process group is orphaned. With HOLD_KEEPER_LEADS a keeper leads the session, and the process begins as the leader of
 * a group in the foreground, as a shell's job does: it can be stopped, and its descendants keep the terminal until the
 * tree is empty. If the terminal hangs up the keeper passes SIGHUP and SIGCONT on to the process. Without a keeper, or
 * with HOLD_NEW_SESSION, the process leads the session.
 *
 * With options.tree_limits a control group with these limits is made: below the caller's own where that is the root of
 * all groups, or its controllers are enabled for groups below; else beside the caller's own, if the caller may make
 * groups there, the controllers are enabled there, and the caller's own group bounds nothing. All limits are set before
 * the program is executed, or the start fails and leaves no group; none is replaced by one of setrlimit(2). A limit of
 * processor time needs no controller. With HOLD_ON_RELEASE_LEAVE the keeper stays with the tree, and the limits stay in
 * force, until nobody is left. A process of the tree that may write to the files of its group may change its limits.
 *
 * A start is made once. If it failed before the program was executed, nothing of the program has run. After a failure
 * nothing is left: no process, descriptor, memory, blocked signal. (A file of HOLD_STDIO_FILE may have been made.)
 * `reterr` may be NULL; it is filled in on failure. A ladder that hold_stop would refuse is refused here.
 *
 * Tells the audit hooks: pidhold.spawn (program, argv).
 * Returns 0 and the hold. Errors, each at the step that reterr names: what execve(2) gives (-ENOENT, -EACCES, -ENOEXEC,
 * -E2BIG, -ETXTBSY, ...) at HOLD_AT_PROGRAM, or at HOLD_AT_INTERPRETER if the file is there and its interpreter, loader
 * or shell is at fault; what open(2) gives at HOLD_AT_STDIN, ..._STDOUT, ..._STDERR, ..._TERMINAL; what chdir(2) gives
 * at HOLD_AT_DIRECTORY; at the steps of the settings what setpriority(2), setrlimit(2), ioprio_set(2), setgroups(2),
 * setresgid(2), setresuid(2), prctl(2) give, -EPERM and -EINVAL above all, and -EACCES for an OOM score that is not
 * allowed; -EBADF a descriptor to be passed is not open, or a number beyond RLIMIT_NOFILE; -EMFILE, -ENFILE; -EAGAIN a
 * limit on processes; -ENOMEM at HOLD_AT_PROCESS also where the init of the PID namespace that children are to be in
 * has ended; -ECHILD killed before it was about to execute the program; -ETIMEDOUT the deadline passed, at the step
 * that did not end, or at HOLD_AT_CONTAINMENT the keeper said nothing; -ECANCELED options.give_up gave the start up, at
 * the step that did not end; at HOLD_AT_CONTAINMENT also what keeps a keeper, a namespace or a group from being made
 * (-EACCES, -EPERM, -ENOSYS, -EMFILE, ...), and -EBUSY the caller has made a PID namespace for its children; at
 * HOLD_AT_TREE_LIMIT -EOPNOTSUPP the controller is not available to the caller's control group, -EBUSY other processes
 * are in that group (see hold_group_split), and what mkdir(2) and write(2) give there; -EINVAL an option, or two that
 * exclude each other.
 * Thread-safe. Not async-signal-safe. Follows posix_spawn(3), execve(2).
 */
HOLD_API HOLD_OWNED int hold_spawn(struct hold **ret, const struct hold_options *options, struct hold_error *reterr);

/*
 * The error as a sentence without a final full stop: "working directory /nope: No such file or directory", or
 * "containment keeper: Function not implemented (needs pidfd_open: Linux 5.3)".
 * Returns the length of the whole sentence: see Text above.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_error_text(const struct hold_error *error, char *text, size_t length);

/*
 * A step in words: "working directory" for HOLD_AT_DIRECTORY; "unknown step" for a number that is none.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API const char *hold_step_name(int step);

/*
 * Takes sixteen low descriptor numbers (below 256) for later starts, if any are left. The cost of a start grows with
 * the highest descriptor that the child needs, and in a program with many of them that of a new pipe or terminal would
 * be above all others. A program that will have thousands calls this early; otherwise it happens at the first start
 * that gets a descriptor of 32 or more, if RLIMIT_NOFILE is 1,024 or more. What is passed by options.pass, or as
 * HOLD_STDIO_FD, is not moved, wherever the caller has it: the child fetches it from there.
 * Returns 0. Errors: -EMFILE there is no low number left; -ENFILE; -ENOSYS, -EPERM there is no memfd_create(2).
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_fds_reserve(void);

/* ---- holding --------------------------------------------------------------------------------------------------- */

/*
 * The process's number, for people to read: it is proof of nothing once the process has ended.
 * Returns it. Thread-safe. Async-signal-safe.
 */
HOLD_API int64_t hold_pid(const struct hold *h);

/*
 * The process's descriptor, for poll, epoll and every event loop: readable once the process has ended. It is owned by
 * the hold. Remove it from an epoll set before hold_release: a close alone may leave it there. How the process ended
 * may be known only later, up to a second for an adopted process or one whose keeper was killed, and any time later if
 * a tracer has it: hold_wait returns HOLD_PENDING until then, and a loop must not poll the descriptor again meanwhile.
 * Returns it. Errors: -ENOSYS there are no process descriptors here; then only hold_wait tells.
 * Thread-safe. Async-signal-safe. Follows pidfd_open(2).
 */
HOLD_API int hold_fd(const struct hold *h);

/* What a start did about the caller's table of descriptors, which grows with the descriptors that the caller has. */
enum {
	HOLD_TABLE_CUT = 601, /* shared, and cut off above a low number: the cost does not grow with the descriptors */
	HOLD_TABLE_FETCHED,   /* the same, and the child fetched what was to pass from above the cut */
	HOLD_TABLE_COPIED     /* copied up to the highest that the child needs, or whole */
};

#define HOLD_NO_AUTOGROUP INT32_MIN

struct hold_start_info {
	size_t size;
	int32_t containment; /* HOLD_CONTAIN_..., never AUTO or BEST */
	int32_t table;       /* HOLD_TABLE_... */
	int32_t niceness;    /* as the system took it (an option to lower it too far is clamped) */
	int32_t autogroup;   /* the niceness of the session; HOLD_NO_AUTOGROUP: see below */
};

/*
 * What the start of the process came to.
 *
 * On Linux with autogroups each session is a group of its own for the scheduler, and niceness counts within the group
 * alone. So a start with options.nice in a new session gives the session that niceness as well. autogroup is
 * HOLD_NO_AUTOGROUP where there are none, or none was to be changed; 0 where the kernel refused (it takes one change in
 * 100 ms from users other than root).
 *
 * With a keeper the table was cut: the keeper gets what passes by a socket. It is copied with HOLD_PASS_ALL, and where
 * close_range(2) cannot cut it. Without a keeper it is copied at the first start of a program, which finds out what is
 * possible; with options.ids, options.start_deadline, options.give_up or HOLD_PASS_ALL; where more than 253 descriptors
 * from 256 up are to pass; and where "table" of hold_caps says so.
 *
 * Returns 0. Errors: -ENODATA the process was adopted.
 * Thread-safe. Async-signal-safe. Follows sched(7), "The autogroup feature"; close_range(2), CLOSE_RANGE_UNSHARE;
 * pidfd_getfd(2).
 */
HOLD_API int hold_start_info(const struct hold *h, struct hold_start_info *ret);

/*
 * HOLD_CONTAIN_...: how the tree is kept together; HOLD_CONTAIN_NONE for an adopted process.
 * Returns it. Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_containment(const struct hold *h);

/*
 * Adds `increment` to the niceness of each thread of the process, and, if the process leads its session, to that of the
 * session's autogroup (see hold_start_info). Stores the niceness of its first thread and that of the autogroup
 * (HOLD_NO_AUTOGROUP if the process leads no session); either pointer may be NULL. A thread that is made meanwhile has
 * the niceness of the thread that makes it.
 *
 * Returns 0, or HOLD_GONE. Errors: -EPERM it is not the caller's, or lowering is not allowed; -ENOSYS no /proc.
 * Thread-safe. Not async-signal-safe. Follows setpriority(2), which changes a thread alone.
 */
HOLD_API int hold_renice(const struct hold *h, int increment, int *ret_niceness, int *ret_autogroup);

#define HOLD_COMMAND_SIZE 255
#define HOLD_REFERENCE_SIZE 80 /* enough for every reference */

struct hold_description {
	size_t size;
	int64_t pid, parent, group, session;
	uint32_t user;    /* effective */
	int32_t niceness; /* of the first thread */
	int32_t threads;
	char state;                      /* as ps(1) has it: R, S, D, T, Z, ... */
	char command[HOLD_COMMAND_SIZE]; /* its argument vector, spaces between, cut; else its name in brackets */
};

/*
 * What the system tells of the process now.
 * Returns 0, or HOLD_GONE. Errors: -ENOSYS no /proc.
 * Thread-safe. Not async-signal-safe. Follows proc(5).
 */
HOLD_API int hold_describe(const struct hold *h, struct hold_description *ret);

/*
 * The process as a text that names it, and no other, until the machine stops: "PID:INODE" as util-linux 2.42
 * has it; before Linux 6.9 "PID:BOOT-ID:START-TIME". HOLD_REFERENCE_SIZE bytes are enough.
 * Returns the length of the whole text: see Text above. Errors: -ESRCH the process was reaped and the kernel
 * (before 6.9) no longer tells; -ENOSYS no /proc.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_reference(const struct hold *h, char *text, size_t length);

/* ---- its streams and its terminal ------------------------------------------------------------------------------ */

/*
 * Our end of a stream of the process (HOLD_STDIN, ..., HOLD_TERMINAL): of its pipe, or the master of its terminal,
 * which is one descriptor for all that is on it. Blocking, close-on-exec. On Linux a master read gives EIO once nobody
 * has the terminal open: that is its end of file.
 * Returns the descriptor. Errors: -EBADF there is none, or it was taken; -EINVAL no such stream.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_stream(const struct hold *h, int stream);

/*
 * As hold_stream, and the descriptor is owned by the caller from now on. When it is closed the process reads the end of
 * its input, or its terminal hangs up. After this call both functions return -EBADF for this stream, and for all that
 * are on the terminal if it is the terminal's.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_stream_take(struct hold *h, int stream);

/*
 * Changes the size of the process's terminal; its foreground group gets SIGWINCH if that is a change.
 * Returns 0. Errors: -ENOTTY it has no terminal of ours, or that was taken.
 * Thread-safe. Async-signal-safe. Follows TIOCSWINSZ of ioctl_tty(2).
 */
HOLD_API int hold_terminal_resize(struct hold *h, const struct hold_winsize *winsize);

/*
 * Whether a program waits for input of the process's terminal at this moment: whether a process of the tree that is in
 * the terminal's foreground is blocked in read(2) of it, or in poll(2), select(2) or epoll_wait(2) for input of it.
 * Returns 1, or 0 if none does. It may be over when this returns, so look twice before you take it for certain.
 * Errors: -ENOTTY as hold_terminal_resize; -ENOSYS there is no /proc; -EACCES ptrace(2) forbids the caller to look into
 * one of these processes, as of another user, and no other one waits; those of hold_tree_list.
 * Thread-safe. Not async-signal-safe. Follows proc(5), /proc/PID/task/TID/syscall.
 */
HOLD_API int hold_terminal_is_read(struct hold *h);

enum {
	HOLD_AWAITS_LINE = 211, /* of input */
	HOLD_AWAITS_SECRET      /* the same without echo, as a password is asked for */
};

/*
 * What the command waits for, if it goes on only when somebody types: whether the terminal gives whole lines, a process
 * as above is blocked in read(2) of it, and none of that process's threads runs. So a program that reads keys, as an
 * editor does, awaits nothing here, and neither does one that sleeps, works, or waits for other events too.
 * Returns HOLD_AWAITS_LINE, HOLD_AWAITS_SECRET, or 0. It may be over when this returns. Errors: those of
 * hold_terminal_is_read. Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_terminal_awaits(struct hold *h);

/* When a keeper puts the modes of options.restored_terminal back. */
enum {
	HOLD_RESTORE_NEVER = 0,
	/* When the caller has ended, if the tree lives then. It is so from the start on. */
	HOLD_RESTORE_AT_DEATH = 701,
	/*
	 * When the caller has ended, also if nobody of the tree is left by then: the keeper stays until the caller says
	 * HOLD_RESTORE_NEVER, or releases the hold. So hold_tree_fd is readable only then; hold_tree_wait tells before.
	 */
	HOLD_RESTORE_UNTIL_RELEASE
};

/*
 * Tells the keeper when to put back the modes of options.restored_terminal. While the terminal belongs to another
 * program (the caller is in the background) the caller says HOLD_RESTORE_NEVER. Nothing happens if the start had no
 * HOLD_RESTORE_TERMINAL among its flags.
 * Returns 0. Errors: -ENODATA there is no keeper; -EINVAL; -EAGAIN, -ENOMEM, -EPIPE the keeper could not be told.
 * Thread-safe. Async-signal-safe. Follows tcsetattr(3).
 */
HOLD_API int hold_terminal_restore(struct hold *h, int when);

enum { HOLD_RESTORE_TEXT_MAX = 256 };

/*
 * A text of `length` bytes that the keeper writes to options.restored_terminal when the caller has ended while the
 * tree lives, before it puts the modes back: control sequences that leave the alternate screen, show the cursor, and
 * switch off the reports of the mouse, if the process has switched them on there. It replaces the text before; length 0
 * is no text. The keeper does not wait for a terminal that takes no output. Nothing happens if the start had no
 * HOLD_RESTORE_TERMINAL among its flags.
 * Returns 0. Errors: -ENODATA there is no keeper; -EINVAL more than HOLD_RESTORE_TEXT_MAX bytes; -EAGAIN, -ENOMEM,
 * -EPIPE the keeper could not be told.
 * Thread-safe. Async-signal-safe. Follows console_codes(4).
 */
HOLD_API int hold_terminal_restore_text(struct hold *h, const char *text, size_t length);

/* ---- signals --------------------------------------------------------------------------------------------------- */

/*
 * Sends a signal to the process held: to it, or to nobody. It may have ended and not been waited for; then nothing
 * happens, and 0 is returned, as with kill(2).
 *
 * Tells the audit hooks: pidhold.signal (pid, signal).
 * Returns 0, or HOLD_GONE. Errors: -EINVAL no such signal; -EPERM not allowed; -ENOSYS an adopted process where the
 * kernel takes no signal through a descriptor (before Linux 5.1).
 * Thread-safe. Async-signal-safe. Follows pidfd_send_signal(2).
 */
HOLD_API int hold_signal(struct hold *h, int signal);

/*
 * Sends a signal with a value, which a handler with SA_SIGINFO finds in si_value.sival_int, and sigwaitinfo(2) too.
 * Signals from SIGRTMIN on are queued: each that is sent arrives, in order.
 *
 * Tells the audit hooks: pidhold.signal (pid, signal).
 * Returns 0, or HOLD_GONE. Errors: those of hold_signal; -EAGAIN the limit on queued signals (RLIMIT_SIGPENDING).
 * Thread-safe. Async-signal-safe. Follows sigqueue(3); pidfd_send_signal(2).
 */
HOLD_API int hold_signal_value(struct hold *h, int signal, int32_t value);

/*
 * Sends a signal to the process group that the process leads or led (HOLD_NEW_GROUP, HOLD_NEW_SESSION): to its members,
 * also after the process ended, and never to a group that got the number later.
 *
 * Tells the audit hooks: pidhold.signal (-pid, signal).
 * Returns 0. Errors: -ESRCH it leads no group, or nobody is left in it; -EINVAL; -EPERM none of them may be signalled;
 * -ENOSYS before Linux 6.9, for an adopted process, one with a keeper and one already waited for.
 * Thread-safe. Async-signal-safe. Follows pidfd_send_signal(2), PIDFD_SIGNAL_PROCESS_GROUP.
 */
HOLD_API int hold_group_signal(struct hold *h, int signal);

#define HOLD_SIGNAL_NAME_SIZE 24

/*
 * The name of a signal, as kill(1) has it, with SIG in front: "SIGTERM", "SIGRTMIN+1"; "signal 99" for one without.
 * Returns the length of the whole name: see Text above; HOLD_SIGNAL_NAME_SIZE bytes are enough.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_signal_name(int signal, char *text, size_t length);

/* ---- waiting --------------------------------------------------------------------------------------------------- */

/* How a process ended. If hold_wait returns 0, hold_status.how is one of these. */
enum {
	HOLD_HOW_EXITED = 101, /* code is its exit status, 0 to 255 */
	HOLD_HOW_SIGNALLED,    /* code is the signal that ended it */
	HOLD_HOW_UNKNOWN       /* code is -1: the way it ended cannot be known. Never to be taken for success */
};

struct hold_status {
	size_t size;
	int32_t how; /* HOLD_HOW_... */
	int32_t code;
	int32_t core_dumped; /* 1, 0; -1: not known */
	int32_t reserved;
	int64_t wall_ns; /* from its start to when the caller saw its end. In this and those below -1: not known */
	int64_t user_us; /* processor time, with that of the children it waited for */
	int64_t system_us;
	int64_t max_rss_kib; /* the largest resident size. Without a keeper known only if larger than the caller's */
};

/*
 * Waits until the process has ended or the deadline has passed. Signals that arrive meanwhile are handled and the
 * wait goes on. `ret` may be NULL. The answer is the same each time, and for each of several threads that wait. This
 * moment is not the end of its output, which may still have to be read, nor the end of its descendants. A keeper that
 * somebody has stopped is continued.
 *
 * The way it ended is known even if the program ignores SIGCHLD or another thread reaped the child, where the kernel
 * tells (Linux 6.15); else it is HOLD_HOW_UNKNOWN. The kernel tells of an adopted process that is not a child of the
 * caller once its parent has reaped it. That is awaited for a second at the most, with HOLD_PENDING until then. The
 * same holds for a process whose keeper was killed before it had told how the process ended.
 *
 * After the end of a process that has a keeper, hold_wait waits up to 100 ms for the keeper's word, whatever the
 * deadline.
 *
 * Returns 0, or HOLD_PENDING. Errors: what ppoll(2) gives: that is no end of the process, and the call can be made
 * again.
 * Thread-safe. Not async-signal-safe. Follows waitid(2), P_PIDFD.
 */
HOLD_API int hold_wait(struct hold *h, int64_t deadline, struct hold_status *ret);

/*
 * A status in words: "exited with status 1", "killed by SIGSEGV (core dumped)", "ended, and it is not known how".
 * Returns the length of the whole text: see Text above.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_status_text(const struct hold_status *status, char *text, size_t length);

/*
 * A status as the number that a shell has for it: the exit status, or 128 and the signal.
 * Returns it, 0 to 255. Errors: -ENODATA it is not known how the process ended.
 * Thread-safe. Async-signal-safe. Follows sh(1p), "Exit Status for Commands".
 */
HOLD_API int hold_status_code(const struct hold_status *status);

/* Job control: what a process may do short of ending. */
enum { HOLD_JOB_STOPPED = 201, HOLD_JOB_CONTINUED };

/*
 * A descriptor that is readable when hold_job_take or hold_wait have something new to tell, and from the end of the
 * keeper on. It is owned by the hold.
 * Without a keeper the caller is the parent, and has SIGCHLD and waitid(2) for that.
 * Returns it. Errors: -ENODATA there is no keeper.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_job_fd(const struct hold *h);

/*
 * Whether the process was stopped or continued since the last call: the latest of several changes. It does not wait.
 * Returns HOLD_JOB_STOPPED, HOLD_JOB_CONTINUED, or 0. Errors: -ENODATA there is no keeper; -EOWNERDEAD it was killed:
 * hold_job_fd stays readable and tells nothing any more.
 * Thread-safe. Not async-signal-safe. Follows waitid(2), WSTOPPED, WCONTINUED.
 */
HOLD_API int hold_job_take(struct hold *h);

/*
 * The signal by which the process was stopped when hold_job_take last saw it stopped: SIGTSTP after ^Z, SIGSTOP,
 * SIGTTIN or SIGTTOU.
 * Returns it, or 0: no stop was seen. Errors: -ENODATA there is no keeper.
 * Thread-safe. Async-signal-safe. Follows waitid(2), si_status.
 */
HOLD_API int hold_job_signal(const struct hold *h);

/* ---- stopping and releasing ------------------------------------------------------------------------------------ */

/*
 * Ends the process by a ladder. For each rung its signal is sent, then SIGCONT unless the signal was SIGKILL (a stopped
 * process would not act on it), then the end is awaited for the rung's time. A rung whose signal is refused is passed
 * over, and the ladder goes on. ladder NULL: the one given at the start, else TERM, 5 s, KILL.
 *
 * Tells the audit hooks: pidhold.stop (pid), once.
 * Returns 0: it has ended; or HOLD_PENDING: it lives, and the ladder is at its end. Errors: those of hold_signal, if it
 * lives and the last rung was refused; -EINVAL more than HOLD_LADDER_MAX rungs, or none with a ladder, a signal that
 * does not exist (0 is none), a negative time.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count);

/*
 * Releases a hold. What was chosen at the start is done to a process that lives (options.on_release; an adopted one is
 * left alone). A child that has ended is reaped. All descriptors and memory of the hold are freed. NULL is allowed.
 *
 * With a keeper that is done to the whole tree, whether the process itself has ended or not; and what a ladder leaves
 * is killed.
 *
 * It returns in bounded time: after the ladder's time (HOLD_ON_RELEASE_STOP) the end of the tree is awaited for 5 s,
 * and up to 3 s more where /proc does not show what is left. If a stop of the tree has sent SIGKILL in vain before, no
 * ladder is climbed again, and it takes 250 ms. The keeper goes on ending what is left for as long as that takes, and
 * is reaped by later calls of hold_spawn, hold_release, hold_caps or hold_orphans_reap.
 *
 * Tells the audit hooks: pidhold.stop (pid), or with a keeper pidhold.stop_tree (pid), if it is to end anything. If a
 * hook forbids that, the process lives on, held by nobody.
 * Returns NULL.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API struct hold *hold_release(struct hold *h);

/*
 * Releases a hold in the background: the keeper does what was chosen at the start (options.on_release, and the ladder
 * of options.ladder), and the caller goes on at once. The keeper is reaped by later calls of hold_spawn, hold_release,
 * hold_caps or hold_orphans_reap. If the caller is killed before the ladder is at its end, the keeper goes on all the
 * same. After an error nothing was done, and the hold is still the caller's.
 *
 * Without a keeper no process can climb the ladder. A program that must not block uses hold_stop_begin then, and
 * hold_release after it, which does not wait for a process without a keeper that has ended. With a keeper it does not
 * wait after hold_tree_stop_begin has come to its end.
 *
 * Tells the audit hooks: pidhold.stop_tree (pid), if it is to end anything.
 * Returns 0, and the hold is freed. Errors: -ENODATA there is no keeper; -EOWNERDEAD it was killed; -EAGAIN 1,024
 * keepers have been released and have not ended; -EAGAIN, -ENOMEM, -EPIPE the keeper could not be told.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_release_to_keeper(struct hold *h);

/* ---- trees ----------------------------------------------------------------------------------------------------- */
/*
 * The tree of a hold is the process held and its descendants. When a process ends, its children are adopted by the
 * nearest subreaper above them. If that is the hold's keeper, or the process held itself, they are still in the tree;
 * if it is another process, often the system's first one, they are not. A hold of the calling process itself
 * (hold_adopt with its own number) has a tree too, without the caller: nothing is ever sent to it. The keepers of its
 * holds are in that tree. A process that has
 * ended is no member, even if its parent has not reaped it.
 *
 * Each process found is held by a descriptor before it is looked at, so a signal reaches a member, or no process.
 * Members are held while there are descriptors. After that they are opened again when they are needed, and recognized
 * by the inode of their descriptor or their start time; three free descriptors are enough. A member that cannot be
 * opened or looked into spares no other.
 */

/*
 * A descriptor that is readable once nobody of the tree is left, or the keeper was killed (hold_tree_wait tells which),
 * for poll, epoll and every event loop. It is owned by the hold.
 * Returns it. Errors: -ENODATA there is no keeper to tell.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_tree_fd(const struct hold *h);

#define HOLD_NO_USER UINT32_MAX

/* A process that /proc does not show to the caller is a member too: its number is known, and perhaps its reference. */
struct hold_member {
	size_t size;
	int64_t pid, parent;
	uint32_t user;                       /* effective; HOLD_NO_USER: the system does not tell */
	char state;                          /* as ps(1) has it; '?': the system does not tell */
	char command[HOLD_COMMAND_SIZE];     /* as that of struct hold_description; "?": the system does not tell */
	char reference[HOLD_REFERENCE_SIZE]; /* as hold_reference writes it; "" if the system does not tell */
};

/* Called for each member. 0: go on; any other value: stop, and hold_tree_list returns HOLD_ENOUGH. */
typedef int hold_tree_visitor(void *context, const struct hold_member *member);

/*
 * Calls `visit` for each live process of the tree, parents before their children. A process that is made meanwhile may
 * be missed.
 * Returns 0, HOLD_GONE (with a keeper: nobody is left; without one: the process had ended, and its descendants are
 * unknown), or HOLD_ENOUGH: the visitor wanted no more. Errors: the first that was met, after all other members were
 * visited: -EPERM a member may not be looked into; -ENOSYS no /proc, or no process descriptors; -EMFILE, -ENFILE not
 * even the few descriptors that a look takes; -EOWNERDEAD the keeper was killed, and who is left is unknown.
 * Thread-safe. Not async-signal-safe. Follows proc(5), /proc/PID/task/TID/children.
 */
HOLD_API int hold_tree_list(struct hold *h, hold_tree_visitor *visit, void *context);

/*
 * Sends a signal to each process of the tree. For SIGKILL the tree is stopped first, until no new member is found, and
 * then killed, the deepest first; a control group is killed at once. Any other signal may miss a process that is made
 * meanwhile.
 *
 * Tells the audit hooks: pidhold.signal_tree (pid, signal).
 * Returns 0, or HOLD_GONE. Errors: one that was met, after all other members were signalled: -EPERM a member may not be
 * signalled or looked into; -EINVAL no such signal; those of hold_tree_list.
 * Thread-safe. Not async-signal-safe. Follows pidfd_send_signal(2).
 */
HOLD_API int hold_tree_signal(struct hold *h, int signal);

/* What became of a tree. */
struct hold_tree_report {
	size_t size;
	uint32_t seen;       /* processes that were found in all */
	uint32_t ended;      /* of these: ended before they were sent anything */
	uint32_t terminated; /* ended after a signal other than SIGKILL */
	uint32_t killed;     /* ended by SIGKILL */
	uint32_t survivors;  /* live, at the least: more may live that /proc does not show */
};

/*
 * Ends the tree by a ladder, as hold_stop ends a process. Each rung's signal goes to every member, also to those that
 * are made meanwhile, and SIGCONT after it; SIGKILL is sent as by hold_tree_signal. It returns as soon as the tree is
 * empty, else 250 ms after the end of the ladder. If then no member is seen, and the keeper has not told that nobody is
 * left, the keeper has 2 s more to tell. The ladder ends early where only members are left that may not be signalled (a
 * set-user-ID program). Where nothing can be opened or listed, the ladder is for the process alone, and the keeper does
 * the killing.
 *
 * `survivor` (may be NULL) is called for each member that is left and can be seen; report.survivors may be more. `ret`
 * may be NULL.
 *
 * Tells the audit hooks: pidhold.stop_tree (pid).
 * Returns 0, with a keeper: nobody is left, by the kernel's word. The keeper has no child any more, the control group
 * is empty, or the PID namespace has ended. HOLD_SURVIVORS: at least one process is left. HOLD_NONE_SEEN, without a
 * keeper: no member is seen; orphans that went to another parent would not be seen. If the children of a member could
 * not be looked at before it ended, the answer is the error of that look. HOLD_GONE, with a keeper: nobody was left
 * before; without one: the process had ended before, and its descendants are unknown.
 * Errors: those of hold_tree_list; -EINVAL a ladder as hold_stop would refuse it.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_tree_stop(struct hold *h, const struct hold_rung *ladder, size_t ladder_count,
			    struct hold_tree_report *ret, hold_tree_visitor *survivor, void *context);

/*
 * Waits until nobody of the tree is left, members that are made meanwhile included, or the deadline has passed. Without
 * a keeper the tree is looked at every 20 ms: a process may be missed if it was made between two looks and its parent
 * ended.
 * Returns 0: nobody is left, by the kernel's word, as hold_tree_stop has it. HOLD_NONE_SEEN, without a keeper: no
 * member is seen any more. HOLD_PENDING. HOLD_GONE, without a keeper: the process had ended, and its descendants are
 * unknown.
 * Errors: those of hold_tree_list; what ppoll(2) gives.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_tree_wait(struct hold *h, int64_t deadline);

/*
 * The most memory, in KiB, that all processes of the tree had together at a time. It is known once hold_tree_wait or
 * hold_tree_stop has returned that nobody is left, and where a control group with a memory controller keeps the tree.
 * Returns it. Errors: -ENODATA it is not known.
 * Thread-safe. Async-signal-safe. Follows cgroups(7), memory.peak (Linux 5.19).
 */
HOLD_API int64_t hold_tree_memory_peak(const struct hold *h);

/* What the processes of a tree have used together. -1: not known. */
struct hold_tree_usage {
	size_t size;
	int64_t memory_peak_kib;           /* the most memory at a time (Linux 5.19) */
	int64_t user_us, system_us;        /* processor time */
	int64_t read_bytes, written_bytes; /* from and to disks */
	int64_t tasks_peak;                /* the most processes and threads at a time (Linux 6.1) */
	int64_t tasks_refused;             /* how often a limit on them refused another one */
	/* how often the kernel killed one of its processes for lack of memory; one may be counted twice */
	int64_t oom_kills;
	/*
	 * Descendants that the keeper has reaped and that a signal had ended, whoever sent it, those of a stop
	 * included; and how many of these dumped core. A descendant whose parent reaped it is in neither.
	 */
	int64_t signalled, dumped;
	int32_t cpu_time_is_up; /* 1: the limit of processor time was reached, and the keeper has ended the tree */
	/* negative errno: the processor time could not be read, and so the keeper has ended it */
	int32_t cpu_time_error;
};

/*
 * What the tree has used until now, or in all once hold_tree_wait or hold_tree_stop has returned that nobody is left.
 * A control group counts all but `signalled` and `dumped`, and memory, tasks and disks only where it has their
 * controllers: with the limit of the same kind, or where the system has enabled them. The keeper counts the rest, and
 * tells it at the end.
 * Returns 0. Errors: -ENODATA nothing is known: there is no group, and no keeper has told that nobody is left.
 * Thread-safe. Not async-signal-safe. Follows cgroups(7), memory.peak, memory.events, cpu.stat, io.stat, pids.peak.
 */
HOLD_API int hold_tree_usage(struct hold *h, struct hold_tree_usage *ret);

/*
 * Makes it possible to limit trees (options.tree_limits) where the calling process is alone in a control group that was
 * delegated to it, such as a scope of systemd with Delegate=yes. The kernel lets a group limit others only if it has no
 * process: so the caller, with all its threads, is moved into a group of its own below, "pidhold.caller-PID". Groups
 * with limits are then made beside that. Call it before the first start. Nothing is done where the caller is in the
 * root of all groups, or was moved before.
 *
 * is_on 0: moves the caller back, disables the controllers of its group, and removes the group below. If the caller is
 * killed while a tree with limits lives, the keeper of the tree does that.
 *
 * Returns 0. Errors: -EBUSY another process is there, or, to move back, another group; -EACCES, -EPERM, -EROFS the
 * group is not the caller's; -ENOSYS there is no cgroup of version 2 here.
 * Thread-safe. Not async-signal-safe. Follows the kernel's cgroup-v2, "No Internal Process Constraint".
 */
HOLD_API int hold_group_split(int is_on);

/*
 * Makes the calling process a subreaper, or no longer one. Orphans among a subreaper's descendants become its children,
 * so its tree loses nobody, and it has to reap them: see hold_orphans_reap.
 * Returns 0. Errors: -EINVAL before Linux 3.4.
 * Thread-safe. Not async-signal-safe. Follows prctl(2), PR_SET_CHILD_SUBREAPER.
 */
HOLD_API int hold_orphans_adopt(int is_on);

/*
 * Returns other than 0 if the ended child `pid` is to be left for another part of the program, which waits for it. It
 * may call the functions of this library.
 */
typedef int hold_reap_filter(void *context, int64_t pid);

/*
 * Reaps the orphans that came to the calling process: for the first process of a PID namespace, and for a subreaper.
 * Each child that has ended is reaped, except the children of this library (processes held, keepers) and those for
 * which the filter (may be NULL) returns other than 0. A program with children of its own has to name them by the
 * filter, since the kernel does not tell them from orphans. Nothing is reaped while a start is under way in another
 * thread: call it again at the next SIGCHLD.
 *
 * Returns how many were reaped. Errors: -ENOSYS no /proc; -EMFILE, -ENFILE no descriptor for a look; -ENOMEM.
 * Thread-safe. Not async-signal-safe. Follows waitid(2).
 */
HOLD_API int hold_orphans_reap(hold_reap_filter *is_anothers, void *context);

/* ---- stopping without blocking --------------------------------------------------------------------------------- */

/*
 * Begins to end the process, as hold_stop does, for a program that waits for other things meanwhile. Nothing is sent
 * before the first hold_stop_step. A stop that was begun before, and has not ended, is replaced: so a program can go on
 * to SIGKILL at once. Both functions of release forget the stop.
 *
 *	if (hold_stop_begin(h, NULL, 0) < 0)
 *		...
 *	while (hold_stop_step(h, NULL) == HOLD_PENDING) {
 *		struct pollfd fd = { .fd = hold_stop_fd(h), .events = POLLIN };
 *
 *		poll(&fd, 1, hold_ms_until(hold_stop_deadline(h)));
 *	}
 *
 * Tells the audit hooks: pidhold.stop (pid), once.
 * Returns 0. Errors: -EINVAL a ladder as hold_stop would refuse it.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_stop_begin(struct hold *h, const struct hold_rung *ladder, size_t ladder_count);

/*
 * Begins to end the tree, as hold_tree_stop does; else as hold_stop_begin. A step looks at the members, and takes the
 * longer the more there are.
 *
 * Tells the audit hooks: pidhold.stop_tree (pid), once.
 * Returns 0. Errors: -EINVAL a ladder as hold_stop would refuse it.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_tree_stop_begin(struct hold *h, const struct hold_rung *ladder, size_t ladder_count);

/*
 * Does what is due of a stop (hold_stop_begin, hold_tree_stop_begin), and does not wait. It may be called at any time.
 * It has to be called when hold_stop_fd is readable, and at hold_stop_deadline.
 *
 * Returns HOLD_PENDING: the stop goes on. Any other result ends the stop. Of a process: 0, it has ended (hold_wait
 * tells how); HOLD_SURVIVORS, it lives, and the ladder is at its end (where hold_stop returns HOLD_PENDING); or an
 * error as hold_stop returns it. Of a tree: what hold_tree_stop returns, with the report in `ret` (may be NULL);
 * hold_tree_list then visits the survivors.
 * Errors: -ENODATA no stop was begun, or it has ended.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_stop_step(struct hold *h, struct hold_tree_report *ret);

/*
 * By when hold_stop_step has to be called again, for poll(2) and its like by hold_ms_until. It changes with each step.
 * Returns it: a deadline; HOLD_FOREVER if there is no stop.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int64_t hold_stop_deadline(const struct hold *h);

/*
 * A descriptor that is readable when hold_stop_step has something new to tell before the deadline. It may be another
 * one after each step. It is owned by the hold.
 * Returns it. Errors, with which the deadline alone counts (poll(2) ignores a negative number): -ENODATA there is no
 * keeper of a tree to tell, or no stop; -ENOSYS there are no process descriptors here.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_stop_fd(struct hold *h);

/* A ladder for a program that sends the signals itself, to something that is not a hold. */
struct hold_ladder {
	size_t size;
	const struct hold_rung *rungs; /* borrowed */
	size_t count;
	size_t next; /* the rung that comes next; count: the last one has been sent */
	int64_t due; /* when it comes, or when the time of the last one is up. 0: at once */
};

/*
 * Takes the next step of a ladder if it is due at the point `now`: nothing is sent, and no clock is read. The fields
 * `next` and `due` may be set by the caller, to begin late or to skip rungs.
 *
 * Returns the signal that the caller has to send now (and SIGCONT after it, unless it is SIGKILL); 0: none is due
 * before ladder->due. Errors: -ETIMEDOUT the time of the last rung is up; -EINVAL a ladder as hold_stop would refuse
 * it, a `next` beyond its end, or a `now` below 0.
 * Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_ladder_next(struct hold_ladder *ladder, int64_t now);

/* ---- from start to end in one call ----------------------------------------------------------------------------- */

/*
 * Called with output as it comes. stream: HOLD_STDOUT, HOLD_STDERR, or HOLD_TERMINAL for what the result would have in
 * `terminal`. A negative errno: the run is ended as at the
 * deadline, and hold_capture returns that errno. Any other value: go on.
 */
typedef int hold_sink(void *context, int stream, const void *bytes, size_t length);

struct hold_capture_options {
	size_t size;
	const struct hold_options *options; /* hold_capture has other defaults for the streams */
	const void *input;                  /* written to standard input; not with a terminal */
	size_t input_length;                /* bytes */
	size_t keep_head, keep_tail; /* bytes of each output that are kept, and allocated at the start. Both 0: 1 MiB */
	int64_t deadline;            /* by when it must have ended; 0: no limit */
	hold_sink *sink;             /* gets each output, of which nothing is kept then. NULL: it is kept */
	void *sink_context;
};

/* What is known of an output. */
struct hold_output {
	char *bytes;    /* with a NUL behind them */
	size_t length;  /* bytes kept: the first, and the last */
	size_t gap_at;  /* where the first end and the last begin, between which some are lost; length if none are */
	uint64_t total; /* bytes that were printed */
};

struct hold_capture_result {
	size_t size;
	struct hold_status status;
	int32_t timed_out; /* 1: the deadline passed before the process had ended */
	int32_t reserved;
	struct hold_output out, err;  /* a terminal's is in out; in err if only err is on it; see terminal */
	struct hold_tree_report left; /* of the end of the tree, if it had to be ended */
	/* The descendants that lived 200 ms after the command's end, or at the deadline, and were ended then. */
	struct hold_member *orphans;
	size_t orphan_count;
	struct hold_output terminal; /* what was printed on a terminal that neither out nor err is on: on /dev/tty */
};

/*
 * Starts a process, writes its input, keeps its output, and returns when it and all its descendants have ended (without
 * a keeper: when it has ended, and its output with it or 200 ms later). A
 * stream at HOLD_STDIO_DEFAULT: standard input is the input, or /dev/null without one; standard output and error are
 * pipes. With a terminal all three are the terminal. Nobody types there: a program that reads it gets the end of file.
 * Output that goes elsewhere is not kept.
 *
 * At the deadline the tree is ended by the options' ladder, even if a pipe is still open; the output until then, and
 * while the tree ends, is in the result. After the end of the process its descendants have 200 ms to end, and are then
 * ended in the same way.
 *
 * A process that reads its input no further is no error, and no signal reaches the caller for it. `reterr` may be NULL.
 *
 * Tells the audit hooks: pidhold.spawn (program, argv); pidhold.stop_tree (pid), if the tree has to be ended.
 * Returns 0 and the result, for hold_capture_free; or HOLD_SURVIVORS and the result: something could not be ended, or
 * the keeper was killed, and nothing tells who is left. If that is the process itself, result.status.how is
 * HOLD_HOW_UNKNOWN, and never 0. Without a keeper 0 does not prove that no descendant is left. Errors: those of
 * hold_spawn; what ppoll(2) or the sink gives, and the process has been ended then; -EINVAL input without bytes, with a
 * terminal, or where options.in is something else; -ENOMEM also for a keep_head and keep_tail that no memory can hold.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API HOLD_OWNED int hold_capture(struct hold_capture_result *ret, const struct hold_capture_options *options,
				     struct hold_error *reterr);

/*
 * Frees the outputs and the orphans of a result. NULL is allowed, and a result that was freed.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API void hold_capture_free(struct hold_capture_result *result);

/* ---- relay: between a user and the terminal of a process -------------------------------------------------------- */

/*
 * Copies what is typed on the user's side to the terminal of a process, and what is printed there to the user's side.
 * A relay has 192 KiB of memory: a reader that is slow makes the process wait, and one that stalls delays nothing else.
 * It changes no handler, so a program that may be killed by signals puts its terminal back itself, or by
 * options.restored_terminal of the start.
 *
 * hold_relay is all of it in one call. A program with a loop of its own does this:
 *
 *	struct pollfd fds[HOLD_RELAY_FDS + 1];
 *
 *	while (hold_wait(h, HOLD_NOW, &status) == HOLD_PENDING) {
 *		hold_relay_fds(relay, fds, 1);
 *		fds[HOLD_RELAY_FDS] = (struct pollfd){ .fd = hold_fd(h), .events = POLLIN };
 *		if (poll(fds, HOLD_RELAY_FDS + 1, hold_ms_until(hold_relay_deadline(relay))) >= 0)
 *			hold_relay_step(relay, fds);
 *	}
 *	hold_relay_run(relay, hold_after_ms(5000));
 */
struct hold_relay;
struct pollfd; /* the system's, from <poll.h> */

#define HOLD_RELAY_FDS 4

#define HOLD_RELAY_RAW (UINT64_C(1) << 0)         /* a terminal at `in` is made raw while the caller is in its front */
#define HOLD_RELAY_SIZE (UINT64_C(1) << 1)        /* the process's terminal gets the size of the user's */
#define HOLD_RELAY_DESCENDANTS (UINT64_C(1) << 2) /* hold_relay_run waits for the end of the tree, if a keeper tells */
#define HOLD_RELAY_STRIP_CR (UINT64_C(1) << 3)    /* CR LF becomes LF at `out`, unless that is a terminal */

/* What the end of the input means to the process's terminal. */
enum {
	/* The end-of-file character is typed, and again when a program waits for input: see hold_terminal_is_read. */
	HOLD_INPUT_END_TYPED = 0,
	HOLD_INPUT_END_IGNORED = 901 /* nothing is typed */
};

/* Gets each output before it is written, and may shorten it where it lies. Returns how many bytes are to be written. */
typedef size_t hold_filter(void *context, char *bytes, size_t length);

/* Writes output in place of write(2), without waiting. Returns how many bytes were taken, or a negative errno. */
typedef int64_t hold_writer(void *context, const void *bytes, size_t length);

struct hold_relay_options {
	size_t size;
	int32_t in;       /* where the user types; negative: nowhere */
	int32_t out;      /* where output goes. 0: standard output; negative: nowhere */
	int32_t at_end;   /* HOLD_INPUT_END_... */
	int32_t reserved; /* 0 */
	uint64_t flags;   /* HOLD_RELAY_... */
	/*
	 * Gets every byte: HOLD_TERMINAL as it was printed, HOLD_STDIN once the terminal has taken it. A negative errno
	 * is what the step then returns. NULL: nobody is told.
	 */
	hold_sink *observer;
	hold_filter *filter; /* NULL: all is written */
	hold_writer *writer; /* called when `out` may be written to; NULL: write(2) */
	void *context;       /* of the three */
};

/* What became of the bytes. Errors are negative errnos; 0: there was none. */
struct hold_relay_state {
	size_t size;
	uint64_t printed;     /* bytes that the terminal printed */
	uint64_t written;     /* bytes that `out` has taken */
	uint64_t lost;        /* bytes that were to be written and were not, since out_error */
	uint64_t typed;       /* bytes that the terminal has taken */
	uint32_t undelivered; /* bytes that wait for `out` */
	int32_t in_error;     /* the input was read no further, though it was not at its end */
	int32_t out_error;    /* the output was written no further; it is read on, and lost */
	int32_t read_error;   /* the process's terminal could be read no further: the rest of its output is lost */
	/* 1 or 0 */
	int32_t in_has_ended;
	int32_t in_is_terminal, out_is_terminal;
	int32_t interrupt_was_typed; /* the character of SIGINT, by a user at a terminal */
	int32_t is_canonical;        /* the process's terminal gives whole lines now */
	int32_t echoes;              /* it echoes now. Canonical without echo: a password is asked for */
	int32_t modes_are_new;       /* one of these two is not as it was when the relay was made */
	int32_t reserved;
};

/*
 * Copies until the process has ended (with HOLD_RELAY_DESCENDANTS until its tree has) and all that was printed until
 * then is written, or until the deadline. `ret` may be NULL; undelivered output counts as lost there.
 *
 * Returns 0, or HOLD_PENDING: the deadline passed. Errors: those of hold_relay_new; those of hold_relay_run.
 * One thread a hold. Not async-signal-safe. Follows script(1).
 */
HOLD_API int hold_relay(struct hold *h, const struct hold_relay_options *options, int64_t deadline,
			struct hold_relay_state *ret);

/*
 * Makes a relay for the process's terminal, whose master is non-blocking from then on. Terminals, and the pipe at
 * `out`, are opened again where that is possible: so their open files, which other processes share, stay blocking. The
 * descriptors and the hold have to outlive the relay. A hold has one relay at a time.
 *
 * Returns 0 and the relay. Errors: -ENOTTY the process has no terminal of ours, or that was taken; -EBUSY it has a
 * relay already.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API HOLD_OWNED int hold_relay_new(struct hold_relay **ret, struct hold *h,
				       const struct hold_relay_options *options);

/*
 * Gives up what is undelivered, puts the modes of the user's terminal back (unless another program has set others), and
 * frees the relay. NULL is allowed.
 * Returns NULL.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API struct hold_relay *hold_relay_free(struct hold_relay *relay);

/*
 * Fills in what poll(2) is to be asked, HOLD_RELAY_FDS of them; a negative `fd` asks nothing. With reads_input 0 the
 * user's input is left alone this time, for another program to read.
 * Returns HOLD_RELAY_FDS.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_fds(struct hold_relay *relay, struct pollfd *fds, int reads_input);

/*
 * By when hold_relay_fds is to be called again, though no descriptor is ready.
 * Returns it: a deadline, or HOLD_FOREVER.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int64_t hold_relay_deadline(const struct hold_relay *relay);

/*
 * Does what is possible by the `revents` of what hold_relay_fds has filled in, and does not wait.
 * Returns HOLD_PENDING, or 0: the terminal is at its end, and all is written. Errors: those of the observer.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_step(struct hold_relay *relay, const struct pollfd *fds);

/*
 * Does what hold_relay does, with a relay that the caller has made. After HOLD_PENDING it may be called again.
 * Returns 0, or HOLD_PENDING. Errors: those of the observer; what ppoll(2) gives.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_run(struct hold_relay *relay, int64_t deadline);

/*
 * After the end of the process: takes all that was printed until now, and ends the input. Further steps write that, and
 * read nothing.
 * Returns 0: all is written; or HOLD_PENDING. One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_finish(struct hold_relay *relay);

/*
 * After hold_relay_finish: steps read on, for the output of descendants.
 * Returns 0. One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_resume(struct hold_relay *relay);

/*
 * Stores what became of the bytes so far. If `size` ends before is_canonical, the terminal is not asked for its modes.
 * Returns 0. One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_state(const struct hold_relay *relay, struct hold_relay_state *ret);

/*
 * Types bytes, as if they came from the input, behind what waits there.
 * Returns how many there was room for. One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_type(struct hold_relay *relay, const void *bytes, size_t length);

/*
 * Adds bytes to the output, behind what waits there. They do not pass the filter and the observer.
 * Returns how many there was room for. One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_relay_print(struct hold_relay *relay, const void *bytes, size_t length);

/*
 * For a program that makes the user's terminal raw itself: takes what was typed there before, while the terminal still
 * tells lines and ends of file. Each end of file becomes the character that means it at the process's terminal.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API void hold_relay_take_ahead(struct hold_relay *relay);

/* ---- driving: waiting for words of a process, and answering them ------------------------------------------------- */

enum {
	HOLD_PATTERN_LITERAL = 0, /* these bytes */
	/*
	 * A POSIX extended regular expression, of bytes, as regcomp(3) has it with REG_EXTENDED | REG_NEWLINE in the C
	 * locale: `.` and [^...] match no newline, `^` and `$` are the ends of lines. `$` is also before a carriage
	 * return, and at the end of the output; \n, \r, \t and \e are these characters. An expression for which
	 * POSIX defines nothing is refused: see hold_pattern_refusal.
	 */
	HOLD_PATTERN_REGEX = 1001
};

struct hold_pattern {
	int32_t kind;     /* HOLD_PATTERN_... */
	int32_t reserved; /* 0 */
	const char *bytes;
	size_t length; /* 0: up to a NUL */
};

/*
 * Why a pattern is refused, as a sentence without a final full stop, and at which byte of it. ret_at may be NULL.
 * Returns a static text; NULL if the pattern can be used.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API const char *hold_pattern_refusal(const struct hold_pattern *pattern, size_t *ret_at);

/* A matcher: reads the output of a process and finds patterns in it. It belongs to the process that made it. */
struct hold_expect;

struct hold_expect_options {
	size_t size;
	int32_t stream; /* HOLD_STDOUT, HOLD_STDERR, HOLD_TERMINAL. 0: the terminal if there is one, else HOLD_STDOUT */
	int32_t reserved; /* 0 */
	size_t window;    /* bytes that are kept, 1 GiB at the most. 0: 64 KiB */
	hold_sink *sink;  /* gets all output, as it is read. A negative errno ends the call with it. NULL: none */
	void *sink_context;
};

/* What was found. The pointers are into the window, and valid until the next call for the matcher. */
struct hold_match {
	size_t size;
	int32_t pattern; /* its index; -1: none was found */
	int32_t is_cut;  /* 1: the match is longer than the window, and its beginning is no longer there */
	/* The output between the match before and this one; all that was not matched, if none was found. */
	const char *before;
	size_t before_length;
	const char *bytes; /* the match */
	size_t length;
	uint64_t skipped; /* bytes in front of `before` that the window has no longer */
};

/*
 * Makes a matcher for the output of a process, that reads it from then on. `h` has to live longer than the matcher.
 * `options` may be NULL. If `h` is NULL the matcher reads nothing, and hold_expect_feed gives it the output.
 * Returns 0 and the matcher. Errors: -EBADF the stream is no pipe or terminal of ours, or was taken; -EINVAL a stream
 * or window that is not possible.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API HOLD_OWNED int hold_expect_new(struct hold_expect **ret, struct hold *h,
					const struct hold_expect_options *options);

/*
 * Frees a matcher. What it has read and not matched is lost; the hold stays. NULL is allowed.
 * Returns NULL.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API struct hold_expect *hold_expect_free(struct hold_expect *expect);

/*
 * Waits until one of the patterns is in the output. With a `count` of 0 those of the call before are waited for again.
 *
 * What is found does not depend on the pieces in which the output comes: it is the match that ends first, at the byte
 * at which it ends; of several that end there the longest one, then that of the first pattern. So "[0-9]+" finds one
 * digit, and "[0-9]+ " a number. A match has at least one byte. Each byte is looked at once, also for a match that is
 * longer than the window: the cost is linear in the output, and the window bounds only what is kept of it. A match is
 * taken out of the window by the next call, with what is before it. If none is found, all stays there, and is looked at
 * again with new patterns.
 *
 * Stores what was found in `ret`, which may be NULL, and is filled in too where nothing was found.
 * Returns 0: a pattern was found. HOLD_PENDING: the deadline has passed. HOLD_OUTPUT_END: the output is at its end.
 * Errors: -EINVAL a pattern is refused, or none was ever given; -EBADF the stream was taken; those of read(2), and of
 * the sink.
 * One thread a hold. Not async-signal-safe. Follows expect(1).
 */
HOLD_API int hold_expect(struct hold_expect *expect, const struct hold_pattern *patterns, size_t count,
			 int64_t deadline, struct hold_match *ret);

/*
 * Gives output to a matcher that has no hold, up to a match, which hold_expect then tells. Until then no more is taken.
 * A `length` of 0 is the end of the output. hold_expect waits for nothing with such a matcher.
 * Returns how many bytes were taken. Errors: -EINVAL the matcher has a hold, or has no patterns yet.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int64_t hold_expect_feed(struct hold_expect *expect, const void *bytes, size_t length);

/*
 * Sends bytes to the process: by its terminal, if the matcher reads that, else by the pipe of its standard input. The
 * output is read meanwhile; what does not fit in the window is skipped. A terminal that gives whole lines cuts a line
 * that is longer than 4,095 bytes. Stores how many bytes were sent in *ret_sent (may be NULL), also after an error.
 * Returns 0, or HOLD_PENDING: the deadline has passed before all were sent. Errors: -EPIPE nobody reads them; -EBADF
 * there is no such pipe, or it was taken; -EINVAL the matcher has no hold; those of read(2), write(2) and the sink.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_expect_send(struct hold_expect *expect, const void *bytes, size_t length, int64_t deadline,
			      size_t *ret_sent);

/*
 * Sends the end of file. A pipe is closed. On a terminal its character for that is typed, twice within a line: the
 * first one only gives the program that part of the line.
 * Returns 0, or HOLD_PENDING. Errors: those of hold_expect_send.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_expect_send_end(struct hold_expect *expect, int64_t deadline);

/*
 * Interrupts the process. On a terminal the character for that is typed, so that the programs of its foreground get
 * SIGINT, or the character where they read each key. Without one the process gets SIGINT.
 * Returns 0, HOLD_PENDING, or without a terminal HOLD_GONE. Errors: those of hold_expect_send; without a
 * terminal those of hold_signal.
 * One thread a hold. Not async-signal-safe.
 */
HOLD_API int hold_expect_interrupt(struct hold_expect *expect, int64_t deadline);

/*
 * Waits until the terminal gives lines without an echo, as where a password is asked for. What is sent earlier would be
 * shown, and is often thrown away. The output is read meanwhile, and is in the window afterwards. It is looked every 10
 * ms, since the system does not tell.
 * Returns 0, HOLD_PENDING, or HOLD_OUTPUT_END. Errors: -ENOTTY the matcher reads no terminal; -EINVAL it has no hold;
 * those of read(2), and of the sink.
 * One thread a hold. Not async-signal-safe. Follows tcgetattr(3).
 */
HOLD_API int hold_expect_hidden(struct hold_expect *expect, int64_t deadline);

/* ---- many ------------------------------------------------------------------------------------------------------ */

/*
 * A set of holds with one descriptor for all: the cost of one end does not grow with the number that live. A hold is in
 * one set at a time, and leaves it when hold_waitset_next has returned it, or when it is released. One thread a set: a
 * thread that uses the set uses all holds in it.
 */
struct hold_waitset;

/*
 * An empty set. Returns 0 and the set. Errors: -EMFILE, -ENFILE.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API HOLD_OWNED int hold_waitset_new(struct hold_waitset **ret);

/*
 * Puts a hold in. It may have ended. `tag` is stored by hold_waitset_next with it.
 * Returns 0. Errors: -EBUSY it is in a set; -ENOSYS there are no process descriptors here; -ENOSPC a limit of epoll(7).
 * One thread a hold, and a set. Not async-signal-safe.
 */
HOLD_API int hold_waitset_add(struct hold_waitset *set, struct hold *h, void *tag);

/*
 * Takes a hold out: hold_waitset_next will not return it.
 * Returns 0. Errors: -ENOENT it is not in this set.
 * One thread a hold, and a set. Not async-signal-safe.
 */
HOLD_API int hold_waitset_remove(struct hold_waitset *set, struct hold *h);

/*
 * Waits until one of the set has ended or the deadline has passed. Stores it with its tag (ret_tag may be NULL), and
 * takes it out of the set: it is returned once. hold_wait then tells how it ended.
 * Returns 0, or HOLD_PENDING. Errors: -ENOENT the set is empty.
 * One thread a hold, and a set. Not async-signal-safe. Follows epoll_wait(2).
 */
HOLD_API int hold_waitset_next(struct hold_waitset *set, int64_t deadline, struct hold **ret, void **ret_tag);

/*
 * A descriptor that is readable when hold_waitset_next would not have to wait. It is owned by the set.
 * Returns it. Thread-safe. Async-signal-safe.
 */
HOLD_API int hold_waitset_fd(const struct hold_waitset *set);

/*
 * Frees a set. The holds that are in it stay, in no set. NULL is allowed.
 * Returns NULL.
 * One thread a hold, and a set. Not async-signal-safe.
 */
HOLD_API struct hold_waitset *hold_waitset_free(struct hold_waitset *set);

/* ---- adopting: taking hold of a process that another program started ------------------------------------------- */

/*
 * Holds process `pid`. Between learning the number and this call it may already have become a stranger's; from the
 * call on it cannot. Releasing an adopted hold leaves the process alone, and so does waiting: if it is a child of
 * the caller's, the caller reaps it as before.
 *
 * Tells the audit hooks: pidhold.adopt (pid).
 * Returns 0 and the hold. Errors: those of hold_pidfd_open. Without process descriptors there is nothing to hold by:
 * -ENOSYS (-EPERM where a filter forbids them).
 * Thread-safe. Not async-signal-safe. Follows pidfd_open(2).
 */
HOLD_API HOLD_OWNED int hold_adopt(struct hold **ret, int64_t pid);

/*
 * Holds the process that `pidfd` refers to, which stays the caller's; it may be non-blocking.
 *
 * Tells the audit hooks: pidhold.adopt (pid).
 * Returns 0 and the hold. Errors: -EBADF not a process descriptor; -ESRCH the process has been reaped and the
 * kernel no longer tells its pid; -EMFILE; -ENOSYS no /proc.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API HOLD_OWNED int hold_adopt_fd(struct hold **ret, int pidfd);

/*
 * Holds the process that `reference` names: a text of hold_reference, from any program since the machine started.
 *
 * Tells the audit hooks: pidhold.adopt (pid).
 * Returns 0 and the hold, or HOLD_GONE: that process has ended (another may have its number). Errors: -EINVAL not
 * a reference; -EOPNOTSUPP one that this kernel cannot check; those of hold_pidfd_open.
 * Thread-safe. Not async-signal-safe. Follows kill(1) of util-linux 2.42.
 */
HOLD_API HOLD_OWNED int hold_adopt_reference(struct hold **ret, const char *reference);

/* ---- what this system can promise ------------------------------------------------------------------------------ */

struct hold_cap {
	size_t size;
	const char *name;      /* "signal", "group-signal", "reference", ...: one word, stable */
	const char *mechanism; /* what is used for it here: "kill", ...; of "containment": what AUTO takes */
	const char *promise;   /* what is promised with the best mechanism */
	int32_t supported;     /* 1: in full; 0: weaker, or not there */
	int32_t error;         /* the negative errno that the best mechanism was refused with; 0 if supported */
	const char *need; /* what the best mechanism needs: "pidfd_open: Linux 5.3"; NULL if supported, or not known */
};

/*
 * Stores capability number `index`, 0, 1, ..., from a probe made now. Its texts are static.
 * Returns 0. Errors: -ENOENT there are no more.
 * Thread-safe. Not async-signal-safe.
 */
HOLD_API int hold_caps(size_t index, struct hold_cap *ret);

#endif /* _WIN32 */

/* ---- auditing -------------------------------------------------------------------------------------------------- */

#define HOLD_EVENT_NUMBERS 2

struct hold_event {
	size_t size;
	const char *name;                       /* "os.kill", "pidhold.spawn", ... */
	size_t count;                           /* how many of numbers[] the event has */
	int64_t numbers[HOLD_EVENT_NUMBERS];    /* in the order of the event's arguments */
	const char *labels[HOLD_EVENT_NUMBERS]; /* what each is: "pid", "pgid", "thread", "signal" */
	const char *program;                    /* pidhold.spawn: the file to be executed; else NULL */
	const char *const *argv;                /* pidhold.spawn: the argument vector; else NULL */
};

/* Told of an act before it. 0 lets it be; a negative errno forbids it, and it then fails with that errno. */
typedef int hold_audit_hook(void *context, const struct hold_event *event);

/*
 * Adds a hook, for as long as the program runs. The events, each told after the arguments were checked and before the
 * system call that acts, in the acting thread, with no lock held, hooks in the order in which they were added, up to
 * the first that forbids:
 *
 *	os.forkpty ()                          pidhold.spawn (program, argv)
 *	os.kill (pid, signal)                  pidhold.stop (pid)
 *	os.killpg (pgid, signal)               pidhold.signal (pid, signal)
 *	signal.pthread_kill (thread, signal)   pidhold.adopt (pid)
 *	pidhold.signal_tree (pid, signal)      pidhold.stop_tree (pid)
 *
 * hold_group_signal tells pidhold.signal with the group as a negative number. A hook may call the library; what it
 * does there is told to the hooks as well, itself included, so it has to end that recursion itself.
 *
 * Returns 0. Errors: -ENOMEM.
 * Thread-safe, while others act too: an act that began before may not be told. Not async-signal-safe.
 * Follows PEP 578; sys.addaudithook.
 */
HOLD_API int hold_audit_add(hold_audit_hook *hook, void *context);

/* ---- functions by number --------------------------------------------------------------------------------------- */
/*
 * The system's functions as Python's os module has them, clause by clause, with numbers for processes. They are
 * here for programs that have nothing better than a number; a hold cannot hit a stranger, a number can. Numbers
 * come as int64_t so that one that does not fit is refused and never cut.
 */

/*
 * Sends signal `signal` to process `pid`. As the kernel has it, a pid of 0 is every process of the caller's group,
 * -1 every process that may be signalled, below -1 every process of group -pid; signal 0 sends nothing and tests.
 *
 * Tells the audit hooks: os.kill (pid, signal).
 * Returns 0. Errors: -EINVAL no such signal, or a number that does not fit; -ESRCH no such process or group;
 * -EPERM not allowed to signal it; of a group, none of it.
 * Thread-safe. Async-signal-safe. Follows os.kill; kill(2).
 */
HOLD_API int hold_kill(int64_t pid, int64_t signal);

#ifdef _WIN32
/*
 * On Windows these two are console control events, for the process group `pid` (0: every process on this console, the
 * caller too); any other value of signal ends process `pid` with that value as exit code, so 0 does not test there.
 * Errors: -EINVAL no such process or group; -EACCES not allowed, or it is ending; -EBADF no console.
 */
#define HOLD_CTRL_C_EVENT 0
#define HOLD_CTRL_BREAK_EVENT 1
#else

/*
 * Sends signal `signal` to process group `pgid`; 0 is the caller's own.
 *
 * Tells the audit hooks: os.killpg (pgid, signal).
 * Returns 0. Errors: -EINVAL no such signal, a number that does not fit, a group below 0, or group 1 (for which
 * C libraries signal every process on the machine); -ESRCH no such group; -EPERM not allowed to signal any of it.
 * Thread-safe. Async-signal-safe. Follows os.killpg; killpg(3).
 */
HOLD_API int hold_killpg(int64_t pgid, int64_t signal);

/*
 * Sends signal `signal` to a thread of this program. `thread` is its pthread_t, cast; it must not have been joined
 * (a thread that was is undefined behaviour in the C library).
 *
 * Tells the audit hooks: signal.pthread_kill (thread, signal).
 * Returns 0. Errors: -EINVAL no such signal, or one that does not fit; -ESRCH the thread has ended (some C
 * libraries return 0 then).
 * Thread-safe. Async-signal-safe. Follows signal.pthread_kill; pthread_kill(3).
 */
HOLD_API int hold_pthread_kill(uintptr_t thread, int64_t signal);

/*
 * Adds `increment` to the caller's niceness and stores the new one, -20 to 19 (-1 is a niceness, not an
 * error); beyond the ends it is clamped, as the kernel does. On Linux a niceness is the calling thread's own and
 * that of the threads and processes which it starts later. ret_niceness may be NULL.
 *
 * Returns 0. Errors: -EPERM lowering it is not allowed (Linux: CAP_SYS_NICE, or RLIMIT_NICE).
 * Thread-safe. Async-signal-safe. Follows os.nice; nice(2). Tells no audit hook, as os.nice does not.
 */
HOLD_API int hold_nice(int increment, int *ret_niceness);

/*
 * A descriptor that refers to process `pid` (any process that can be seen, or one not yet reaped); close-on-exec,
 * owned by the caller. flags: 0, HOLD_PIDFD_NONBLOCK, or others that the kernel knows.
 *
 * Returns the descriptor. Errors: -EINVAL a flag unknown to the kernel, a pid below 1 or that does not fit;
 * -ESRCH no such process; -ENOENT (before Linux 6.16 -EINVAL) a thread that does not lead its process; -EMFILE,
 * -ENFILE descriptors are used up; -ENODEV no pidfs; -ENOSYS the kernel has none (before Linux 5.3); -EPERM a filter
 * forbids it.
 * Thread-safe. Async-signal-safe. Follows os.pidfd_open; pidfd_open(2). Tells no audit hook, as os.pidfd_open does not.
 */
HOLD_API int hold_pidfd_open(int64_t pid, unsigned flags);

/*
 * The descriptor is non-blocking: waitid(2) on it gives EAGAIN at once while the process lives. Since Linux 5.10.
 * The value is the kernel's O_NONBLOCK.
 */
#if defined(__alpha__)
#define HOLD_PIDFD_NONBLOCK 04u
#elif defined(__mips__)
#define HOLD_PIDFD_NONBLOCK 0200u
#elif defined(__hppa__)
#define HOLD_PIDFD_NONBLOCK 0200000u
#elif defined(__sparc__)
#define HOLD_PIDFD_NONBLOCK 040000u
#else
#define HOLD_PIDFD_NONBLOCK 04000u
#endif

/* Told that a process with `threads` threads (2 or more) is about to be forked. A negative errno prevents it. */
typedef int hold_thread_warning(void *context, int threads);

struct hold_forkpty_options {
	size_t size;
	const struct hold_terminal *terminal; /* NULL: 0 rows by 0 columns, as forkpty(3) */
	hold_thread_warning *warn;            /* NULL: nobody is told */
	void *warn_context;
};

/*
 * Forks, with a new terminal as the child's controlling terminal and its descriptors 0, 1 and 2; the C library's
 * at-fork handlers run. `options` may be NULL.
 *
 * A child forked from a process with several threads inherits locks that no thread of it will ever release; use
 * hold_spawn there. The system counts the threads, whatever libraries made them; the number is stored
 * in *ret_threads (which may be NULL; 0: the system did not tell). With more than one, options->warn is called
 * after the audit hooks and before anything exists; if it forbids the fork nothing is left behind.
 *
 * On macOS the use of this function is unsafe when mixed with higher-level system interfaces, as it is for every
 * fork there.
 *
 * Tells the audit hooks: os.forkpty ().
 * Returns 0 in the child (*ret_master is -1 there: the child has no master), in the parent the child's pid, with
 * the terminal's master, close-on-exec, in *ret_master, which is owned by the caller. The caller waits for the
 * child. A child that cannot set up its terminal ends before this call returns, and the error is its own.
 * Errors: -EAGAIN a limit on processes or terminals; -ENOMEM; -EMFILE, -ENFILE; -ENOENT, -ENODEV no /dev/ptmx
 * (devpts is not mounted); -ENOSPC no terminal is left; -EIO the terminal could not be unlocked; any of warn.
 * Thread-safe. Not async-signal-safe. Follows os.forkpty; forkpty(3).
 */
HOLD_API HOLD_OWNED int hold_forkpty(int *ret_master, int *ret_threads, const struct hold_forkpty_options *options);

#endif /* _WIN32 */

#ifdef __cplusplus
}
#endif

#endif
