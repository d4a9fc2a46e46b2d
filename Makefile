# SPDX-License-Identifier: ISC
# A menu over Meson: each target prints the commands that it runs. make help
BUILD = build
# Where make install puts things: make prefix=/usr libdir=lib64. Meson's own guess of libdir is wrong on a Debian
# without dpkg-dev. An existing build keeps its own until one of them is given.
prefix = /usr/local
libdir = lib
PLACES = -Dprefix='$(prefix)' -Dlibdir='$(libdir)'
GIVEN_PLACES = $(findstring command,$(origin prefix) $(origin libdir))
SANITIZED = build-sanitized
# The plain one of make check: as it is installed, but for the guard of src/guard.
GUARDED = build-guarded
THREADED = build-threaded
COVERAGE = build-coverage
WINDOWS = build-windows
CLANG = build-clang
FUZZED = build-fuzz
MUSL = build-musl
MUSL_STATIC = build-musl-static
I386 = build-i386
# The calls that every Unix has, and no other, with two C libraries.
POSIX = build-posix
POSIX_MUSL = build-posix-musl
# Each has a tools/machines/NAME.ini, and is built in build-NAME.
MACHINES = arm64 armhf ppc64el riscv64 s390x
# When make check-all began.
BEGUN = .build-begun
FUZZ_SECONDS = 30
SANITIZE = -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Dguard=true
# Limits of time are there to end what hangs. A slow or busy machine is no reason.
MESON_TEST = meson test --timeout-multiplier 4
# Many tests wait for something most of the time.
export MESON_TESTTHREADS = 6
# What make check runs sanitized. Meson builds what these tests need, and no other program.
CHECK_SANITIZED = --no-suite long --no-suite plain --no-suite pty --no-suite tree --no-suite docs --no-suite lint \
	--no-suite detached
export ASAN_OPTIONS = detect_stack_use_after_return=0
export UBSAN_OPTIONS = halt_on_error=1 print_stacktrace=1
# A start forks nothing, but a stranger's fork beside it copies the sanitizer's threads.
export TSAN_OPTIONS = die_after_fork=0 report_signal_unsafe=0

# musl's own headers, and of the kernel's those that the system has.
MUSL_CC = musl-gcc -idirafter /usr/include -idirafter /usr/include/$(shell gcc -print-multiarch)
# The suites of the C library, of the command and of the documents: the Python module is built for the system's Python.
ANOTHER_BUILD = --no-suite long --no-suite lint --no-suite kernels --print-errorlogs

.PHONY: all everything run lint check check-all check-musl check-i386 check-machines check-deb check-dist \
	check-engines check-install check-kernels check-posix check-python check-windows docs \
	docs-containment docs-testing docs-platforms fuzz coverage soak bench install uninstall wheel \
	amalgamation deb dist release packages help

# The command that is installed: the static one, where that is built. The tests have the other one.
BUILT_HOLD = hold=$(BUILD)/cli/static/hold; test -x $$hold || hold=$(BUILD)/cli/hold

# What is installed, and nothing else.
all: $(BUILD)/build.ninja
	$(if $(GIVEN_PLACES),meson configure $(BUILD) $(PLACES))
	ninja -C $(BUILD) installed

# With the tests.
everything: $(BUILD)/build.ninja
	ninja -C $(BUILD)

run:
	tools/install-packages build
	$(MAKE) --no-print-directory all
	@echo
	$(BUILT_HOLD); $$hold run --tty --timeout 2s --verbose --report - --report-format text -- \
		sh -c 'echo "on $$(tty), $$(stty size)"; trap "echo TERM is ignored" TERM; while :; do sleep 1; done'; \
		status=$$?; echo "exit status $$status"; test $$status -eq 124
	@echo
	@$(BUILT_HOLD); echo "next: $$hold help run                what the command can do"
	@echo "      man -l docs/man/hold.1                 its manual; examples come first"
	@echo "      make install; make check               install it; run its tests"

# The rules that need no test to run, as they are in make check. tools/format mends the layout.
lint:
	tools/install-packages build check
	$(MAKE) --no-print-directory everything
	rm -f $(BUILD)/meson-logs/testlog.json
	-$(MESON_TEST) -C $(BUILD) --no-rebuild --suite lint --no-suite long --print-errorlogs --quiet
	tests/summary $(BUILD)

