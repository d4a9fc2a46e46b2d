#!/bin/sh
# SPDX-License-Identifier: ISC
# What make install gives to users, where it has changed the system: run by make check-install in a bare Debian. The tests
# are in order: each begins where the one before has ended.
HOLD=hold ACTORS=/nonexistent
. "${0%/*}/../cli/tap.sh"
tree=$(cd "${0%/*}/../.." && pwd)
triplet=$(cc -dumpmachine)

# Runs make in the tree, and fails with what it said last.
make_there() {
	make -C "$tree" "$@" >made 2>&1 || fail "make $*: $(tail -n 5 made)"
}

# Every file of the system, except those that belong to no package by nature: what the loader stores.
list_system() {
	find /etc /opt /usr /var/lib -xdev ! -path '*/__pycache__*' ! -path /etc/ld.so.cache | sort
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

builds_only_that() {
	make_there
	[ -e "$tree/build/libpidhold.a" ] || fail 'no library was built'
	[ ! -e "$tree/build/tests/api/api-spawn" ] || fail 'a test was built'
	[ ! -e "$tree/build/examples/adopt" ] || fail 'an example was built'
	! ninja -C "$tree/build" -n installed | grep -q '^\[' || fail 'something is left to be built'
}
check 'make builds what is installed, and no test' builds_only_that

staged() {
	make_there install DESTDIR="$PWD/stage"
	[ -x stage/usr/local/bin/hold ] || fail 'the command is not there'
	list_system >after
	cmp "$directory/before" after >out 2>&1 || fail "$(diff "$directory/before" after | head -n 5)"
	make_there uninstall DESTDIR="$PWD/stage"
	[ ! -e stage ] || fail "left: $(find stage | head -n 5)"
	make_there install DESTDIR=relative
	[ -x "$tree/relative/usr/local/bin/hold" ] || fail 'a relative DESTDIR is not that of the tree'
	make_there uninstall DESTDIR=relative
	[ ! -e "$tree/relative" ] || fail 'a relative DESTDIR is left'
}
list_system >"$directory/before"
check 'make install DESTDIR= changes nothing outside that directory, and make uninstall removes it' staged

installs() {
	make_there install
	grep -q . "$tree/build/installed.txt" || fail 'it is not noted what was installed'
	! grep -q 'loader does not find' made || fail "the loader's cache is not up to date"
}
check 'make install installs' installs

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
check 'a C program that pkg-config helped to compile runs' by_pkg_config

static_program() {
	program
	# shellcheck disable=SC2046
	run cc -static -o program program.c $(pkg-config --static --cflags --libs pidhold)
	status_is 0
	run ./program
	status_is 0
	says_version
}
check 'a static C program runs' static_program

python() {
	run python3 -c 'import pidhold
with pidhold.spawn(["sh", "-c", "exit 3"]) as hold:
    print(hold.wait())'
	status_is 0
	output_is 3
}
check "the system's python3 imports the module" python

command_runs() {
	run hold run -- sh -c 'setsid sleep 60 & exit 4'
	status_is 4
	run hold run -t -- tty
	status_is 0
	grep -q '^/dev/pts/' out || fail 'it is on no terminal'
	run hold timeout 0.1 sleep 60
	status_is 124
}
check 'the command runs' command_runs

# $1: the prefix
pages_are_there() {
	for page in man1/hold.1 man3/pidhold.3 man3/hold_signal.3 man7/pidhold_python.7; do
		[ -s "$1/share/man/$page" ] || fail "no $page"
	done
}
pages() { pages_are_there /usr/local; }
check 'the manual is there, with a page or a link for each function' pages

uninstalls() {
	make_there uninstall
	list_system >after
	cmp "$directory/before" after >out 2>&1 || fail "$(diff "$directory/before" after | head -n 5)"
	! ldconfig -p | grep -q libpidhold || fail 'the loader still knows it'
	run make -C "$tree" uninstall
	grep -q 'nothing was installed' err || fail 'a second time removes something'
}
check 'make uninstall removes all of it, with what Python has compiled' uninstalls

twice() {
	make_there install
	make_there install
	make_there uninstall
	list_system >after
	cmp "$directory/before" after >out 2>&1 || fail "$(diff "$directory/before" after | head -n 5)"
}
check 'that is so after two installs, too' twice

unprivileged() {
	make_there install prefix="$directory/home" libdir=lib
	grep -q "LD_LIBRARY_PATH=$directory/home/lib" made || fail "the line to type is missing: $(tail -n 3 made)"
	LD_LIBRARY_PATH=$directory/home/lib PKG_CONFIG_PATH=$directory/home/lib/pkgconfig
	export LD_LIBRARY_PATH PKG_CONFIG_PATH
	program
	# shellcheck disable=SC2046
	run cc -o program program.c $(pkg-config --cflags --libs pidhold)
	status_is 0
	run ./program
	status_is 0
	make_there uninstall
	[ ! -e "$directory/home" ] || fail "left: $(find "$directory/home" | head -n 5)"
}
check 'where the loader does not look, the line to type is printed, and does what it says' unprivileged

more_packages() {
	apt-get -qq install -y --no-install-recommends bash-completion cmake fish g++ man-db zsh >said 2>&1 ||
		fail "$(tail -n 3 said)"
}
check 'the packages for what follows are installed' more_packages
list_system >"$directory/before"

as_system() {
	make_there install prefix=/usr libdir="lib/$triplet"
	[ "$(pkg-config --variable=libdir pidhold)" = "/usr/lib/$triplet" ] || fail 'pkg-config has another libdir'
	[ -e "/usr/lib/$triplet/libpidhold.so.0" ] || fail 'the library is not in libdir'
	pages_are_there /usr
	by_pkg_config
	static_program
	python
	command_runs
}
check 'with prefix=/usr and the libdir of Debian all of this works' as_system

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
check 'a CMake project finds the libraries, and no later version than there is' by_cmake

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
check 'a C++20 program compiles without a warning, and runs' by_cxx

manual() {
	for page in hold pidhold hold_spawn hold_signal pidhold_python; do
		MANPAGER=cat run man "$page"
		status_is 0
		[ "$(wc -l <out)" -gt 20 ] || fail "man $page is short"
	done
}
check 'man shows the pages, also by the name of a function' manual

shells_complete() {
	[ "$(bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader hold; complete -p hold')" = \
		'complete -F _hold hold' ] || fail 'bash does not find its completion'
	[ "$(zsh -fc 'autoload -Uz compinit; compinit -u -d dump; print $_comps[hold]')" = _hold ] ||
		fail 'zsh does not find its completion'
	fish -c 'complete --do-complete="hold run --no-new"' | grep -q '^--no-new-privs' ||
		fail 'fish does not find its completion'
}
check 'bash, zsh and fish find their completions' shells_complete

# With the functions of bash-completion, which are used where they are there.
command_completes() {
	bash -c '. /usr/share/bash-completion/bash_completion
		_completion_loader hold
		COMP_LINE="hold run -t -- man -" COMP_WORDS=(hold run -t -- man -) COMP_CWORD=5 COMP_POINT=20
		_hold
		printf "%s\n" "${COMPREPLY[@]}"' >out 2>err
	grep -qx -- --apropos out || fail "what completes man is not asked"
}
check "bash completes a command's own options behind hold run" command_completes

system_uninstalls() {
	make_there uninstall
	list_system | grep -v '/var/lib/man' >after
	grep -v '/var/lib/man' "$directory/before" | cmp - after >out 2>&1 || fail "$(diff "$directory/before" after | head)"
}
check 'make uninstall removes all of that, too' system_uninstalls

# As sessions of desktops have it: fish by itself looks under /usr only.
local_shells() {
	make_there install prefix=/usr/local libdir=lib
	XDG_DATA_DIRS=/usr/local/share:/usr/share shells_complete
	make_there uninstall
}
check 'the shells find their completions under /usr/local, too' local_shells

finish
