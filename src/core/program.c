/* SPDX-License-Identifier: ISC */
#include "program.h"

#include "os/os.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usual_path[] = "/usr/local/bin:/usr/bin:/bin";

static const char *path_of(const char *const *env) {
	for (; env && *env; env++) {
		if (!strncmp(*env, "PATH=", 5))
			return *env + 5;
	}
	return usual_path;
}

/*
 * Writes "directory/name"; an empty directory is the current one. "base/" comes first if there is a base and the
 * directory is relative.
 */
static void join(char *to, const char *base, const char *directory, size_t length, const char *name) {
	if (base && (length == 0 || *directory != '/')) {
		size_t base_length = strlen(base);

		memcpy(to, base, base_length);
		to[base_length] = '/';
		to += base_length + 1;
	}
	if (length == 0) {
		*to++ = '.';
	} else {
		memcpy(to, directory, length);
		to += length;
	}
	*to++ = '/';
	strcpy(to, name);
}

/* found: room for the path that the child executes; looked: room for the same file's path in this process. */
static int search(char *found, char *looked, const char *path, const char *name, const char *directory) {
	int error, result = -ENOENT;
	size_t length;

	for (;; path += length + 1) {
		length = strcspn(path, ":");
		join(looked, directory, path, length, name);
		error = os_program_check(looked);
		if (error == 0) {
			join(found, NULL, path, length, name);
			return 0;
		}
		/* Returned if no file is found that may be executed: this one exists. */
		if (error != -ENOENT && error != -ENOTDIR && result != -EACCES)
			result = error;
		if (!path[length])
			return result;
	}
}

int program_find(char **ret, const char *name, const char *const *env, const char *directory) {
	const char *path = path_of(env);
	size_t room = strlen(name) + strlen(path) + 4;
	char *found, *looked;
	int error = 0;

	if (!*name)
		return -ENOENT;
	found = malloc(room);
	looked = malloc(room + (directory ? strlen(directory) : 0));
	if (!found || !looked)
		error = -ENOMEM;
	else if (strchr(name, '/'))
		strcpy(found, name);
	else
		error = search(found, looked, path, name, directory);
	free(looked);
	if (error < 0)
		free(found);
	else
		*ret = found;
	return error;
}

const char **program_shell_argv(const char *program, const char *const *argv) {
	const char **shell_argv;
	size_t count = 0;

	while (argv[count])
		count++;
	shell_argv = calloc(count + 2, sizeof *shell_argv);
	if (!shell_argv)
		return NULL;
	shell_argv[0] = os_shell;
	shell_argv[1] = program;
	memcpy(shell_argv + 2, argv + 1, count * sizeof *shell_argv); /* with the NULL at its end */
	return shell_argv;
}

int program_blames_interpreter(int error, const char *program, const char *directory, char *text, size_t length) {
	char interpreter[256], *looked;
	int blamed = 0;

	if (error != -ENOENT && error != -EACCES && error != -ENOTDIR && error != -ELOOP)
		return 0;
	looked = malloc(strlen(program) + (directory ? strlen(directory) : 0) + 2);
	if (!looked)
		return 0;
	sprintf(looked, "%s%s%s", *program != '/' && directory ? directory : "",
		*program != '/' && directory ? "/" : "", program);
	if (os_program_check(looked) == 0) { /* the file itself is all right */
		if (os_program_interpreter(looked, interpreter, sizeof interpreter) > 0)
			snprintf(text, length, "%s of %s", interpreter, program);
		else
			snprintf(text, length, "of %s", program);
		blamed = 1;
	}
	free(looked);
	return blamed;
}