check:
	tools/install-packages build check
	$(MAKE) --no-print-directory $(GUARDED)/build.ninja $(SANITIZED)/build.ninja
	ninja -C $(GUARDED)
	rm -f $(GUARDED)/meson-logs/testlog.json $(SANITIZED)/meson-logs/testlog.json
	for directory in $(GUARDED) $(SANITIZED); do : >$$directory/guard.log && chmod 666 $$directory/guard.log; done
	-$(MESON_TEST) -C $(GUARDED) --no-rebuild --no-suite long --no-suite kernels --print-errorlogs
	-$(MESON_TEST) -C $(SANITIZED) $(CHECK_SANITIZED) --print-errorlogs
	tests/summary $(GUARDED) $(SANITIZED)

check-all:
	tools/install-packages build check all
	date +%s >$(BEGUN)
	$(MAKE) --no-print-directory everything $(SANITIZED)/build.ninja
	ninja -C $(SANITIZED)
	test -f $(THREADED)/build.ninja || meson setup $(THREADED) -Db_sanitize=thread -Db_lundef=false
	ninja -C $(THREADED) tests/threads/threads-storm tests/many/actor-exit-with
	test -f $(CLANG)/build.ninja || CC=clang CXX=clang++ meson setup $(CLANG) -Dwerror=true -Dpython=disabled
	ninja -C $(CLANG)
	rm -f $(CLANG)/meson-logs/testlog.json
	rm -f $(BUILD)/meson-logs/testlog.json $(SANITIZED)/meson-logs/testlog.json $(THREADED)/meson-logs/testlog.json
	: >$(SANITIZED)/guard.log && chmod 666 $(SANITIZED)/guard.log
	-$(MESON_TEST) -C $(BUILD) --no-rebuild --no-suite kernels --no-suite python-suites --print-errorlogs
	-$(MESON_TEST) -C $(SANITIZED) --no-rebuild --no-suite plain --print-errorlogs
	-$(MESON_TEST) -C $(THREADED) --no-rebuild --suite threads --no-suite plain --print-errorlogs
	-$(MESON_TEST) -C $(CLANG) --no-rebuild --suite unit --suite api --suite start --suite faults --suite cli \
		--no-suite long --print-errorlogs
	-$(MAKE) --no-print-directory check-musl
	-$(MAKE) --no-print-directory check-i386
	-$(MAKE) --no-print-directory check-posix
	-$(MAKE) --no-print-directory check-machines
	@echo "check-all took $$(( ($$(date +%s) - $$(cat $(BEGUN))) / 60 )) minutes; its budget is 40"
	tests/summary $(BUILD) $(SANITIZED) $(THREADED) $(CLANG) $(MUSL) $(MUSL_STATIC) $(I386) \
		$(POSIX) $(POSIX_MUSL) $(addprefix build-,$(MACHINES))

# Linked with musl, dynamically and statically.
check-musl:
	tools/install-packages build check musl
	test -f $(MUSL)/build.ninja || CC="$(MUSL_CC)" meson setup $(MUSL) -Dguard=true -Dwerror=true -Dpython=disabled
	test -f $(MUSL_STATIC)/build.ninja || CC="$(MUSL_CC)" meson setup $(MUSL_STATIC) -Dstatic=true -Dwerror=true
	ninja -C $(MUSL)
	ninja -C $(MUSL_STATIC)
	rm -f $(MUSL)/meson-logs/testlog.json $(MUSL_STATIC)/meson-logs/testlog.json
	: >$(MUSL)/guard.log && chmod 666 $(MUSL)/guard.log
	-$(MESON_TEST) -C $(MUSL) --no-rebuild $(ANOTHER_BUILD)
	-$(MESON_TEST) -C $(MUSL_STATIC) --no-rebuild $(ANOTHER_BUILD)
	tests/summary $(MUSL) $(MUSL_STATIC)

# A kernel of x86-64 runs programs of i386 too.
check-i386:
	tools/install-packages build check i386
	test -f $(I386)/build.ninja || CC=i686-linux-gnu-gcc \
		meson setup $(I386) -Dguard=true -Dwerror=true -Dpython=disabled
	ninja -C $(I386)
	rm -f $(I386)/meson-logs/testlog.json
	: >$(I386)/guard.log && chmod 666 $(I386)/guard.log
	-$(MESON_TEST) -C $(I386) --no-rebuild $(ANOTHER_BUILD)
	tests/summary $(I386)

