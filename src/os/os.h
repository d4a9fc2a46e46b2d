/* SPDX-License-Identifier: ISC */
/*
 * What src/core needs of an operating system: the contract of the files beside this one. Each file implements one
 * family of primitives by one mechanism and is called <primitive>-<mechanism>.c; the build picks the files, so
 * `ls src/os` is the support matrix.
 *
 * Unless its text says otherwise a function returns 0, or a value that its text names, or a negative errno; errno
 * is left alone; descriptors that it opens are close-on-exec from birth and above 2; it may be called from any
 * thread. [signal] marks those that may be called from a signal handler.
 */
#ifndef OS_H
#define OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct termios;

/* Whether a number is a negative errno: a number that another process sent may be anything. */
static inline bool os_is_error(int number) {
	return number < 0 && number >= -4095;
}

/* ---- descriptor-fcntl.c ---- */

int os_pipe(int pair[2]); /* pair[0] is the end to read from */
bool os_is_open(int fd);
void os_close(int fd); /* [signal]; a negative fd is ignored */

/* Makes the open descriptor `number` refer to the file of `fd`, and closes `fd`. Does nothing if `fd` is negative. */
void os_replace(int fd, int number);

/* A second descriptor of the same open file, above 2 and close-on-exec. */
int os_duplicate(int fd);

/* Returns a descriptor above 2 of the same open file. `fd` is closed, also on failure, unless it is returned. */
int os_above_stdio(int fd);

/* ---- start/reserve-low.c ---- */

enum { OS_LOW = 256 }; /* below this a number is low */

/* Reserves low numbers, unless this process has done so already. -EMFILE: no low number is free. */
int os_reserve(void);

/* Moves a descriptor that only the library knows from a high number to a low one, if one is free, and returns it. */
int os_lower(int fd);
void os_close_lowered(int fd); /* of a descriptor that os_lower returned */

/* ---- terminal-ptmx.c, terminal-termios.c ---- */

struct os_winsize {
	uint16_t rows, columns, x_pixels, y_pixels;
};

struct os_terminal {
	int master, subordinate;
};

/* A new terminal with this size (NULL: 0 by 0) and modes (NULL: the system's); not yet a controlling terminal. */
int os_terminal_open(struct os_terminal *ret, const struct os_winsize *winsize, const struct termios *modes);
int os_terminal_resize(int master, const struct os_winsize *winsize); /* [signal] */
int os_terminal_size(int terminal, struct os_winsize *ret);

/*
 * Makes the user the owner of a new terminal, who can then open it by its path: /dev/stdout, /dev/pts/N. Its group and
 * its permissions stay those of the file system, as the "tty" group and 620. 0 too where the caller may not do that.
 */
int os_terminal_give(const struct os_terminal *terminal, uint32_t user);

/* Types the end-of-file character, if the terminal knows one now: if it gives whole lines. 0, or an error. */
int os_terminal_type_end(int master);

/* The character that a terminal has for the end of file or the interrupt; ^D, ^C where it has none. Or an error. */
enum os_terminal_character { OS_TERMINAL_END, OS_TERMINAL_INTERRUPT };
int os_terminal_character(int master, enum os_terminal_character which);

/* Erase takes back whole characters of UTF-8. */
int os_terminal_set_utf8(const struct os_terminal *terminal);

struct os_tree;

/*
 * 1: a process of the tree, of the terminal's foreground group, is blocked in a read of it, or in a wait for input of
 * it; 0: none; -EACCES: none that may be looked into. Calls libc's stat: errno is changed. only_in_read: a wait does
 * not count, nor does a read of a process of which another thread runs.
 */
int os_terminal_is_read(int master, const struct os_tree *tree, bool only_in_read);

/* The calling process leads a new session, with this terminal as controlling terminal and descriptors 0, 1, 2. */
int os_terminal_login(const struct os_terminal *terminal);

/* The other side of a terminal, by its master. */
int os_terminal_open_other(int master);

/* ---- modes-termios.c ---- */

