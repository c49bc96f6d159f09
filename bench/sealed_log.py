#!/usr/bin/env python3
"""Any line of a sealed output of 1 GB by the API, beside `zstd -dc | sed -n` of the same file, in the same run.

usage: sealed_log.py BIN_DIR
"""
import contextlib
import http.client
import os
import random
import subprocess
import sys
import urllib.parse

import measure
import programs

SIZE = int(os.environ.get("GYRE_BENCH_LOG_BYTES", 1_000_000_000))
LINE = "line %010d of an output as a compiler might print it, some seventy bytes"
SCRIPT = f"seq -f '{LINE.replace('%010d', '%010.0f')}' {SIZE // (len(LINE % 0) + 1)}\n"
LINES = SIZE // (len(LINE % 0) + 1)


class Reader:
    """One connection to the server, as a browser keeps it."""

    def __init__(self, gyre, attempt):
        self.gyre, self.path = gyre, f"/api/v2/gyre/output/{attempt}/101"
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(gyre.url).netloc)

    def get(self, query):
        self.connection.request("GET", f"{self.path}?{query}", headers={"Circle-Token": self.gyre.token})
        return self.connection.getresponse().read().decode()


def check(found, line):
    if found.strip() != LINE % line:
        sys.exit(f"line {line} is said to be: {found[:200]!r}")


def percentile(values, part):
    return sorted(values)[int(len(values) * part)]


def main():
    conditions = measure.Conditions()
    chosen = random.Random(20)
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        gyre = stack.enter_context(programs.Gyre(sys.argv[1], directory, ["--step-output-bytes", str(2 * SIZE),
                                                                          "--seal-every-seconds", "1"]))
        gyre.branch("big", programs.job_config([programs.run_step("Talk", SCRIPT)]))
        gyre.add_project()
        gyre.trigger("big")
        before = gyre.process.resident()
        gyre.process.forget_peak()
        raw, objects = directory / "data/output", directory / "data/objects"
        programs.until("the output is sealed", lambda: not list(raw.rglob("*.log")), 600)
        growth = gyre.process.peak_resident() - before
        blob = max(objects.rglob("*"), key=lambda path: path.stat().st_size)
        number = gyre.newest_job()["job_number"]
        tasks = gyre.get(f"/api/v2/gyre/project/{programs.SLUG}/job/{number}/tasks")["tasks"]
        reader = Reader(gyre, tasks[0]["attempts"][-1]["id"])

        def line_of_ours():
            line = chosen.randint(1, LINES)
            check(reader.get(f"line={line}&lines=1"), line)

        def line_of_peer():
            line = chosen.randint(1, LINES)
            check(subprocess.run(["bash", "-c", f"zstd -dc {blob} | sed -n '{line}{{p;q}}'"], capture_output=True,
                                 text=True).stdout, line)

        def tail_of_peer():
            subprocess.run(["bash", "-c", f"zstd -dc {blob} | tail -n 100"], check=True, capture_output=True)

        count = measure.rounds(7)
        times = measure.interleaved({"gyre": line_of_ours, "zstd": line_of_peer}, count)
        tails = measure.interleaved({"gyre": lambda: reader.get("tail=100"), "zstd": tail_of_peer}, count)
        many = [measure.timed(line_of_ours) for _ in range(300)]
        print(conditions.describe(str(directory)))
        print(f"{LINES} lines, {SIZE / 1e6:.0f} MB, sealed as {blob.stat().st_size / 1e6:.1f} MB; "
              f"while it sealed the server grew by {growth / 1e6:.1f} MB")
    for name, values in times.items():
        print(f"{name}: a line in {measure.milliseconds(values)}")
    print(f"300 lines: median {percentile(many, 0.5) * 1000:.2f} ms, p99 {percentile(many, 0.99) * 1000:.2f} ms, "
          f"slowest {max(many) * 1000:.2f} ms")
    measure.report("any line / zstd -dc | sed", times["gyre"], times["zstd"], 0.1, 0.01, conditions)
    measure.report("the last 100 lines / zstd -dc | tail", tails["gyre"], tails["zstd"], 0.1, 0.01, conditions)
    measure.report_value("the slowest of 300 lines", max(many) * 1000, "ms", 100, 20)


if __name__ == "__main__":
    main()
