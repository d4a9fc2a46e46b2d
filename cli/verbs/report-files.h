/* SPDX-License-Identifier: ISC */
/* The reports of files and directories, one after the other, in memory that does not grow with their number. */
#ifndef CLI_VERBS_REPORT_FILES_H
#define CLI_VERBS_REPORT_FILES_H

/* `line` ends with a null byte. */
typedef void report_line(void *context, const char *file, const char *line);

/* A file that has no report, or could not be read: what is wrong. */
typedef void report_trouble(void *context, const char *file, const char *what);

/*
 * Each line of a file, or of the files of a directory whose names end in .json and do not begin with a point. "-" is
 * standard input. A path that cannot be read is told to `trouble` too.
 */
void report_files_read(const char *path, report_line *each, report_trouble *trouble, void *context);

#endif
