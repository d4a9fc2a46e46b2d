#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The records of detached runs: who may have the store, what a crash leaves, how long records are kept."""
import os
import shutil
import signal
import subprocess
import time

from runs import STORE, all_runs, detach, hold, pid, record, says, state, test
from tap import HOLD, check, check_equal, main, skip


def end(name):
    detach(name, "true")
    hold("wait", name)


def lines_of(name):
    with open(f"{STORE}/{name}/record", encoding="ascii") as file:
        return file.read().splitlines()


def write(name, lines, after="\n"):
    os.makedirs(f"{STORE}/{name}", mode=0o700, exist_ok=True)
    with open(f"{STORE}/{name}/record", "w", encoding="ascii") as file:
        file.write("\n".join(lines) + after)


@test("the store and all that is in it is closed to others, whatever the umask is")
def is_private():
    os.umask(0)
    end("it")
    for directory, _, files in os.walk("state"):
        check_equal(os.stat(directory).st_mode & 0o7777, 0o700, directory)
        for file in files:
            check_equal(os.stat(os.path.join(directory, file)).st_mode & 0o7777, 0o600, file)


@test("a store that is a link, or open to others, is refused by name")
def is_refused():
    os.makedirs("elsewhere", mode=0o700)
    os.mkdir("state")
    os.symlink("../elsewhere", STORE)
    check("a link" in says("run", "--detach", "--", "true", status=125), "a link")
    os.unlink(STORE)
    os.mkdir(STORE, 0o700)
    for mode in (0o750, 0o707):
        os.chmod(STORE, mode)
        check("chmod 700" in says("run", "--detach", "--", "true", status=125), "no way out")
        check("chmod 700" in says("list"), "list")
    check_equal(os.listdir("elsewhere"), [])


@test("a store of another user is refused by name")
def is_anothers():
    if os.geteuid() != 0:
        skip("needs root")
    os.makedirs(STORE, mode=0o700)
    os.chown(STORE, 1, -1)
    check("belongs to another user" in says("run", "--detach", "--", "true", status=125), "another message")


@test("without a home there is no store, which is said")
def has_no_home():
    for name in ("HOME", "XDG_STATE_HOME"):
        os.environ.pop(name, None)
    check("HOME" in says("run", "--detach", "--", "true", status=125), "another message")
    os.environ["XDG_STATE_HOME"] = "relative"
    check("HOME" in says("run", "--detach", "--", "true", status=125), "a relative path is taken")
    os.environ["HOME"] = os.path.abspath("home")
    check("home/.local/state/pidhold" in says("run", "--detach", "--", "true", status=125), "another message")
    check(not os.path.exists("home"), "the home was made")
    os.mkdir("home")
    end("it")
    check(os.path.exists("home/.local/state/pidhold/it/record"), "not in the home")
    os.environ["XDG_STATE_HOME"] = os.path.abspath("home/.local/state")


@test("who only looks makes no store")
def makes_none():
    check_equal(hold("list", "--all"), "")
    for verb in ("logs", "show", "wait", "stop", "kill", "forget"):
        check("no run has this name" in says(verb, "nobody", status=125 if verb == "wait" else 1), verb)
    check_equal(os.listdir("."), [])


@test("the directory of a run that is a link is not followed")
def follows_no_link():
    end("it")
    shutil.move(f"{STORE}/it", "away")
    os.symlink("../../away", f"{STORE}/it")
    says("logs", "it")
    says("forget", "it")
    check(os.path.exists("away/record"), "the record is gone")


@test("a record that was cut anywhere is no record, and the next start removes it")
def was_cut():
    end("it")
    whole = "\n".join(lines_of("it")) + "\n"
    for length in range(len(whole)):
        with open(f"{STORE}/it/record", "w", encoding="ascii") as file:
            file.write(whole[:length])
        if length % 8 == 0 or length > len(whole) - 6:
            check("cannot be read" in says("show", "it"), f"{length} bytes are read")
    with open(f"{STORE}/it/record", "w", encoding="ascii") as file:
        file.write(whole[:-3])
    os.mkdir(f"{STORE}/half", 0o700)
    check_equal(list(all_runs()), [])
    check_equal(sorted(os.listdir(STORE)), [".lock"])


