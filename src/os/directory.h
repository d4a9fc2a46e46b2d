/* SPDX-License-Identifier: ISC */
/* The entries of a directory, by getdents64(2). Usable between clone and exec, and without libc. */
#ifndef OS_DIRECTORY_H
#define OS_DIRECTORY_H

#include "calls.h"

struct directory_entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

struct directory {
	int fd;    /* borrowed; negative: the error with which it could not be opened */
	long size; /* of the entries that were read; at the end 0, or why they could not be read */
	long at;   /* the next one */
	char entries[1024] __attribute__((aligned(8)));
};

/* Field by field: an initializer would clear the entries too, by a call. */
OS_INLINE void directory_begin(struct directory *directory, int fd) {
	directory->fd = fd;
	directory->size = directory->at = 0;
}

/* NULL at the end. */
OS_INLINE const struct directory_entry *directory_next(struct directory *directory) {
	const struct directory_entry *entry;

	if (directory->at >= directory->size) {
		directory->at = 0;
		directory->size = directory->fd < 0 ? directory->fd
						    : OS_CALL(SYS_getdents64, directory->fd, directory->entries,
							      sizeof directory->entries, 0, 0);
		__asm__("" : "=m"(directory->entries)); /* the kernel has written them, which no compiler can see */
		if (directory->size <= 0)
			return NULL;
	}
	entry = (const void *)(directory->entries + directory->at);
	directory->at += entry->length;
	return entry;
}

#endif
