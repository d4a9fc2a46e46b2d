#!/bin/sh
# SPDX-License-Identifier: ISC
# Whom hold does not end. Process 1 is that of a PID namespace made for the test: nobody else would be hurt.
. "${0%/*}/tap.sh"

in_namespace() {
	if unshare -pf --mount-proc true 2>/dev/null; then
		timeout 60 unshare -pf --mount-proc "$@"
	else
		unshare -rpf --mount-proc true 2>/dev/null ||
			skip 'no PID namespace with a /proc of its own is to be had here'
		timeout 60 unshare -rpf --mount-proc "$@"
	fi
}

init() {
	# shellcheck disable=SC2016
	run in_namespace sh -c '
		sleep 60 & other=$!
		reference=$("$HOLD" show 1 | sed "s/ .*//; q")
		for target in 1 "$reference"; do
			for words in stop "stop --tree" "stop --ladder KILL" "stop --tree --ladder KILL" kill "kill -9" \
				"kill -0"; do
				"$HOLD" $words "$target" 2>message
				echo "$words: $?"
				grep -q "process 1 is what everything else lives by" message || cat message
			done
		done
		kill -0 $other && echo alive
		kill $other'
	status_is 0
	no_message
	output_is "$(for _ in 1 2; do printf '%s: 1\n' stop 'stop --tree' 'stop --ladder KILL' \
		'stop --tree --ladder KILL' kill 'kill -9' 'kill -0'; done; echo alive)"
}
check 'process 1 is not ended, neither by its number nor by its reference' init

as_init() {
	run in_namespace "$HOLD" stop --tree 1
	status_is 1
	is_short_message
	message_has 'hold itself'
}
check 'process 1 that is hold itself is not ended' as_init

itself() {
	for words in stop 'stop --tree' 'stop --ladder KILL'; do
		# shellcheck disable=SC2016
		run sh -c 'exec "$HOLD" '"$words"' $$'
		status_is 1
		is_short_message
		message_has 'that is hold itself'
	done
}
check 'hold does not end itself' itself

ancestors() {
	# shellcheck disable=SC2016
	run sh -c '
		"$HOLD" stop --tree $$; echo $?
		"$HOLD" stop --tree "$("$HOLD" show $$ | sed "s/ .*//; q")"; echo $?
		outer=$$ sh -c "sh -c \"\\\"\$HOLD\\\" stop --tree --ladder KILL \$outer; echo \\\$?\"; :"
		:'
	status_is 0
	output_is '1
1
1'
	[ "$(grep -c '^hold: stop: .*hold itself descends from it' err)" = 3 ] || fail 'not three refusals'
}
check 'with --tree no process is ended that hold descends from' ancestors

parent() {
	# shellcheck disable=SC2016
	run sh -c '"$HOLD" stop $$; :'
	status_is 143
	! grep -q '^hold: ' err || fail 'there is a message'
}
check 'without --tree its parent is' parent

finish
