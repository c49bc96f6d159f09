#!/usr/bin/env python3
"""A cache that is saved, saved again with one file changed, and restored, by the durations of a job's steps; beside
`tar | zstd -3 -T0` and `zstd -dc | tar x` of the same tree on the same file system. That is /dev/shm: what a disk does
meanwhile would be measured otherwise.

usage: caches.py BIN_DIR        GYRE_BENCH_TREE names another tree than this machine's libraries and headers
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import measure
import programs

os.environ.setdefault("GYRE_BENCH_DIR", "/dev/shm")
SUM = "find . -type f ! -name changed -print0 | sort -z | xargs -0 cat | sha256sum"
PARTS = ("/usr/include", "/usr/lib/python3", "/usr/lib/python3.11", "/usr/share/doc")


def make_tree(tree):
    tree.mkdir()
    for part in map(pathlib.Path, os.environ.get("GYRE_BENCH_TREE", ":".join(PARTS)).split(":")):
        if part.is_dir():
            shutil.copytree(part, tree / part.name, symlinks=True, ignore_dangling_symlinks=True)
    (tree / "changed").write_text("0" * 100_000)


def config(tree):
    return programs.job_config([
        programs.run_step("Bring the tree", f"cp -a {tree} ~/tree"),
        "      - save_cache: {name: save, key: first, paths: [~/tree]}\n",
        programs.run_step("Change a file", "head -c 100000 /dev/urandom > ~/tree/changed"),
        "      - save_cache: {name: again, key: second, paths: [~/tree]}\n",
        programs.run_step("Remove the tree", "rm -rf ~/tree"),
        "      - restore_cache: {name: restore, keys: [second]}\n",
        programs.run_step("Sum", f"cd ~/tree && {SUM}"),
    ])


def run_job(bin_dir, directory, tree):
    """Seconds of the three steps, and the sum of what was restored. With a server of its own: chunks that are there
    already would make a first save cheap."""
    place = directory / "ours"
    place.mkdir()
    try:
        user = programs.NOBODY if os.geteuid() == 0 else None
        with programs.Gyre(bin_dir, place, sandbox="none", user=user) as gyre:
            gyre.branch("main", config(tree))
            gyre.add_project()
            gyre.trigger("main")
            number = gyre.newest_job()["job_number"]
            attempt = gyre.get(f"/api/v2/gyre/project/{programs.SLUG}/job/{number}/tasks")["tasks"][0]["attempts"][-1]
            steps = {step["name"]: step for step in attempt["steps"]}
            output = gyre.command("logs", programs.SLUG, str(number), "--raw", "--step", str(steps["Sum"]["index"]))
            return {name: steps[name]["run_time_ms"] / 1000 for name in ("save", "again", "restore")}, output.split()[0]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def shell(command):
    return subprocess.run(["bash", "-o", "pipefail", "-ec", command], check=True, capture_output=True, text=True).stdout


def run_peers(directory, tree):
    archive, out = directory / "peer.zst", directory / "out"
    out.mkdir()
    times = {"zstd": measure.timed(lambda: shell(f"tar -C {directory} -cf - {tree.name} | zstd -q -3 -T0 > {archive}")),
             "gzip": measure.timed(lambda: shell(f"tar -C {directory} -cf - {tree.name} | gzip -6 > {archive}.gz")),
             "unzstd": measure.timed(lambda: shell(f"zstd -dc {archive} | tar -C {out} -xf -"))}
    for path in (archive, pathlib.Path(f"{archive}.gz")):
        path.unlink()
    shutil.rmtree(out)
    return times


def main():
    conditions = measure.Conditions()
    ours, peers = [], []
    with programs.scratch() as directory:
        os.chmod(directory, 0o755)
        tree = directory / "tree"
        make_tree(tree)
        wanted = shell(f"cd {tree} && {SUM}").split()[0]
        size = int(shell(f"du -sb {tree}").split()[0])
        for number in range(measure.rounds(7)):
            parts = [lambda: ours.append(run_job(sys.argv[1], directory, tree)),
                     lambda: peers.append(run_peers(directory, tree))]
            for part in parts if number % 2 == 0 else reversed(parts):
                part()
        print(conditions.describe(str(directory)))
    if any(found != wanted for _, found in ours):
        sys.exit("what was restored is not what was saved")
    files = f"{size / 1e6:.0f} MB, sha256 of the files' content equal"
    times = {name: [times[name] for times, _ in ours] for name in ("save", "again", "restore")}
    times |= {name: [times[name] for times in peers] for name in ("zstd", "gzip", "unzstd")}
    for name, values in times.items():
        print(f"{name}: {statistics.median(values):.2f} s (min {min(values):.2f})")
    print(f"equal work: {files}")
    measure.report("T11 save / tar | zstd -3 -T0", times["save"], times["zstd"], 1.2, 0.9, conditions)
    measure.report("T11 save / tar | gzip -6", times["save"], times["gzip"], 0.125, 0.09, conditions)
    measure.report("T12 save with one file changed / first save", times["again"], times["save"], 0.4, 0.1, conditions)
    measure.report("T13 restore / zstd -dc | tar x", times["restore"], times["unzstd"], 1.2, 0.8, conditions)


if __name__ == "__main__":
    main()
