#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The module as it is installed: by meson into its prefix, and by pip. SOURCE and BUILD are in the environment."""
import glob
import os
import re
import shutil
import subprocess
import sys

from pythons import OLDEST, interpreters
from tap import check, check_equal, main, skip, test

SOURCE, BUILD = os.environ["SOURCE"], os.environ["BUILD"]
ASK = "import pidhold; print(pidhold.__file__, pidhold.run('true').returncode)"


def output(*command, **environment):
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, env={**keep, **environment})
    check_equal(done.returncode, 0, f"{' '.join(command)}: {done.stdout[-2000:]}")
    return done.stdout


def files_below(directory):
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(directory, "*")))


@test("meson install puts the whole package into the prefix's directory of Python packages, to be imported from")
def meson_install():
    output("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", os.getcwd())
    found = glob.glob("**/pidhold/_pidhold.abi3.so", recursive=True)
    check_equal(len(found), 1, found)
    package = os.path.dirname(os.path.abspath(found[0]))
    check("/python3" in package, package)
    for name in ("__init__.py", "__init__.pyi", "py.typed"):
        check(name in files_below(package), f"no {name}")
    check_equal(output(sys.executable, "-c", ASK, PYTHONPATH=os.path.dirname(package)),
                f"{package}/__init__.py 0\n")


@test("pip install builds a package that has the library in it, and nothing but the module", seconds=300)
def pip_install():
    # That of the system, which has meson-python.
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import mesonpy, pip"], stderr=subprocess.DEVNULL).returncode != 0:
        skip("no meson-python")
    copy = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if copy.returncode != 0:
        skip("no files that git lists")
    for name in os.fsdecode(copy.stdout).split("\0")[:-1]:  # pip leaves files behind in what it builds
        os.makedirs(os.path.dirname(os.path.join("source", name)), exist_ok=True)
        shutil.copy(os.path.join(SOURCE, name), os.path.join("source", name))
    output(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-build-isolation", "--no-deps",
           "--target", "there", "./source")
    there = os.path.abspath("there")
    with open(os.path.join(SOURCE, "meson.build"), encoding="utf-8") as file:
        version = re.search(r"version: '([\d.]+)'", file.read())[1]
    check_equal(files_below(there), ["pidhold", f"pidhold-{version}.dist-info"])
    check_equal(output(python, "-c", ASK, PYTHONPATH=there), f"{there}/pidhold/__init__.py 0\n")
    linked = output("readelf", "-d", os.path.join(there, "pidhold", "_pidhold.abi3.so"))
    check("libpidhold" not in linked and "libpython" not in linked, linked)


def pythons():
    """The interpreters here that have pip."""
    for path in [sys.executable, *(path for version, path in interpreters().items() if version >= OLDEST)]:
        if subprocess.run([path, "-m", "pip", "--version"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0:
            yield path


@test("a wheel is the same each time, is named after what it needs, and each Python here takes it without a network",
      seconds=600)
def wheel():
    made = []
    for directory in ("one", "two"):
        path = output(sys.executable, os.path.join(SOURCE, "tools/wheel"), BUILD, directory).strip().split("\n")[-1]
        with open(path, "rb") as file:
            made.append((os.path.basename(path), file.read()))
    check_equal(made[0], made[1])
    check(re.match(r"pidhold-[\d.]+-cp38-abi3-manylinux_2_\d+_\w+\.whl$", made[0][0]), made[0][0])
    count = 0
    for number, python in enumerate(pythons()):
        there = os.path.abspath(f"there{number}")
        output(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", there,
               os.path.join("one", made[0][0]))
        check_equal(output(python, "-c", ASK, PYTHONPATH=there), f"{there}/pidhold/__init__.py 0\n")
        count += 1
    if not count:
        skip("no pip")


@test("of the module's file others see its beginning alone, and it asks for nothing of Python's that is private")
def symbols():
    file = os.path.join(BUILD, "python", "pidhold", "_pidhold.abi3.so")
    defined = output("nm", "-D", "--defined-only", file).split("\n")[:-1]
    check_equal([line.split()[-1] for line in defined], ["PyInit__pidhold"])
    wanted = {line.split()[-1] for line in output("nm", "-D", "--undefined-only", file).split("\n")[:-1]}
    asked = {name for name in wanted if name.startswith(("Py", "_Py"))}
    check(len(asked) > 20, asked)
    check(asked.isdisjoint({"PySys_Audit", "PyInterpreterState_Get", "Py_IsFinalizing"}), "newer than 3.8")
    public = {"_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct", "_Py_Dealloc"}  # what macros become
    check_equal({name for name in asked if name[0] == "_" and not name.endswith("_SizeT")} - public, set(), "private")


main()