/* What a terminal makes of the bytes that pass it. */
struct os_modes {
	bool is_canonical, echoes;
	bool adds_returns; /* before the newlines that are printed */
	int end_of_file;   /* the character, where whole lines are given; -1: none */
	int interrupt;     /* that of SIGINT; -1: none */
	char line_ends[4];
	size_t line_end_count;
};

int os_modes_get(int terminal, struct os_modes *ret); /* after an error *ret knows no character */
bool os_modes_end_line(const struct os_modes *modes, char byte);

/* Whether the caller is in its foreground; true too of a terminal that is not the caller's controlling terminal. */
bool os_terminal_is_in_front(int terminal);

/* A terminal that was made raw; its modes of output too, or not. */
struct os_raw;
int os_raw_begin(struct os_raw **ret, int terminal, bool output_too);
void os_raw_end(struct os_raw *raw); /* puts the modes back, unless another program has set others; NULL is ignored */

/* ---- file-reopen.c: descriptors of the caller's, which other processes share ---- */

enum os_file_kind { OS_FILE_OTHER, OS_FILE_REGULAR, OS_FILE_PIPE, OS_FILE_SOCKET, OS_FILE_TERMINAL };

struct os_file {
	int fd; /* negative: none */
	enum os_file_kind kind;
	bool is_own; /* opened again, non-blocking */
	bool waits;  /* it is blocking: no more may be written than fits */
};

void os_file_take(struct os_file *ret, int fd, bool is_written);
void os_file_give_back(struct os_file *file);

/* As read(2): how many bytes; 0, or -EIO from a terminal: its end; it may be called when the file is ready. */
long os_file_read(int fd, void *bytes, size_t size);

/* How many bytes were taken; it may be called when the file is ready. -EPIPE without a signal. */
long os_file_write(const struct os_file *file, const char *bytes, size_t size);

/* ---- start/program-posix.c ---- */

/*
 * Whether the path means the caller's own program, which for a keeper would be the keeper's; and the file of that. An
 * error: it has none now, having been removed.
 */
bool os_program_is_own(const char *path);
int os_program_own(char *path, size_t size);

/* Whether `path` is a file that may be executed: 0, -EACCES, or the error of stat. */
int os_program_check(const char *path);

/* Reads the interpreter that the first line of a script names: its length (cut at size - 1), or 0 if it names none. */
size_t os_program_interpreter(const char *path, char *interpreter, size_t size);

extern const char os_shell[]; /* the path of the shell that executes a file of no known format */

/* The process's environment. */
const char *const *os_environment(void);

/* How a process ended. */
struct os_exit {
	int wait_status; /* as wait(2) has it */
	bool has_usage;
	int64_t user_us, system_us, max_rss_kib;
};

/* ---- start/spawn-clone.c, start/table-cut.c, start/child.c ---- */

enum os_open { OS_OPEN_READ, OS_OPEN_REPLACE, OS_OPEN_APPEND, OS_OPEN_NULL };

/* What the child does between clone and exec: one operation a step, each a system call or two. */
enum os_action {
	OS_NEW_SESSION,
	OS_NEW_GROUP,
	OS_CONTROLLING_TERMINAL, /* sources[source] */
	OS_UMASK,                /* number: the mask */
	OS_NICE,                 /* number: the increment; last: whether the new session's autogroup gets it too */
	OS_LIMIT,                /* number: the resource; data: two uint64_t, soft and hard */
	OS_OOM_SCORE,            /* number */
	OS_IO_PRIORITY,          /* number */
	OS_GROUPS,               /* number: how many; data: uint32_t each */
	OS_GROUP_ID,             /* number */
	OS_USER_ID,              /* number */
	OS_NO_NEW_PRIVS,
	OS_PARENT_DEATH_SIGNAL, /* number: the signal */
	OS_DIRECTORY,           /* path */
	OS_OPEN,                /* path, as `last` (enum os_open) says, becomes sources[source] */
	OS_LIFT,                /* sources[source] is duplicated to a number that no OS_PLACE uses */
	OS_PLACE,               /* sources[source] appears as `number` */
	OS_CLOSE_RANGE,         /* from `number` to `last` */
	OS_LISTEN_PID,          /* the first LISTEN_PID of env, which is the plan's own, becomes the child's number */
	OS_FOREGROUND           /* of sources[source], for the new group; a keeper leads that terminal's session */
};

