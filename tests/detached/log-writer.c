/* SPDX-License-Identifier: ISC */
/* The writer of the log of a detached run, without a run. */
#include "../../cli/store/log-writer.h"

#include "../check.h"

#include <fcntl.h>

static void remove_segments(const struct log_writer *log) {
	char name[LOG_NAME_SIZE];

	for (size_t i = 0; i < log->count; i++) {
		log_segment_name('d', log->segments[i], name);
		CHECK(unlinkat(log->directory, name, 0) == 0);
		log_segment_name('t', log->segments[i], name);
		CHECK(unlinkat(log->directory, name, 0) == 0);
	}
}

TEST("a log of many small writes, each with a time of its own, keeps its tail too") {
	enum { TAIL = 1024, WRITES = 2000 };
	char directory[] = "log-writer.XXXXXX";
	struct log_writer log;
	int fd;

	CHECK(mkdtemp(directory));
	fd = open(directory, O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0);
	log_writer_begin(&log, fd, 0, TAIL);
	for (int i = 0; i < WRITES; i++) {
		log.noted_ns = 0; /* as if the write before were long ago */
		log_writer_add(&log, "x", 1);
		CHECK(log.total - log.left_out >= (uint64_t)(i + 1 < TAIL ? i + 1 : TAIL));
	}
	CHECK_EQ(log.lost, 0);
	log_writer_end(&log);
	remove_segments(&log);
	close(fd);
	CHECK(rmdir(directory) == 0);
}

CHECK_MAIN
