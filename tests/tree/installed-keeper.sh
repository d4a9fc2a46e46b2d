#!/bin/sh
# SPDX-License-Identifier: ISC
# The keeper's program is the one that was installed, where there is one. In a mount namespace of its own, since the
# library knows the place from its build. KEEPER: the program; LIBEXEC: where it would be installed.
. "${0%/*}/../cli/tap.sh"
: "${KEEPER:?}" "${LIBEXEC:?}"

# The first directory on the way to LIBEXEC that exists is covered by an empty one.
in_namespace() {
	place=$LIBEXEC
	until [ -d "$place" ]; do
		place=${place%/*}
	done
	[ "$place" ] || skip 'no mount namespace of one'\''s own is to be had here'
	for words in --mount '--mount --user --map-root-user'; do
		# shellcheck disable=SC2086
		if unshare $words sh -c 'mount -t tmpfs tmpfs "$1"' sh "$place" 2>/dev/null; then
			# shellcheck disable=SC2086
			unshare $words sh -c 'mount -t tmpfs tmpfs "$1" && mkdir -p "$2" && shift && . ./script' sh \
				"$place" "$LIBEXEC"
			return
		fi
	done
	skip 'no mount namespace of one'\''s own is to be had here'
}

# Runs ./script where nothing is installed.
run_script() {
	case $HOLD in "${LIBEXEC%/*/*}"/*) skip 'no mount namespace of one'\''s own is to be had here' ;; esac
	run in_namespace
	[ $status != 77 ] || { cat out; exit 77; }
	status_is 0
}

is_carried() {
	grep -q '^/memfd:hold-keeper-7' out || fail 'it is not the one that the library carries'
}

# What the keeper of a command executes, once it does.
cat >"$directory/show" <<'END'
while [ "$(readlink /proc/$PPID/exe)" = "$(readlink -f "$HOLD")" ]; do :; done
readlink /proc/$PPID/exe
END
show_keeper="\"\$HOLD\" run --contain keeper -- sh '$directory/show'"

installed() {
	cp "$KEEPER" keeper
	echo "cp keeper \"\$1/hold-keeper-7\"; $show_keeper" >script
	run_script
	output_is "$LIBEXEC/hold-keeper-7"
}
check 'a keeper that is installed is executed from there' installed

carried() {
	echo "$show_keeper" >script
	run_script
	is_carried
}
check 'where none is installed it is the one that the library carries' carried

unusable() {
	cp "$KEEPER" keeper
	echo "cp keeper \"\$1/hold-keeper-7\"; chmod 644 \"\$1/hold-keeper-7\"; $show_keeper" >script
	run_script
	is_carried
}
check 'one that may not be executed is passed over' unusable

finish
