#!/bin/sh
# SPDX-License-Identifier: ISC
# hold run --ready-fd and hold wait --ready.
. "$(dirname "$0")/tap.sh"

tells_ready() {
	run "$HOLD" run -v --ready-fd 7 --events it -- sh -c 'echo 1 >&7; echo 2 >&7; exec 7>&-; exit 3'
	status_is 3
	message_has "'sh' is ready"
	[ "$(grep -o '"event":"[a-z]*"' it | head -n 3 | tr '\n' ' ')" = \
		'"event":"started" "event":"ready" "event":"ended" ' ] || fail "$(cat it)"
}
check 'a line on the descriptor of --ready-fd is told as an event, once' tells_ready

is_ready_at_its_end() {
	for _ in 1 2 3; do
		run "$HOLD" run --ready-fd 7 --events it -- sh -c 'head -c 60000 /dev/zero >&7; echo >&7; kill -KILL $$'
		status_is 137
		[ "$(grep -o '"event":"[a-z]*"' it | sed -n 2p)" = '"event":"ready"' ] || fail "$(cat it)"
	done
}
check 'a line behind many bytes is seen, also if the command ends at once' is_ready_at_its_end

is_ready_by_descendant() {
	mkfifo go
	"$HOLD" run --orphans wait --ready-fd 7 --events it -- \
		sh -c '(read word <go; echo 1 >&7; echo 2 >&7; echo wrote >there) &' &
	await grep -q '"ended"' it
	echo >go
	wait $!
	status=$?
	status_is 0
	[ -e there ] || fail 'the descendant did not live on'
	[ "$(grep -o '"event":"[a-z-]*"' it | tail -n 2 | tr '\n' ' ')" = '"event":"ready" "event":"tree-empty" ' ] ||
		fail "$(cat it)"
}
check 'a descendant that is waited for may write to the descriptor after the end of the command' is_ready_by_descendant

is_never_ready() {
	for script in 'exit 0' 'exec 7>&-' 'printf word >&7'; do
		run "$HOLD" run -v --ready-fd 7 --events it -- sh -c "$script"
		status_is 0
		! grep -q '"ready"' it || fail "ready by '$script'"
	done
}
check 'a descriptor that is closed without a line says nothing' is_never_ready

refuses() {
	for words in '--ready-fd 2' '--ready-fd x' '--ready-fd 7 --fd 7'; do
		run "$HOLD" run $words -- touch ran 7>there
		is_refused
	done
	[ ! -e ran ] || fail 'the command has run'
	run "$HOLD" wait --ready nothing
	status_is 125
	message_has 'no run has this name'
	run "$HOLD" wait --ready --json nothing
	status_is 125
	message_has '--ready is about no end'
}
check 'a number that cannot be that of the descriptor, and other uses of --ready, are refused' refuses

waits() {
	export XDG_STATE_HOME="$PWD/state"
	mkfifo go
	"$HOLD" run --detach --name it --ready-fd 7 -- sh -c 'read word <go; echo ready >&7; exec 7>&-; exec sleep 60' >/dev/null
	run "$HOLD" wait --ready -T 0 it
	status_is 122
	output_is 'it runs'
	"$HOLD" wait --ready it >out 2>err &
	echo >go
	wait $!
	status=$?
	status_is 0
	output_is 'it ready'
	"$HOLD" show --json it >record
	json_holds record 'r["ready_at"] > r["started_at"]'
	run "$HOLD" wait --ready "$(sed 's/.*"reference":"\([^"]*\)".*/\1/' record)"
	status_is 0
	"$HOLD" stop -q it
	run "$HOLD" wait --ready it
	status_is 0
}
check 'hold wait --ready waits until a detached run has said that it is ready' waits

ends_unready() {
	export XDG_STATE_HOME="$PWD/state"
	"$HOLD" run --detach --name it --ready-fd 7 -- true >/dev/null
	run "$HOLD" wait --ready it
	status_is 125
	message_has "'it' has ended, and was never ready"
}
check 'a run that ends without being ready ends the wait with an error' ends_unready

finish
