#!/usr/bin/env python3
"""A trivial job from the request until the client knows that it is done: `gyre trigger --wait`, without isolation and
in the sandbox.

usage: queue_to_done.py BIN_DIR
"""
import contextlib
import datetime
import os
import pathlib
import subprocess
import sys

import measure
import programs


def bare():
    subprocess.run(["bash", "-eo", "pipefail", "-c", "true"], check=True)


def inside(job):
    """Seconds from queued to done by the server's clock."""
    began, ended = (datetime.datetime.fromisoformat(job[key].replace("Z", "+00:00"))
                    for key in ("started_at", "stopped_at"))
    return (ended - began).total_seconds()


@contextlib.contextmanager
def server(bin_dir, directory, sandbox):
    """A server with one project that has run its trivial job once."""
    user = programs.NOBODY if sandbox == "none" and os.geteuid() == 0 else None
    place = pathlib.Path(directory) / sandbox
    place.mkdir()
    with programs.Gyre(bin_dir, place, sandbox=sandbox, user=user) as gyre:
        gyre.branch("trivial", programs.job_config([programs.run_step("Nothing", "true")]))
        gyre.add_project()
        gyre.trigger("trivial")
        yield gyre


def main():
    conditions = measure.Conditions()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        os.chmod(directory, 0o755)
        servers = {name: stack.enter_context(server(sys.argv[1], directory, sandbox))
                   for name, sandbox in (("plain", "none"), ("sandboxed", "host"))}
        candidates = {name: lambda gyre=gyre: gyre.trigger("trivial") for name, gyre in servers.items()}
        candidates["bare"] = bare
        if daemon := programs.Laminar.named():
            laminar = stack.enter_context(programs.Laminar(daemon, directory, {"trivial": "true\n"}))
            candidates["laminar"] = lambda: laminar.run("trivial")
        times = measure.interleaved(candidates, measure.rounds(40))
        by_the_server = {name: inside(gyre.newest_job()) for name, gyre in servers.items()}
        print(conditions.describe(str(directory)))
    for name, values in times.items():
        print(f"{name}: {measure.milliseconds(values)}")
    for name, seconds in by_the_server.items():
        print(f"{name}, from started to stopped by the server's clock, last round: {seconds * 1000:.0f} ms")
    for target, name, gate, moonshot in (("T1", "plain", 1.0, 0.5), ("T2", "sandboxed", 1.3, 0.75)):
        measure.report(f"{target} queue to done, {name} / bare bash", times[name], times["bare"])
        if "laminar" in times:
            measure.report(f"{target} queue to done, {name} / laminar", times[name], times["laminar"], gate, moonshot,
                           conditions)


if __name__ == "__main__":
    main()
