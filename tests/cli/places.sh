#!/bin/sh
# SPDX-License-Identifier: ISC
# The same promises in the places where hold is used: another user, namespaces, filters, a root without /proc.
. "${0%/*}/tap.sh"

# What is started by "$@" has descriptor 9, which is the writing side of a fifo. The file `nobody` appears when nobody
# has it any more.
watched() {
	rm -f fifo nobody
	mkfifo fifo
	(cat fifo >/dev/null 9>&- && : >nobody) &
	run "$@" 9>fifo
}

nobody_is_left() {
	await test -e nobody
}

# $@: what goes before hold. A status, and a limit that ends a tree with a process in a session of its own.
keeps_a_tree() {
	run "$@" "$HOLD" run -- sh -c 'exit 7'
	status_is 7
	watched "$@" "$HOLD" run --timeout 300ms --kill-after 200ms -- \
		sh -c "trap '' TERM; setsid sh -c 'sleep 61; sleep 62' & sleep 63; sleep 64"
	status_is 124
	nobody_is_left
	watched "$@" "$HOLD" run -- sh -c '(setsid sleep 61 &); exit 3'
	status_is 3
	nobody_is_left
}

# Where there can be no keeper: never weaker than timeout(1), and it is said.
keeps_a_group() {
	run "$@" "$HOLD" run -- sh -c 'exit 7'
	status_is 7
	grep -q "keep the command alone\|nothing ends the command's descendants" err || fail 'what is not kept is not said'
	watched "$@" "$HOLD" timeout 0.3 sh -c 'sleep 61 & sleep 62; true'
	status_is 124
	nobody_is_left
	run "$@" "$HOLD" run --contain keeper true
	is_refused
	message_has '(needs '
	run "$@" "$HOLD" run --contain keeper -o report true
	[ ! -e report ] || json_holds report 'r["error"]["need"]' 'r["error"]["need"] in open("err").read()'
}

another_user() {
	[ "$(id -u)" = 0 ] || skip 'only root may become another user'
	keeps_a_tree setpriv --reuid 65534 --regid 65534 --clear-groups
}
check 'as a user without any rights' another_user

user_namespace() {
	unshare -r true 2>/dev/null || skip 'no user namespace is to be had here'
	keeps_a_tree unshare -r
}
check 'in a user namespace' user_namespace

bubblewrap() {
	command -v bwrap >/dev/null || skip 'no bwrap'
	bwrap --bind / / --dev /dev --proc /proc --unshare-pid true 2>/dev/null || skip 'bwrap does not work here'
	keeps_a_tree bwrap --bind / / --dev /dev --proc /proc --unshare-pid
}
check 'in bubblewrap' bubblewrap

# $1: rootful, rootless; and what goes before.
container() {
	kind=$1
	shift
	command -v runc >/dev/null || skip 'no runc'
	build=$(dirname "$(dirname "$HOLD")")
	"$@" python3 "${0%/*}/container.py" "$kind" "$build" -- true 2>runc.err || { cat runc.err >&2; skip 'runc does not work here'; }
	set -- "$@" python3 "${0%/*}/container.py" "$kind" "$build" -- "$HOLD" run
	run "$@" -- sh -c 'exit 7'
	status_is 7
	run "$@" --timeout 300ms --kill-after 200ms -- sh -c "trap '' TERM; setsid sleep 61 & sleep 62; sleep 63"
	status_is 124
	run "$@" --orphans wait -- sh -c '(setsid sh -c "sleep 0.3; echo late" &); exit 3'
	status_is 3
	output_is late
	run "$@" --strict --orphans keep -- sh -c 'setsid sleep 61 >/dev/null 2>&1 & exit 0'
	status_is 123
}

first_in_container() {
	container rootful
}
check 'as the first process of a container of root' first_in_container

first_in_rootless_container() {
	[ "$(id -u)" = 0 ] || container rootless
	chmod 711 ..
	chmod 777 .
	container rootless setpriv --reuid 65534 --regid 65534 --clear-groups env TMPDIR="$PWD" XDG_RUNTIME_DIR="$PWD"
}
check 'as the first process of a container of a user without rights' first_in_rootless_container

# The build that is tested is not installed: its keeper is written into memory.
small_files() {
	(ulimit -f 1 && run "$HOLD" run --timeout 20s -- sh -c 'echo out; exit 7' && status_is 7 && output_is out) || exit
}
check 'a limit on the size of files below that of its program is no keeper, and no signal' small_files

# Docker's default filter: clone3 is said to be missing, and no namespace or mount is to be had.
container_filter() {
	run "${ACTORS}without" ENOSYS clone3 -- true
	[ "$status" != 125 ] || skip 'no system calls can be denied here'
	keeps_a_tree "${ACTORS}without" ENOSYS clone3 -- \
		"${ACTORS}without" EPERM 'clone:0&0x7e020000' mount unshare --
}
check 'under the filter that containers have' container_filter

# $1: a root where /proc is empty and /dev may be; then the command.
without_proc="mount --rbind / root && mount -t tmpfs none root/proc && exec chroot root \"\$@\""

empty_proc() {
	! is_sanitized || skip 'AddressSanitizer itself needs /proc and /dev'
	mkdir root
	own=$([ "$(id -u)" = 0 ] && echo -m || echo -rm)
	unshare "$own" sh -c "$without_proc" sh true 2>/dev/null ||
		skip 'no mount namespace of one'"'"'s own is to be had here'
	keeps_a_group unshare "$own" sh -c "$without_proc" sh
}
check 'in a root without /proc' empty_proc

no_executable_memory() {
	set -- unshare -pf --mount-proc sh -c 'echo 2 >/proc/sys/vm/memfd_noexec && exec "$@"' sh
	"$@" true 2>/dev/null || skip 'vm.memfd_noexec cannot be set here'
	if "$@" "$HOLD" run --contain keeper true 2>/dev/null; then # the keeper's program is installed
		keeps_a_tree "$@"
	else
		keeps_a_group "$@"
		message_has 'memfd_create'
	fi
}
check 'where no memory may be executed as a file' no_executable_memory

four_deep() {
	for contain in auto keeper group none; do
		set -- "$HOLD" run --contain $contain --
		run "$@" "$@" "$@" "$@" sh -c 'exit 7'
		status_is 7
		watched "$@" "$@" "$@" "$HOLD" run --contain $contain --timeout 300ms -- sleep 61
		status_is 124
		nobody_is_left
	done
	keeps_a_tree "$HOLD" run -- "$HOLD" run -- "$HOLD" run --
}
check 'in hold, in hold, in hold' four_deep

outermost_is_killed() {
	"$HOLD" run --contain keeper true || skip 'there can be no keeper here'
	rm -f fifo nobody
	mkfifo fifo
	(cat fifo >/dev/null 9>&- && : >nobody) &
	"$HOLD" run -- "$HOLD" run -- "$HOLD" run -- "$HOLD" run -- sh -c ': >begun; setsid sleep 61 & sleep 62' 9>fifo &
	pid=$!
	await test -e begun
	kill -KILL $pid
	nobody_is_left
}
check 'nobody is left of four when the outermost is killed' outermost_is_killed

finish
