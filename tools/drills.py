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
# Drills that are stories of their own, with what tells them how long to go on.
STORIES = {"Backup.taken_at_any_moment_restores_to_a_server_where_everything_ends": "GYRE_SNAPSHOTS"}


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
    all_drills += [(stories, name) for name in tests_of(stories) if name in STORIES]
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


def run(program, name, database, rounds, log):
    """Until all rounds are done, going on behind each that fails."""
    outcome = Outcome()
    seed = 1
    log.write_text("")
    while True:
        environment = {"GYRE_TEST_DATABASE": database, "GYRE_DRILL_SEED": str(seed), "GYRE_DRILL_TIMES": str(TIMES)}
        if rounds:
            environment["GYRE_DRILL_ROUNDS"] = str(rounds - seed + 1)
        if name in STORIES:
            environment[STORIES[name]] = str(rounds or SNAPSHOTS)
        begin = log.stat().st_size
        code, seconds = run_once(program, name, environment, log)
        said = log.read_text(errors="replace")[begin:] if begin == 0 else log.read_bytes()[begin:].decode(errors="replace")
        seeds = [int(found) for found in re.findall(r"^seed (\d+): ", said, re.M)]
        planned = re.findall(r"^(\d+) rounds from seed (\d+)", said, re.M)
        outcome.rounds += len(seeds) or (1 if name not in STORIES else int(environment[STORIES[name]]))
        outcome.seconds += seconds
        skipped = re.search(r": Skipped\n(.*)", said)
        if skipped:
            outcome.rounds = 0
            outcome.note = "skipped: " + skipped.group(1)[:60]
        if code == 0:
            return outcome
        outcome.failures += 1
        last = int(planned[0][0]) + int(planned[0][1]) - 1 if planned else 0
        if not seeds or seeds[-1] >= last:
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
            outcome = run(program, name, database, wanted.rounds, log)
            failed = failed or outcome.failures > 0
            print(f"{name:{width}}  {database:8}  {outcome.rounds:6}  {outcome.failures:8}  {outcome.seconds:6.0f} s"
                  f"  {outcome.note}".rstrip(), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
