/* SPDX-License-Identifier: ISC */
/* What has to hold after an attack. */
#include "storm.h"
#include "../edges/fence.h"

enum { LINES_MAX = 40 };

const char *const ways[WAYS_MAX] = { "auto", "none", "keeper", "cgroup", "pidns" };

const struct attack attacks[] = {
	{ "nothing", { SPARED, SPARED, SPARED } },
	{ "KILL front", { KILLED, SPARED, SPARED } },
	{ "KILL keeper", { SPARED, KILLED, SPARED } },
	{ "KILL command", { SPARED, SPARED, KILLED } },
	{ "KILL front and command", { KILLED, SPARED, KILLED } },
	{ "KILL keeper and command", { SPARED, KILLED, KILLED } },
	{ "KILL front and keeper", { KILLED, KILLED, SPARED } },
	{ "STOP front, CONT later", { PAUSED, SPARED, SPARED } },
	{ "STOP keeper", { SPARED, STOPPED, SPARED } },
	{ "STOP keeper, CONT later", { SPARED, PAUSED, SPARED } },
	{ "STOP command", { SPARED, SPARED, STOPPED } },
	{ "STOP keeper, KILL front, CONT later", { KILLED, PAUSED, SPARED } },
	{ "STOP front and keeper, CONT front", { PAUSED, STOPPED, SPARED } },
	{ "STOP all, CONT front", { PAUSED, STOPPED, STOPPED } },
};
const int attack_count = sizeof attacks / sizeof *attacks;

static bool is_struck(const struct run *run, enum role role, enum act act) {
	return run->attack->acts[role] == act && run->was_met[role];
}

static bool is_stopped(const struct run *run, enum role role) {
	return is_struck(run, role, STOPPED) || is_struck(run, role, PAUSED);
}

/* The front lived: its status is the command's own, the limit's, that of a KILL, or a failure that is told in words. */
static bool is_true(const struct run *run) {
	const bool is_called_failed = strstr(run->errors, "cannot start") && !strstr(run->errors, " ran") &&
				      !strstr(run->errors, " had run") && !strstr(run->errors, " already");
	const bool is_killed = is_struck(run, KEEPER, KILLED) || is_struck(run, COMMAND, KILLED);
	const bool is_delayed = is_stopped(run, FRONT) || is_stopped(run, KEEPER) || is_stopped(run, COMMAND);
	const bool is_keepers = is_struck(run, KEEPER, KILLED) || is_stopped(run, KEEPER);

	if (run->signal || run->ran > 1)
		return false;
	switch (run->status) {
	case 7:
		return !run->stays;
	case 124:
		return run->stays || is_delayed;
	/* a keeper that leads the session of a terminal: its end hangs up on the command before it kills it */
	case 129:
		return run->has_terminal && is_struck(run, KEEPER, KILLED);
	case 137:
		return is_killed;
	case 123:
		return run->errors[0] != 0;
	case 125:
		return run->errors[0] && !(run->ran && is_called_failed) &&
		       (is_keepers || (is_killed && !run->ran)); /* killed before it had executed anything */
	default:
		return false;
	}
}

static bool has_modes(const struct run *run) {
	return !run->has_terminal ||
	       (run->before.c_lflag == run->after.c_lflag && run->before.c_iflag == run->after.c_iflag &&
		run->before.c_oflag == run->after.c_oflag);
}

/* The next hold with a control group ends what is in those of holds that were killed. */
static bool is_swept(void) {
	static struct fence_list left;
	const pid_t pid = fork();

	if (pid == 0) {
		execl(storm->hold, storm->hold, "run", "--contain", "cgroup", "--", "true", (char *)NULL);
		_exit(99);
	}
	waitpid(pid, NULL, 0);
	return fence_count_left(3000000, &left) == 0;
}

static void tell(const struct run *run, const char *what) {
	if (atomic_fetch_add(&storm->told, 1) >= LINES_MAX)
		return;
	printf("# %s: %s, %s after %llu us%s%s%s: %s %d, %d left, ran %d times, said \"%.120s\"\n", what,
	       ways[run->way], run->attack->name, (unsigned long long)run->delay_us, run->stays ? ", stays" : "",
	       run->has_terminal ? ", -t" : "", run->is_user ? ", as a user" : "", run->signal ? "signal" : "status",
	       run->signal ? run->signal : run->status, run->left, run->ran, run->errors);
}

