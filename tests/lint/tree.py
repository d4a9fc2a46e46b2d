# SPDX-License-Identifier: ISC
"""What the scripts of this directory share: the files of the project, and results as TAP."""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

ISO_C = {name + ".h" for name in (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
    "stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype").split()}
POSIX = {name + ".h" for name in (
    "dirent dlfcn fcntl fnmatch glob grp langinfo poll pthread pwd regex sched semaphore spawn strings sys/mman "
    "sys/resource sys/select sys/socket sys/stat sys/time sys/types sys/uio sys/un sys/utsname sys/wait syslog termios "
    "unistd wordexp").split()}


def listed_by_git():
    if not shutil.which("git"):
        return set()
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True)
    return set(listed.stdout.splitlines()) if listed.returncode == 0 else set()


def files(*directories, suffixes=("",)):
    """The paths, from the root, of the project's files: those that git tracks or would, else all except what is made:
    builds, and in a tarball of make dist the amalgamation."""
    paths = sorted(listed_by_git())
    if not paths:
        for directory, inner, names in os.walk(ROOT):
            inner[:] = [name for name in inner if not name.startswith("build")
                        and name not in (".git", "__pycache__", "amalgamation")]
            paths += [os.path.relpath(os.path.join(directory, name), ROOT) for name in names]
    return [path for path in sorted(paths)
            if path.endswith(tuple(suffixes)) and os.path.isfile(os.path.join(ROOT, path))
            and (not directories or any(path.startswith(directory + "/") for directory in directories))]


def files_for(platform):
    """The files of src that are for this platform alone: those of its list in src/meson.build, and their headers."""
    lists = dict(re.findall(r"^  '(\w+)': \[[^\]]*?files\((.*?)\)\]", read("src/meson.build"), re.M | re.S))
    names = re.findall(r"'([^']+)'", lists[platform]) + [f"os/calls-{platform}.h"]
    modules = {os.path.splitext("src/" + name)[0] for name in names}
    return {path for path in files("src") if os.path.splitext(path)[0] in modules}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def without_comments(text):
    """C without its comments and strings; every line stays where it is."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match.group()), text, flags=re.S)


def includes(path):
    """(name, True if it is in angle brackets) of each #include."""
    for match in re.finditer(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', read(path), re.M):
        yield match.group(2), match.group(1) == "<"


class Skip(Exception):
    """The check cannot be made here: the reason."""


def run(*checks):
    """Each check is a function: its name is the sentence, what it yields are faults."""
    failed = 0
    for number, check in enumerate(checks, 1):
        sentence = check.__doc__.strip()
        try:
            faults = list(check())
        except Skip as reason:
            print(f"# SKIP {reason}\nok {number} - {sentence} # SKIP {reason}")
            continue
        for fault in faults:
            print("# " + str(fault).replace("\n", "\n# "))
        print(f"{'not ok' if faults else 'ok'} {number} - {sentence}")
        failed += bool(faults)
    print(f"1..{len(checks)}")
    sys.exit(failed > 0)
