/* SPDX-License-Identifier: ISC */
#include "failure.h"
#include "structure.h"

#include "os/os.h"

#include <pidhold.h>

#include <errno.h>

static const struct {
	const char *name;
	os_probe *probe;
	const char *promise;
} caps[] = {
#define CAP(name, probe, promise) { name, probe, promise },
#include "caps.def"
#undef CAP
};

int hold_caps(size_t index, struct hold_cap *ret) {
	struct hold_cap cap = { .size = sizeof cap };
	const char *need;
	int kept = errno, error;

	if (!ret)
		return -EINVAL;
	error = structure_check(ret, sizeof cap);
	if (error < 0)
		return error;
	if (index >= sizeof caps / sizeof *caps)
		return -ENOENT;
	cap.name = caps[index].name;
	cap.promise = caps[index].promise;
	cap.error = caps[index].probe(&cap.mechanism, &need);
	cap.supported = cap.error == 0;
	cap.need = cap.supported ? NULL : failure_need(cap.error, need);
	errno = kept;
	structure_give(ret, &cap, sizeof cap);
	return 0;
}
