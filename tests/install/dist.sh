#!/bin/sh
# SPDX-License-Identifier: ISC
# dist.sh TARBALL: the source tarball that make dist has made of the last commit. Run by make check-dist.
tarball=$(realpath "$1")
shift
. "${0%/*}/users.sh"

again() {
	git clone -q "$tree" 'a clone'
	git -C 'a clone' -c advice.detachedHead=false checkout -q "$(git -C "$tree" rev-parse HEAD)"
	(
		umask 077
		TZ=Asia/Tokyo LC_ALL=C.UTF-8 run 'a clone/tools/dist' again.tar.gz
		status_is 0
	) || exit 1
	cmp "$tarball" again.tar.gz >out 2>&1 || fail 'it has other bytes'
}
check 'a second one, from a clone elsewhere and with another umask and time zone, has the same bytes' again

complete() {
	tar -tf "$tarball" | sed 's|^[^/]*/||' | grep -v -e '/$' -e '^$' | sort >has
	[ "$(tar -tf "$tarball" | cut -d / -f 1 | sort -u)" = "pidhold-$(sed -n \
		"s/^ *version: '\(.*\)',$/\1/p" "$tree/meson.build")" ] || fail 'it has another directory than its name'
	{
		git -C "$tree" ls-tree -r --name-only HEAD
		printf 'amalgamation/%s\n' pidhold.c pidhold.h
	} | grep . | sort | diff - has >out || fail 'it does not have the files of the commit and the amalgamation'
	tar -tvf "$tarball" | awk '{ print $2 }' | sort -u >owners
	[ "$(cat owners)" = root/root ] || fail 'it tells who has made it'
}
check 'it has the files of the commit, the amalgamation and nothing else' complete

amalgamation() {
	tar -xf "$tarball" --strip-components=1
	cat >program.c <<'C'
#include "amalgamation/pidhold.h"
#include <stdio.h>

int main(void) {
	const char *argv[] = { "true", NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv };
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0)
		return 1;
	hold_release(h);
	puts("ran");
}
C
	run cc -o program program.c amalgamation/pidhold.c
	status_is 0
	run ./program
	status_is 0
	output_is ran
}
check 'its amalgamation is compiled with a program, by one command' amalgamation

# As whoever unpacks it has it: no repository, no packages.
passes() {
	"$tree/tools/bare-debian" --tree "$tarball" 'make check' >out 2>&1 ||
		fail "$(grep -e '^failed' -e 'passed,' -e Error out | head -n 20)"
	grep -q '^[0-9]* passed, 0 failed' out || fail 'nothing was counted'
}
check 'unpacked in a bare Debian it passes make check' passes

finish
