#!/usr/bin/env python3
"""How long a server that was killed takes until it is ready again, with 10,000 jobs queued and 100 running, against a
first start on an empty directory; and whether those that run notice.

usage: recovery.py BIN_DIR
"""
import os
import pathlib
import signal
import sys
import time
import urllib.error
import urllib.request

import measure
import programs

PIPELINES, JOBS = 21, 481  # 10,101 jobs
RUNNING = 100


def is_ready(url):
    try:
        with urllib.request.urlopen(url + "/ready") as answer:
            return answer.status == 200
    except urllib.error.URLError:
        return False


def config(started, gate):
    """Jobs that note their start and wait at a gate that nobody opens."""
    job = ("docker: [{image: 'debian:12'}], resource_class: small, steps: [{run: 'echo $CIRCLE_BUILD_NUM >> " + started +
           "; until [ -e " + gate + " ]; do sleep 1; done'}]")
    names = [f"job{number}" for number in range(JOBS)]
    return ("version: 2\njobs:\n" + "".join(f"  {name}: {{{job}}}\n" for name in names)
            + "workflows:\n  version: 2\n  main:\n    jobs: [" + ", ".join(names) + "]\n")


class Server(programs.Gyre):
    def __init__(self, bin_dir, directory):
        directory.mkdir()
        directory.chmod(0o755)
        user = programs.NOBODY if os.geteuid() == 0 else None
        super().__init__(bin_dir, directory, sandbox="none", user=user,
                         flags=["--cpus", str(RUNNING), "--memory-mb", str(RUNNING * 4096), "--warm-agents", "0",
                                "--reserve-cpus", "0", "--reserve-memory-mb", "0"])

    def start(self):
        began = time.perf_counter()
        super().start()
        programs.until("the server is ready", lambda: is_ready(self.url))
        self.seconds_until_ready = time.perf_counter() - began

    def restart(self):
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.start()


def main():
    conditions = measure.Conditions()
    with programs.scratch() as directory:
        os.chmod(directory, 0o755)
        place = pathlib.Path(directory)
        started, gate = place / "busy/started", place / "gate"
        times = {"cold": [], "killed": []}
        with Server(sys.argv[1], place / "busy") as server:
            server.branch("wait", config(str(started), str(gate)))
            server.add_project()
            for _ in range(PIPELINES):
                server.command("trigger", programs.SLUG, "--branch", "wait")
            programs.until("the jobs run", lambda: started.exists() and len(started.read_text().split()) >= RUNNING, 300)
            for number in range(measure.rounds(5)):
                with Server(sys.argv[1], place / f"cold{number}") as cold:
                    times["cold"].append(cold.seconds_until_ready)
                server.restart()
                times["killed"].append(server.seconds_until_ready)
            numbers = started.read_text().split()
            gate.touch()
        print(conditions.describe(str(directory)))
        for name, values in times.items():
            print(f"{name}: {measure.milliseconds(values)}")
        print(f"jobs that ran: {len(numbers)}, begun twice: {len(numbers) - len(set(numbers))}")
        measure.report(f"T18 ready again with {PIPELINES * JOBS - RUNNING} jobs queued, {RUNNING} running / first start",
                       times["killed"], times["cold"], 3, 1.2, conditions)


if __name__ == "__main__":
    main()
