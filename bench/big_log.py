#!/usr/bin/env python3
"""200 MB of output through agent, server and disk, beside `| cat > file`; and what the server grew by.

usage: big_log.py BIN_DIR
"""
import contextlib
import hashlib
import subprocess
import sys
import urllib.request

import measure
import programs

SIZE = 200_000_000
SCRIPT = f"yes 'a line of output as a compiler might print it, some seventy bytes or so' | head -c {SIZE} || true\n"


def hash_of(stream):
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(1 << 20):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def stored_output(gyre):
    """Size and hash of what the server has of the step's output."""
    number = gyre.newest_job()["job_number"]
    tasks = gyre.get(f"/api/v2/gyre/project/{programs.SLUG}/job/{number}/tasks")["tasks"]
    attempt = tasks[0]["attempts"][-1]["id"]
    request = urllib.request.Request(f"{gyre.url}/api/v2/gyre/output/{attempt}/101",
                                     headers={"Circle-Token": gyre.token})
    with urllib.request.urlopen(request) as answer:
        return hash_of(answer)


def main():
    conditions = measure.Conditions()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        gyre = stack.enter_context(programs.Gyre(sys.argv[1], directory, ["--step-output-bytes", str(2 * SIZE)]))
        gyre.branch("big", programs.job_config([programs.run_step("Talk", SCRIPT)]))
        gyre.branch("trivial", programs.job_config([programs.run_step("Nothing", "true")]))
        gyre.add_project()
        gyre.trigger("trivial")
        before = gyre.process.resident()
        gyre.process.forget_peak()
        cpu = gyre.process.cpu_seconds()
        peer_file = directory / "peer"
        candidates = {
            "gyre": lambda: gyre.trigger("big"),
            "cat": lambda: subprocess.run(["bash", "-c", f"bash -ec \"$1\" | cat > {peer_file}", "-", SCRIPT],
                                          check=True),
        }
        if daemon := programs.Laminar.named():
            laminar = stack.enter_context(programs.Laminar(daemon, directory, {"big": SCRIPT}))
            candidates["laminar"] = lambda: laminar.run("big")
        count = measure.rounds(5)
        times = measure.interleaved(candidates, count)
        growth = gyre.process.peak_resident() - before
        cpu = (gyre.process.cpu_seconds() - cpu) / count
        with peer_file.open("rb") as file:
            wanted = hash_of(file)
        if stored_output(gyre) != wanted:
            sys.exit(f"the stored output is not what the step printed: {stored_output(gyre)}, not {wanted}")
        print(conditions.describe(str(directory)))
    for name, values in times.items():
        print(f"{name}: {measure.milliseconds(values)}")
    print(f"equal work: {wanted[0]} bytes, sha256 {wanted[1][:16]}...; ours is on disk when acknowledged, cat's is not")
    print(f"server: {cpu / SIZE * 1e9:.2f} CPU seconds per GB, grew by {growth / 1e6:.1f} MB")
    measure.report("T9 200 MB of output / cat", times["gyre"], times["cat"], 5, 2, conditions)
    if "laminar" in times:
        measure.report("T10 200 MB of output / laminar", times["gyre"], times["laminar"], 1.0, 0.4, conditions)
    measure.report_value("T10 growth of the server / size of the output", growth / SIZE, "", 0.3, 0.1)


if __name__ == "__main__":
    main()