#define OS_LISTEN_PID_NAME "LISTEN_PID="

struct os_operation {
	enum os_action action;
	int number, last, source;
	const char *path;
	const void *data;
};

struct os_plan {
	const char *program; /* executed after the last operation */
	const char *const *argv, *const *env;
	const char *const *shell_argv; /* NULL, or executed instead if the kernel does not know the program's format */
	const struct os_operation *operations;
	size_t count;
	int *sources; /* all descriptors of the parent that the plan needs; the child rewrites them */
	size_t source_count;
	int first_free;                /* no source is placed at this number or above */
	bool pass_all;                 /* descriptors that are not close-on-exec are passed on too */
	int64_t deadline;              /* by when the program must have been executed; 0: none */
	int (*give_up)(void *context); /* asked while it has not been executed; NULL: nobody is */
	void *give_up_context;
	bool is_watched;  /* there is a deadline, or somebody is asked: the starting thread may not sleep in clone */
	uint64_t blocked; /* bit signal - 1 */
	uint64_t keep_ignored; /* bit signal - 1 */
	uint64_t ignored;      /* bit signal - 1: ignored by the program, though not by its parent (a keeper) */
	bool keep_mask;
	bool changes_ids; /* the child may not share our memory: the kernel would take our core dumps and /proc away */
};

/* How the child got its table of descriptors. */
enum os_table { OS_TABLE_CUT = 601, OS_TABLE_FETCHED, OS_TABLE_COPIED };

struct os_child {
	int pid;
	int pidfd; /* -1: this system has none */
	int niceness;
	int autogroup; /* INT32_MIN: none, or not changed */
	enum os_table table;
	int64_t parent_max_rss_kib; /* a child's value up to this may be the parent's size */
};

/* Where os_spawn failed, if not at the index of an operation. */
enum {
	OS_FAILED_PROCESS = -1,
	OS_FAILED_EXEC = -2,
	OS_FAILED_SIGNAL_MASK = -3,
	OS_FAILED_CUT = -4,    /* handled in start/spawn-clone.c, which then starts in another way */
	OS_FAILED_FETCH = -5,  /* likewise */
	OS_FAILED_KEEPER = -6, /* there can be no keeper, and the plan was not begun */
	OS_FAILED_CGROUP = -7, /* the control group could not be joined, and the plan was not begun */
	OS_FAILED_SHELL = -8   /* the program needs a shell (shell_argv), which could not be executed */
};

/*
 * Starts a process by the plan. On success the program has been executed. On failure no process is left, and
 * *ret_failed is the index of the operation that failed, or OS_FAILED_...; -ETIMEDOUT: that operation did not end.
 */
int os_spawn(const struct os_plan *plan, struct os_child *ret, int *ret_failed);

/* What a system needs for an action that failed with -ENOSYS, in words; NULL: the error shows no such thing. */
const char *os_action_need(enum os_action action);

/* ---- cgroup-make.c: a control group of version 2 ---- */

struct os_cgroup {
	int fd; /* its descriptor; negative: there is none */
	char name[48];
};

/*
 * Makes a group below the caller's own. -ENOSYS: there are no groups here; other errors are those of mkdir(2), with
 * what is missing for a group, in words.
 */
int os_cgroup_make(struct os_cgroup *ret, const char **ret_need);

/* The limits of a group: of all its processes together. 0: none. */
struct os_group_limits {
	uint64_t memory; /* bytes */
	uint64_t tasks;  /* processes and threads */
	uint64_t cpu_time_us;
	uint32_t milli_cpus; /* thousandths of a processor */
	uint32_t io_weight;
};

/* Which limit cannot be set, and what it needs, in words; NULL: nothing is known to be missing. */
struct os_refusal {
	const char *limit, *need;
};

/*
 * Makes a group with limits: below the caller's own where the kernel allows that, else beside it, if the caller's own
 * group sets no limits. All of them are set, or there is an error, and no group.
 */
