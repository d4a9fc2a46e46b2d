/* SPDX-License-Identifier: ISC */
/*
 * Sequences of calls, legal and illegal, on up to four holds of tiny commands. Of every sequence it holds that a call
 * fails with nothing but what the header says, that a status once known stays and is the command's, and that at its end
 * there are the descriptors of before and no child, except what was left or not contained, which is ended here.
 *
 * No number of a stranger gets in: what is adopted or signalled by its number is a process that is held and has not
 * been reaped, or no process at all. The fuzzer is a subreaper, so nothing that a hold loses gets away from it.
 */
#include "fuzz.h"

#include "os/calls.h"
#include "os/os.h"

#include <pidhold.h>

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 4, CALLS = 16, SHORT_MS = 4, PATIENCE_MS = 8000, NUMBERS = 256 };

/* A hold, and what is known of it. */
struct slot {
	struct hold *h;
	const struct command *command;
	bool is_adopted, is_known, is_in_set, was_disturbed;
	struct hold_status status;
};

static struct slot slots[SLOTS];
static struct hold_waitset *set;
static int in_set;
static bool may_leave; /* something that no hold promises to end */
static const uint8_t *input, *input_end;

enum { TRUE = 0, CAT = 4 };

static const struct command {
	const char *const argv[4];
	int how, code; /* 0: it stays */
	bool forks;
} commands[] = {
	{ { "/bin/true" }, HOLD_HOW_EXITED, 0, false },
	{ { "/bin/sh", "-c", "exit 7" }, HOLD_HOW_EXITED, 7, true },
	{ { "/bin/sh", "-c", "kill -9 $$" }, HOLD_HOW_SIGNALLED, SIGKILL, true },
	{ { "/bin/sleep", "20" }, 0, 0, false },
	{ { "/bin/cat" }, 0, 0, false },
	{ { "/bin/sh", "-c", "sleep 20 & sleep 20" }, 0, 0, true },
	{ { "/bin/sh", "-c", "trap '' TERM; sleep 20 & wait" }, 0, 0, true },
	{ { "/bin/sh", "-c", "sleep 20 & exit 3" }, HOLD_HOW_EXITED, 3, true },
};

static int take(void) {
	return input < input_end ? *input++ : 0;
}

static int take_below(int limit) {
	return take() % limit;
}

/* ---- what a call may answer ---- */

static void check(const char *call, int result, const int *allowed) {
	for (; *allowed; allowed++) {
		if (result == *allowed)
			return;
	}
	if (result == 0)
		return;
	fprintf(stderr, "%s: %d, which the header does not name\n", call, result);
	abort();
}

/* 0 is always allowed. */
#define ANSWERS(call, result, ...) check(call, result, (const int[]){ __VA_ARGS__, 0 })

/* ---- signals by number ---- */

long __real_os_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f);

static bool is_ours(long pid) {
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i].h && hold_pid(slots[i].h) == pid && !slots[i].is_known)
			return true;
	}
	return false;
}

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	MUST(number != SYS_kill || b == 0 || b < 0 || b > 64 || is_ours(a < -1 ? -a : a));
	return __real_os_syscall(number, a, b, c, d, e, f);
}

/* ---- starts ---- */

static const struct hold_rung ladder[] = { { .signal = SIGTERM, .wait_ms = SHORT_MS }, { .signal = SIGKILL } };

static void choose_streams(struct hold_options *options, int bits) {
	static const int kinds[] = { HOLD_STDIO_NULL, HOLD_STDIO_PIPE, HOLD_STDIO_DEFAULT, 99 };

	options->in.kind = options->out.kind = options->err.kind = HOLD_STDIO_NULL;
	if (options->terminal)
		options->in.kind = options->out.kind = HOLD_STDIO_DEFAULT;
	else
		options->in.kind = options->out.kind = kinds[bits & 1];
	if ((bits & 14) == 14)
		options->err.kind = kinds[3];
}

