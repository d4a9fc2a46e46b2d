#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The layout of the C files is that of .clang-format."""
import os
import subprocess

import tree


def files_are_formatted():
    """tools/format would change no C file"""
    done = subprocess.run([os.path.join(tree.ROOT, "tools", "format"), "--check"], stdout=subprocess.PIPE, text=True)
    if done.returncode == 77:
        raise tree.Skip("no clang-format 14")
    if done.returncode != 0:
        yield done.stdout + "mended by tools/format"


tree.run(files_are_formatted)