int os_cgroup_make_limited(struct os_cgroup *ret, const struct os_group_limits *limits, struct os_refusal *ret_why);

/* What the processes of a tree have used together; -1: not known. */
struct os_tree_use {
	int64_t memory_peak_kib, user_us, system_us, read_bytes, written_bytes, tasks_peak, tasks_refused, oom_kills;
	int64_t signalled, dumped; /* descendants that the keeper has reaped, and that a signal had ended */
	int32_t cpu_time_is_up;    /* 1: the limit of processor time was reached, and the keeper has ended the tree */
	int32_t cpu_time_error;    /* the same of a limit that could not be kept: the negative errno; or 0 */
};

void os_cgroup_use(const struct os_cgroup *group, struct os_tree_use *ret); /* what the group has counted until now */

/* Kills all processes in the group and below it. The second function kills the few that the first may leave. */
int os_cgroup_kill(const struct os_cgroup *group);
void os_cgroup_kill_rest(const struct os_cgroup *group);

long os_cgroup_count(const struct os_cgroup *group);                       /* the processes that are in it */
int os_cgroup_wait_empty(const struct os_cgroup *group, int64_t deadline); /* 0; 1: the deadline has passed */
void os_cgroup_remove(struct os_cgroup *group); /* it must be empty; closes it; ignored without a group */

void os_cgroup_let_go(struct os_cgroup *group); /* moves its processes to the group above, and removes it */
void os_cgroup_sweep(void);                     /* ends and removes the groups whose makers and keepers were killed */
/* Kills all processes in it, waits for their ends up to the deadline, removes it. Ignored without a group. */
void os_cgroup_end(struct os_cgroup *group, int64_t deadline);

/* ---- cgroup-split.c ---- */

/*
 * Moves the caller into a group of its own below its present one, which then has no process, and may limit others
 * beside it; or back. -EBUSY: other processes, or groups, are there too.
 */
int os_cgroup_split(void);
int os_cgroup_unsplit(void);

/* ---- start/spawn-keeper.c: with a keeper between us and the process ---- */

enum { OS_RUNGS = 16 };

struct os_rung {
	int32_t signal, reserved;
	int64_t wait_ms;
};

/* What a keeper (src/keeper) is asked for. */
struct os_keeping {
	bool own_pids;                  /* the tree gets a PID namespace of its own, whose init is the keeper */
	const struct os_cgroup *cgroup; /* the process begins in it, the keeper removes it; NULL: the caller's group */
	/* those that the group has; processor time is watched by the keeper, which ends the tree by the ladder */
	const struct os_group_limits *limits; /* NULL: none */
	int terminal;                         /* its present modes are put back if the caller is killed; -1: none */
	const struct os_rung *rungs;          /* the ladder, OS_RUNGS at most */
	size_t rung_count;
	/* if the caller is killed, the tree is ended by the ladder; false: it is killed at once */
	bool has_death_climb;
};

/* The keeper is the parent of the process. It ends once the tree is empty; then `pidfd` becomes readable. */
struct os_keeper {
	int pid; /* 0: there is none */
	int pidfd, socket;
};

/* 0, or the error, if it is known already, for which this program can have no keeper, with what is missing. */
int os_keeper_check(const char **ret_need);

/*
 * As os_spawn, with a keeper between the caller and the process. *ret_failed may be OS_FAILED_KEEPER and
 * OS_FAILED_CGROUP too: then nothing of the plan was done. A keeper exists only on success. *ret_need: what the system
 * lacks for a keeper, in words; NULL: the error shows no such thing.
 */
int os_spawn_with_keeper(const struct os_plan *plan, const struct os_keeping *keeping, struct os_child *ret,
			 struct os_keeper *ret_keeper, int *ret_failed, const char **ret_need);

/* ---- start/keeper-talk.c, start/keeper-late.c ---- */

/* Receives the keeper's next message: 0; 1: none yet; 2: the socket cannot be read now; -EPIPE: no more will come. */
enum os_keeper_news { OS_KEEPER_ENDED = 1, OS_KEEPER_STOPPED, OS_KEEPER_CONTINUED, OS_KEEPER_EMPTY };
int os_keeper_receive(const struct os_keeper *keeper, enum os_keeper_news *ret, struct os_exit *ret_exit,
		      struct os_tree_use *ret_use);

