#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pidhold.spawn: what may be asked for, in which forms, and how it fails."""
import errno
import fcntl
import os
import pathlib
import pwd
import resource
import signal
import sys
import threading
import warnings

import pidhold
from tap import PATIENCE, check, check_equal, main, skip, test


def output(argv, **options):
    """What it writes to its standard output; it must end with 0."""
    with pidhold.spawn(argv, stdout=pidhold.PIPE, **options) as hold:
        data = hold.stdout.read()
        check_equal(hold.wait(PATIENCE), 0, "return code")
        return data


def error_of(*args, **options):
    try:
        pidhold.spawn(*args, **options).close()
    except Exception as error:
        return error
    return None


@test("argv may be str, bytes and paths, in any sequence, and a single one is the program")
def argv_forms():
    check_equal(output(("printf", b"%s,", pathlib.Path("a b"), os.fsdecode(b"\xc3\xa9\xff"))), b"a b,\xc3\xa9\xff,")
    check_equal(output("pwd"), os.fsencode(os.getcwd()) + b"\n")
    check_equal(output(iter(["printf", "x"])), b"x")
    check_equal(output(["not its name", "-c", "echo $0"], executable="sh"), b"not its name\n")


@test("an argv that is empty, of another type, or has a zero byte is refused, and nothing is started")
def argv_refused():
    check(isinstance(error_of([]), ValueError), "empty")
    check(isinstance(error_of([1]), TypeError), "a number")
    check(isinstance(error_of(["a\0b"]), ValueError), "a zero byte")
    check(isinstance(error_of(5), TypeError), "no sequence")


@test("the environment is the mapping given, or this process's, and PATH is that of the mapping")
def environment():
    check_equal(output("/usr/bin/env", env={"A": "b=c", b"\xff": b"\xfe"}), b"A=b=c\n\xff=\xfe\n")
    check_equal(output("/usr/bin/env", env={}), b"")
    os.environ["SEEN"] = "1"
    check(b"SEEN=1\n" in output("env"), "this process's environment is not seen")
    os.mkdir("bin")
    os.symlink("/bin/echo", "bin/only-there")
    check_equal(output("only-there", env={"PATH": os.path.abspath("bin")}), b"\n")
    for names in ({"A=B": "c"}, {"": "c"}, {"A": "b\0"}):
        check(isinstance(error_of("true", env=names), ValueError), names)


@test("a program that is not there is FileNotFoundError with the file's name and the step")
def no_program():
    error = error_of(["no-such-program", "x"], env={"PATH": "/usr/bin:/bin"})
    check(isinstance(error, FileNotFoundError) and isinstance(error, pidhold.StartError), type(error))
    check_equal((error.errno, error.filename, error.step, error.object),
                (errno.ENOENT, "no-such-program", "program", "no-such-program"))
    check_equal(str(error), "[Errno 2] No such file or directory: 'no-such-program'")


@test("a directory, a file of a stream, a limit that fail say so, each with its own errno")
def failing_steps():
    error = error_of("true", cwd="/no/such")
    check_equal((error.errno, error.filename, error.step), (errno.ENOENT, "/no/such", "working directory"))
    error = error_of("true", stdin="/no/such")
    check_equal((error.errno, error.filename, error.step), (errno.ENOENT, "/no/such", "standard input"))
    error = error_of("true", stdout="/")
    check_equal((isinstance(error, IsADirectoryError), error.filename, error.step), (True, "/", "standard output"))
    error = error_of("/")
    check_equal((isinstance(error, PermissionError), error.filename), (True, "/"))
    error = error_of("true", stdin=999)
    check_equal((error.errno, error.step), (errno.EBADF, "standard input"))
    with open("empty", "w") as file:
        os.fchmod(file.fileno(), 0o755)
    check_equal(error_of("./empty").errno, errno.ENOEXEC)


@test("streams may be pipes, nothing, descriptors, files and paths, and standard error where standard output goes")
def streams():
    with pidhold.spawn("cat", stdin=pidhold.PIPE, stdout=pidhold.PIPE) as hold:
        hold.stdin.write(b"abc")
        hold.stdin.close()
        check_equal(hold.stdout.read(), b"abc")
        check_equal(hold.stderr, None)
    check_equal(output("cat", stdin=pidhold.DEVNULL), b"")
    with open("file", "wb") as file:
        with pidhold.spawn(["sh", "-c", "echo out; echo err >&2"], stdout=file, stderr=pidhold.STDOUT) as hold:
            hold.wait()
    check_equal(output("cat", stdin="file"), b"out\nerr\n")
    with open("file", "rb") as file:
        check_equal(output("cat", stdin=file.fileno()), b"out\nerr\n")
    with pidhold.spawn(["echo", "new"], stdout=pathlib.Path("file")) as hold:
        hold.wait()
    check_equal(output(["cat", "file"]), b"new\n")
    for refused in (dict(stdin=pidhold.STDOUT), dict(stdout=pidhold.STDOUT), dict(stdout=-9)):
        check(isinstance(error_of("true", **refused), ValueError), refused)


