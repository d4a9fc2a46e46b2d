#!/bin/sh
# SPDX-License-Identifier: ISC
# packages.sh TARBALL: the Debian packages that make deb makes: installed, used, upgraded, removed and purged, in a bare
# Debian, by make check-deb. The tests are in order: each begins where the one before has ended.
tarball=$(realpath "$1")
shift
. "${0%/*}/users.sh"
names='hold libpidhold-dev libpidhold0 python3-pidhold'

# $1: the revision. The packages are then in a directory of that name.
builds_revision() {
	mkdir "$directory/revision-$1"
	REVISION=$1 run "$tree/tools/deb" "$tarball" "$directory/revision-$1"
	status_is 0
	for name in $names; do
		ls "$directory/revision-$1/$name"_*-"$1"_*.deb >out 2>&1 || fail "no package $name"
	done
}

builds() { builds_revision 1; }
check 'the packages are built, and lintian has nothing to say of them' builds
apt-get -qq install -y --no-install-recommends bash-completion cmake g++ man-db >"$directory/said" 2>&1 ||
	cat "$directory/said"
note_system

installs_revision() {
	# shellcheck disable=SC2046
	apt-get -qq install -y --no-install-recommends $(find "$directory/revision-$1" -name '*.deb' ! -name '*-dbgsym_*') \
		>out 2>&1 || fail 'apt-get refuses them'
	for name in $names; do
		[ "$(dpkg-query -W -f '${db:Status-Status} ${Version}' $name | sed 's/ .*-/ /')" = "installed $1" ] ||
			fail "$name is not installed in this version"
	done
}

installs() { installs_revision 1; }
check 'they are installed' installs

used() {
	by_pkg_config
	static_program
	python
	command_runs
	by_cmake
	by_cxx
	manual
}
check 'they are used: from C, C++, CMake and Python, by the command, by man' used

dynamic() {
	ldd /usr/bin/hold | grep -q libpidhold.so.0 || fail 'the command contains the library'
	ldd /usr/lib/python3/dist-packages/pidhold/*.so | grep -q libpidhold.so.0 || fail 'the module contains the library'
	dpkg-query -W -f '${Depends}' hold | grep -q 'libpidhold0 (>= ' || fail 'hold does not depend on the library'
}
check 'command and module use the shared library, and depend on its package' dynamic

symbols() {
	library=$(echo /usr/lib/*/libpidhold.so.0)
	nm -D --defined-only "$library" | sed -n 's/^.* T \(hold_.*\)@@.*/\1/p' | sort >exported
	sed -n 's/^ \(hold_[a-z_]*\)@.*/\1/p' /var/lib/dpkg/info/libpidhold0:*.symbols | sort >listed
	[ "$(wc -l <listed)" -gt 40 ] || fail 'hardly a symbol is listed'
	diff exported listed >out || fail 'the list of symbols is not what the library exports'
}
check 'the list of symbols has every function that the library exports' symbols

unspoilt() {
	dpkg --verify $names >out
	no_output
	[ -x "$(echo /usr/lib/*/pidhold/hold-keeper-*)" ] || fail "the keeper's program is not there"
}
check 'every file is as it was packaged, and the keeper is among them' unspoilt

# The old version's command goes on to hold what it holds.
upgraded() {
	hold run -- sh -c 'setsid sleep 600 & echo $! >orphan; echo $$ >command; exec sleep 600' &
	holder=$!
	await [ -s command ]
	builds_revision 2
	installs_revision 2
	used
	kill -0 "$(cat orphan)" && kill -0 "$(cat command)" || fail 'the upgrade has ended what was held'
	kill -KILL $holder
	wait $holder
	await sh -c "! kill -0 $(cat orphan)"
	await sh -c "! kill -0 $(cat command)"
}
check 'they are upgraded, while a command of the old version is held until its holder dies' upgraded

removed() {
	# shellcheck disable=SC2086
	apt-get -qq remove -y $names >out 2>&1 || fail 'apt-get does not remove them'
	for path in /usr/bin/hold /usr/include/pidhold.h /usr/lib/python3/dist-packages/pidhold; do
		[ ! -e $path ] || fail "$path is left"
	done
	! python3 -c 'import pidhold' 2>err || fail 'the module is left'
}
check 'they are removed' removed

purged() {
	installs_revision 2
	# shellcheck disable=SC2086
	apt-get -qq purge -y $names >out 2>&1 || fail 'apt-get does not purge them'
	system_is_as_before
}
check 'they are installed again and purged, and nothing of them is left' purged

finish
