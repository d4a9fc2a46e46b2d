/* SPDX-License-Identifier: ISC */
#include "cgroup-leaf.h"
#include "calls.h"
#include "directory.h"
#include "base/decimal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { NAME = 64, LIST = 512 };

static int open_at(int dirfd, const char *name, int flags) {
	return (int)OS_CALL(SYS_openat, dirfd, name, flags | O_CLOEXEC, 0, 0);
}

bool cgroup_is_leaf(const char *name) {
	for (const char *prefix = CGROUP_LEAF; *prefix; prefix++, name++) {
		if (*name != *prefix)
			return false;
	}
	return true;
}

bool cgroup_is_alone(int dirfd) {
	char text[2 * DECIMAL_SIZE], own[DECIMAL_SIZE];
	const int fd = open_at(dirfd, "cgroup.procs", O_RDONLY);
	size_t length;
	long size;

	if (fd < 0)
		return false;
	size = call_read(fd, text, sizeof text);
	call_close(fd);
	decimal_write(own, (unsigned)call_getpid());
	length = strlen(own);
	if (size != (long)length + 1 || text[length] != '\n')
		return false;
	text[length] = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] != own[i])
			return false;
	}
	return true;
}

/* Stores the name of the only group in a directory, if that is a leaf. */
static bool find_only_leaf(int above, char name[NAME]) {
	const struct directory_entry *entry;
	struct directory list;
	int count = 0;

	directory_begin(&list, open_at(above, ".", O_RDONLY | O_DIRECTORY));
	while ((entry = directory_next(&list))) {
		if (entry->type != DT_DIR || entry->name[0] == '.')
			continue;
		count++;
		if (cgroup_is_leaf(entry->name) && strlen(entry->name) < NAME)
			strcpy(name, entry->name);
		else
			count++;
	}
	if (list.fd >= 0)
		call_close(list.fd);
	return count == 1;
}

/* From "cpu memory\n" to "-cpu -memory": all are disabled. A list that is too long is an error. */
static long write_disabled(char *to, const char *list, long length) {
	long size = 0;

	for (long i = 0; i < length && list[i] != '\n'; i++) {
		if (i == 0 || list[i - 1] == ' ')
			to[size++] = '-';
		to[size++] = list[i];
	}
	return size;
}

/* Disables all controllers of the groups below, or, with the same text and '+' in place of '-', enables them again. */
static int disable(int above, char text[2 * LIST], long *ret_size) {
	char list[LIST];
	const int fd = open_at(above, "cgroup.subtree_control", O_RDONLY);
	long length;

	if (fd < 0)
		return fd;
	length = call_read(fd, list, sizeof list);
	call_close(fd);
	if (length < 0 || length == LIST)
		return length < 0 ? (int)length : -E2BIG;
	*ret_size = write_disabled(text, list, length);
	return *ret_size ? call_write_file(above, "cgroup.subtree_control", text, (size_t)*ret_size) : 0;
}

static void enable_again(int above, char *text, long size) {
	for (long i = 0; i < size; i++)
		text[i] = text[i] == '-' ? '+' : text[i];
	if (size)
		call_write_file(above, "cgroup.subtree_control", text, (size_t)size);
}

int cgroup_leave_leaf(int above) {
	char name[NAME], text[2 * LIST];
	int leaf, error;
	bool is_alone;
	long size = 0;

	if (!find_only_leaf(above, name))
		return -EBUSY;
	leaf = open_at(above, name, O_RDONLY | O_DIRECTORY);
	if (leaf < 0)
		return leaf;
	is_alone = cgroup_is_alone(leaf);
	call_close(leaf);
	if (!is_alone)
		return -EBUSY;
	error = disable(above, text, &size);
	if (error < 0)
		return error;
	error = call_write_file(above, "cgroup.procs", "0", 1);
	if (error < 0) {
		enable_again(above, text, size);
		return error;
	}
	return (int)OS_CALL(SYS_unlinkat, above, name, AT_REMOVEDIR, 0, 0);
}
