#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run over victims, in each containment: nothing is left, neither of theirs nor of hold's own."""
import glob
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time

from bounded import Bounds, own_groups
from tap import HOLD, PATIENCE, actor, check, check_equal, main, skip, test, until

VICTIM = actor("victim")
LARGE = "large" in sys.argv[1:]
if LARGE:
    sys.argv.remove("large")
LADDER = ("--ladder", "TERM,50ms,KILL")
MOST = 300
NOBODY = 65534


def tell(line):
    print(f"# {line}", flush=True)


# ---- the containments that there are ----

def is_available(way):
    done = subprocess.run([HOLD, "run", "--contain", way, "--", "true"], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=PATIENCE, text=True)
    if done.returncode == 125 and done.stderr.startswith("hold: "):
        tell(f"--contain {way} is not to be had here: {done.stderr.splitlines()[0]}")
        return False
    if done.returncode:
        sys.exit(f"hold run --contain {way} -- true: status {done.returncode}: {done.stderr}")
    return True


WAYS = [way for way in ("cgroup", "pidns", "keeper") if is_available(way)]


def ways():
    if not WAYS:
        skip("there can be no keeper here")
    return WAYS


# ---- hold run over a victim ----

def groups_of(pid, bounds):
    """Directories of control groups that this hold made: one that is still there is one of its helpers left behind."""
    places = [*own_groups().values(), *bounds.directories()]
    return [path for place in places for path in glob.glob(os.path.join(place, f"pidhold-{pid}-*"))]


class Run:
    def __init__(self, bounds, *words, name="report", prepare=None, stdin=subprocess.DEVNULL):
        def begin():
            bounds.enter()
            if prepare:
                prepare()
        self.bounds, self.name = bounds, name
        # Not into a pipe: what survives would keep it open.
        with open(f"{name}.errors", "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen([HOLD, "run", "-q", "--report", name, *words], stdin=stdin,
                                            stdout=subprocess.PIPE, stderr=errors, preexec_fn=begin,
                                            env=bounds.environment())

    def is_ready(self):
        """Whether it said so; it may have ended without."""
        for line in self.process.stdout:
            if b"ready" in line:
                return True
        return False

    def await_ready(self):
        if not self.is_ready():
            check_equal((self.end(), self.errors), "a victim that is ready")

    def end(self, sent=None):
        if sent:
            self.process.send_signal(sent)
        if self.process.stdin:
            self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(PATIENCE)
        with open(f"{self.name}.errors", encoding="utf-8") as file:
            self.errors = file.read()
        with open(self.name, encoding="utf-8") as file:
            text = file.read()
            self.report = json.loads(text) if text else {}
        check_equal(groups_of(self.process.pid, self.bounds), [], "control groups")
        return status


class Bounded:
    """with Bounded(300) as bounds: whatever is in them ends with the block, also if the block fails."""

    def __init__(self, most=MOST):
        self.most = most

    def __enter__(self):
        self.bounds = Bounds(self.most)
        if self.most > MOST and not self.bounds.directory:
            skip("no group with a limit can be made for a large victim")
        return self.bounds

    def __exit__(self, *_):
        self.bounds.end()


def end_by_signal(command, way, most=MOST, statuses=(137, 143)):
    """hold is told to end once the whole victim is there."""
    with Bounded(most) as bounds:
        run = Run(bounds, "--contain", way, *LADDER, "--", *command)
        run.await_ready()
        status = run.end(signal.SIGTERM)
        what = f"{command[1:]} {way}: {run.report} {run.errors}"
        bounds.check_nobody(what)
        check(status in statuses, f"status {status}, {what}")
        check_equal(run.report["containment"], way, what)
        check_equal(run.report["survivors"], [], what)
        return run