static void spawn(struct slot *slot) {
	static const int ways[] = { HOLD_CONTAIN_NONE, HOLD_CONTAIN_GROUP, HOLD_CONTAIN_KEEPER, HOLD_CONTAIN_AUTO };
	static const int releases[] = { HOLD_ON_RELEASE_STOP, HOLD_ON_RELEASE_KILL, HOLD_ON_RELEASE_LEAVE, 3 };
	static const char *const missing[] = { "/nonexistent", NULL };
	const struct command *command = &commands[take_below(sizeof commands / sizeof *commands)];
	const struct hold_terminal terminal = { .size = sizeof terminal };
	const int way = take(), more = take();
	struct hold_options options = {
		.size = sizeof options,
		.argv = (more & 31) == 31 ? missing : command->argv,
		.contain = ways[way & 3],
		.on_release = releases[way >> 2 & 3],
		.ladder = ladder,
		.ladder_count = (way & 48) == 48 ? HOLD_LADDER_MAX + 1 : 2,
		.terminal = more & 32 ? &terminal : NULL,
		.flags = (way & 64 ? HOLD_NEW_GROUP : 0) | ((more & 192) == 192 ? UINT64_C(1) << 63 : 0),
	};
	struct hold_error error = { .size = sizeof error };
	int result;

	if (slot->h)
		return;
	choose_streams(&options, more);
	result = hold_spawn(&slot->h, &options, &error);
	ANSWERS("hold_spawn", result, -EINVAL, -ENOENT, -EAGAIN, -ENOMEM);
	MUST(result == 0 ? slot->h != NULL : !slot->h && error.code == result);
	if (result < 0)
		return;
	slot->command = command == &commands[CAT] && options.in.kind == HOLD_STDIO_NULL ? &commands[TRUE] : command;
	may_leave |= options.on_release == HOLD_ON_RELEASE_LEAVE ||
		     (hold_containment(slot->h) < HOLD_CONTAIN_KEEPER && command->forks);
}

static void run(void) {
	const struct command *command = &commands[take_below(sizeof commands / sizeof *commands)];
	const struct hold_options options = {
		.size = sizeof options,
		.argv = command->argv,
		.contain = HOLD_CONTAIN_KEEPER,
		.ladder = ladder,
		.ladder_count = 2,
	};
	const struct hold_capture_options how = {
		.size = sizeof how,
		.options = &options,
		.deadline = hold_after_ms(10 * SHORT_MS),
		.keep_tail = (size_t)take(),
		.keep_head = 4,
	};
	struct hold_capture_result result = { .size = sizeof result };
	const int answer = hold_capture(&result, &how, NULL);

	ANSWERS("hold_capture", answer, -EAGAIN, -ENOMEM);
	if (answer == 0 && command->how && !result.timed_out)
		MUST(result.status.how == command->how && result.status.code == command->code);
	hold_capture_free(&result);
	hold_capture_free(&result);
}

/* ---- taking hold of what is held ---- */

static void adopt(struct slot *slot, const struct slot *other) {
	static const int64_t none[] = { 0, -1, INT64_MAX, INT64_MIN, 1 << 30 };
	const int way = take();
	char text[80] = "1:";
	int result;

	if (slot->h)
		return;
	if (!other->h || other->is_known) {
		result = way & 1 ? hold_adopt(&slot->h, none[way / 2 % 5]) : hold_adopt_fd(&slot->h, -way);
		MUST(result < 0 && !slot->h);
		ANSWERS("hold_adopt of none", result, -EINVAL, -ESRCH, -EBADF);
		return;
	}
	if (way % 3 == 0)
		result = hold_adopt(&slot->h, hold_pid(other->h));
	else if (way % 3 == 1)
		result = hold_adopt_fd(&slot->h, hold_fd(other->h));
	else if (hold_reference(other->h, text, sizeof text) > 0)
		result = hold_adopt_reference(&slot->h, text);
	else
		return;
	/* Its keeper may have reaped it. */
	ANSWERS("hold_adopt", result, HOLD_GONE, -ESRCH);
	MUST((result == 0) == (slot->h != NULL));
	if (result != 0)
		return;
	slot->command = other->command;
	slot->is_adopted = true;
	slot->was_disturbed = true; /* nothing is known of what the other does to it */
}

