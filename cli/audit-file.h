/* SPDX-License-Identifier: ISC */
#ifndef CLI_AUDIT_FILE_H
#define CLI_AUDIT_FILE_H

#include <stdbool.h>

/* From now on each act is written to the file as a JSON line before it happens. false: errno says why. */
bool audit_file_begin(const char *path);

#endif
