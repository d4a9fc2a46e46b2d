#!/bin/sh
# SPDX-License-Identifier: ISC
# What make install gives to users, where it has changed the system: run by make check-install in a bare Debian. The tests
# are in order: each begins where the one before has ended.
. "${0%/*}/users.sh"
triplet=$(cc -dumpmachine)

# Runs make in the tree, and fails with what it said last.
make_there() {
	make -C "$tree" "$@" >made 2>&1 || fail "make $*: $(tail -n 5 made)"
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
	system_is_as_before
	make_there uninstall DESTDIR="$PWD/stage"
	[ ! -e stage ] || fail "left: $(find stage | head -n 5)"
	make_there install DESTDIR=relative
	[ -x "$tree/relative/usr/local/bin/hold" ] || fail 'a relative DESTDIR is not that of the tree'
	make_there uninstall DESTDIR=relative
	[ ! -e "$tree/relative" ] || fail 'a relative DESTDIR is left'
}
note_system
check 'make install DESTDIR= changes nothing outside that directory, and make uninstall removes it' staged

installs() {
	make_there install
	grep -q . "$tree/build/installed.txt" || fail 'it is not noted what was installed'
	! grep -q 'loader does not find' made || fail "the loader's cache is not up to date"
}
check 'make install installs' installs

check 'a C program that pkg-config helped to compile runs' by_pkg_config
check 'a static C program runs' static_program
check "the system's python3 imports the module" python
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
	system_is_as_before
	! ldconfig -p | grep -q libpidhold || fail 'the loader still knows it'
	run make -C "$tree" uninstall
	grep -q 'nothing was installed' err || fail 'a second time removes something'
}
check 'make uninstall removes all of it, with what Python has compiled' uninstalls

twice() {
	make_there install
	make_there install
	make_there uninstall
	system_is_as_before
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
note_system

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

check 'a CMake project finds the libraries, and no later version than there is' by_cmake

check 'a C++20 program compiles without a warning, and runs' by_cxx

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
	system_is_as_before
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