# Under a filter that kills for Linux' own calls.
check-posix:
	tools/install-packages build check musl
	test -f $(POSIX)/build.ninja || meson setup $(POSIX) -Dplatform=posix -Dwerror=true
	test -f $(POSIX_MUSL)/build.ninja || \
		CC="$(MUSL_CC)" meson setup $(POSIX_MUSL) -Dplatform=posix -Dwerror=true
	ninja -C $(POSIX)
	ninja -C $(POSIX_MUSL)
	rm -f $(POSIX)/meson-logs/testlog.json $(POSIX_MUSL)/meson-logs/testlog.json
	-$(MESON_TEST) -C $(POSIX) --no-rebuild --print-errorlogs
	-$(MESON_TEST) -C $(POSIX_MUSL) --no-rebuild --print-errorlogs
	tests/summary $(POSIX) $(POSIX_MUSL)

check-engines:
	tools/install-packages build engines
	$(MAKE) --no-print-directory everything
	rm -f $(BUILD)/meson-logs/testlog.json
	-$(MESON_TEST) -C $(BUILD) --no-rebuild --suite engines --print-errorlogs
	tests/summary $(BUILD)

check-kernels:
	tools/install-packages build kernels
	$(MAKE) --no-print-directory everything
	ninja -C $(BUILD) tests/kernels/kernel-basics tests/kernels/kernel-limits
	rm -f $(BUILD)/meson-logs/testlog.json
	-$(MESON_TEST) -C $(BUILD) --no-rebuild --suite kernels --print-errorlogs --quiet
	tests/summary $(BUILD)

# Each machine is built and run under emulation, which takes minutes. MACHINES="arm64 armhf" for some of them.
check-machines:
	tools/install-packages build kernels machines
	for machine in $(MACHINES); do \
		test -f build-$$machine/build.ninja || meson setup build-$$machine \
			--cross-file tools/machines/$$machine.ini -Dwerror=true -Dpython=disabled || exit 1; \
		ninja -C build-$$machine || exit 1; \
		rm -f build-$$machine/meson-logs/testlog.json; \
		$(MESON_TEST) -C build-$$machine --no-rebuild --print-errorlogs --quiet; \
	done
	tests/summary $(addprefix build-,$(MACHINES))

# The table of what each machine and kernel can promise, from the last check-machines and check-kernels.
docs-platforms:
	tests/platforms docs/platforms.md $(BUILD) $(addprefix build-,$(MACHINES))

check-python:
	tools/install-packages build python
	$(MAKE) --no-print-directory everything
	rm -f $(BUILD)/meson-logs/testlog.json
	-$(MESON_TEST) -C $(BUILD) --no-rebuild --suite python-suites --print-errorlogs --verbose
	tests/summary $(BUILD)

# On a terminal of its own, which is the console that wine has.
check-windows:
	tools/install-packages build windows
	test -f $(WINDOWS)/build.ninja || meson setup $(WINDOWS) --cross-file tools/mingw-w64.ini
	ninja -C $(WINDOWS)
	WINEPREFIX='$(CURDIR)/$(WINDOWS)/wine' WINEDEBUG=-all \
		script -qec 'meson test -C $(WINDOWS) --no-rebuild --quiet' /dev/null
	tests/summary $(WINDOWS)

# The pictures of docs. A test of lint fails while one is not that of its source.
docs:
	tools/install-packages docs
	tools/draw docs/start.msc >docs/start.svg
	tools/draw docs/deaths.msc >docs/deaths.svg
	tools/draw-recordings docs/demonstration/timeout.cast docs/demonstration/hold.cast >docs/demonstration.svg
	! test -f $(BUILD)/bench.json || tools/plot $(BUILD)/bench.json docs

# The table of docs/containment.md, from what hold finds out here with each mechanism taken away.
docs-containment:
	$(MAKE) --no-print-directory everything
	ninja -C $(BUILD) docs-containment

# The tables of docs/testing.md, from runs made now; and from make fuzz, if it was run. See tests/attack.
ATTACK_SECONDS = 300
export INJECT EDGES

docs-testing:
	tools/install-packages build check
	$(MAKE) --no-print-directory everything
	-SOAK=$(SOAK) tests/attack $(BUILD) $(ATTACK_SECONDS)
	tests/figures $(BUILD)/figures docs/testing.md

