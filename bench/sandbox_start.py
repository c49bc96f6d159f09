#!/usr/bin/env python3
"""T5: a sandbox from nothing, /bin/true in it, and back to nothing; beside bubblewrap, runc and, where an engine
answers, docker doing as much. DOCKER_HOST and GYRE_BENCH_IMAGE (which has /bin/true) name engine and image.

usage: sandbox_start.py BIN_DIR
"""
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import measure
import programs

BWRAP = ("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all", "--die-with-parent",
         "/bin/true")


class Ours:
    def __init__(self, bin_dir, directory):
        program, helper = pathlib.Path(bin_dir) / "bench_sandbox_start", pathlib.Path(bin_dir) / "gyre-injob"
        self.process = subprocess.Popen([program, directory, helper.resolve()], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.seconds = []

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("our sandbox did not start")
        self.seconds.append(float(line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def runc(directory):
    """Runs a bundle that has this machine's /usr, read-only."""
    if os.geteuid() != 0 or not shutil.which("runc"):
        print("runc: not measured, it needs root and Debian's runc")
        return None
    bundle = directory / "bundle"
    (bundle / "rootfs/usr").mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (bundle / "rootfs" / name).symlink_to(f"usr/{name}")
    subprocess.run(["runc", "spec"], cwd=bundle, check=True)
    spec = json.loads((bundle / "config.json").read_text())
    spec["process"] |= {"terminal": False, "args": ["/bin/true"]}
    spec["root"]["readonly"] = False  # for the places of mounts
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "cgroup"]  # fails on hybrid hierarchies
    spec["mounts"].append({"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]})
    (bundle / "config.json").write_text(json.dumps(spec))
    command = ["runc", "--root", str(directory / "runc"), "run", "--bundle", str(bundle), "bench"]
    if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode != 0:
        print("runc: not measured, it cannot run here")
        return None
    return command


def docker():
    image = os.environ.get("GYRE_BENCH_IMAGE")
    command = ["docker", "run", "--rm", "--network", "none", image or "", "/bin/true"]
    if image and shutil.which("docker") and subprocess.run(command, capture_output=True).returncode == 0:
        return command
    print("docker: not measured, GYRE_BENCH_IMAGE names no image that an engine has")
    return None


def main():
    conditions = measure.Conditions()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        ours = stack.enter_context(Ours(sys.argv[1], directory))
        commands = {"bwrap": BWRAP, "runc": runc(directory), "docker": docker()}
        candidates = {name: lambda command=command: subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
                      for name, command in commands.items() if command}
        candidates["ours"] = ours.round
        ours.round()
        ours.seconds.clear()
        times = measure.interleaved(candidates, measure.rounds(40))
        times["ours"] = ours.seconds
        print(conditions.describe(str(directory)))
    for name, values in times.items():
        print(f"{name}: {measure.milliseconds(values)}, p90 / median {measure.spread(values):.2f}")
    print(f"ours, all rounds: {statistics.mean(times['ours']) * 1000:.2f} ms on average")
    for peer, gate, moonshot in (("bwrap", 1.3, 1.05), ("runc", 0.3, 0.2), ("docker", 0.04, 0.02)):
        if peer in times:
            measure.report(f"T5 sandbox / {peer}", times["ours"], times[peer], gate, moonshot, conditions)


if __name__ == "__main__":
    main()