/* ---- looking and waiting ---- */

static void check_status(struct slot *slot, const struct hold_status *status) {
	MUST(status->how >= HOLD_HOW_EXITED && status->how <= HOLD_HOW_UNKNOWN);
	MUST(status->how != HOLD_HOW_UNKNOWN || (slot->is_adopted && status->code == -1));
	if (slot->is_known)
		MUST(!memcmp(status, &slot->status, sizeof *status));
	if (!slot->was_disturbed)
		MUST(slot->command->how && status->how == slot->command->how && status->code == slot->command->code);
	slot->is_known = true;
	slot->status = *status;
}

static void wait_for(struct slot *slot) {
	const int way = take();
	struct hold_status status = { .size = way % 8 == 7 ? 0 : sizeof status };
	const int result = hold_wait(slot->h, way & 1 ? HOLD_NOW : hold_after_ms(SHORT_MS), &status);

	if (!slot->h || way % 8 == 7) {
		MUST(result == -EINVAL);
		return;
	}
	ANSWERS("hold_wait", result, HOLD_PENDING);
	if (result == 0)
		check_status(slot, &status);
	else
		MUST(!slot->is_known);
}

static int visit(void *context, const struct hold_member *member) {
	MUST(member->pid > 0 && memchr(member->command, 0, sizeof member->command));
	return ++*(int *)context > 8 ? 77 : 0;
}

static void look(struct slot *slot) {
	struct hold_description description = { .size = sizeof description };
	struct hold_start_info info = { .size = sizeof info };
	char text[80];
	int count = 0, result;

	switch (take_below(5)) {
	case 0:
		result = hold_describe(slot->h, &description);
		ANSWERS("hold_describe", result, HOLD_GONE);
		break;
	case 1:
		memset(text, 'x', sizeof text);
		result = hold_reference(slot->h, text, 5);
		MUST(text[5] == 'x' && (result == -ESRCH || (result > 4 && memchr(text, 0, 5))));
		break;
	case 2:
		result = hold_tree_list(slot->h, visit, &count);
		ANSWERS("hold_tree_list", result, HOLD_GONE, HOLD_ENOUGH);
		break;
	case 3:
		result = hold_start_info(slot->h, &info);
		MUST(result == (slot->is_adopted ? -ENODATA : 0));
		MUST(slot->is_adopted || (info.table > 0 && info.containment == hold_containment(slot->h)));
		break;
	default:
		MUST(hold_pid(slot->h) > 0 && hold_fd(slot->h) > 2);
	}
}

static void ask_keeper(const struct slot *slot) {
	const bool is_kept = hold_containment(slot->h) >= HOLD_CONTAIN_KEEPER;
	static const int moments[] = { HOLD_RESTORE_NEVER, HOLD_RESTORE_AT_DEATH, HOLD_RESTORE_UNTIL_RELEASE, 3 };
	const int when = moments[take_below(4)];
	int result = hold_job_take(slot->h);

	MUST(is_kept ? result == 0 || result == HOLD_JOB_STOPPED || result == HOLD_JOB_CONTINUED : result == -ENODATA);
	MUST(is_kept ? hold_tree_fd(slot->h) > 2 && hold_job_fd(slot->h) > 2
		     : hold_tree_fd(slot->h) == -ENODATA && hold_job_fd(slot->h) == -ENODATA);
	result = hold_terminal_restore(slot->h, when);
	if (when == 3)
		MUST(result == -EINVAL);
	else if (is_kept)
		ANSWERS("hold_terminal_restore", result, -EPIPE, -EAGAIN);
	else
		MUST(result == -ENODATA);
	MUST(hold_tree_memory_peak(slot->h) >= 0 || hold_tree_memory_peak(slot->h) == -ENODATA);
}

