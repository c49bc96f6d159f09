#!/usr/bin/env python3
"""Trivial jobs one after another on four places: a workflow of 200, from the request until the client knows that all
are done, without isolation and in the sandbox; laminar runs as many with four executors.

usage: throughput.py BIN_DIR
"""
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys

import measure
import programs

JOBS = 200
PLACES = 4


def config():
    entries = "".join(f"      - nothing: {{name: nothing-{number}}}\n" for number in range(JOBS))
    return ("version: 2.1\njobs:\n  nothing:\n    docker: [{image: 'debian:12'}]\n    resource_class: small\n"
            "    steps:\n" + programs.run_step("Nothing", "true") + "workflows:\n  all:\n    jobs:\n" + entries)


def bare():
    subprocess.run(["xargs", "-P", str(PLACES), "-n", "1", "bash", "-eo", "pipefail", "-c"], check=True,
                   input="true\n" * JOBS, text=True)


@contextlib.contextmanager
def server(bin_dir, directory, sandbox):
    """A server with room for four of the smallest jobs, which has run them all once."""
    user = programs.NOBODY if sandbox == "none" and os.geteuid() == 0 else None
    place = pathlib.Path(directory) / sandbox
    place.mkdir()
    room = ("--cpus", str(PLACES), "--reserve-cpus", "0", "--memory-mb", "32768", "--warm-agents", str(PLACES))
    with programs.Gyre(bin_dir, place, room, sandbox=sandbox, user=user) as gyre:
        gyre.branch("trivial", config())
        gyre.add_project()
        gyre.trigger("trivial")
        yield gyre


def check_all_ran(gyre):
    done = [job for job in gyre.newest_jobs() if job["status"] == "success"]
    if len(done) != JOBS:
        raise RuntimeError(f"{len(done)} of {JOBS} jobs went well")


def main():
    conditions = measure.Conditions()
    rounds = measure.rounds(15)
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        os.chmod(directory, 0o755)
        servers = {name: stack.enter_context(server(sys.argv[1], directory, sandbox))
                   for name, sandbox in (("plain", "none"), ("sandboxed", "host"))}
        candidates = {name: lambda gyre=gyre: gyre.trigger("trivial") for name, gyre in servers.items()}
        candidates["bare"] = bare
        laminar = None
        if daemon := programs.Laminar.named():
            laminar = stack.enter_context(programs.Laminar(daemon, directory, {"trivial": "true\n"}, PLACES))
            candidates["laminar"] = lambda: laminar.run(*["trivial"] * JOBS)
        times = measure.interleaved(candidates, rounds)
        for gyre in servers.values():
            check_all_ran(gyre)
        if laminar and laminar.ended() != rounds * JOBS:
            raise RuntimeError(f"laminar ran {laminar.ended()} of {rounds * JOBS} jobs")
        print(conditions.describe(str(directory)))
    for name, values in times.items():
        print(f"{name}: {measure.milliseconds(values)}, {JOBS / statistics.median(values):.0f} jobs/s")
    # The targets are rates over rates: 1.2 times the peer's rate is its time through 1.2.
    for name, gate, moonshot in (("plain", 1 / 1.2, 1 / 2.5), ("sandboxed", 1 / 0.8, 1 / 1.2)):
        measure.report(f"T6 {JOBS} jobs on {PLACES} places, {name} / bare bash", times[name], times["bare"])
        if "laminar" in times:
            measure.report(f"T6 {JOBS} jobs on {PLACES} places, {name} / laminar", times[name], times["laminar"],
                           round(gate, 2), round(moonshot, 2), conditions)


if __name__ == "__main__":
    main()
