/* SPDX-License-Identifier: ISC */
#ifndef CLI_AUDIT_FILE_H
#define CLI_AUDIT_FILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From now on each act is written to the file as a JSON line before it happens. A fifo without a reader is waited for
 * up to the deadline; then errno is ETIMEDOUT. A line may take a second to be written. false: errno says why.
 */
bool audit_file_begin(const char *path, int64_t deadline);

#endif
