#!/usr/bin/env python3
"""How long a job waits for its container: the step "Spin up environment" of a trivial `docker` job, with a container
that stood ready and without; beside `docker run --rm IMAGE true`. DOCKER_HOST and GYRE_BENCH_IMAGE (whose tag is not
latest, and which has /bin/true) name engine and image.

usage: container_start.py BIN_DIR
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import measure
import programs

SOCKET = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")


def docker(*words):
    return subprocess.run(["docker", "-H", f"unix://{SOCKET}", *words], check=True, capture_output=True, text=True).stdout


def config(image):
    return json.dumps({"version": 2.1, "jobs": {"build": {"docker": [{"image": image}], "steps": [{"run": "true"}]}},
                       "workflows": {"main": {"jobs": ["build"]}}})


@contextlib.contextmanager
def server(bin_dir, directory, image, ready):
    place = pathlib.Path(directory) / ready
    place.mkdir()
    with programs.Gyre(bin_dir, place, ("--ready-containers", ready), sandbox="off", engine=SOCKET) as gyre:
        gyre.branch("trivial", config(image))
        gyre.add_project()
        yield gyre


def start_of_a_job(gyre, stands):
    if stands:
        programs.until("a container stands ready", lambda: "gyre-ready-" in docker("ps", "--format", "{{.Names}}"))
    gyre.trigger("trivial")
    job = gyre.get(f"/api/v1.1/project/git/bench/{gyre.newest_job()['job_number']}")
    step = job["steps"][0]["actions"][0]
    return step["run_time_millis"] / 1000


def main():
    image = os.environ.get("GYRE_BENCH_IMAGE", "")
    if not image or not shutil.which("docker"):
        return print("not measured: GYRE_BENCH_IMAGE names no image that an engine has")
    conditions = measure.Conditions()
    times = {"ready": [], "made": [], "docker": []}
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        ready, made = (stack.enter_context(server(sys.argv[1], directory, image, value)) for value in ("yes", "no"))
        for _ in range(2):  # what is wanted twice is expected
            start_of_a_job(ready, False)
        start_of_a_job(made, False)
        parts = [lambda: times["ready"].append(start_of_a_job(ready, True)),
                 lambda: times["made"].append(start_of_a_job(made, False)),
                 lambda: times["docker"].append(measure.timed(lambda: docker("run", "--rm", image, "/bin/true")))]
        for number in range(measure.rounds(20)):
            for part in parts if number % 2 == 0 else reversed(parts):
                part()
        print(conditions.describe(str(directory)))
    for name, values in times.items():
        print(f"{name}: {measure.milliseconds(values)}")
    measure.report("a container that stood ready / docker run", times["ready"], times["docker"], 0.25, 0.1, conditions)
    measure.report("a container made for the job / docker run", times["made"], times["docker"], 1.0, 0.6, conditions)
    measure.report_value("a job's container, ready", sorted(times["ready"])[len(times["ready"]) // 2] * 1000, "ms", 50, 20)


if __name__ == "__main__":
    main()
