/* SPDX-License-Identifier: ISC */
#include "runs.h"
#include "../common/await-process.h"
#include "../common/boot-id.h"
#include "../common/socket-file.h"
#include "directory.h"
#include "lock.h"
#include "log.h"
#include "name.h"
#include "record-file.h"

#include <pidhold.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char *run_state_name(enum run_state state) {
	return state == RUN_LIVES ? "running" : state == RUN_HAS_ENDED ? "ended" : "unknown";
}

/* ---- one ---- */

/* A reference of an earlier boot may name another process now. A text that is no reference names none. */
static bool has_runner(const struct record *record) {
	char boot[BOOT_ID_SIZE];
	struct hold *runner;
	int result;

	if (boot_id(boot) && strcmp(boot, record->boot) != 0)
		return false;
	result = hold_adopt_reference(&runner, record->runner);
	if (result < 0)
		return result != -EINVAL;
	if (result == HOLD_GONE)
		return false;
	result = await_process(runner, HOLD_NOW); /* it may have ended and not be reaped */
	hold_release(runner);
	return result != 0;
}

static void look_for_runner(int directory, struct run_entry *run) {
	run->is_elsewhere = !has_runner(&run->record);
	run->state = RUN_LIVES;
	if (!run->is_elsewhere || run_is_locked(directory))
		return;
	run->is_elsewhere = false;
	run->state = RUN_UNKNOWN;
}

static bool load(int directory, struct run_entry *ret) {
	if (!record_read(directory, &ret->record))
		return false;
	ret->state = RUN_HAS_ENDED;
	if (ret->record.phase == RUN_ENDED)
		return true;
	look_for_runner(directory, ret);
	if (ret->state == RUN_LIVES)
		return true;
	record_free(&ret->record); /* it may have written the end after our first look */
	if (!record_read(directory, &ret->record))
		return false;
	if (ret->record.phase == RUN_ENDED)
		ret->state = RUN_HAS_ENDED;
	return true;
}

bool run_load(int store, const char *name, struct run_entry *ret) {
	const int directory = store_open_directory(store, name);
	struct stat file;
	bool loaded;
	int error;

	*ret = (struct run_entry){ .state = RUN_UNKNOWN };
	if (directory < 0)
		return false;
	loaded = fstat(directory, &file) == 0 && load(directory, ret);
	if (loaded && strcmp(ret->record.name, name) != 0) { /* it was put there by hand */
		loaded = false;
		errno = EINVAL;
	}
	error = errno;
	ret->changed_s = loaded ? (int64_t)file.st_mtime : 0;
	close(directory);
	if (!loaded)
		run_unload(ret);
	errno = error;
	return loaded;
}

void run_unload(struct run_entry *run) {
	record_free(&run->record);
}

/* ---- all ---- */

static bool add(struct run_list *list, const struct run_entry *run) {
	if (list->count == list->room) {
		const size_t room = list->room ? list->room * 2 : 16;
		struct run_entry *grown = realloc(list->runs, room * sizeof *grown);

		if (!grown)
			return false;
		list->runs = grown;
		list->room = room;
	}
	list->runs[list->count++] = *run;
	return true;
}