@test("a terminal has 24 rows and 80 columns, or the size that is given in either order, before the program runs")
def terminal_size():
    for asked, wanted in ((True, b"24 80"), ((7, 33), b"7 33"), (os.terminal_size((33, 7)), b"7 33")):
        with pidhold.spawn(["stty", "size"], terminal=asked) as hold:
            check_equal(hold.terminal.readall(), wanted + b"\r\n")
            check_equal(hold.terminal.size, tuple(map(int, wanted.split())))
            check_equal(hold.wait(PATIENCE), 0)
    for refused in ((0, 80), (24, 65536), (24, -1)):
        check(isinstance(error_of("true", terminal=refused), ValueError), refused)


@test("a terminal is the controlling one, echoes unless told not to, and is raw, typed to and resized")
def terminal():
    with pidhold.spawn(["sh", "-c", "read line </dev/tty; echo got $line; read line; stty size"],
                       terminal=True, echo=False) as hold:
        check(hold.terminal.isatty() and hold.terminal.readable() and hold.terminal.writable(), "what it is")
        check_equal(hold.terminal.write(b"typed\n"), 6)
        check_equal(hold.terminal.read(100), b"got typed\r\n")
        hold.terminal.resize(11, 22)
        hold.terminal.write(b"\n")
        check_equal(hold.terminal.readall(), b"11 22\r\n")
    with pidhold.spawn("cat", terminal=True) as hold:
        hold.terminal.write(b"x\n\4")
        check_equal(hold.terminal.readall(), b"x\r\nx\r\n")


@test("the end of a terminal is b'' by every way to read, however often, and never an error")
def end_of_terminal():
    with pidhold.spawn(["printf", "last"], terminal=True) as hold:
        check_equal(hold.terminal.read(3), b"las")
        check_equal(hold.terminal.read(), b"t")
        for _ in range(3):
            check_equal((hold.terminal.read(), hold.terminal.read(5), hold.terminal.readline()), (b"", b"", b""))
            check_equal(hold.terminal.readinto(bytearray(3)), 0)
            check_equal(hold.terminal.readlines(), [])


@test("a closed terminal is told of as any closed file, and its process is hung up")
def closed_terminal():
    with pidhold.spawn(["sleep", "600"], terminal=True) as hold:
        hold.terminal.close()
        hold.terminal.close()
        check_equal(hold.wait(PATIENCE), -signal.SIGHUP)
        for call in (hold.terminal.read, hold.terminal.fileno, lambda: hold.terminal.write(b"x"),
                     lambda: hold.terminal.resize(1, 1)):
            try:
                call()
                check(False, "it is not closed")
            except ValueError:
                pass


@test("a terminal that does not block tells None while there is nothing")
def nonblocking_terminal():
    with pidhold.spawn(["sleep", "600"], terminal=True) as hold:
        os.set_blocking(hold.terminal.fileno(), False)
        check_equal(hold.terminal.read(5), None)


@test("a stream may be off the terminal while the process has one")
def beside_terminal():
    with pidhold.spawn(["sh", "-c", "test -t 0 && test -t 1 && ! test -t 2 && echo err >&2"], terminal=True,
                       stderr=pidhold.PIPE) as hold:
        check_equal((hold.stderr.read(), hold.wait(PATIENCE)), (b"err\n", 0))


@test("niceness, limits by name and number, the umask and the directory are as asked for")
def settings():
    check_equal(output("nice", nice=1), b"%d\n" % (os.getpriority(os.PRIO_PROCESS, 0) + 1))
    check_equal(output(["sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -c"],
                       limits={"nofile": (19, 20), resource.RLIMIT_CORE: 0}), b"19\n20\n0\n")
    check_equal(output(["sh", "-c", "umask"], umask=0o27), b"0027\n")
    check_equal(output("pwd", cwd=pathlib.Path("/")), b"/\n")
    check(isinstance(error_of("true", limits={"no such": 1}), ValueError), "a limit's name")
    check(isinstance(error_of("true", limits={"nofile": -2}), ValueError), "a limit's value")


