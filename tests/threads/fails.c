/* SPDX-License-Identifier: ISC */
/* Starts that fail, each in a way whose error and step are known. */
#include "storm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

struct failing {
	const char *name, *program, *directory, *in; /* in the storm's directory, unless they begin with a slash */
	int error, step;                             /* step 0: the deadline may pass at any, on a busy machine */
	bool has_bad_limit, has_deadline;
};

static const struct failing all[] = {
	{ .name = "no such program", .program = "nothing", .error = -ENOENT, .step = HOLD_AT_PROGRAM },
	{ .name = "not executable", .program = "text", .error = -EACCES, .step = HOLD_AT_PROGRAM },
	{ .name = "no program", .program = "garbage", .error = -ENOEXEC, .step = HOLD_AT_PROGRAM },
	{ .name = "bad directory", .directory = "nothing", .error = -ENOENT, .step = HOLD_AT_DIRECTORY },
	{ .name = "no input", .in = "nothing", .error = -ENOENT, .step = HOLD_AT_STDIN },
	{ .name = "bad limit", .has_bad_limit = true, .error = -EINVAL, .step = HOLD_AT_LIMIT },
	{ .name = "deadline", .in = "fifo", .has_deadline = true, .error = -ETIMEDOUT },
};

enum { KINDS = sizeof all / sizeof *all, RARE = KINDS - 1 /* the last one waits, so it is drawn less often */ };

static const char *in_directory(char *path, size_t size, const char *name) {
	snprintf(path, size, "%s/%s", storm.directory, name);
	return path;
}

void act_with_failing_start(struct worker *w) {
	const struct failing *f = &all[below(w, 20) ? below(w, RARE) : RARE];
	const struct hold_limit limit = { .resource = RLIMIT_CORE, .soft = 2, .hard = 1 };
	char program[128], directory[128], in[128];
	const char *const argv[] = { f->program ? in_directory(program, sizeof program, f->program) : storm.program,
				     "0", NULL };
	struct hold_options options = {
		.size = sizeof options,
		.argv = argv,
		.contain = storm.ways[below(w, storm.way_count)],
		.directory = f->directory ? in_directory(directory, sizeof directory, f->directory) : NULL,
		.limits = &limit,
		.limit_count = f->has_bad_limit,
		.start_deadline = f->has_deadline ? hold_after_ms(20) : 0,
	};
	struct hold_error error = { .size = sizeof error };
	struct hold *h = NULL;
	int result;

	if (f->in)
		options.in = (struct hold_stdio){ .kind = HOLD_STDIO_FILE, .path = in_directory(in, sizeof in, f->in) };
	w->act = f->name;
	atomic_fetch_add(&storm.failing, 1);
	result = hold_spawn(&h, &options, &error);
	if (result != f->error || (f->step && error.step != f->step) || error.code != result || h)
		wrong(w, "%s with containment %d: %s at %s %s, not %s%s%s%s", f->name, options.contain,
		      strerror(-result), hold_step_name(error.step), error.object, strerror(-f->error),
		      f->step ? " at " : "", f->step ? hold_step_name(f->step) : "", h ? ", and a hold" : "");
	hold_release(h);
}
