#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run over victims, in each containment: nothing is left, neither of theirs nor of hold's own.

Each victim runs in a control group of its own, which bounds it whatever it does and tells afterwards who is left: also
keeper too. Where none can be made its processes are known by their program alone, and the large victims are skipped."""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from tap import HOLD, PATIENCE, actor, check, check_equal, main, skip, test, until

VICTIM = actor("victim")
LARGE = "large" in sys.argv[1:]
if LARGE:
    sys.argv.remove("large")


# ---- a group that bounds, and tells who is in it ----

def folders():
    """Where groups with a limit on processes may be made, as this process's own group lies there."""
    mounts = {}
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields, kind = line.split(" - ")
            if kind.startswith("cgroup2 "):
                mounts[""] = fields.split()[4]
            elif kind.startswith("cgroup ") and "pids" in kind.split()[2].split(","):
                mounts["pids"] = fields.split()[4]
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            for name in controllers.split(","):
                if name in mounts:
                    yield mounts[name] + path


class Group:
    def __init__(self, most):
        self.folder = None
        for folder in sorted(folders(), key=lambda path: "pids" not in path):
            path = os.path.join(folder, f"victims-{os.getpid()}-{random.randrange(10 ** 9)}")
            try:
                os.mkdir(path)
            except OSError:
                continue
            try:
                with open(os.path.join(path, "pids.max"), "w", encoding="ascii") as file:
                    file.write(str(most))
                self.folder = path
                return
            except OSError:
                os.rmdir(path)

    def members(self):
        if not self.folder:
            return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_victim(pid)]
        with open(os.path.join(self.folder, "cgroup.procs"), encoding="ascii") as file:
            return [int(line) for line in file]

    def enter(self):
        if self.folder:
            with open(os.path.join(self.folder, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write("0")

    def end(self):
        """Whatever is in it: a test that fails must not leave a victim."""
        for _ in range(1000):
            for pid in self.members():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if not self.members():
                break
            time.sleep(0.01)
        if self.folder:
            until(self.remove, "the group is empty")

    def remove(self):
        try:
            os.rmdir(self.folder)
        except OSError:
            return False
        return True


def is_victim(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            state = file.read().rsplit(")", 1)[1].split()[0]
        return state != "Z" and os.readlink(f"/proc/{pid}/exe") == os.path.realpath(VICTIM)
    except OSError:
        return False


# ---- hold run over one ----

class Run:
    def __init__(self, group, *words, prepare=None):
        def begin():
            group.enter()
            if prepare:
                prepare()
        # Not into a pipe: what survives would keep it open.
        with open("errors", "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen([HOLD, "run", "-q", "--report", "report", *words],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                            preexec_fn=begin)

    def await_ready(self):
        line = self.process.stdout.readline()
        if line != b"ready\n":
            raise AssertionError(f"{line!r} {self.end()} {self.errors}")

    def end(self):
        self.process.stdout.close()
        status = self.process.wait(PATIENCE)
        with open("errors", encoding="utf-8") as file:
            self.errors = file.read()
        with open("report", encoding="utf-8") as file:
            self.report = json.load(file)
        return status


def check_nobody(group, what):
    """Looked at several times, since one that forks and ends moves on between looks."""
    for _ in range(3):
        check_equal(group.members(), [], what)
        time.sleep(0.002)


def is_available(way):
    return subprocess.run([HOLD, "run", "--contain", way, "--", "true"], capture_output=True,
                          timeout=PATIENCE).returncode == 0


def ways():
    found = [way for way in ("cgroup", "pidns", "keeper") if is_available(way)]
    for way in {"cgroup", "pidns", "keeper"} - set(found):
        print(f"# --contain {way} is not to be had here")
    if not found:
        skip("there can be no keeper here")
    return found


LADDER = ("--ladder", "TERM,50ms,KILL")


def end_by_signal(command, way, most):
    """hold is told to end once the whole victim is there."""
    group = Group(most)
    if most > 300 and not group.folder:
        skip("no group with a limit can be made for a large victim")
    try:
        run = Run(group, "--contain", way, *LADDER, "--", *command)
        run.await_ready()
        run.process.send_signal(signal.SIGTERM)
        status = run.end()
        check_nobody(group, f"{command} {way}: {run.report}")
        # 0: the first of them had ended by itself
        check(status in (137, 143, 0), f"{command} {way}: {status} {run.errors}")
        check_equal(run.report["containment"], way)
        check_equal(run.report["survivors"], [], f"{command} {way}")
    finally:
        group.end()


def victim(kind, count=1):
    return [VICTIM, kind, str(count)]


SMALL = {kind: victim(kind) for kind in (
    "ignore-term", "daemon", "clear-environment", "close-everything", "stopped", "vfork", "subreaper", "leader-exited",
    "zombie", "renamed")}
SMALL |= {"chain": victim("chain", 100), "wide": victim("wide", 200), "moving": victim("moving", 3000),
          "burst": victim("burst", 200), "restart": victim("restart", 50)}
HUGE = {"chain": victim("chain", 1000), "wide": victim("wide", 1000), "burst": victim("burst", 300),
        "moving": victim("moving", 20000), "restart": victim("restart", 1000)}


def add(kind, command, most):
    @test(f"a victim leaves nobody in any containment: {kind}")
    def run():
        for way in ways():
            end_by_signal(command, way, most)


for kind, command in (HUGE if LARGE else SMALL).items():
    add(kind, command, 1100 if LARGE else 300)


def tool(name, *words):
    return shutil.which(name) and [name, *words]


TOOLS = {
    "timeout": tool("timeout", "1000", VICTIM, "daemon"),
    "setsid": tool("setsid", "--fork", "--wait", VICTIM, "daemon"),
    "script": tool("script", "-qec", f"{VICTIM} daemon", "/dev/null"),
    "tee": tool("bash", "-c", f'exec > >(tee /dev/null); exec "$0" daemon', VICTIM),
    "nohup": tool("nohup", VICTIM, "daemon"),
    "hold": [HOLD, "run", "--", VICTIM, "daemon"],
}

if not LARGE:
    @test("so do they behind a tool that starts, stops or hides them")
    def tools():
        for name, command in TOOLS.items():
            if not command:
                print(f"# no {name}")
                continue
            for way in ways():
                group = Group(300)
                try:
                    run = Run(group, "--contain", way, *LADDER, "--", *command)
                    while b"ready" not in run.process.stdout.readline():
                        check(run.process.poll() is None, f"{name} {way}: it has ended")
                    run.process.send_signal(signal.SIGTERM)
                    run.end()
                    check_nobody(group, f"{name} {way}: {run.report}")
                    check_equal(run.report["survivors"], [], f"{name} {way}")
                finally:
                    group.end()

    @test("so do they in a PID namespace of their own")
    def nested_namespace():
        words = ["unshare", "--pid", "--fork", "--mount-proc"]
        for more in ([], ["--user", "--map-root-user"]):
            if not shutil.which("unshare"):
                skip("no unshare")
            if subprocess.run([*words, *more, "true"], capture_output=True, timeout=PATIENCE).returncode == 0:
                for way in ways():
                    end_by_signal([*words, *more, VICTIM, "daemon"], way, 300)
                return
        skip("PID namespaces are not allowed here")

    @test("a tmux server that was started in hold ends with it")
    def tmux():
        if not shutil.which("tmux"):
            skip("no tmux")
        for way in ways():
            group = Group(300)
            try:
                run = Run(group, "--contain", way, *LADDER, "--", "tmux", "-S", os.path.abspath(f"socket-{way}"),
                          "new-session", "-d", VICTIM, "daemon")
                status = run.end()
                check_nobody(group, f"{way}: {run.report}")
                check_equal(status, 0, run.errors)
                check_equal(run.report["survivors"], [])
            finally:
                group.end()

    @test("what the command left when it ended by itself is ended too, and named")
    def left():
        for kind in ("daemon", "clear-environment", "stopped", "burst"):
            for way in ways():
                group = Group(300)
                try:
                    run = Run(group, "--contain", way, *LADDER, "--", "sh", "-c", f"{VICTIM} {kind} 20 & read line",
                              prepare=lambda: None)
                    check_equal(run.end(), 1)
                    check_nobody(group, f"{kind} {way}: {run.report}")
                    check_equal(run.report["survivors"], [])
                finally:
                    group.end()

    @test("a set-user-ID program that has made all its ids root's is ended, or named with status 123")
    def set_user_id():
        if os.getuid() != 0:
            skip("only root can make a program of its own set-user-ID")
        nobody = 65534
        program = os.path.abspath("root-victim")
        shutil.copy(VICTIM, program)
        os.chmod(program, 0o4755)
        os.chmod(".", 0o755)
        os.chmod("..", 0o755)
        open("report", "w", encoding="ascii").close()
        os.chown("report", nobody, nobody)

        def become_nobody():
            os.setgroups([])
            os.setresgid(nobody, nobody, nobody)
            os.setresuid(nobody, nobody, nobody)
        group = Group(300)
        try:
            run = Run(group, "--contain", "keeper", *LADDER, "--", program, "root", prepare=become_nobody)
            run.await_ready()
            run.process.send_signal(signal.SIGTERM)
            status = run.end()
            left = group.members()
            check_equal([survivor["pid"] for survivor in run.report["survivors"]], left)
            check_equal(len(left), 1, run.report)
            check_equal(run.report["survivors"][0]["user"], 0)
            check_equal(status, 123)
            check(f"{left[0]}:" in run.errors or str(left[0]) in run.errors, run.errors)
        finally:
            group.end()

    @test("two at a time do not touch each other, nor what their caller started")
    def two():
        groups = [Group(300), Group(300), Group(300)]
        try:
            other = subprocess.Popen([VICTIM, "wide", "3"], stdout=subprocess.PIPE, preexec_fn=groups[2].enter)
            other.stdout.readline()
            for way in ways():
                runs = [Run(group, "--contain", way, *LADDER, "--report", f"report-{i}", "--", *victim("daemon"))
                        for i, group in enumerate(groups[:2])]
                for run in runs:
                    run.await_ready()
                before = groups[1].members()
                runs[0].process.send_signal(signal.SIGTERM)
                runs[0].process.wait(PATIENCE)
                check_equal(groups[0].members(), [], way)
                if groups[0].folder:
                    check_equal(groups[1].members(), before, way)
                    check_equal(len(groups[2].members()), 3, way)
                runs[1].process.send_signal(signal.SIGTERM)
                runs[1].process.wait(PATIENCE)
                check_equal(groups[1].members() if groups[0].folder else [], [], way)
                for run in runs:
                    run.process.stdout.close()
            other.kill()
            other.wait()
            other.stdout.close()
        finally:
            for group in groups:
                group.end()

else:
    @test("ten thousand at once in a control group leave nobody")
    def ten_thousand():
        if not is_available("cgroup"):
            skip("no control group can be made here")
        with open("/proc/sys/kernel/threads-max", encoding="ascii") as file:
            if int(file.read()) < 20000:
                skip("so many processes are not allowed here")
        end_by_signal(victim("wide", 10000), "cgroup", 10100)

    @test("hundreds of times: whoever is stopped at any moment of his start leaves nobody")
    def at_any_moment():
        for way in ways():
            for i in range(100):
                group = Group(300)
                try:
                    run = Run(group, "--contain", way, *LADDER, "--", *victim("burst", 20))
                    time.sleep(i * 0.0001)
                    run.process.kill()
                    run.process.stdout.close()
                    run.process.wait(PATIENCE)
                    until(lambda: not group.members(), f"{way} {i}: all have ended")
                finally:
                    group.end()


def no_groups_are_left():
    for folder in folders():
        check_equal(glob.glob(os.path.join(folder, "pidhold-*")), [])


main()