/* The owner's orders: kill the tree; end it by the ladder; kill no process, and end when the command has ended. */
enum os_keeper_order { OS_KEEPER_KILL, OS_KEEPER_CLIMB, OS_KEEPER_LEAVE };

/* 0; -EPIPE: the keeper is gone; other errors: the order was not sent. */
int os_keeper_send(const struct os_keeper *keeper, enum os_keeper_order order);

/* [signal] Tells the keeper when to put back the modes of os_keeping.terminal. At the start it is AT_DEATH. */
enum os_restore { OS_RESTORE_NEVER, OS_RESTORE_AT_DEATH = 701, OS_RESTORE_UNTIL_RELEASE };
int os_keeper_restore(const struct os_keeper *keeper, enum os_restore when);

/* [signal] A text that the keeper writes to that terminal when the caller has ended; OS_SCREEN_TEXT bytes at most. */
enum { OS_SCREEN_TEXT = 256 };
int os_keeper_set_screen(const struct os_keeper *keeper, const char *text, size_t size);

/* Continues a keeper that a signal has stopped. */
void os_keeper_wake(const struct os_keeper *keeper);

/*
 * Reaps the keeper, closes its descriptors and sets them to -1. A keeper that has not ended by the deadline becomes a
 * late one: a later call of this or the next function reaps it.
 */
void os_keeper_release(struct os_keeper *keeper, int64_t deadline);
void os_keeper_reap_late(void);   /* reaps the late keepers that have ended */
bool os_keeper_left_group(void);  /* once: whether one of them was killed, and its control group may have members */
bool os_keeper_is_late(int pid);  /* whether it is a late keeper that was not reaped yet */
bool os_keeper_may_be_late(void); /* whether there is room for one more late keeper */

/* ---- signal-pidfd.c ---- */

int os_signal_pidfd(int pidfd, int signal);                      /* [signal] */
int os_signal_pidfd_value(int pidfd, int signal, int32_t value); /* [signal]; -EAGAIN: too many are queued */
int os_signal_pidfd_group(int pidfd, int signal);                /* [signal]; -ENOSYS: this kernel cannot */
bool os_is_reaped(int pidfd);                                    /* [signal]; false if pidfd is negative */

/* ---- signal-number.c, signal-range-linux.c: without a descriptor, or while a number cannot be used again ---- */

int os_kill(int pid, int signal);                      /* [signal] */
int os_kill_value(int pid, int signal, int32_t value); /* [signal]; -EAGAIN: too many are queued */
int os_pthread_kill(uintptr_t thread, int signal);     /* [signal] */
int os_group_of(int pid);                              /* [signal] */
const char *os_signal_name(int signal);                /* "SIGTERM"; NULL: it has no name of its own */
int os_real_time_offset(int signal);                   /* from SIGRTMIN; -1: no real-time signal */
extern const int os_sigkill, os_sigcont, os_sigterm, os_last_signal;

/* ---- wait-poll.c, wait-end.c, wait-pidfd.c ---- */

/* 0 when the descriptor is readable, 1 when the deadline has passed. */
int os_wait_readable(int fd, int64_t deadline);

void os_sleep(int64_t deadline); /* until then, before a call that failed is tried again */

/* 0 when the process has ended (it may be a zombie), 1 when the deadline has passed. pidfd may be -1. */
int os_wait_end(int pidfd, int pid, int64_t deadline);

/*
 * 0 when no process has the other side of a pipe or a socket open; or when a process has been reaped of which `fd` is a
 * descriptor (kernels before Linux 6.9 do not report that: there the deadline passes). 1: the deadline has passed.
 */
int os_wait_hung_up(int fd, int64_t deadline);

/*
 * How an ended child ended; it is reaped if `reap`. 1: it has not ended. -ECHILD: it is no child of the caller's, or
 * other code has reaped it.
 */
int os_collect(int pidfd, int pid, bool reap, struct os_exit *ret);

