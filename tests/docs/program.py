# SPDX-License-Identifier: ISC
"""Programs in C that documents show: compiled without a warning, against the library that was built, and run."""
import os
import shlex
import subprocess

from tap import check_equal
from transcript import BUILD, ROOT, environment


def output_of(source, standard):
    """What the program prints, on either stream."""
    with open("program.c", "w", encoding="utf-8") as file:
        file.write(source)
    sanitize = os.environ["SANITIZE"]
    flags = [] if sanitize in ("", "none") else [f"-fsanitize={sanitize}"]
    compiler = subprocess.run([*shlex.split(os.environ["CC"]), f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic",
                               "-Werror", *flags, f"-I{ROOT}/include", "program.c", f"{BUILD}/libpidhold.a",
                               "-o", "program"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check_equal((compiler.returncode, compiler.stdout.decode()), (0, ""), "the compiler")
    program = subprocess.run(["./program"], env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
    check_equal(program.returncode, 0, "exit status")
    return program.stdout.decode().replace("\r\n", "\n")