static int compare(const void *a, const void *b) {
	const struct record *one = &((const struct run_entry *)a)->record,
			    *other = &((const struct run_entry *)b)->record;

	if (one->started_us != other->started_us)
		return one->started_us < other->started_us ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* The names of the store's directories: of each that may be that of a run. NULL: errno says why. */
static DIR *open_entries(int store) {
	const int again = store == STORE_NONE ? -1 : openat(store, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;

	if (!entries && again >= 0)
		close(again);
	return entries;
}

static const char *next_name(DIR *entries) {
	const struct dirent *entry;

	while ((entry = readdir(entries))) {
		if (run_name_is_valid(entry->d_name))
			return entry->d_name;
	}
	return NULL;
}

bool runs_load(int store, struct run_list *ret) {
	DIR *entries = open_entries(store);
	struct run_entry run;
	const char *name;
	bool loaded = true;

	*ret = (struct run_list){ 0 };
	if (!entries)
		return store == STORE_NONE;
	while (loaded && (name = next_name(entries))) {
		if (!run_load(store, name, &run))
			loaded = errno != ENOMEM && errno != EMFILE && errno != ENFILE;
		else if (!(loaded = add(ret, &run)))
			run_unload(&run);
	}
	closedir(entries);
	if (!loaded)
		runs_unload(ret);
	else if (ret->count)
		qsort(ret->runs, ret->count, sizeof *ret->runs, compare);
	return loaded;
}

void runs_unload(struct run_list *list) {
	for (size_t i = 0; i < list->count; i++)
		run_unload(&list->runs[i]);
	free(list->runs);
	*list = (struct run_list){ 0 };
}

/* ---- the removal ---- */

/* The record, what is to replace it, the lock, the socket, the log. */
static bool is_of_run(const char *name) {
	uint64_t first;

	return record_file_is(name) || !strcmp(name, RUN_LOCK_FILE) || !strcmp(name, RUN_SOCKET_FILE) ||
	       log_segment_parse(name, 'd', &first) || log_segment_parse(name, 't', &first);
}

/* Not of what another program has put there. */
static void empty(int directory) {
	DIR *entries = fdopendir(directory);
	const struct dirent *entry;

	if (!entries) {
		close(directory);
		return;
	}
	while ((entry = readdir(entries))) {
		if (is_of_run(entry->d_name))
			unlinkat(dirfd(entries), entry->d_name, 0);
	}
	closedir(entries);
}

/* Whether the path ends with pidhold/NAME.PID: a record that is damaged may have any other. */
static bool is_of_runner(const struct record *record) {
	char end[RUN_NAME_SIZE + 64];
	const int length = snprintf(end, sizeof end, "/pidhold/%s.%.*s", record->name,
				    (int)strcspn(record->runner, ":"), record->runner);
	const size_t size = strlen(record->socket);

	return record->socket[0] == '/' && length < (int)sizeof end && size >= (size_t)length &&
	       strcmp(record->socket + size - length, end) == 0;
}

/* One that was killed has left it outside. The run of another store may listen there now. */
static void remove_left_socket(char *path) {
	char *slash = strrchr(path, '/');
	int directory;

	*slash = 0;
	directory = store_open_directory(AT_FDCWD, path);
	*slash = '/';
	if (directory < 0)
		return;
	socket_file_remove_left(directory, slash + 1, path);
	close(directory);
}

static void remove_socket(int directory) {
	struct record record;

	if (record_read(directory, &record) && record.socket && is_of_runner(&record))
		remove_left_socket(record.socket);
	record_free(&record);
}

bool run_remove(int store, const char *name) {
	const int directory = store_open_directory(store, name);

	if (directory < 0)
		return errno == ENOENT;
	remove_socket(directory);
	unlinkat(directory, RECORD_FILE, 0);
	empty(directory);
	return unlinkat(store, name, AT_REMOVEDIR) == 0;
}

bool run_is_held(int store, const char *name) {
	const int directory = store_open_directory(store, name);
	const bool is_held = directory >= 0 && run_is_locked(directory);

	if (directory >= 0)
		close(directory);
	return is_held;
}

/* A directory without a whole record: a crash has left it. Who makes one has the lock until the record is there. */
static void remove_unreadable(int store) {
	DIR *entries = open_entries(store);
	struct run_entry run;
	const char *name;

	if (!entries)
		return;
	while ((name = next_name(entries))) {
		if (run_load(store, name, &run))
			run_unload(&run);
		else if ((errno == ENOENT || errno == EINVAL) && !run_is_held(store, name))
			run_remove(store, name);
	}
	closedir(entries);
}

static bool is_over(const struct run_entry *run, int64_t now_s) {
	const int64_t end_s = run->state == RUN_HAS_ENDED ? run->record.ended_us / 1000000 : run->changed_s;

	return run->state != RUN_LIVES && now_s - end_s >= run->record.keep_s;
}

void runs_sweep(int store) {
	const int64_t now_s = (int64_t)time(NULL);
	struct run_list list;
	size_t kept = 0;

	remove_unreadable(store);
	if (!runs_load(store, &list))
		return;
	for (size_t i = list.count; i-- > 0;) { /* the newest are kept */
		const struct run_entry *run = &list.runs[i];

		if (is_over(run, now_s) || (run->state != RUN_LIVES && kept == RUNS_KEPT))
			run_remove(store, run->record.name);
		else
			kept += run->state != RUN_LIVES;
	}
	runs_unload(&list);
}