def seem_elsewhere(name):
    """Makes the record one of another boot, as another host that shares the store would see it; what it was."""
    whole = lines_of(name)
    write(name, [line if not line.startswith("boot ") else "boot 00000000-0000-0000-0000-000000000000"
                 for line in whole])
    return whole


@test("a run that lives in another PID namespace or on another host is left alone, which is said")
def is_elsewhere():
    detach("it", "sleep", "60")
    whole = seem_elsewhere("it")
    check_equal(state("it"), "running")
    check("it" in hold("list"), "it is not listed")
    check_equal(hold("wait", "-T", "0", "it", status=122), "it runs\n")
    for verb in ("stop", "kill", "forget"):
        check("another host" in says(verb, "it"), verb)
    check("is running" in says("run", "--detach", "--name", "it", "--", "true", status=125), "the name is free")
    check("another host" in says("run", "--detach", "--name", "it", "--if-running", "replace", "--", "true",
                                 status=125), "it is replaced")
    write("it", whole)
    check_equal(state("it"), "running")


@test("the end of a run of another PID namespace is waited for")
def ends_elsewhere():
    detach("it", "sleep", "60")
    runner = pid(record("it")["hold"])
    seem_elsewhere("it")
    with subprocess.Popen([HOLD, "wait", "it"], stderr=subprocess.PIPE) as waiting:
        os.kill(runner, signal.SIGKILL)
        check(b"nobody knows how" in waiting.communicate()[1], "another message")
    check_equal((waiting.returncode, state("it")), (125, "unknown"))
    hold("forget", "it")


@test("the directory of a run that lives is left alone also if its record cannot be read")
def is_damaged():
    detach("it", "sleep", "60")
    whole = lines_of("it")
    write("it", whole[:-2])
    end("other")
    check("busy" in says("run", "--detach", "--name", "it", "--", "true", status=125), "the name is free")
    write("it", whole)
    check_equal(state("it"), "running")


@test("a file whose name only begins like that of a record stays")
def begins_so():
    end("it")
    with open(f"{STORE}/it/record.db", "w", encoding="ascii") as file:
        file.write("precious")
    says("forget", "it")
    check_equal(os.listdir(f"{STORE}/it"), ["record.db"])


@test("files of other programs stay, where one lies in the directory of a run")
def others():
    end("it")
    os.mkdir(f"{STORE}/half", 0o700)
    for name in ("it", "half"):
        with open(f"{STORE}/{name}/precious", "w", encoding="ascii") as file:
            file.write("precious")
    says("forget", "it")
    says("run", "--detach", "--name", "half", "true", status=125)
    check_equal([os.listdir(f"{STORE}/{name}") for name in ("it", "half")], [["precious"]] * 2)


@test("a record of a later version is left alone")
def is_later():
    end("it")
    write("it", ["pidhold-run 2", *lines_of("it")[1:]])
    check("another version" in says("show", "it"), "show")
    check("another version" in says("run", "--detach", "--name", "it", "true", status=125), "run")
    hold("list")
    check_equal(lines_of("it")[0], "pidhold-run 2")


@test("a record under another name than its own is none")
def is_of_another():
    end("it")
    write("other", lines_of("it"))
    check("cannot be read" in says("show", "other"), "another message")
    check_equal(list(all_runs()), ["it"])


@test("lines that are not known are skipped")
def skips():
    end("it")
    write("it", [*lines_of("it")[:-1], "colour green", "end"])
    check_equal(state("it"), "ended")


@test("a run of an earlier boot is unknown, whoever has its numbers now")
def is_of_another_boot():
    detach("it", "sleep", "60")
    lines = seem_elsewhere("it")
    os.rename(f"{STORE}/it/lock", f"{STORE}/it/old")  # a lock ends with its machine
    check_equal(state("it"), "unknown")
    check("has ended" in says("stop", "it", status=0), "it is stopped")
    check("has ended" in says("kill", "it"), "it is signalled")
    os.rename(f"{STORE}/it/old", f"{STORE}/it/lock")
    write("it", lines)
    check_equal(state("it"), "running")


