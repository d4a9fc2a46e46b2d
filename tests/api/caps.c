/* SPDX-License-Identifier: ISC */
/*
 * What this system can promise: hold_caps, and, with each mechanism taken away in turn, that its line changes, that
 * no other does, and that what programs do with the library comes out the same by the weaker twin, or with its
 * documented error (try-all.c).
 */
#include "children.h"

TEST("capabilities are handed out until -ENOENT, each with texts, under a name of its own that is one word") {
	struct hold_cap cap = { .size = sizeof cap };
	const char *names[64];
	size_t count = 0;

	while (hold_caps(count, &cap) == 0) {
		CHECK(cap.name && *cap.name && !strpbrk(cap.name, " \t\n"));
		CHECK(cap.mechanism && *cap.mechanism);
		CHECK(cap.promise && *cap.promise);
		CHECK(cap.supported == 0 || cap.supported == 1);
		CHECK(cap.supported ? cap.error == 0 : cap.error < 0);
		CHECK(!cap.need || (*cap.need && !cap.supported));
		CHECK(count < 64);
		names[count] = cap.name;
		for (size_t i = 0; i < count; i++)
			CHECK(strcmp(names[i], cap.name) != 0);
		count++;
	}
	CHECK(count >= 10);
	CHECK_EQ(hold_caps(count, &cap), -ENOENT);
	CHECK_EQ(hold_caps(SIZE_MAX, &cap), -ENOENT);
}

TEST("a capability has the size that it was given") {
	struct {
		struct hold_cap cap;
		char tail[8];
	} future = { .cap = { .size = sizeof future } };
	struct hold_cap past;

	CHECK_EQ(hold_caps(0, NULL), -EINVAL);
	CHECK_EQ(hold_caps(0, &future.cap), 0);
	CHECK_STRING(future.cap.name, "start");
	future.tail[0] = 1;
	CHECK_EQ(hold_caps(0, &future.cap), -E2BIG);
	memset(&past, 'x', sizeof past);
	past.size = offsetof(struct hold_cap, mechanism);
	CHECK_EQ(hold_caps(0, &past), 0);
	CHECK_STRING(past.name, "start");
	CHECK_EQ(((char *)&past.mechanism)[0], 'x');
	past.size = 0;
	CHECK_EQ(hold_caps(0, &past), -EINVAL);
}

TEST("the capability containment names what HOLD_CONTAIN_AUTO takes here") {
	const char *const argv[] = { "true", NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv };
	struct hold_cap cap = { .size = sizeof cap };
	size_t i = 0;
	struct hold *h;

	while (hold_caps(i, &cap) == 0 && strcmp(cap.name, "containment") != 0)
		i++;
	CHECK_STRING(cap.name, "containment");
	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	CHECK_STRING(cap.mechanism, hold_containment_name(hold_containment(h)));
	CHECK_EQ(cap.supported, hold_containment(h) != HOLD_CONTAIN_NONE);
	hold_release(h);
}

/* ---- systems on which a mechanism is missing ---- */

enum { UNAVAILABLE = 125 };

struct output {
	char text[8192];
};

/* Of a program with its arguments, started behind the words of `prefix`. */
static void run(const char *const *prefix, const char *const *program, struct output *output) {
	const char *argv[32];
	struct hold_status status;
	size_t count = 0;
	struct hold *h;

	while (*prefix)
		argv[count++] = *prefix++;
	while (*program)
		argv[count++] = *program++;
	argv[count] = NULL;
	setenv("ASAN_OPTIONS", "detect_leaks=0:detect_stack_use_after_return=0", 1); /* it needs what is taken away */
	h = start_reading(argv);
	read_all(hold_stream(h, 1), output->text, sizeof output->text);
	status = wait_for(h);
	hold_release(h);
	if (status.how == HOLD_HOW_EXITED && status.code == UNAVAILABLE) {
		if (strstr(argv[0], "directory"))
			SKIP("no mount namespace of one's own is to be had here");
		SKIP("no system calls can be denied here");
	}
	if (status.how != HOLD_HOW_EXITED || status.code != 0)
		printf("# %s: %d %d\n%s", argv[0], status.how, status.code, output->text);
	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, 0);
}

/* The error with which calls are refused at the moment. */
static const char *refused_with = "";

static bool matches_word(const char *word, size_t length, const char *pattern, size_t pattern_length) {
	const char *end = pattern + pattern_length;

	for (;; pattern++) {
		size_t choice = strcspn(pattern, "| \n");

		if (choice == 1 && *pattern == '@')
			return strlen(refused_with) == length && !strncmp(word, refused_with, length);
		if ((choice == 1 && *pattern == '*') || (choice == length && !strncmp(word, pattern, length)))
			return true;
		pattern += choice;
		if (pattern >= end)
			return false;
	}
}

