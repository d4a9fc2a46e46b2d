#!/bin/sh
# SPDX-License-Identifier: ISC
# The flags with which distributions build packages: what is built with them links, and its keeper works.
. "${0%/*}/../cli/tap.sh"
root=$(cd "${0%/*}/../.." && pwd)
case $(uname -m) in
aarch64 | ppc64le) page=0x10000 ;; # the largest that the machine may have
*) page=0x1000 ;;
esac

# $1: CC, $2: CFLAGS, $3: LDFLAGS
builds() {
	command -v meson >/dev/null || skip 'no meson'
	command -v "$1" >/dev/null || skip "no $1"
	CC=$1 CFLAGS=$2 LDFLAGS=$3 run timeout 600 meson setup -Dtests=false -Dpython=disabled built "$root"
	status_is 0
	run timeout 600 ninja -C built
	[ "$status" = 0 ] || fail "$(grep -m 3 -e 'undefined' -e 'error' out)"
	run built/cli/hold run --contain keeper --report report -- sh -c 'setsid sleep 60 & exit 3'
	status_is 3
	json_holds report 'r["containment"] == "keeper"' 'len(r["orphans"]) == 1' 'not r["survivors"]'
	keeper=$(echo built/src/keeper/hold-keeper-*)
	[ -x "$keeper" ] || fail "no keeper was built: $keeper"
	[ ! -e "../keeper-$1" ] || cmp "$keeper" "../keeper-$1" >cmp 2>&1 ||
		fail "a flag of the builder's has changed the keeper: $(cat cmp)"
	readelf -lW "$keeper" >headers || fail 'the keeper cannot be read'
	grep -q LOAD headers || fail 'the keeper has no part that is loaded'
	! grep LOAD headers | grep -qv "$page\$" || fail "parts of the keeper may share a page of $page bytes"
	cp "$keeper" "../keeper-$1"
	rm -rf built
}

plain() { builds gcc '-g -O2'; }
check 'with -g -O2' plain

unoptimized() { builds gcc '-O0'; }
check 'with -O0' unoptimized

hardened() {
	builds gcc '-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection' \
		'-Wl,-z,relro -Wl,-z,now'
}
check 'hardened, with the stack protected and the library functions fortified' hardened

linked_late() {
	builds gcc '-O2 -flto=auto -ffat-lto-objects -fexceptions -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3
		-fstack-protector-strong -fasynchronous-unwind-tables -fcf-protection -fno-omit-frame-pointer' \
		'-Wl,-z,now -flto=auto'
}
check 'with optimization at link time and fortification by the preprocessor' linked_late

instrumented() { builds gcc '-O1 -g --coverage -fno-inline' '--coverage'; }
check 'with coverage' instrumented

sanitized() { builds gcc '-O1 -fsanitize=undefined' '-fsanitize=undefined'; }
check 'with a sanitizer' sanitized

debians() {
	command -v dpkg-buildflags >/dev/null || skip 'no dpkg-buildflags'
	builds gcc "$(dpkg-buildflags --get CPPFLAGS) $(dpkg-buildflags --get CFLAGS)" "$(dpkg-buildflags --get LDFLAGS)"
}
check "with dpkg-buildflags' flags" debians

clang() { builds clang '-g -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong' '-Wl,-z,now'; }
check 'with clang' clang

finish
