#!/usr/bin/env python3
"""What server and waiting agent use while nothing happens: memory, wake-ups, writes.

usage: idle.py BIN_DIR
"""
import contextlib
import os
import statistics
import sys
import time

import measure
import programs

SECONDS = float(os.environ.get("GYRE_BENCH_IDLE_SECONDS", 60))


def newest_write(folder):
    return max(entry.stat().st_mtime for entry in folder.rglob("*"))


def main():
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        gyre = stack.enter_context(programs.Gyre(sys.argv[1], directory))
        gyre.branch("trivial", programs.job_config([programs.run_step("Nothing", "true")]))
        gyre.add_project()
        gyre.trigger("trivial")
        peer = None
        if daemon := programs.Laminar.named():
            laminar = stack.enter_context(programs.Laminar(daemon, directory, {"trivial": "true\n"}))
            laminar.run("trivial")
            peer = laminar.process
        time.sleep(2)  # the job's agent ends, the next one waits
        agents = programs.until("an agent waits", gyre.agents)
        everybody = [gyre.process, *agents]
        before = [process.switches() for process in everybody]
        began = time.time()
        time.sleep(SECONDS)
        woken = sum(process.switches() for process in everybody) - sum(before)
        writes = newest_write(directory / "data") > began + 5
        server, agent = gyre.process.pss(), statistics.mean(process.pss() for process in agents)
        laminar_pss = peer and peer.pss()
    print(f"load {os.getloadavg()[0]:.2f}; idle for {SECONDS:.0f} s with {len(agents)} waiting agent(s)")
    print(f"server {server / 1e6:.1f} MB, agent {agent / 1e6:.1f} MB (PSS); "
          f"{'something' if writes else 'nothing'} was written to the data directory")
    if laminar_pss:
        measure.report("T19 server / laminar", [server], [laminar_pss], 3, 1.5)
        measure.report("T19 agent / laminar", [agent], [laminar_pss], 1.5, 0.75)
    else:
        measure.report_value("T19 server (laminar has 6.7 MB in performance.md)", server / 6.7e6, "x", 3, 1.5)
        measure.report_value("T19 agent", agent / 6.7e6, "x", 1.5, 0.75)
    measure.report_value("T20 wake-ups of server and agent", woken / SECONDS, "per second", 5, 0.5)


if __name__ == "__main__":
    main()
