#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""container.py rootful|rootless DIRECTORY... -- COMMAND [ARGUMENT...]: the command as the first process of a container
of runc, whose files are those of /usr and of these directories."""
import json
import os
import subprocess
import sys
import tempfile

kind, *words = sys.argv[1:]
directories, command = words[:words.index("--")], words[words.index("--") + 1:]

with tempfile.TemporaryDirectory() as bundle:
    os.chmod(bundle, 0o755)
    subprocess.run(["runc", "spec", *(["--rootless"] if kind == "rootless" else [])], cwd=bundle, check=True)
    with open(f"{bundle}/config.json", encoding="utf-8") as file:
        config = json.load(file)
    os.mkdir(f"{bundle}/rootfs")
    shown = [path for path in ("/usr", "/bin", "/sbin", "/lib", "/lib64") if os.path.exists(path)] + directories
    config["process"].update(terminal=False, args=command)
    config["root"] = {"path": "rootfs", "readonly": False}
    # Not the control groups: runc mounts no hybrid ones.
    config["mounts"] = [mount for mount in config["mounts"] if "cgroup" not in mount["type"]
                        and mount["destination"] != "/sys/fs/cgroup"]
    config["mounts"] += [{"destination": path, "type": "bind", "source": os.path.realpath(path),
                          "options": ["rbind", "ro"]} for path in shown]
    config["linux"].pop("resources", None)
    with open(f"{bundle}/config.json", "w", encoding="utf-8") as file:
        json.dump(config, file)
    done = subprocess.run(["runc", "run", "--bundle", bundle, f"container-{os.getpid()}"])
sys.exit(done.returncode)