static void use_stream(struct slot *slot) {
	const int stream = take_below(6) - 1;
	const struct hold_winsize winsize = { .rows = 10, .columns = (uint16_t)take() };
	const int fd = hold_stream(slot->h, stream);
	int result;

	if (stream < 0 || stream > HOLD_TERMINAL) {
		MUST(fd == -EINVAL && hold_stream_take(slot->h, stream) == -EINVAL);
		return;
	}
	MUST(fd > 2 || fd == -EBADF);
	result = hold_terminal_resize(slot->h, &winsize);
	ANSWERS("hold_terminal_resize", result, -ENOTTY);
	result = hold_terminal_is_read(slot->h);
	MUST(result == 0 || result == 1 || result == -ENOTTY || result == -EACCES || result == -EOWNERDEAD);
	if (take_below(2) == 0)
		return;
	slot->was_disturbed = true; /* it reads the end of its input, or gets SIGHUP */
	result = hold_stream_take(slot->h, stream);
	MUST(result == fd);
	MUST(fd < 0 || close(fd) == 0);
	MUST(hold_stream(slot->h, stream) == -EBADF && hold_stream_take(slot->h, stream) == -EBADF);
}

/* ---- signals and ends ---- */

static int take_signal(void) {
	static const int signals[] = { 0, SIGTERM, SIGKILL, SIGSTOP, SIGCONT, SIGUSR1, 65, -1, 1000, SIGWINCH };

	return signals[take_below(sizeof signals / sizeof *signals)];
}

static void disturb_all(void) {
	for (int i = 0; i < SLOTS; i++)
		slots[i].was_disturbed = true; /* it may be another's by adoption */
}

static void send_signal(const struct slot *slot) {
	const int signal = take_signal(), way = take_below(4);
	const bool is_bad = signal < 0 || signal > 64;
	int result;

	disturb_all();
	if (way == 0) {
		result = hold_signal(slot->h, signal);
		ANSWERS("hold_signal", result, HOLD_GONE, is_bad ? -EINVAL : 0);
	} else if (way == 1) {
		result = hold_group_signal(slot->h, signal);
		ANSWERS("hold_group_signal", result, -ESRCH, is_bad ? -EINVAL : -ENOSYS);
	} else if (way == 2) {
		result = hold_tree_signal(slot->h, signal);
		ANSWERS("hold_tree_signal", result, HOLD_GONE, is_bad ? -EINVAL : 0, -EOWNERDEAD);
	} else if (!slot->is_adopted && hold_containment(slot->h) < HOLD_CONTAIN_KEEPER &&
		   hold_wait(slot->h, HOLD_NOW, NULL) == HOLD_PENDING) {
		result = hold_kill(hold_pid(slot->h), signal); /* our own child, which nobody has reaped */
		ANSWERS("hold_kill", result, is_bad ? -EINVAL : 0);
		MUST(hold_kill(INT64_C(1) << 40, signal) == -EINVAL && hold_killpg(-5, signal) == -EINVAL);
	}
}

static size_t take_ladder(struct hold_rung *rungs) {
	const int way = take();

	rungs[0] = ladder[0];
	rungs[1] = ladder[1];
	if (way % 8 == 7)
		rungs[0].signal = 65;
	if (way % 8 == 6)
		rungs[1].wait_ms = -1;
	return way % 8 == 5 ? 0 : way % 8 == 4 ? HOLD_LADDER_MAX + 1 : 2;
}

