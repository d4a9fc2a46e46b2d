#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

while_it_runs() {
	run "$HOLD" run --pidfile pid --reference-file reference -- \
		sh -c 'until test -e pid && test -e reference; do sleep 0.01; done; echo $$; cat pid; cat reference; ls'
	status_is 0
	no_message
	[ "$(sed -n 1p out)" = "$(sed -n 2p out)" ] || fail 'another pid'
	[ "$(sed -n '3s/:.*//p' out)" = "$(sed -n 1p out)" ] || fail 'another reference'
	[ "$(sed 1,3d out | tr '\n' ' ')" = 'err out pid reference ' ] || fail 'other files'
	[ "$(ls)" = "$(printf 'err\nout')" ] || fail "left: $(ls)"
}
check 'the files name the command while it runs, and are gone at its end' while_it_runs

stopped_by_reference() {
	"$HOLD" run -q --reference-file reference -- sleep 60 2>err &
	await test -e reference
	"$HOLD" stop -q "$(cat reference)" || fail 'it was not stopped'
	wait $!
	status=$?
	status_is 143
	[ ! -e reference ] || fail 'the file is left'
}
check 'hold stop takes the reference, and the file is gone then' stopped_by_reference

replaced() {
	echo 1 >pid
	"$HOLD" run --pidfile pid -- sh -c 'until test -e end; do sleep 0.01; done' &
	first=$!
	await grep -qvx 1 pid
	older=$(cat pid)
	"$HOLD" run --pidfile pid -- sh -c 'until test -e end2; do sleep 0.01; done' &
	await grep -qvx "$older" pid
	newer=$(cat pid)
	touch end
	wait $first
	[ "$(cat pid)" = "$newer" ] || fail 'the file of the later run is gone'
	touch end2
	wait
	[ ! -e pid ] || fail 'the file is left'
}
check 'an older file is replaced, and that of a later run stays' replaced

written_over() {
	"$HOLD" run --pidfile pid -- sh -c 'until test -e end; do sleep 0.01; done' &
	await test -e pid
	echo 1 >pid
	touch end
	wait $!
	[ "$(cat pid)" = 1 ] || fail 'a file that somebody has written is gone'
}
check 'a file that somebody has written into stays' written_over

not_started() {
	run "$HOLD" run --pidfile pid --reference-file reference -- ./nope
	status_is 127
	[ "$(ls)" = "$(printf 'err\nout')" ] || fail "left: $(ls)"
}
check 'a start that fails leaves no file' not_started

impossible() {
	mkdir directory
	for option in --pidfile --reference-file; do
		for file in /nonexistent/pid directory ''; do
			run "$HOLD" run $option "$file" touch started
			is_refused
			message_has "$option '$file'"
		done
	done
	run "$HOLD" run --pidfile same --reference-file ./same touch started
	is_refused
	[ ! -e started ] || fail 'it was started'
	rmdir directory
	[ "$(ls)" = "$(printf 'err\nout')" ] || fail "left: $(ls)"
}
check 'a file that cannot be made is named, and nothing is started' impossible

special() {
	mkfifo fifo
	ln -s elsewhere link
	ln -s /dev/null device
	for file in fifo link device; do
		before=$(ls -l "$file")
		run "$HOLD" run --pidfile "$file" touch started
		is_refused
		message_has "'$file': it is there, and no regular file"
		[ "$(ls -l "$file")" = "$before" ] || fail "$file is another one"
	done
	[ ! -e started ] || fail 'it was started'
	rm fifo link device
}
check 'a device, a fifo or a link is not replaced, and nothing is started' special

written_too() {
	for other in --report --audit --stdout --stderr; do
		run "$HOLD" run --pidfile same $other same touch started
		is_refused
		message_has 'a pid file would take the place of another file of the run'
	done
	[ ! -e started ] || fail 'it was started'
}
check 'a pid file is no other file of the run' written_too

unwritable() {
	# The messages go through a pipe, which the limit does not concern.
	(ulimit -f 0 && exec "$HOLD" run --contain none -q --pidfile pid -- sleep 60) 2>&1 | cat >err
	grep -q "cannot write the pid file of 'sleep': File too large: it is killed" err || fail 'it is not told'
	[ "$(ls)" = err ] || fail "left: $(ls)"
}
check 'a file that cannot be written is told, and the command is killed' unwritable

killed() {
	"$HOLD" run --pidfile pid -- sleep 60 &
	await test -e pid
	kill -KILL $!
	wait $! 2>/dev/null
	[ -e pid ] || fail 'the file is gone'
	run "$HOLD" run --pidfile pid -- true
	status_is 0
	[ ! -e pid ] || fail 'the file is left by the next run'
}
check 'a file that a killed hold has left is replaced by the next run' killed

finish
