/* SPDX-License-Identifier: ISC */
/*
 * The file of a record. It is replaced as a whole, so a reader finds one version or the other, after a crash too. The
 * room for the later versions is taken at the start: a disk that is full by then does not make the record untrue.
 */
#ifndef CLI_STORE_RECORD_FILE_H
#define CLI_STORE_RECORD_FILE_H

#include "record.h"

#define RECORD_FILE "record"

/* Whether a file of this name is a version of the record, or room for one. */
bool record_file_is(const char *name);

/* false: errno says why, and the older version is as it was. */
bool record_write(int directory, const struct record *record);

/* Takes the room for the next version and for the last. false: errno says why. */
bool record_reserve(int directory, const struct record *record);

/* Writes the last version into that room; without it, as record_write. */
bool record_write_last(int directory, const struct record *record);

/* errno as record_decode has it, or of the file. The record is to be freed in any case. */
bool record_read(int directory, struct record *ret);

#endif
