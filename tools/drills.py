#!/usr/bin/env python3
"""Runs the fault drills in their long form, each on each database, and prints a table.

usage: drills.py BUILD [--rounds N] [--drill WORD] [--database sqlite|postgres]

A drill goes on after a failed round with the next seed; what a round said is in BUILD/drills/. By default a drill meets
each of its phases 20 times. WORD is a part of the drill's name: FullDisk, KillServer.its.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

TIMES = 20  # for each phase
SNAPSHOTS = 200
SNAPSHOTS_OF_A_SERVER = 20  # then a new one: what is restored so often should not be hours of work
BACKUP = "Backup.taken_at_any_moment_restores_to_a_server_where_everything_ends"
FLOOD = "BigOutput."  # tests/e2e/output_test.cpp
FLOOD_BYTES = {"GYRE_FLOOD_BYTES": "5000000000", "GYRE_LINE_BYTES": "500000000"}


def tests_of(program):
    listed = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    suite = ""
    for line in listed.splitlines():
        if line.startswith("  "):
            yield suite + line.split()[0]
        elif line.endswith("."):
            suite = line.strip()


def drills_of(build, word):
    """(program, name) of each."""
    drills = build / "tests/drills/drills_test"
    stories = build / "tests/e2e/e2e_test"
    all_drills = [(drills, name) for name in tests_of(drills)]
    all_drills += [(stories, name) for name in tests_of(stories) if name == BACKUP or name.startswith(FLOOD)]
    return [(program, name) for program, name in all_drills if word.lower() in name.lower()]


def run_once(program, name, environment, log):
    began = time.monotonic()
    with open(log, "a", encoding="utf-8") as file:
        code = subprocess.run([program, f"--gtest_filter={name}"], env=os.environ | environment, stdout=file,
                              stderr=subprocess.STDOUT, cwd=program.parent, check=False).returncode
    return code, time.monotonic() - began


class Outcome:
    def __init__(self):
        self.rounds = 0
        self.failures = 0
        self.seconds = 0.0
        self.note = ""

    def add(self, rounds, code, seconds):
        self.rounds += rounds
        self.failures += code != 0
        self.seconds += seconds


def run_backups(program, name, database, rounds, log):
    outcome = Outcome()
    log.write_text("")
    seed = 1
    while outcome.rounds < (rounds or SNAPSHOTS):
        count = min(SNAPSHOTS_OF_A_SERVER, (rounds or SNAPSHOTS) - outcome.rounds)
        code, seconds = run_once(program, name, {"GYRE_TEST_DATABASE": database, "GYRE_SNAPSHOTS": str(count),
                                                 "GYRE_SNAPSHOT_SEED": str(seed)}, log)
        outcome.add(count, code, seconds)
        seed += 1
    return outcome


def run(program, name, database, rounds, log):
    """Until all rounds are done, going on behind each that fails."""
    outcome = Outcome()
    log.write_text("")
    seed = 1
    while True:
        environment = FLOOD_BYTES | {"GYRE_TEST_DATABASE": database, "GYRE_DRILL_SEED": str(seed),
                                     "GYRE_DRILL_TIMES": str(TIMES)}
        if rounds:
            environment["GYRE_DRILL_ROUNDS"] = str(rounds - seed + 1)
        begin = log.stat().st_size
        code, seconds = run_once(program, name, environment, log)
        said = log.read_bytes()[begin:].decode(errors="replace")
        seeds = [int(found) for found in re.findall(r"^seed (\d+): ", said, re.M)]
        planned = re.search(r"^(\d+) rounds from seed (\d+)", said, re.M)
        skipped = re.search(r": Skipped\n(.*)", said)
        outcome.add(0 if skipped else len(seeds) or 1, code, seconds)
        if skipped:
            outcome.note = "skipped: " + skipped.group(1)[:60]
        last = int(planned.group(1)) + int(planned.group(2)) - 1 if planned else 0
        if code == 0 or not seeds or seeds[-1] >= last:
            return outcome
        seed = seeds[-1] + 1
        rounds = last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--drill", default="")
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    wanted = parser.parse_args()
    logs = wanted.build.resolve() / "drills"
    logs.mkdir(exist_ok=True)
    drills = drills_of(wanted.build.resolve(), wanted.drill)
    if not drills:
        sys.exit(f"there is no drill with '{wanted.drill}' in its name")
    width = max(len(name) for _, name in drills)
    print(f"{'drill':{width}}  database  rounds  failures      time")
    failed = False
    for program, name in drills:
        for database in [wanted.database] if wanted.database else ["sqlite", "postgres"]:
            log = logs / f"{name}.{database}.log"
            outcome = (run_backups if name == BACKUP else run)(program, name, database, wanted.rounds, log)
            failed = failed or outcome.failures > 0
            print(f"{name:{width}}  {database:8}  {outcome.rounds:6}  {outcome.failures:8}  {outcome.seconds:6.0f} s"
                  f"  {outcome.note}".rstrip(), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