@test("another user has his own groups and none of this process's")
def another_user():
    if os.getuid() != 0:
        skip("only root may become another user")
    entry = pwd.getpwnam("nobody")
    groups = b" ".join(b"%d" % group for group in os.getgrouplist("nobody", entry.pw_gid))
    ids = ["sh", "-c", "id -u; id -g; id -G"]
    try:
        check_equal(output(ids, user="nobody"), b"%d\n%d\n%s\n" % (entry.pw_uid, entry.pw_gid, groups))
    except PermissionError:
        skip("this root cannot become another user")
    check_equal(output(ids, user=entry.pw_uid, group=7, extra_groups=[8, 9]), b"%d\n7\n7 8 9\n" % entry.pw_uid)
    check_equal(output(ids, user=54321, group=54322), b"54321\n54322\n54322\n")


@test("a session or a group of its own is made where asked for")
def sessions():
    program = "import os; print(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())"
    check_equal(output([sys.executable, "-c", program]), b"False False\n")
    check_equal(output([sys.executable, "-c", program], start_new_session=True), b"True True\n")
    check_equal(output([sys.executable, "-c", program], process_group=0), b"False True\n")


@test("every signal has its default effect and is unblocked in the process, whatever this process does")
def signals():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    status = output(["cat", "/proc/self/status"]).decode()
    for line in status.splitlines():
        if line.startswith(("SigIgn", "SigBlk")):
            check_equal(int(line.split()[1], 16), 0, line)


@test("no descriptor passes but what is named, none of ours is inheritable, and pass_fds keep their numbers")
def descriptors():
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_DUPFD, 200)
    os.set_inheritable(writing, True)
    check_equal(output(["ls", "/proc/self/fd"], pass_fds=[]).split(), [b"0", b"1", b"2", b"3"])  # 3 is its own
    check_equal(output(["sh", "-c", f"echo there >&{writing}; echo done"], pass_fds=[writing]), b"done\n")
    check_equal(os.read(reading, 100), b"there\n")
    check_equal(output(["sh", "-c", f"echo there >&{writing}; echo done"], close_fds=False), b"done\n")
    with pidhold.spawn("cat", terminal=True, stdin=pidhold.PIPE, stderr=pidhold.PIPE) as hold:
        for file in ((hold,) if has_descriptors() else ()) + (hold.terminal, hold.stdin, hold.stderr):
            check(not os.get_inheritable(file.fileno()), file)
    for fd in (reading, writing, 200):
        os.close(fd)


@test("a start that does not come to its end is TimeoutError, and other threads run meanwhile")
def start_timeout():
    os.mkfifo("fifo")
    for timeout in (0.05, 1, 10):  # on a busy machine it may be over before the fifo is opened
        error = error_of("true", stdin="fifo", timeout=timeout)
        check(isinstance(error, TimeoutError), type(error))
        if error.step != "process":
            break
    check_equal((error.errno, error.step), (errno.ETIMEDOUT, "standard input"))
    opened = []
    thread = threading.Thread(target=lambda: opened.append(os.open("fifo", os.O_WRONLY)))
    thread.start()
    with pidhold.spawn("true", stdin="fifo") as hold:  # which waits for the thread to open the other side
        check_equal(hold.wait(PATIENCE), 0)
    thread.join()
    os.close(opened[0])