/* How a process ended, from its descriptor: -EAGAIN until it was reaped; -ENODATA: the kernel does not report it. */
int os_exit_of_reaped(int pidfd, struct os_exit *ret);

void os_yield(void); /* [signal] */

/* ---- stream-poll.c: our ends of pipes and terminals ---- */

enum {
	OS_STREAMS = 5,       /* as many are waited for at a time */
	OS_STREAM_ROOM = 4096 /* bytes that a stream which is ready to be written takes at least */
};

struct os_stream {
	int fd; /* negative: none */
	bool is_written, is_ready;
};

int os_streams_wait(struct os_stream *streams, size_t count, int64_t deadline); /* 0, or 1: the deadline has passed */

/* What poll(2) is to be asked, and what it has answered. */
struct pollfd;
void os_streams_ask(const struct os_stream *streams, size_t count, struct pollfd *fds);
void os_streams_answer(struct os_stream *streams, size_t count, const struct pollfd *fds);

int os_stream_set_blocking(int fd, bool is_blocking);
long os_stream_read(int fd, void *bytes, size_t size);        /* how many; 0 at its end */
long os_stream_write(int fd, const void *bytes, size_t size); /* how many; -EPIPE without a signal */

/* One write(2), of all of it; -EPIPE without a signal. */
long os_write_to_pipe(int fd, const void *bytes, size_t size);

/* ---- set-epoll.c ---- */

int os_set_new(void); /* the set's descriptor, readable when a descriptor in the set is */
int os_set_add(int set, int fd, void *tag);
int os_set_remove(int set, int fd);
int os_set_next(int set, int64_t deadline, void **ret_tag); /* 0, or 1: the deadline has passed */

/* ---- identity-pidfs.c ---- */

int os_pidfd_open(int pid, unsigned flags); /* [signal]; the descriptor as the kernel gave it, perhaps below 3 */
int os_pidfd_duplicate(int pidfd);
int os_pidfd_pid(int pidfd); /* the pid; -EBADF: not a process descriptor; -ESRCH: reaped */

/* What no other process since the machine started has: an inode; where that is 0, the boot id and the start time. */
struct os_identity {
	uint64_t inode;
	char boot_id[40];
	uint64_t start_time; /* ticks after boot */
};

/* With use_inode false the inode is not asked for. -ESRCH: reaped. */
int os_identity(int pidfd, int pid, bool use_inode, struct os_identity *ret);

/* ---- describe-procfs.c ---- */

struct os_description {
	int parent, group, session, niceness, threads;
	uint32_t user;
	char state;
	char command[255];
};

int os_describe(int pidfd, int pid, struct os_description *ret); /* -ESRCH: reaped */

int os_thread_count(void);     /* of this process; 0: the system does not tell */
bool os_has_executed(int pid); /* a program, since it was made; false where the system does not tell */

/* Changes all threads of the process; *ret_autogroup: that of the session that it leads, else INT32_MIN. */
int os_renice(int pidfd, int pid, int increment, int *ret_niceness, int *ret_autogroup);

/* ---- tree-procfs.c ---- */

struct os_member {
	int pid;
	int pidfd;           /* -1: not held now, for lack of descriptors; the next two identify it */
	uint64_t inode;      /* of its descriptor; 0: the kernel has none */
	uint64_t start_time; /* 0: not asked for, or /proc does not show it */
	int look_error;      /* of the last look at its children; 0: all were seen */
	int uses;            /* of its descriptor, which stays open while this is not 0 */
	bool is_spared;      /* the caller itself, or its keeper: no signal is to reach it, and it is not counted */
	bool is_signalled;   /* it got a signal that may end it */
	bool is_stopped, is_killed, is_refused;
};

enum { OS_FIRST_MEMBERS = 16 }; /* as many need no allocation */

/*
 * A process, which is the first member, and its live descendants that were found so far. A process that cannot be
 * opened or looked into does not keep others from being found: `error` is the first error of the last look.
 */
