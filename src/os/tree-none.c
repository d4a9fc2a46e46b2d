/* SPDX-License-Identifier: ISC */
/* Without /proc no descendants are found, and without process descriptors no processes are waited for in a set. */
#include "os.h"

#include <errno.h>

int os_tree_open(struct os_tree *tree, int pid, int pidfd, bool spares_root) {
	(void)tree, (void)pid, (void)pidfd, (void)spares_root;
	return -ENOSYS;
}

void os_tree_close(struct os_tree *tree) {
	(void)tree;
}

int os_tree_look(struct os_tree *tree) {
	(void)tree;
	return 0;
}

int os_tree_signal(struct os_tree *tree, int signal, bool only_new) {
	(void)tree, (void)signal, (void)only_new;
	return -ENOSYS;
}

int os_tree_kill(struct os_tree *tree) {
	(void)tree;
	return -ENOSYS;
}

int os_tree_count(struct os_tree *tree, int *ret_refused) {
	(void)tree;
	*ret_refused = 0;
	return 0;
}

int os_tree_wait(struct os_tree *tree, int64_t deadline, bool refused_too) {
	(void)tree, (void)deadline, (void)refused_too;
	return -ENOSYS;
}

int os_tree_hold(struct os_tree *tree, struct os_member *member) {
	(void)tree, (void)member;
	return -ENOSYS;
}

void os_tree_put(struct os_member *member, int pidfd) {
	(void)member, (void)pidfd;
}

int os_set_subreaper(bool is_on) {
	(void)is_on;
	return -ENOSYS;
}

int os_terminal_is_read(int master, const struct os_tree *tree, bool only_in_read) {
	(void)master, (void)tree, (void)only_in_read;
	return -ENOSYS;
}

int os_set_new(void) {
	return -ENOSYS;
}

int os_set_add(int set, int fd, void *tag) {
	(void)set, (void)fd, (void)tag;
	return -ENOSYS;
}

int os_set_remove(int set, int fd) {
	(void)set, (void)fd;
	return -ENOSYS;
}

int os_set_next(int set, int64_t deadline, void **ret_tag) {
	(void)set, (void)deadline, (void)ret_tag;
	return -ENOSYS;
}
