#!/usr/bin/env python3
"""What one more `run` step costs in a job, beside the same command by a bare shell.

usage: step_overhead.py BIN_DIR
"""
import subprocess
import sys

import measure
import programs

STEPS = 101


def bare():
    subprocess.run(["bash", "-c", f"for i in $(seq {STEPS - 1}); do bash -eo pipefail -c /bin/true; done"], check=True)


def main():
    conditions = measure.Conditions()
    with programs.scratch() as directory, programs.Gyre(sys.argv[1], directory) as gyre:
        gyre.branch("one", programs.job_config([programs.run_step("Step", "/bin/true")]))
        gyre.branch("many", programs.job_config([programs.run_step(f"Step {n}", "/bin/true") for n in range(STEPS)]))
        gyre.add_project()
        gyre.trigger("many")
        times = measure.interleaved(
            {"one": lambda: gyre.trigger("one"), "many": lambda: gyre.trigger("many"), "bare": bare},
            measure.rounds(15))
        print(conditions.describe(str(directory)))
    ours = [(many - one) / (STEPS - 1) for many, one in zip(times["many"], times["one"])]
    peer = [seconds / (STEPS - 1) for seconds in times["bare"]]
    print(f"gyre, one step: {measure.milliseconds(ours)}")
    print(f"bare, one shell: {measure.milliseconds(peer)}")
    measure.report("T4 step / bare bash", ours, peer, 1.5, 1.15, conditions)


if __name__ == "__main__":
    main()