@test("a record goes when its time has passed, and not before")
def is_kept():
    detach("short", "--keep", "0s", "true")
    detach("long", "--keep", "1h", "true")
    hold("wait", "long")
    while os.path.exists(f"{STORE}/short"):
        hold("list")
    check_equal(list(all_runs()), ["long"])


@test("of the runs that have ended the newest hundred are kept, and all that live")
def are_bounded():
    end("first")
    detach("living", "sleep", "60")
    lines = lines_of("first")
    for i in range(110):
        write(f"copy{i}", [f"started_us {1000 + i}" if line.startswith("started_us ") else
                           f"name copy{i}" if line.startswith("name ") else line for line in lines])
    names = set(all_runs())
    check_equal(len(names), 101)
    check({"living", "first", "copy109", "copy11"} <= names and "copy10" not in names, "others are kept")


@test("hold forget removes all of a run that has ended, and refuses one that lives")
def forgets():
    end("it")
    reference = detach("living", "sleep", "60")
    check("is running" in says("forget", "it", "living"), "another message")
    check_equal(sorted(os.listdir(STORE)), [".lock", "living"])
    hold("stop", "living")
    hold("forget", reference)
    check_equal(os.listdir(STORE), [".lock"])


@test("a full disk costs bytes of the log, which the record counts, and neither the run nor its record")
def is_full():
    script = f"""mount -t tmpfs -o size=256k none full || exit 77
        XDG_STATE_HOME=$PWD/full; export XDG_STATE_HOME
        {HOLD} run --detach --name it -- sh -c 'head -c 1000000 /dev/zero; echo end >ended; exit 3' >&2
        {HOLD} wait it >&2; {HOLD} show --json it"""
    os.mkdir("full")
    said = subprocess.run(["unshare", "-rm", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    if said.returncode == 77 or not said.stdout:
        skip("a file system cannot be mounted here")
    check(os.path.exists("ended"), "the command did not come to its end")
    check(b'"exit_status":3' in said.stdout and b'"error":"No space left on device"' in said.stdout and
          b'"bytes":1000000' in said.stdout, said.stdout)


@test("a limit on the size of files costs bytes of the log as well")
def is_limited():
    script = f"ulimit -f 400; exec {HOLD} run --detach --name it -- sh -c 'head -c 300000 /dev/zero; exit 3'"
    subprocess.run(["sh", "-c", script], stdout=subprocess.DEVNULL, check=True)
    hold("wait", "it", status=3)
    log = all_runs()["it"]["log"]
    check(log["bytes"] == 300000 and log["lost"] > 0 and log["error"] == "File too large", log)
    said = subprocess.run([HOLD, "logs", "it"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    check_equal(len(said.stdout), 300000 - log["lost"])
    check(b"bytes are missing" in said.stderr, said.stderr)


@test("where the record cannot be written nothing is started")
def cannot_be_written():
    script = f"ulimit -f 0; exec {HOLD} run --detach --name it -- sh -c 'echo >started'"
    said = subprocess.run(["sh", "-c", script], stderr=subprocess.PIPE, check=False)
    check_equal(said.returncode, 125)
    check(b"record" in said.stderr and not os.path.exists("started"), said.stderr)
    check_equal(os.listdir(STORE), [".lock"])


@test("while another process has the lock a start waits for it")
def is_locked():
    os.makedirs(STORE, mode=0o700)
    locker = subprocess.Popen(["python3", "-c", "import fcntl, sys; f = open(sys.argv[1], 'w');"
                               "fcntl.lockf(f, fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()",
                               f"{STORE}/.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    locker.stdout.readline()
    os.chmod(f"{STORE}/.lock", 0o600)
    starter = subprocess.Popen([HOLD, "run", "--detach", "--name", "it", "--", "true"], stdout=subprocess.DEVNULL)
    time.sleep(0.1)  # a start that did not wait would be done by then
    check(not os.path.exists(f"{STORE}/it"), "it has begun without the lock")
    locker.communicate()
    check_equal(starter.wait(), 0)
    hold("wait", "it")


main()