static void judge_left(const struct run *run, struct figures *figures, bool both) {
	const bool is_told = run->status == 123 && run->errors[0];

	if (!run->left || !strcmp(ways[run->way], "none"))
		return;
	if (both && strcmp(ways[run->way], "pidns") != 0) {
		figures->left++;
		if (!run->is_user && !strcmp(ways[run->way], "cgroup") && !is_swept()) {
			figures->unswept++;
			tell(run, "not swept");
		}
		return;
	}
	if (!is_told) {
		figures->untold++;
		tell(run, "left");
	}
}

void judge(const struct run *run) {
	struct figures *figures = &storm->figures[run->way][run->attack - attacks];
	const bool front_dies = is_struck(run, FRONT, KILLED);
	const bool both = front_dies && is_struck(run, KEEPER, KILLED);
	bool met = run->attack == attacks;

	for (int role = 0; role < ROLES; role++)
		met |= run->was_met[role];
	figures->tries++;
	figures->met += met;
	if (!run->has_ended) {
		figures->hung++;
		tell(run, "hangs");
		return;
	}
	judge_left(run, figures, both);
	if (!front_dies && !is_true(run)) {
		figures->untrue++;
		tell(run, "untrue");
	}
	/* Without containment nobody lives who could put them back. */
	if (!both && !(front_dies && !strcmp(ways[run->way], "none")) && !has_modes(run)) {
		figures->modes++;
		tell(run, "modes");
	}
}

static void write_row(FILE *file, const char *before, int way, int attack) {
	const struct figures *f = &storm->figures[way][attack];

	if (f->tries)
		fprintf(file, "%s| %-6s | %-35s | %5d | %5d | %4d | %6d | %6d | %5d | %9d | %7d |\n", before, ways[way],
			attacks[attack].name, f->tries, f->met, f->hung, f->untrue, f->untold, f->modes, f->left,
			f->unswept);
}

/* `before` each line: what makes it a comment. */
static void write_rows(FILE *file, const char *before) {
	fprintf(file, "%s| %-6s | %-35s | tries |   met | hung | untrue | untold | modes | both left | unswept |\n",
		before, "way", "attack");
	fprintf(file,
		"%s| ------ | ----------------------------------- | ----: | ----: | ---: | -----: | -----: | ----: "
		"| --------: | ------: |\n",
		before);
	for (int way = 0; way < WAYS_MAX && ways[way]; way++) {
		for (int attack = 0; attack < attack_count; attack++)
			write_row(file, before, way, attack);
	}
}

static const char heading[] =
	"# Storms\n\n"
	"Written by tests/storm: `hold run` over a tree of nine processes, half of them daemons and most of them deaf\n"
	"to TERM, is attacked once at a random instant: the front (hold itself), its keeper, its command. With and\n"
	"without `-t`, as root and as an ordinary user.\n\n"
	"- met: there was a process to attack at that instant.\n"
	"- hung: the front did not return in ten times its bound.\n"
	"- untrue: an exit status that is not the command's, the limit's or that of the attack, or a second start.\n"
	"- untold: processes were left although the front or the keeper lived, and no line and no status 123 said so.\n"
	"- modes: the terminal's modes were not put back.\n"
	"- both left: front and keeper were killed, and something was left. A PID namespace may leave nothing: there\n"
	"  it counts as untold.\n"
	"- unswept: of these, with a control group, those that the next hold did not end.\n\n";

int write_table(const char *path, uint64_t seed, int seconds) {
	FILE *file = path ? fopen(path, "w") : NULL;
	int bad = 0;

	for (int way = 0; way < WAYS_MAX; way++) {
		for (int attack = 0; attack < attack_count; attack++) {
			const struct figures *f = &storm->figures[way][attack];

			bad += f->hung + f->untrue + f->untold + f->modes + f->unswept;
		}
	}
	write_rows(stdout, "# ");
	if (file) {
		fputs(heading, file);
		fprintf(file, "Seconds: %d. Seed: %llu.\n\n", seconds, (unsigned long long)seed);
		write_rows(file, "");
		fclose(file);
	}
	return bad;
}