# FUZZ_SECONDS for each target; FUZZ_TARGETS="duration json" for some of them.
fuzz:
	tools/install-packages build fuzz
	test -f $(FUZZED)/build.ninja || CC=clang CFLAGS=-fsanitize=fuzzer-no-link \
		meson setup $(FUZZED) $(SANITIZE) -Dfuzz=true -Dpython=disabled
	ninja -C $(FUZZED) $(addprefix tests/fuzz/fuzz-,$(notdir $(wildcard tests/fuzz/corpus/*)))
	tests/fuzz/run $(FUZZED) $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# Other users' processes write their counters too, so the directory and the files in it, which are made before, are open
# to all.
coverage:
	tools/install-packages build check coverage
	test -f $(COVERAGE)/build.ninja || \
		meson setup $(COVERAGE) -Db_coverage=true -Dc_args=-fprofile-update=atomic -Doptimization=0
	ninja -C $(COVERAGE)
	find $(COVERAGE) -name '*.gcda' -exec rm {} +
	find $(COVERAGE) -name '*.gcno' -print0 | sed -z 's/gcno$$/gcda/' | xargs -0 touch
	chmod -R a+rwX $(COVERAGE)
	-$(MESON_TEST) -C $(COVERAGE) --no-rebuild --no-suite long --no-suite kernels --no-suite lint --no-suite storm \
		--timeout-multiplier 4 --quiet
	find $(COVERAGE) -name '*.gcda' -empty -exec rm {} +
	gcovr --root . --filter src/ --filter cli/ --exclude src/guard/ --exclude '.*/dump-coverage.c' \
		--exclude-unreachable-branches --gcov-ignore-parse-errors --json-summary-pretty \
		--json-summary $(COVERAGE)/coverage.json $(COVERAGE)
	tests/coverage $(COVERAGE)/coverage.json

# SOAK is how many processes there are in all; one in a hundred of them lives at a time.
SOAK = 1000000

soak:
	tools/install-packages build check
	$(MAKE) --no-print-directory everything
	$(BUILD)/tests/storm/soak $(BUILD)/tests/many/actor-exit-with $(SOAK)

# The peers may have been installed after the build was set up. QUICK=1 takes fewer rounds. The figures are also
# in $(BUILD)/bench.json, a line of JSON each, from which make docs draws.
QUICK =
ROUNDS = $(if $(QUICK),$(2),$(1))

bench: export BENCH_RECORD = $(BUILD)/bench.json
bench:
	tools/install-packages build bench
	$(MAKE) --no-print-directory all
	meson setup --reconfigure $(BUILD) >/dev/null
	ninja -C $(BUILD) bench/bench-command bench/bench-start bench/bench-exit bench/bench-exit-now bench/bench-stay \
		bench/bench-tell-and-exit bench/bench-tree bench/bench-grow
	rm -f $(BUILD)/bench.json
	-$(BUILT_HOLD); $(BUILD)/bench/bench-command $(BUILD)/bench/bench-exit-now $$hold $(call ROUNDS,300,60)
	-$(BUILD)/bench/bench-start $(BUILD)/bench/bench-exit-now $(BUILD)/bench/bench-stay $(call ROUNDS,500,50)
	-$(BUILD)/bench/bench-exit $(BUILD)/bench/bench-tell-and-exit $(BUILD)/bench/bench-stay $(call ROUNDS,1000,100)
	$(if $(QUICK),,$(BUILD)/bench/bench-tree $(BUILD)/bench/bench-grow bench/end-by-psutil.py 20)
	-$(BUILT_HOLD); bench/terminal.py $$hold

install: all
	tools/install $(BUILD)

uninstall:
	tools/uninstall $(BUILD)

# What make install gives to users, in a Debian 12 that has only the packages of group build. Takes root and a network.
check-install:
	tools/bare-debian 'tools/install-packages build && tests/install/installed.sh'

# The Python module in a wheel for every CPython from 3.8 on that has a lock: pip install build-wheel/*.whl, where the C
# library is as new as the name of the file says. It has a build of its own, as pip makes it.
WHEELS = build-wheel

wheel:
	tools/install-packages build
	test -f $(WHEELS)/build.ninja || meson setup $(WHEELS) -Dpython_alone=true -Dpython=enabled \
		-Dtests=false -Dbuildtype=release -Dprefix=/usr
	ninja -C $(WHEELS)
	tools/wheel $(WHEELS) $(WHEELS)

# One pidhold.c and its header, to be put among the sources of a program.
amalgamation: $(BUILD)/build.ninja
	ninja -C $(BUILD) pidhold.c
	mkdir -p $(BUILD)/amalgamation
	cp $(BUILD)/pidhold.c include/pidhold.h $(BUILD)/amalgamation

# The source tarball, of the last commit.
VERSION = $(shell sed -n "s/^ *version: '\(.*\)',$$/\1/p" meson.build)
TARBALL = $(BUILD)/pidhold-$(VERSION).tar.gz

dist:
	mkdir -p $(BUILD)
	tools/dist $(TARBALL)

# Takes root, a network and minutes.
check-dist: dist
	tests/install/dist.sh $(TARBALL)

# The Debian packages of that tarball, in $(BUILD)/deb.
deb: dist
	tools/install-packages build deb
	mkdir -p $(BUILD)/deb
	tools/deb $(TARBALL) $(BUILD)/deb

check-deb: dist
	tools/bare-debian --tree $(TARBALL) \
		'tools/install-packages build deb && tests/install/packages.sh $(TARBALL)'

# Takes root, a network and up to an hour.
release:
	tools/release

packages:
	tools/install-packages build check

$(BUILD)/build.ninja:
	meson setup $(BUILD) $(PLACES)

$(GUARDED)/build.ninja:
	meson setup $(GUARDED) -Dguard=true

$(SANITIZED)/build.ninja:
	meson setup $(SANITIZED) $(SANITIZE)

help:
	@echo "make run        builds hold and shows its main job"
	@echo "make lint       the layout of the files, and the rules that a script can look for"
	@echo "make check      the one command that must pass: the tests of less than five seconds, plain and sanitized"
	@echo "make check-all  the long tests too"
	@echo "make check-musl the library and the command linked with musl, dynamically and statically"
	@echo "make check-i386 the same built for i386, which a kernel of x86-64 runs"
	@echo "make check-posix  the library with the calls alone that every Unix has, under a filter"
	@echo "make check-machines built for five other machines, and run on kernels of theirs under emulation"
	@echo "make check-engines  hold under GNU parallel and sshd, on the loopback"
	@echo "make check-kernels  start, wait and signal on kernels 5.10, 6.1, 6.12 and the newest, under emulation"
	@echo "make check-python  CPython's own tests with our functions in place, beside its own"
	@echo "make check-windows  what there is for Windows, built by mingw-w64 and run under wine"
	@echo "make docs       draws the pictures of docs"
	@echo "make docs-containment  writes the table of docs/containment.md from what hold caps and hold run say here"
	@echo "make docs-platforms  writes docs/platforms.md from the last runs of check-machines and check-kernels"
	@echo "make docs-testing  attacks the built programs and writes the tables of docs/testing.md"
	@echo "make fuzz       libFuzzer on parsers, messages and calls, each for FUZZ_SECONDS"
	@echo "make coverage   which lines and branches of src, keeper and cli the tests of make check reach"
	@echo "make soak       a million processes, 10,000 at once, a quarter of the starts failing (SOAK=20000: fewer)"
	@echo "make bench      what starts, exits, signals, ends of trees and terminals cost, beside the ways of others"
	@echo "make install    under /usr/local (DESTDIR, prefix and libdir are honoured)"
	@echo "make uninstall  removes what make install has installed from $(BUILD)"
	@echo "make check-install installs in a bare Debian 12, uses it there and removes it (takes root)"
	@echo "make wheel      the Python module as a wheel, for pip without a network"
	@echo "make amalgamation  the library as one pidhold.c, with pidhold.h, in $(BUILD)/amalgamation"
	@echo "make dist       the last commit as a source tarball, with the amalgamation"
	@echo "make check-dist makes it again and compares, and runs make check of it in a bare Debian 12 (takes root)"
	@echo "make deb        the Debian packages of that tarball, in $(BUILD)/deb"
	@echo "make check-deb  builds, installs, uses, upgrades and purges them in a bare Debian 12 (takes root)"
	@echo "make release    checks all of this, builds tarball and packages, and tags the commit (takes root)"
	@echo "make packages   installs what Debian has and the above need, or says what to type"