/*
 * Word by word. In `pattern` a word may be one|another; * is any word, at the end any words; @ is the error with which
 * calls are refused.
 */
static bool matches(const char *line, const char *pattern) {
	for (;;) {
		size_t length = strcspn(line, " \n"), pattern_length = strcspn(pattern, " \n");
		bool ends = line[length] != ' ', pattern_ends = pattern[pattern_length] != ' ';

		if (!matches_word(line, length, pattern, pattern_length))
			return false;
		if (pattern_ends && pattern_length == 1 && *pattern == '*')
			return true;
		if (ends || pattern_ends)
			return ends && pattern_ends;
		line += length + 1;
		pattern += pattern_length + 1;
	}
}

/* How long what a line is about is: its first word, or all but its last. */
static size_t subject_length(const char *line, bool is_cap) {
	size_t length = strcspn(line, "\n");

	if (is_cap)
		return strcspn(line, " ");
	while (length > 0 && line[length] != ' ')
		length--;
	return length;
}

/* The change that is about the same as `line`; else `line`. */
static const char *wanted_instead_of(const char *line, const char *const *changes, bool is_cap) {
	size_t length = subject_length(line, is_cap);

	for (; *changes; changes++) {
		if (subject_length(*changes, is_cap) == length && !strncmp(*changes, line, length))
			return *changes;
	}
	return line;
}

