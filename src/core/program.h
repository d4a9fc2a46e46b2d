/* SPDX-License-Identifier: ISC */
/* Which file is to be executed: the search in PATH. It is done in the parent, which may allocate and block. */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stddef.h>

/*
 * Allocates the path of the file to execute for `name`: name itself if it has a slash, else what is found in the PATH
 * of `env`. A relative directory of PATH starts at `directory` (NULL: the caller's), where the child will be.
 * -ENOENT, -EACCES (there is such a file, and it may not be executed), -ENOMEM.
 */
int program_find(char **ret, const char *name, const char *const *env, const char *directory);

/*
 * For a file whose format the kernel does not know, as execvp(3) does: the shell, the file, and the arguments after
 * the first. The array is allocated; the strings are not copied. NULL: out of memory.
 */
const char **program_shell_argv(const char *program, const char *const *argv);

/* After exec failed with `error`: whether the script's interpreter, which `text` names, or the loader is to blame. */
int program_blames_interpreter(int error, const char *program, const char *directory, char *text, size_t length);

#endif