# A victim: how many, with what statuses it may end. Who ends by itself may be killed before he comes to it.
KILLED, TERMINATED, EITHER, BY_ITSELF = (137,), (143,), (137, 143), (0, 137)
VICTIMS = {
    "ignore-term": (1, KILLED), "daemon": (1, TERMINATED), "clear-environment": (1, TERMINATED),
    "close-everything": (1, KILLED), "stopped": (1, TERMINATED), "vfork": (1, EITHER), "subreaper": (1, TERMINATED),
    "leader-exited": (1, KILLED), "zombie": (1, TERMINATED), "renamed": (1, TERMINATED),
}
VICTIMS |= {
    "chain": (1000, EITHER), "wide": (1000, TERMINATED), "burst": (300, EITHER), "moving": (20000, BY_ITSELF),
    "restart": (1000, KILLED),
} if LARGE else {
    "chain": (100, EITHER), "wide": (200, TERMINATED), "burst": (200, EITHER), "moving": (3000, BY_ITSELF),
    "restart": (50, KILLED),
}
LARGE_ONES = ("chain", "wide", "burst", "moving", "restart")


def add(kind, count, statuses):
    @test(f"a victim leaves nobody in any containment: {kind}", 600 if LARGE else 60)
    def run():
        for way in ways():
            end_by_signal([VICTIM, kind, str(count)], way, count + 100 if count <= 1000 else MOST, statuses)


for each, (how_many, may_end_with) in VICTIMS.items():
    if not LARGE or each in LARGE_ONES:
        add(each, how_many, may_end_with)


