/* SPDX-License-Identifier: ISC */
/*
 * The program that is started: it exits with 0 if each fact that its arguments state holds in it, else with the
 * number of the first that does not.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether exactly the listed descriptors are open: "0,1,2,20", ascending, or "" for none. */
static bool are_open(const char *list) {
	char found[8192] = "", *end = found;

	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			end += sprintf(end, "%s%d", end == found ? "" : ",", fd);
	}
	return strcmp(found, list) == 0;
}

static bool has_terminal(void) {
	return isatty(0) && isatty(1) && isatty(2) && tcgetpgrp(0) == getpid() && getsid(0) == getpid();
}

static bool is_directory(const char *path) {
	struct stat here, there;

	return stat(".", &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino &&
	       here.st_dev == there.st_dev;
}

static bool is_blocked_alone(int signal) {
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int other = 1; other <= 31; other++) {
		if (sigismember(&set, other) != (other == signal))
			return false;
	}
	return true;
}

static bool has_death_signal(int wanted) {
	int signal;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 && signal == wanted;
}

/* "RESOURCE:SOFT:HARD" */
static bool is_limit(const char *text) {
	uint64_t limit[2], soft, hard;
	int resource;

	return sscanf(text, "%d:%" SCNu64 ":%" SCNu64, &resource, &soft, &hard) == 3 &&
	       syscall(SYS_prlimit64, 0, resource, NULL, limit) == 0 && limit[0] == soft && limit[1] == hard;
}

static bool is_oom_score(int wanted) {
	FILE *file = fopen("/proc/self/oom_score_adj", "r");
	int score, found = file && fscanf(file, "%d", &score) == 1;

	if (file)
		fclose(file);
	return found && score == wanted;
}

/* "USER:GROUP:FIRST,SECOND": real, effective and saved ids alike, and the supplementary groups. */
static bool is_who(const char *text) {
	uid_t users[3];
	gid_t groups[3], others[8];
	unsigned user, group, first, second;

	if (sscanf(text, "%u:%u:%u,%u", &user, &group, &first, &second) != 4 ||
	    getresuid(&users[0], &users[1], &users[2]) < 0 || getresgid(&groups[0], &groups[1], &groups[2]) < 0 ||
	    getgroups(8, others) != 2 || others[0] != first || others[1] != second)
		return false;
	for (int i = 0; i < 3; i++) {
		if (users[i] != user || groups[i] != group)
			return false;
	}
	return true;
}

static bool has_setting(const char *fact, const char *value, int number) {
	if (!strncmp(fact, "limit=", 6))
		return is_limit(value);
	if (!strncmp(fact, "oom-score=", 10))
		return is_oom_score(number);
	if (!strncmp(fact, "io-priority=", 12))
		return syscall(SYS_ioprio_get, 1, 0) == number;
	if (!strncmp(fact, "who=", 4))
		return is_who(value);
	return !strcmp(fact, "no-new-privs") && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool holds(const char *fact) {
	const char *value = strchr(fact, '=');
	int number = value ? atoi(value + 1) : 0;

	if (!strncmp(fact, "open=", 5))
		return are_open(value + 1);
	if (!strncmp(fact, "directory=", 10))
		return is_directory(value + 1);
	if (!strncmp(fact, "niceness=", 9))
		return getpriority(PRIO_PROCESS, 0) == number;
	if (!strncmp(fact, "umask=", 6))
		return umask(0) == (mode_t)number;
	if (!strncmp(fact, "blocked=", 8))
		return is_blocked_alone(number);
	if (!strncmp(fact, "death-signal=", 13))
		return has_death_signal(number);
	if (!strcmp(fact, "terminal"))
		return has_terminal();
	if (!strcmp(fact, "session"))
		return getsid(0) == getpid();
	if (!strcmp(fact, "group"))
		return getpgrp() == getpid() && getsid(0) != getpid();
	return has_setting(fact, value ? value + 1 : "", number);
}

static void tell(int signal) {
	(void)signal;
	if (write(3, "", 1) != 1)
		_exit(1);
}

/* With a child, which ends with us: each tells on descriptor 3 of a SIGUSR1, and the child that it is there. */
static int be_family(void) {
	pid_t pid;

	signal(SIGUSR1, tell);
	pid = fork();
	if (pid < 0)
		return 1;
	if (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
		tell(0);
	for (;;)
		pause();
}

int main(int argc, char **argv) {
	if (argc > 1 && !strcmp(argv[1], "family"))
		return be_family();
	if (argc > 1 && !strcmp(argv[1], "sleep")) /* until a signal, or for as long as no test lasts */
		return (int)sleep(600);
	for (int i = 1; i < argc; i++) {
		if (!holds(argv[i]))
			return i;
	}
	return 0;
}
