/* SPDX-License-Identifier: ISC */
/* An audit hook that prints each act before it happens and forbids SIGKILL. */
#include <pidhold.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int no_sigkill(void *context, const struct hold_event *event) {
	int sends = !strcmp(event->name, "os.kill") || !strcmp(event->name, "pidhold.signal");

	(void)context;
	printf("%s", event->name);
	if (event->program)
		printf(" %s", event->program);
	for (size_t i = 0; i < event->count; i++)
		printf(" %s", i == 0 ? "PID" : event->numbers[i] == SIGKILL ? "SIGKILL" : "SIGTERM");
	printf("\n");
	return sends && event->numbers[1] == SIGKILL ? -EPERM : 0;
}

int main(void) {
	const char *argv[] = { "sleep", "60", NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv };
	struct hold *h;

	hold_audit_add(no_sigkill, NULL);
	if (hold_spawn(&h, &options, NULL) < 0)
		return 1;
	printf("SIGKILL: %s\n", strerror(-hold_signal(h, SIGKILL)));
	printf("SIGTERM: %s\n", strerror(-hold_signal(h, SIGTERM)));
	hold_wait(h, HOLD_FOREVER, NULL);
	hold_release(h);
	return 0;
}