@test("no handler of a fork's runs, and no warning is given, in whichever thread")
def no_fork():
    ran = []
    os.register_at_fork(before=lambda: ran.append(1))
    codes = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        threads = [threading.Thread(target=lambda: codes.append(pidhold.spawn(["sh", "-c", "exit 7"]).wait()))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    check_equal((codes, ran), ([7] * 4, []))


@test("Python's audit hooks are told before a start, and may forbid it")
def audit():
    told = []

    def hook(event, args):
        if event.startswith("pidhold.") or event == "subprocess.Popen":
            told.append((event, args))
        if event == forbids and args[1][0] == "forbidden":
            raise PermissionError("not here")

    forbids = None
    sys.addaudithook(hook)
    with pidhold.spawn(["sleep", "600"], cwd="/") as hold:
        hold.signal(0)
        hold.stop()
    check_equal(told, [("subprocess.Popen", ("sleep", ["sleep", "600"], "/", None)),
                       ("pidhold.spawn", ("sleep", ["sleep", "600"])), ("pidhold.signal", (hold.pid, 0)),
                       ("pidhold.stop_tree", (hold.pid,))])
    for forbids in ("pidhold.spawn", "subprocess.Popen"):
        error = error_of(["forbidden"])
        check_equal((type(error), str(error)), (PermissionError, "not here"))


def has_descriptors():
    with pidhold.spawn("true") as hold:
        try:
            return hold.fileno() >= 0
        except OSError:
            return False


@test("containment is the best that there is, none, or the one that is asked for")
def containment():
    for asked in ("none", "group", "keeper"):
        if asked == "keeper" and not has_descriptors():
            skip("no process descriptors on this system")
        with pidhold.spawn("true", contain=asked) as hold:
            check_equal((hold.containment, hold.wait(PATIENCE)), (asked, 0))
    with pidhold.spawn("true", on_release="leave") as hold:
        check_equal((hold.containment, hold.wait(PATIENCE)), ("none", 0))


@test("a limit of the whole tree is set, or refused by its name")
def tree_limits():
    for limits, words in (({"memory": 0}, "limit 'memory' of a tree cannot be 0"),
                          ({"cpus": -1}, "limit 'cpus' of a tree cannot be -1"),
                          ({"files": 3}, "there is no limit 'files' of a tree")):
        error = error_of(["true"], tree_limits=limits)
        check(isinstance(error, ValueError) and words in str(error), error)
    for limits in ({"memory": 64 << 20}, {"cpu_time": 60}):
        try:
            hold = pidhold.spawn(["sh", "-c", "exit 3"], tree_limits=limits)
        except pidhold.StartError as error:
            check(error.step in ("limit of the tree", "containment"), error.step)
            check(error.step == "containment" or error.object in limits, error.object)
            continue
        with hold:
            check_equal(hold.containment, "cgroup")
            check_equal(hold.wait(PATIENCE), 3)
            hold.wait_tree(PATIENCE)
            usage = hold.tree_usage
            check(usage.user >= 0 and usage.cpu_time_is_up is False and usage.signalled == 0, usage)


@test("what is no choice is refused in words")
def refusals():
    check(isinstance(error_of("true", contain="a box"), ValueError), "contain")
    check(isinstance(error_of("true", on_release="perhaps"), ValueError), "on_release")
    check(isinstance(error_of("true", ladder=[]), ValueError), "an empty ladder")
    check(isinstance(error_of("true", ladder=[(15, -1)]), ValueError), "a negative time")
    check(isinstance(error_of("true", ladder=[15]), TypeError), "no pair")
    check(isinstance(error_of("true", timeout=float("nan")), ValueError), "not a number")
    check(isinstance(error_of("true", process_group=5), ValueError), "somebody else's group")
    check(isinstance(error_of("true", echo=False), ValueError), "echo without a terminal")
    check(isinstance(error_of("true", nice=2**40), OverflowError), "a niceness")
    check(isinstance(error_of("true", no_such_option=1), TypeError), "an unknown option")


@test("a wrong number is named in the message, with what is wrong with it")
def messages():
    for options, kind, words in (
            ({"limits": {"nofile": (300, 200)}}, ValueError, "'nofile': the soft one, 300, is above the hard one, 200"),
            ({"limits": {"nofile": (1, 2, 3)}}, ValueError, "'nofile' is a number, or soft and hard, not (1, 2, 3)"),
            ({"limits": {"nofile": 2**40}}, PermissionError, "resource limit nofile: Operation not permitted"),
            ({"pass_fds": {9: 1}}, ValueError, "descriptor 9 cannot have the number 1: use stdout=9"),
            ({"pass_fds": {8: 7, 9: 7}}, ValueError, "descriptors 8 and 9 cannot both have the number 7"),
            ({"pass_fds": {9: -1}}, ValueError, "the number -1"),
            ({"pass_fds": {9: 2**40}}, ValueError, str(2**40)),
            ({"pass_fds": ["a"]}, TypeError, "'a'"),
            ({"terminal": (50,)}, ValueError, "(rows, columns)"),
            ({"terminal": 50}, ValueError, "(rows, columns)"),
            ({"terminal": ("a", "b")}, ValueError, "a and b")):
        error = error_of("true", **options)
        check(isinstance(error, kind) and words in str(error), (options, error))


@test("whatever it started ends with the hold, in each containment")
def contained():
    if not has_descriptors():
        skip("no process descriptors on this system")
    for contain in (None, "auto", "keeper", "cgroup", "pidns"):
        read, write = os.pipe()
        try:
            with pidhold.spawn(["sh", "-c", "(setsid sleep 600 &); exit 3"], contain=contain, pass_fds=[write],
                               on_release="kill") as hold:
                os.close(write)
                check_equal(hold.wait(PATIENCE), 3)
        except OSError as error:
            os.close(write)
            check_equal(error.step, "containment", contain)
            check(contain in ("cgroup", "pidns"), contain)
            print(f"# contain={contain!r}: {error}")
        check_equal(os.read(read, 1), b"", f"{contain}: nobody is left")
        os.close(read)


main()