static void stop(struct slot *slot) {
	struct hold_rung rungs[HOLD_LADDER_MAX + 1] = { { .signal = 0 } };
	struct hold_tree_report report = { .size = sizeof report };
	const size_t count = take_ladder(rungs);
	const bool is_bad = count != 2 || rungs[0].signal == 65 || rungs[1].wait_ms < 0;
	const int way = take_below(4);
	int result, seen = 0;

	disturb_all();
	if (way == 0) {
		result = hold_stop(slot->h, rungs, count);
		MUST(result == (is_bad ? -EINVAL : 0));
	} else if (way == 1) {
		result = hold_tree_stop(slot->h, rungs, count, &report, visit, &seen);
		/* Of an adopted one the orphans go to us, or to its keeper. */
		ANSWERS("hold_tree_stop", result, HOLD_NONE_SEEN, HOLD_GONE, is_bad ? -EINVAL : 0);
		MUST(!is_bad || result == -EINVAL || result == HOLD_GONE);
	} else if (way == 3) {
		result = (take() & 1 ? hold_stop_begin : hold_tree_stop_begin)(slot->h, rungs, count);
		MUST(result == (is_bad ? -EINVAL : 0));
	} else {
		result = hold_tree_wait(slot->h, take() & 1 ? HOLD_NOW : hold_after_ms(SHORT_MS));
		ANSWERS("hold_tree_wait", result, HOLD_NONE_SEEN, HOLD_PENDING, HOLD_GONE);
	}
}

/* As many as the input says; a step does not wait, so most of them come too early. */
static void take_steps(struct slot *slot) {
	int result = HOLD_PENDING;

	disturb_all();
	for (int left = take_below(8); left > 0 && result == HOLD_PENDING; left--) {
		const bool has_stop = hold_stop_deadline(slot->h) != HOLD_FOREVER;

		MUST(has_stop || hold_stop_fd(slot->h) == -ENODATA);
		result = hold_stop_step(slot->h, NULL);
		ANSWERS("hold_stop_step", result, HOLD_PENDING, HOLD_GONE, HOLD_NONE_SEEN, -ENODATA);
		MUST(has_stop == (result != -ENODATA));
		if (take() & 1)
			usleep(SHORT_MS * 1000);
	}
	if (result != HOLD_PENDING)
		MUST(hold_stop_step(slot->h, NULL) == -ENODATA);
}

static void release(struct slot *slot) {
	int result;

	disturb_all();
	in_set -= slot->is_in_set;
	result = take() & 1 ? hold_release_to_keeper(slot->h) : -ENODATA;
	ANSWERS("hold_release_to_keeper", result, -ENODATA);
	MUST(result == 0 || !hold_release(slot->h));
	memset(slot, 0, sizeof *slot);
}

/* ---- sets ---- */

static void next_of_set(void) {
	struct hold *h = NULL;
	void *tag = NULL;
	struct slot *slot;
	const int result = hold_waitset_next(set, take() & 1 ? HOLD_NOW : hold_after_ms(SHORT_MS), &h, &tag);

	MUST(result == 0 || result == (in_set ? HOLD_PENDING : -ENOENT));
	if (result != 0)
		return;
	slot = tag;
	MUST(slot >= slots && slot < slots + SLOTS && slot->h == h && slot->is_in_set);
	slot->is_in_set = false;
	in_set--;
}

static void use_set(struct slot *slot) {
	int result;

	switch (take_below(3)) {
	case 0:
		result = hold_waitset_add(set, slot->h, slot);
		MUST(result == (slot->h ? slot->is_in_set ? -EBUSY : 0 : -EINVAL));
		in_set += result == 0;
		slot->is_in_set |= result == 0;
		break;
	case 1:
		result = hold_waitset_remove(set, slot->h);
		MUST(result == (slot->h ? slot->is_in_set ? 0 : -ENOENT : -EINVAL));
		in_set -= result == 0;
		slot->is_in_set &= result != 0;
		break;
	default:
		next_of_set();
	}
}

