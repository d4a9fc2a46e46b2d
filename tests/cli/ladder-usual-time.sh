#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

five_seconds() {
	trap '' TERM
	run "$HOLD" run --timeout 20ms --report report sleep 60
	status_is 124
	json_holds report '[s["signal"] for s in r["signals_sent"]] == ["SIGTERM", "SIGCONT", "SIGKILL"]' \
		'r["signals_sent"][2]["at_seconds"] >= 0.02 + 4.999'
}
check 'KILL comes five seconds after TERM where nothing else was said' five_seconds

finish