static const char *next_line(const char *line) {
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

/* Line by line as before, but for the changes, each of which must have been about some line. */
static void compare(const struct output *before, const struct output *after, const char *const *changes, bool is_cap) {
	const char *line = after->text, *old = before->text, *wanted;
	size_t used = 0, count = 0, wrong = 0;

	while (changes[count])
		count++;
	for (; *old; old = next_line(old), line = next_line(line)) {
		wanted = wanted_instead_of(old, changes, is_cap);
		used += wanted != old;
		if (matches(line, wanted))
			continue;
		wrong++;
		printf("# \"%.*s\", not \"%.*s\"\n", (int)strcspn(line, "\n"), line, (int)strcspn(wanted, "\n"),
		       wanted);
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(*line, 0);
	CHECK_EQ(used, count);
}

#define NOTHING ((const char *const[]){ NULL })
#define NO_CHANGE NOTHING
/* The lines of all that is done by a keeper. */
#define NO_KEEPER(error) \
	"keeper 0 " error " none", "cgroup 0 " error " none", "pidns 0 " error " none", "containment 0 " error " none"
#define WITHOUT(...) ARGV(ACTOR("without"), __VA_ARGS__, "--")

/* cap: the one whose best mechanism is taken away; what is not there cannot be. */
static void check_behind(const char *cap, const char *const *prefix, const char *const *caps,
			 const char *const *answers) {
	static struct output listed_before, tried_before; /* the same for all errors of a test */
	struct output after;

	if (!keeps(cap))
		SKIP("the mechanism is missing on this system already");
	if (!*listed_before.text) {
		run(NOTHING, ARGV(LIST_CAPS), &listed_before);
		run(NOTHING, ARGV(TRY_ALL), &tried_before);
	}
	run(prefix, ARGV(LIST_CAPS), &after);
	compare(&listed_before, &after, caps, true);
	run(prefix, ARGV(TRY_ALL), &after);
	compare(&tried_before, &after, answers, false);
}

/* For each of the errors, up to four, with which the calls of these rules of actor-without may be refused. */
static void check_without(const char *cap, const char *const *errors, const char *const *rules, const char *const *caps,
			  const char *const *answers) {
	for (; *errors; errors++) {
		const char *prefix[16] = { ACTOR("without"), *errors };
		size_t count = 2;

		while (*(rules + count - 2)) {
			prefix[count] = rules[count - 2];
			count++;
		}
		prefix[count] = "--";
		refused_with = *errors;
		printf("# with %s\n", refused_with);
		check_behind(cap, prefix, caps, answers);
	}
}

TEST("a line that is as wanted is told from one that is not") { /* of the comparison itself */
	refused_with = "EPERM";
	CHECK(matches("a b c\nd", "a b c"));
	CHECK(matches("a b c", "a * c\nd"));
	CHECK(matches("a b c", "a x|b|y c"));
	CHECK(matches("a b c d", "a *"));
	CHECK(matches("a EPERM", "a @"));
	CHECK(!matches("a ENOSYS", "a @"));
	CHECK(!matches("a EPERM2", "a @"));
	CHECK(!matches("a b c", "a b"));
	CHECK(!matches("a b", "a b c"));
	CHECK(!matches("a b c", "a x|bb|y c"));
	CHECK(!matches("a bb c", "a b c"));
	CHECK(!matches("", "a"));
}

TEST("without clone3 a start is by clone") {
	check_without("start", ARGV("ENOSYS", "EPERM"), ARGV("clone3"), ARGV("start 0 @ clone"), NO_CHANGE);
}

TEST("without clone3 and CLONE_PIDFD a start is by clone, and its descriptor from pidfd_open") {
	check_without("start", ARGV("EINVAL"), ARGV("clone3", "clone:0&0x1000"),
		      ARGV("start 0 @ clone", "descriptor 0 @ pidfd_open", "status *"),
		      ARGV("the end where SIGCHLD is ignored 7|unknown"));
}

TEST("without clone3 and a clone that shares memory a start is by fork") {
	check_without("start", ARGV("ENOSYS", "EPERM"), ARGV("clone3", "clone:0&0x100"),
		      ARGV("start 0 @ fork", "descriptor 0 * pidfd_open", "status *", "table 0 EOPNOTSUPP a copy",
			   NO_KEEPER("ENOSYS")),
		      ARGV("the end where SIGCHLD is ignored 7|unknown"));
}

TEST("without pidfd_open nothing is adopted, and what was started is held all the same") {
	/* Probes that need a descriptor of this very process have none. */
	check_without("adopt", ARGV("ENOSYS", "EPERM"), ARGV("pidfd_open"),
		      ARGV("adopt 0 @ none", "signal 0 @ *", "group-signal 0 @ *", "wait 0 @ *", "nonblocking 0 @ none",
			   "reference 0 @ *", "table 1 0 cut, SCM_RIGHTS", NO_KEEPER("@")),
		      ARGV("a pidfd @", "a non-blocking pidfd @", "an adoption by a pidfd @", "an adoption @",
			   "a signal to what was adopted @", "an adoption by reference @"));
}

TEST("without pidfd_send_signal a child is signalled by its number, which is its own") {
	check_without("signal", ARGV("ENOSYS", "EPERM"), ARGV("pidfd_send_signal"),
		      ARGV("signal 0 @ kill", "group-signal 0 @ kill", NO_KEEPER("@")),
		      ARGV("a signal to a group after the end ENOSYS|@", "a signal to what was adopted @"));
}

TEST("without signals to a group through a descriptor it is signalled by its number until its leader is reaped") {
	check_without("group-signal", ARGV("EPERM"), ARGV("pidfd_send_signal:3&4"), ARGV("group-signal 0 @ kill"),
		      ARGV("a signal to a group after the end ENOSYS|@"));
	check_without("group-signal", ARGV("EINVAL"), ARGV("pidfd_send_signal:3&4"), ARGV("group-signal 0 * kill"),
		      ARGV("a signal to a group after the end ENOSYS"));
}

TEST("without waitid on a descriptor a child is waited for by its number") {
	check_without("wait", ARGV("EINVAL", "EPERM", "ENOSYS"), ARGV("waitid:0=3"), ARGV("wait 0 @ waitid by number"),
		      NO_CHANGE);
}

TEST("without non-blocking pidfds there are none, and nothing else is missing") {
	check_without("nonblocking", ARGV("EINVAL", "EPERM"), ARGV("pidfd_open:1&0x800"), ARGV("nonblocking 0 @ none"),
		      ARGV("a non-blocking pidfd @"));
}

TEST("without PIDFD_GET_INFO a status that somebody else took is unknown") {
	check_without("status", ARGV("ENOTTY", "EINVAL", "EPERM"), ARGV("ioctl:1=0xC040FF0B"),
		      ARGV("status 0 * waitid"), ARGV("the end where SIGCHLD is ignored unknown"));
}

TEST("without an inode a reference is of the older form, and leads back as well") {
	check_without("reference", ARGV("ENOSYS", "EPERM"), ARGV("fstatfs"),
		      ARGV("reference 0 * boot id and start time"), ARGV("a reference by inode 0"));
}

TEST("without close_range what does not pass is closed as listed in /proc") {
	check_without("close", ARGV("ENOSYS", "EPERM", "EINVAL"), ARGV("close_range"),
		      ARGV("close 0 @ /proc/self/fd", "table 0 @ a copy"), NO_CHANGE);
}

TEST("without CLOSE_RANGE_UNSHARE the table is copied, without a way to fetch only for what lies high") {
	check_without("table", ARGV("EINVAL", "EPERM"), ARGV("close_range:2=2"), ARGV("table 0 @ a copy"), NO_CHANGE);
	check_without("table", ARGV("EPERM", "ENOSYS"), ARGV("pidfd_getfd", "socketpair"),
		      ARGV("table 0 @ cut", NO_KEEPER("@")), NO_CHANGE);
}

TEST("without mkdirat no control group can be made, and a keeper takes its place") {
	if (!keeps("cgroup"))
		SKIP("no control group can be made here");
	check_without("cgroup", ARGV("EACCES", "EPERM", "ENOSYS"), ARGV("mkdirat"),
		      ARGV("cgroup 0 @ keeper", "containment 1 0 keeper"), NO_CHANGE);
}

TEST("without mount there is no PID namespace with a /proc of its own, and nothing takes its place") {
	if (!keeps("pidns"))
		SKIP("PID namespaces are not allowed here");
	check_without("pidns", ARGV("EPERM", "ENOSYS"), ARGV("mount"), ARGV("pidns 0 @ none"), NO_CHANGE);
}

TEST("without TIOCGPTPEER a terminal is opened by its path") {
	check_without("terminal", ARGV("EINVAL", "ENOTTY", "EPERM", "ENOSYS"), ARGV("ioctl:1=0x5441"),
		      ARGV("terminal 0 @ /dev/pts"), NO_CHANGE);
}

TEST("without MADV_WIPEONFORK a forked child is told by its pid") {
	check_without("fork", ARGV("EINVAL", "EPERM"), ARGV("madvise:2=18"), ARGV("fork 0 @ getpid"), NO_CHANGE);
}

TEST("on a system that has none of all these what was started is held, signalled and waited for") {
	static const char *const old_system[] = { ACTOR("without"),
						  "ENOSYS",
						  "clone3",
						  "pidfd_open",
						  "pidfd_send_signal",
						  "close_range",
						  "--",
						  ACTOR("without"),
						  "EINVAL",
						  "clone:0&0x1000",
						  "waitid:0=3",
						  "ioctl:1=0x5441",
						  "madvise:2=18",
						  "--",
						  ACTOR("without"),
						  "ENOTTY",
						  "ioctl:1=0xC040FF0B",
						  "--",
						  NULL };

	check_behind("descriptor", old_system,
		     ARGV("start 0 ENOSYS clone", "descriptor 0 * number", "adopt 0 ENOSYS none",
			  "signal 0 ENOSYS kill", "group-signal 0 ENOSYS kill", "wait 0 * waitid by number",
			  "nonblocking 0 ENOSYS none", "status 0 *", "reference 0 * boot id and start time",
			  "close 0 ENOSYS /proc/self/fd", "table 0 ENOSYS a copy", NO_KEEPER("ENOSYS"),
			  "terminal 0 EINVAL /dev/pts", "fork 0 EINVAL getpid"),
		     ARGV("a signal to a group after the end ENOSYS", "a descriptor ENOSYS",
			  "the end where SIGCHLD is ignored 7|unknown", "a pidfd ENOSYS", "a non-blocking pidfd ENOSYS",
			  "an adoption by a pidfd ENOSYS", "an adoption ENOSYS", "a signal to what was adopted ENOSYS",
			  "a reference by inode 0", "an adoption by reference ENOSYS"));
}

TEST("even by its number a process that got it later is never hit") {
	const char *const part = "a process that got the number later";
	struct output output;

	run(WITHOUT("ENOSYS", "pidfd_send_signal"), ARGV(HOLD_TESTS, part), &output);
	if (strstr(output.text, "# SKIP"))
		SKIP("the number of a new process cannot be chosen here");
	CHECK(!strncmp(output.text, "ok 1", 4));
}

static void need_proc(void) {
#if defined(__SANITIZE_ADDRESS__)
	SKIP("AddressSanitizer itself needs /proc and /dev");
#endif
}

TEST("without /proc the threads are not counted, and an adoption by descriptor does not blame the descriptor") {
	need_proc();
	check_behind("threads", ARGV(ACTOR("without-directory"), "/proc"),
		     ARGV("threads 0 * none", NO_KEEPER("ENOSYS")), ARGV("an adoption by a pidfd 0|ENOSYS"));
}

TEST("where no terminals can be had a start on one fails, and all else works") {
	/* Without privileges the actor is in a user namespace in which it has no user, and gets no second one. */
	const char *const pidns = geteuid() == 0 ? NULL : "pidns 0|1 * *";

	need_proc();
	check_behind("terminal", ARGV(ACTOR("without-directory"), "/dev/pts"),
		     ARGV("terminal 0 ENOENT|ENODEV none", pidns),
		     ARGV("a start on a terminal ENOENT|ENODEV", "the end on a terminal ENOENT|ENODEV",
			  "a forkpty ENOENT|ENODEV"));
}

CHECK_MAIN