/* ---- ---- */

static void use_nothing(void) {
	char text[8];

	MUST(hold_pid(NULL) == -EINVAL && hold_fd(NULL) == -EINVAL && hold_stream(NULL, 0) == -EINVAL);
	MUST(hold_signal(NULL, 0) == -EINVAL && hold_stop(NULL, NULL, 0) == -EINVAL);
	MUST(hold_tree_wait(NULL, HOLD_NOW) == -EINVAL && hold_tree_list(NULL, visit, NULL) == -EINVAL);
	MUST(hold_reference(NULL, text, sizeof text) == -EINVAL && !hold_release(NULL));
	MUST(hold_spawn(NULL, NULL, NULL) == -EINVAL && hold_waitset_new(NULL) == -EINVAL);
}

static void call_hold(struct slot *slot, int call) {
	switch (call) {
	case 0:
		look(slot);
		break;
	case 1:
		ask_keeper(slot);
		break;
	case 2:
		use_stream(slot);
		break;
	case 3:
		send_signal(slot);
		break;
	case 4:
		stop(slot);
		break;
	case 12:
		take_steps(slot);
		break;
	default:
		release(slot);
	}
}

static void call_once(void) {
	const int call = take_below(13);
	struct slot *slot = &slots[take_below(SLOTS)];

	switch (call) {
	case 6:
		spawn(slot);
		break;
	case 7:
		adopt(slot, &slots[take_below(SLOTS)]);
		break;
	case 8:
		wait_for(slot);
		break;
	case 9:
		use_set(slot);
		break;
	case 10:
		run();
		break;
	case 11:
		use_nothing();
		break;
	default:
		if (slot->h)
			call_hold(slot, call);
	}
}

/* ---- before and after ---- */

static void see_descriptors(bool *is_open) {
	for (int fd = 0; fd < NUMBERS; fd++)
		is_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

static bool has_children(void) {
	siginfo_t info;

	os_keeper_reap_late();
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/* Children of our own, which nobody else reaps: their numbers are theirs. */
static void kill_children(void) {
	FILE *list = fopen("/proc/thread-self/children", "re");
	int pid;

	MUST(list);
	while (fscanf(list, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(list);
}

static int name_child(void *context, const struct hold_member *member) {
	(void)context;
	fprintf(stderr, "left: %d, child of %d, %c, %s\n", (int)member->pid, (int)member->parent, member->state,
		member->command);
	return 0;
}

static void name_children(void) {
	struct hold *us;

	if (hold_adopt(&us, getpid()) == 0)
		hold_tree_list(us, name_child, NULL);
}

static void end_rest(void) {
	const int64_t limit = hold_after_ms(PATIENCE_MS);

	while (has_children()) {
		if (hold_now() >= limit)
			name_children();
		MUST(hold_now() < limit);
		if (may_leave)
			kill_children();
		if (may_leave)
			MUST(hold_orphans_reap(NULL, NULL) >= 0);
		usleep(500);
	}
}

static void begin(void) {
	static bool has_begun;

	if (!has_begun) {
		MUST(hold_orphans_adopt(1) == 0);
		signal(SIGPIPE, SIG_IGN);
		run(); /* what is opened once stays */
	}
	has_begun = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	bool before[NUMBERS], after[NUMBERS];

	input = input_end = NULL;
	begin();
	memset(slots, 0, sizeof slots);
	in_set = 0;
	may_leave = false;
	input = bytes;
	input_end = bytes + size;
	see_descriptors(before);
	MUST(hold_waitset_new(&set) == 0);
	for (int i = 0; i < CALLS && input < input_end; i++)
		call_once();
	for (int i = 0; i < SLOTS; i++)
		hold_release(slots[i].h);
	hold_waitset_free(set);
	end_rest();
	see_descriptors(after);
	MUST(!memcmp(before, after, sizeof before));
	return 0;
}