struct os_tree {
	struct os_member *members;
	unsigned *places;
	size_t count, room;
	struct os_member first_members[OS_FIRST_MEMBERS];
	unsigned first_places[2 * OS_FIRST_MEMBERS];
	int spare[3]; /* descriptors to close when no more can be opened; -1: closed */
	int error;
	int lost; /* why the children of a member that has ended since were never seen; 0: no such member */
	bool root_has_ended;
	int cgroup; /* directory of a group of all members, which is to be killed; -1: none */
	int except; /* the caller's pid: it is a member only as the root */
	size_t seen, ended, terminated, killed; /* ever found; ended unsignalled, after a signal, after SIGKILL */
};

/* Takes a first look. The pidfd is borrowed. The caller itself is always spared. -ENOSYS: no /proc. */
int os_tree_open(struct os_tree *tree, int pid, int pidfd, bool spares_root);
void os_tree_close(struct os_tree *tree);

/* Drops members that have ended and finds new ones. Returns how many are new. */
int os_tree_look(struct os_tree *tree);

/* Signals all members, or those that got no signal yet. -EPERM: some may not be signalled (is_refused). */
int os_tree_signal(struct os_tree *tree, int signal, bool only_new);

/* Stops all members until no look finds another one, then sends SIGKILL. Errors as those of os_tree_signal. */
int os_tree_kill(struct os_tree *tree);

/* How many members live, and how many of them may not be signalled. */
int os_tree_count(struct os_tree *tree, int *ret_refused);

/*
 * 0 when all members have ended; members that may not be signalled are waited for only with refused_too. 1 when the
 * deadline has passed.
 */
int os_tree_wait(struct os_tree *tree, int64_t deadline, bool refused_too);

/*
 * Returns a descriptor of a live member: its own, or one opened anew. It is given back to os_tree_put. -ESRCH: the
 * member has ended; other errors: it cannot be opened.
 */
int os_tree_hold(struct os_tree *tree, struct os_member *member);
void os_tree_put(struct os_member *member, int pidfd);

/* Orphans among the descendants of the calling process become its children. */
int os_set_subreaper(bool is_on);

/* ---- children-procfs.c ---- */

/*
 * Calls visit for each child that has ended and is not reaped, with a descriptor that is closed afterwards, until visit
 * returns other than 0. -ENOSYS: no /proc
 */
int os_each_ended_child(int (*visit)(void *context, int pid, int pidfd), void *context);
bool os_reap_child(int pid, int pidfd); /* true: it had ended, and is reaped */

/* ---- niceness-posix.c ---- */

int os_nice(int increment, int *ret_niceness); /* [signal] */

/* ---- start/fork-libc.c ---- */

/* fork(2) with the C library's at-fork handlers. In the child it returns once the terminal is set up. */
int os_fork_on_terminal(struct os_terminal *terminal);

/* ---- owner-wipeonfork.c ---- */

/* A number that differs in each process, also after a fork that bypasses libc. 0: out of memory. */
uint64_t os_owner(void);
uint64_t os_owner_now(void); /* [signal]; 0 if os_owner was never called in this process */

/* ---- owner-lock.c: between the threads of one process, over its forks ---- */

struct os_owner_lock {
	_Atomic uint64_t holder; /* os_owner() of the process whose thread has the lock; 0: it is free */
};

bool os_owner_lock_try(struct os_owner_lock *lock);
bool os_owner_lock_take(struct os_owner_lock *lock); /* false: os_owner() has no number, so nothing is locked */
void os_owner_lock_leave(struct os_owner_lock *lock);

/* ---- probe-linux.c ---- */

/*
 * A capability's probe: the error of the best mechanism (0: it works); *ret_mechanism is what is used here, *ret_need
 * what the best mechanism needs (NULL: the error shows no such thing).
 */
typedef int os_probe(const char **ret_mechanism, const char **ret_need);

os_probe os_probe_start, os_probe_descriptor, os_probe_adopt, os_probe_signal, os_probe_group_signal, os_probe_wait,
	os_probe_nonblocking, os_probe_status, os_probe_reference, os_probe_close, os_probe_table, os_probe_terminal,
	os_probe_threads, os_probe_owner, os_probe_keeper, os_probe_cgroup, os_probe_pidns, os_probe_containment;

#endif
