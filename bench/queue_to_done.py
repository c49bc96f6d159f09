#!/usr/bin/env python3
"""A trivial job from the request until the client knows that it is done: `gyre trigger --wait`, in the sandbox.

usage: queue_to_done.py BIN_DIR
"""
import contextlib
import datetime
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


def main():
    conditions = measure.Conditions()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        gyre = stack.enter_context(programs.Gyre(sys.argv[1], directory))
        gyre.branch("trivial", programs.job_config([programs.run_step("Nothing", "true")]))
        gyre.add_project()
        gyre.trigger("trivial")
        started = []

        def ours():
            gyre.trigger("trivial")

        candidates = {"gyre": ours, "bare": bare}
        if daemon := programs.Laminar.named():
            laminar = stack.enter_context(programs.Laminar(daemon, directory, {"trivial": "true\n"}))
            candidates["laminar"] = lambda: laminar.run("trivial")
        times = measure.interleaved(candidates, measure.rounds(40))
        started.append(inside(gyre.newest_job()))
        print(conditions.describe(str(directory)))
    for name, values in times.items():
        print(f"{name}: {measure.milliseconds(values)}")
    print(f"gyre, from started to stopped by the server's clock, last round: {started[0] * 1000:.0f} ms")
    print("without isolation: not measured, Gyre runs no job without its sandbox or a container (T1 has no mode yet)")
    measure.report("T2 queue to done, sandboxed / bare bash", times["gyre"], times["bare"])
    if "laminar" in times:
        measure.report("T2 queue to done, sandboxed / laminar", times["gyre"], times["laminar"], 1.3, 0.75, conditions)


if __name__ == "__main__":
    main()
