/* SPDX-License-Identifier: ISC */
/* The search in PATH, in a tree of its own; and who is to blame when exec fails. */
#include "../check.h"

#include "core/program.h"

#include <fcntl.h>
#include <sys/stat.h>

static char tree[256];

/* A file below the tree with these bytes and this mode. */
static void make_file(const char *name, const char *bytes, mode_t mode) {
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, bytes, strlen(bytes)), strlen(bytes));
	CHECK_EQ(fchmod(fd, mode), 0);
	close(fd);
}

/* first/tool is not to be executed, second/tool is; second/directory is a directory, first/loop a link to itself. */
static void make_tree(void) {
	const char *place = getenv("TMPDIR");

	snprintf(tree, sizeof tree, "%s/pidhold-XXXXXX", place && *place ? place : P_tmpdir);
	CHECK(mkdtemp(tree));
	CHECK_EQ(chdir(tree), 0);
	CHECK_EQ(mkdir("first", 0755), 0);
	CHECK_EQ(mkdir("second", 0755), 0);
	CHECK_EQ(mkdir("second/directory", 0755), 0);
	CHECK_EQ(symlink("loop", "first/loop"), 0);
	make_file("first/tool", "", 0644);
	make_file("second/tool", "", 0755);
	make_file("second/other", "", 0755);
	make_file("here", "", 0755);
	make_file("script", "#! /no/such/shell -e\n", 0755);
	make_file("long-script", "#!/a/very/long/interpreter/name", 0755);
	make_file("plain", "#!", 0755);
}

static void remove_tree(void) {
	static const char *const files[] = { "first/tool",   "first/loop", "second/tool",
					     "second/other", "here",       "script",
					     "long-script",  "plain",      NULL };
	static const char *const directories[] = { "second/directory", "first", "second", NULL };

	for (const char *const *file = files; *file; file++)
		CHECK_EQ(unlink(*file), 0);
	for (const char *const *directory = directories; *directory; directory++)
		CHECK_EQ(rmdir(*directory), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir(tree), 0);
}

/* What program_find answers for `name` with this PATH; the path that it found goes into found. */
static int find(char found[512], const char *name, const char *path, const char *directory) {
	char variable[2048];
	const char *env[] = { "OTHER=1", "PATHS=/nowhere", variable, "PATH=/not-this-one", NULL };
	char *result = NULL;
	int error;

	snprintf(variable, sizeof variable, "PATH=%s", path);
	error = program_find(&result, name, env, directory);
	snprintf(found, 512, "%s", error ? "" : result);
	free(result);
	return error;
}

#define CHECK_FOUND(name, path, directory, wanted) \
	do { \
		CHECK_EQ(find(found, name, path, directory), 0); \
		CHECK_STRING(found, wanted); \
	} while (0)

TEST("the first file of PATH that may be executed is found, whatever lies before it") {
	char found[512], path[2048], wanted[512];

	make_tree();
	snprintf(path, sizeof path, "%s/missing:%s/here:%s/first:%s/second", tree, tree, tree, tree);
	snprintf(wanted, sizeof wanted, "%s/second/tool", tree);
	CHECK_FOUND("tool", path, NULL, wanted);
	CHECK_FOUND("here", "first::second", NULL, "./here");
	CHECK_FOUND("here", ":second", NULL, "./here");
	CHECK_FOUND("here", "first:", NULL, "./here");
	CHECK_FOUND("here", "", NULL, "./here");
	CHECK_FOUND("other", "first:second", NULL, "second/other");
	remove_tree();
}

TEST("a name that is nowhere is ENOENT; one that is somewhere and cannot be executed says why") {
	char found[512];

	make_tree();
	CHECK_EQ(find(found, "tool", "missing:second/directory", NULL), -ENOENT);
	CHECK_EQ(find(found, "tool", "first:missing", NULL), -EACCES);
	CHECK_EQ(find(found, "tool", "missing:first", NULL), -EACCES);
	CHECK_EQ(find(found, "directory", "second", NULL), -EACCES);
	CHECK_EQ(find(found, "loop", "first", NULL), -ELOOP);
	CHECK_FOUND("other", "first:here:second", NULL, "second/other"); /* ENOTDIR on the way */
	CHECK_EQ(find(found, "", "second", NULL), -ENOENT);
	remove_tree();
}

TEST("a name with a slash is taken as it is and not looked for") {
	char found[512];

	CHECK_FOUND("./nowhere", "/usr/bin", NULL, "./nowhere");
	CHECK_FOUND("a/b", "/usr/bin", "/nowhere", "a/b");
	CHECK_FOUND("/", "/usr/bin", NULL, "/");
}

TEST("a relative directory of PATH counts from the directory that the process will start in") {
	char found[512], directory[600];

	make_tree();
	CHECK_EQ(chdir("/"), 0);
	CHECK_FOUND("tool", "first:second", tree, "second/tool");
	CHECK_FOUND("here", ":first", tree, "./here");
	snprintf(directory, sizeof directory, "%s/second", tree);
	CHECK_FOUND("tool", "", directory, "./tool");
	CHECK_EQ(find(found, "tool", "second", directory), -ENOENT);
	CHECK_EQ(chdir(tree), 0);
	CHECK_EQ(find(found, "here", "", directory), -ENOENT); /* it is here, and the process will not be */
	remove_tree();
}

TEST("without PATH in the environment the usual directories are searched") {
	static const char *const none[] = { "PATHS=/nowhere", NULL };
	char *found;

	CHECK_EQ(program_find(&found, "sh", none, NULL), 0);
	CHECK(strstr(found, "/bin/sh"));
	free(found);
	CHECK_EQ(program_find(&found, "sh", NULL, NULL), 0);
	free(found);
}

TEST("a missing interpreter is named, and the loader is blamed where there is none to name") {
	char text[256], here[512];

	make_tree();
	CHECK_EQ(program_blames_interpreter(-ENOENT, "script", NULL, text, sizeof text), 1);
	CHECK_STRING(text, "/no/such/shell of script");
	CHECK_EQ(program_blames_interpreter(-ENOENT, "here", NULL, text, sizeof text), 1);
	CHECK_STRING(text, "of here");
	CHECK_EQ(program_blames_interpreter(-EACCES, "plain", NULL, text, sizeof text), 1);
	CHECK_STRING(text, "of plain");
	CHECK_EQ(program_blames_interpreter(-ENOENT, "long-script", NULL, text, 12), 1);
	CHECK_STRING(text, "/a/very/lon");
	snprintf(here, sizeof here, "%s", tree);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(program_blames_interpreter(-ENOENT, "script", here, text, sizeof text), 1);
	CHECK_STRING(text, "/no/such/shell of script");
	CHECK_EQ(chdir(tree), 0);
	remove_tree();
}

TEST("the program itself is to blame if it is not there, may not be executed, or the error is of another kind") {
	char text[256] = "as before";

	make_tree();
	CHECK_EQ(program_blames_interpreter(-ENOENT, "nowhere", NULL, text, sizeof text), 0);
	CHECK_EQ(program_blames_interpreter(-EACCES, "first/tool", NULL, text, sizeof text), 0);
	CHECK_EQ(program_blames_interpreter(-E2BIG, "script", NULL, text, sizeof text), 0);
	CHECK_EQ(program_blames_interpreter(-ENOEXEC, "here", NULL, text, sizeof text), 0);
	CHECK_EQ(program_blames_interpreter(-ENOENT, "script", "/nowhere", text, sizeof text), 0);
	CHECK_STRING(text, "as before");
	remove_tree();
}

CHECK_MAIN
