# SPDX-License-Identifier: ISC
# What the users of an installed pidhold do. To be sourced after tap.sh.
HOLD=hold ACTORS=/nonexistent
. "${0%/*}/../cli/tap.sh"
tree=$(cd "${0%/*}/../.." && pwd)

# Every file of the system, except what the loader and man store.
list_system() {
	find /etc /opt /usr /var/lib -xdev ! -path '*/__pycache__*' ! -path /etc/ld.so.cache ! -path '/var/lib/man*' |
		sort
}

note_system() {
	list_system >"$directory/before"
}

system_is_as_before() {
	list_system >after
	diff "$directory/before" after >out || fail 'the system has other files than before'
}

says_version() {
	[ "$(cat out)" = "$("$HOLD" --version | cut -d ' ' -f 2)" ] || fail 'it does not print the version'
}

program() {
	cat >program.c <<'C'
#include <pidhold.h>
#include <stdio.h>

int main(void) {
	const char *argv[] = { "true", NULL };
	struct hold_options options = { .size = sizeof options, .argv = argv };
	struct hold_status status = { .size = sizeof status };
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0 || hold_wait(h, HOLD_FOREVER, &status) != 0)
		return 1;
	hold_release(h);
	puts(hold_version());
	return status.code;
}
C
}

by_pkg_config() {
	program
	# shellcheck disable=SC2046
	run cc -o program program.c $(pkg-config --cflags --libs pidhold)
	status_is 0
	run ./program
	status_is 0
	says_version
	ldd program | grep -q libpidhold.so.0 || fail 'it does not have the shared library'
}

static_program() {
	program
	# shellcheck disable=SC2046
	run cc -static -o program program.c $(pkg-config --static --cflags --libs pidhold)
	status_is 0
	run ./program
	status_is 0
	says_version
}

python() {
	run python3 -c 'import pidhold
with pidhold.spawn(["sh", "-c", "exit 3"]) as hold:
    print(hold.wait())'
	status_is 0
	output_is 3
}

command_runs() {
	run hold run -- sh -c 'setsid sleep 60 & exit 4'
	status_is 4
	run hold run -t -- tty
	status_is 0
	grep -q '^/dev/pts/' out || fail 'it is on no terminal'
	run hold timeout 0.1 sleep 60
	status_is 124
}

by_cmake() {
	program
	cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.10)
project(try C)
find_package(pidhold 0.1 REQUIRED)
add_executable(try program.c)
target_link_libraries(try pidhold::pidhold)
add_executable(try-static program.c)
target_link_libraries(try-static pidhold::static)
CMAKE
	run cmake -B built
	status_is 0
	run cmake --build built
	status_is 0
	for name in try try-static; do
		run built/$name
		status_is 0
		says_version
	done
	! ldd built/try-static | grep -q pidhold || fail 'it has the shared library'
	sed -i 's/pidhold 0.1/pidhold 999/' CMakeLists.txt
	run cmake -B wrong
	[ "$status" != 0 ] || fail 'CMake finds a version that there is not'
	grep -q 'pidhold' err || fail 'CMake does not say what is missing'
}

by_cxx() {
	cat >program.cc <<'CXX'
#include <cstdio>
#include <pidhold.h>

int main() {
	const char *argv[] = { "true", nullptr };
	hold_options options{};
	options.size = sizeof options;
	options.argv = argv;
	hold *h;
	if (hold_spawn(&h, &options, nullptr) < 0)
		return 1;
	hold_release(h);
	std::puts(hold_version());
}
CXX
	# shellcheck disable=SC2046
	run c++ -std=c++20 -Wall -Wextra -Wpedantic -Werror -o program program.cc \
		$(pkg-config --cflags --libs pidhold)
	status_is 0
	run ./program
	status_is 0
	says_version
}

manual() {
	for page in hold pidhold hold_spawn hold_signal pidhold_python; do
		MANPAGER=cat run man "$page"
		status_is 0
		[ "$(wc -l <out)" -gt 20 ] || fail "man $page is short"
	done
}