def become_nobody():
    if os.getuid() != 0:
        return
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def delegated_group(bounds):
    """A directory of version 2 in which nobody may make groups; None: there can be none."""
    directory = bounds.directory if bounds.is_version_2 else None
    if not directory and "" in own_groups():
        directory = os.path.join(own_groups()[""], f"victims-{os.getpid()}-{random.getrandbits(32):x}")
        try:
            os.mkdir(directory)
        except OSError:
            return None
    if directory:
        for name in ("", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
            os.chown(os.path.join(directory, name), NOBODY, NOBODY)
    return directory


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def set_user_id_victim():
    if os.getuid() != 0:
        skip("only root can make a program of its own set-user-ID")
    os.chmod(".", 0o777)
    shutil.copy(VICTIM, "root-victim")
    os.chmod("root-victim", 0o4755)
    return [os.path.abspath("root-victim"), "root"]


def tool(name, *words):
    return [name, *words] if shutil.which(name) else None


TOOLS = {
    "timeout": tool("timeout", "1000", VICTIM, "daemon"),
    "setsid": tool("setsid", "--fork", "--wait", VICTIM, "daemon"),
    "script": tool("script", "-qec", f"{shlex.quote(VICTIM)} daemon", "/dev/null"),
    "tee": tool("bash", "-c", f'exec > >(tee /dev/null); exec "$0" daemon', VICTIM),
    "nohup": tool("nohup", VICTIM, "daemon"),
}


def small():
    for name, command in TOOLS.items():
        add_tool(name, command)

    @test("so do they behind hold run in hold run, in any containment of both")
    def hold_in_hold():
        for outer in ways():
            for inner in WAYS:
                with Bounded() as bounds:
                    run = Run(bounds, "--contain", outer, *LADDER, "--", HOLD, "run", "--contain", inner, "--", VICTIM,
                              "daemon")
                    if not run.is_ready():
                        check_equal(run.end(), 125, f"{inner} in {outer}: {run.errors}")
                        tell(f"{inner} in {outer} is not to be had here")
                        continue
                    run.end(signal.SIGTERM)
                    bounds.check_nobody(f"{inner} in {outer}: {run.report}")

    @test("the limit of the outer hold holds")
    def outer_limit():
        for outer in ways():
            with Bounded() as bounds:
                run = Run(bounds, "--contain", outer, "-T", "300ms", *LADDER, "--", "sh", "-c",
                          f"'{VICTIM}' daemon >/dev/null & "
                          f"exec '{HOLD}' run --ladder TERM,100s,KILL -- '{VICTIM}' ignore-term")
                run.is_ready()  # or not: it is ended then
                check_equal(run.end(), 124, f"{outer}: {run.errors}")
                bounds.check_nobody(f"{outer}: {run.report}")

    @test("so do they in a PID namespace of their own")
    def nested_namespace():
        words = ["unshare", "--pid", "--fork", "--mount-proc"]
        if not shutil.which("unshare"):
            skip("no unshare")
        for more in ([], ["--user", "--map-root-user"]):
            if subprocess.run([*words, *more, "true"], capture_output=True, timeout=PATIENCE).returncode == 0:
                for way in ways():
                    end_by_signal([*words, *more, VICTIM, "daemon"], way, MOST, EITHER)
                return
        skip("no PID namespace with a /proc of its own is to be had here")

    @test("a tmux server that was started in hold ends with it")
    def tmux():
        if not shutil.which("tmux"):
            skip("no tmux")
        for way in ways():
            with Bounded() as bounds:
                run = Run(bounds, "--contain", way, *LADDER, "--", "tmux", "-S", os.path.abspath(f"socket-{way}"),
                          "new-session", "-d", VICTIM, "daemon")
                check_equal(run.end(), 0, run.errors)
                bounds.check_nobody(f"{way}: {run.report}")
                check(any("tmux" in orphan["command"] for orphan in run.report["orphans"]), run.report)
                check_equal(run.report["survivors"], [])

    @test("what the command left when it ended by itself is ended too, named and counted")
    def left():
        for kind in ("daemon", "clear-environment", "stopped", "burst"):
            for way in ways():
                with Bounded() as bounds:
                    run = Run(bounds, "--contain", way, *LADDER, "--", "sh", "-c", f"'{VICTIM}' {kind} 20 & read line",
                              stdin=subprocess.PIPE)
                    run.await_ready()
                    check_equal(run.end(), 1, run.errors)
                    what = f"{kind} {way}: {run.report}"
                    bounds.check_nobody(what)
                    check_equal(run.report["survivors"], [], what)
                    check(len(run.report["orphans"]) >= 2, what)
                    end = run.report["orphans_end"]
                    check(end["ended"] + end["terminated"] + end["killed"] >= len(run.report["orphans"]), what)
                    check(end["killed"] >= (1 if kind in ("daemon", "clear-environment") else 0), what)

    @test("with --orphans keep they alone live on: no keeper, no group")
    def keep():
        for way in (way for way in ways() if way != "pidns"):
            with Bounded() as bounds:
                run = Run(bounds, "--contain", way, "--orphans", "keep", "--", "sh", "-c",
                          f"'{VICTIM}' daemon & read line", stdin=subprocess.PIPE)
                run.await_ready()
                check_equal(run.end(), 1, run.errors)
                kept = {orphan["pid"] for orphan in run.report["orphans"]}
                check_equal(len(kept), 2, run.report)
                until(lambda: bounds.members() == kept, f"only {kept} live on, not {bounds.members()}")

    @test("a set-user-ID program that has made all its ids root's is named, with status 123")
    def set_user_id():
        if "keeper" not in ways():
            skip("there can be no keeper here")
        victim = set_user_id_victim()
        with Bounded() as bounds:
            run = Run(bounds, "--contain", "keeper", *LADDER, "--", *victim, prepare=become_nobody)
            run.await_ready()
            status = run.end(signal.SIGTERM)
            survivors = run.report["survivors"]
            alive = {pid for pid in bounds.members() if name_of(pid) != "hold-keeper"}  # it goes on, to end them
            check_equal({survivor["pid"] for survivor in survivors}, alive, "survivors")
            check_equal([survivor["user"] for survivor in survivors], [0], "their users")
            check_equal(status, 123)
            check(survivors[0]["reference"] in run.errors, run.errors)

    @test("in a control group that is delegated to a user it is ended too")
    def set_user_id_in_group():
        if "cgroup" not in ways():
            skip("no control group can be made here")
        victim = set_user_id_victim()
        with Bounded() as bounds:
            directory = delegated_group(bounds)
            if not directory:
                skip("no control group can be made here")

            def enter():
                with open(os.path.join(directory, "cgroup.procs"), "w", encoding="ascii") as file:
                    file.write("0")
                become_nobody()
            try:
                run = Run(bounds, "--contain", "cgroup", *LADDER, "--", *victim, prepare=enter)
                run.await_ready()
                status = run.end(signal.SIGTERM)
                bounds.check_nobody(f"{run.report} {run.errors}")
                check_equal((run.report["survivors"], status), ([], 143))
                check_equal(glob.glob(os.path.join(directory, "pidhold-*")), [])
            finally:
                bounds.end()
                until(lambda: bounds.remove(directory), "the group is empty")

    @test("a control group of another program lives on, whatever its name")
    def foreign_group():
        if "cgroup" not in ways():
            skip("no control group can be made here")
        for name, mode in (("pidhold-build.service", 0o755), (f"pidhold-{os.getpid()}-0", 0o700)):
            with Group() as group, Group(os.path.join(group.path, name), mode) as other, \
                    subprocess.Popen(["sleep", "60"], preexec_fn=other.enter) as stranger:
                try:
                    status = subprocess.call([HOLD, "run", "--contain", "cgroup", "true"], preexec_fn=group.enter,
                                             timeout=PATIENCE)
                    check_equal((status, stranger.poll()), (0, None), name)
                finally:
                    stranger.kill()

    @test("a containment that a user cannot have is refused, and nothing is started")
    def refused():
        os.chmod(".", 0o777)
        with Bounded() as bounds:
            for way in ("cgroup", "pidns", "keeper"):
                run = Run(bounds, "--contain", way, "--", "touch", f"started-{way}", prepare=become_nobody)
                status = run.end()
                check(status in (0, 125), f"{way}: status {status}: {run.errors}")
                check_equal(os.path.exists(f"started-{way}"), status == 0, way)
                check_equal(run.errors.startswith("hold: "), status == 125, way)
                check_equal(run.report.get("containment"), None if status else way)

    @test("two at a time do not touch each other, nor what their caller started")
    def two():
        with Bounded() as first, Bounded() as second, Bounded() as third:
            with subprocess.Popen([VICTIM, "wide", "3"], stdout=subprocess.PIPE, preexec_fn=third.enter,
                                  env=third.environment()) as other:
                try:
                    other.stdout.readline()
                    for way in ways():
                        two_beside(third, [Run(bounds, "--contain", way, *LADDER, "--", VICTIM, "daemon", name=name)
                                           for bounds, name in ((first, "first"), (second, "second"))])
                finally:
                    third.end()


class Group:
    """A control group below the caller's."""

    def __init__(self, path=None, mode=0o755):
        self.path = path or os.path.join(own_groups()[""], f"beside-{os.getpid()}-{random.getrandbits(32):x}")
        os.mkdir(self.path, mode)

    def enter(self):
        with open(os.path.join(self.path, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write("0")

    def remove(self):
        try:
            os.rmdir(self.path)
        except OSError:
            return not os.path.exists(self.path)
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        until(self.remove, "the group is empty")


def is_settled(bounds):
    members = bounds.members()
    time.sleep(0.1)
    return members == bounds.members()


def two_beside(third, runs):
    first, second = (run.bounds for run in runs)
    for run in runs:
        run.await_ready()
    until(lambda: is_settled(second), "the daemon's parents have ended")
    before = second.members()
    runs[0].end(signal.SIGTERM)
    check_equal((first.members(), second.members(), len(third.members())), (set(), before, 3), runs[0].report)
    runs[1].end(signal.SIGTERM)
    check_equal((second.members(), len(third.members())), (set(), 3), runs[1].report)


def add_tool(name, command):
    @test(f"so does it behind a tool that starts, stops or hides it: {name}")
    def behind():
        if not command:
            skip(f"no {'bash' if name == 'tee' else name}")
        for way in ways():
            end_by_signal(command, way, MOST, range(256))


def large():
    @test("ten thousand at once in a control group leave nobody", 600)
    def ten_thousand():
        if "cgroup" not in ways():
            skip("no control group can be made here")
        with open("/proc/sys/kernel/threads-max", encoding="ascii") as file:
            if int(file.read()) < 20000:
                skip("so many processes are not allowed here")
        end_by_signal([VICTIM, "wide", "10000"], "cgroup", 10100)

    @test("whoever is killed at any moment of his start leaves nobody, hundreds of times", 600)
    def at_any_moment():
        killed = []
        for way in ways():
            for i in range(100):
                with Bounded() as bounds:
                    run = Run(bounds, "--contain", way, *LADDER, "--", VICTIM, "burst", "20")
                    time.sleep(i * 0.0001)  # the moment
                    run.process.kill()
                    run.process.stdout.close()
                    run.process.wait(PATIENCE)
                    killed.append(run.process.pid)
                    until(lambda: not bounds.members(), f"{way} {i}: all have ended")
        is_available("cgroup")  # whoever makes the next group sweeps those whose makers and keepers are gone
        with Bounded() as bounds:
            check_equal([path for pid in killed for path in groups_of(pid, bounds)], [], "control groups")


(large if LARGE else small)()
main()
