#!/usr/bin/env python3
"""Runs the test suites of real projects by `gyre run`, and by plain commands in the same image, and compares the two.

usage: run.py [--gyre PROGRAM] [--work DIRECTORY] [--remove] [PROJECT...]

Prints a table of what was seen; exit code 1 when Gyre differs. See README.md.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import engine as engines
import image
import results
import source

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUITE_SECONDS = 900
BARE = "git clone --quiet /source ~/project && cd ~/project && exec bash -eo pipefail /project/bare.sh"
FAILED_STEP = re.compile(r"-- failed in .*?(?:, exit code (\d+))?$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Project:
    name: str
    source: source.Source
    shows: str
    results: str  # "junit", or a pattern of lines with the groups `name` and `outcome`
    varies: str = r"\Z."  # a pattern of parts of names that are others in each run
    artifacts: tuple = ()
    cached: bool = False  # a second run finds the caches of the first

    @property
    def directory(self):
        return HERE / "projects" / self.name


@dataclasses.dataclass
class Seen:
    """One run of a project's tests."""
    exit_code: int
    seconds: float
    tests: dict
    failed_steps: set = dataclasses.field(default_factory=set)  # exit codes, as Gyre tells them
    artifacts: set = dataclasses.field(default_factory=set)
    output: str = ""


def load(name):
    facts = json.loads((HERE / "projects" / name / "facts.json").read_text())
    facts["source"] = source.Source(**facts["source"])
    facts["artifacts"] = tuple(facts.get("artifacts", ()))
    return Project(name=name, **facts)


def known_projects():
    return sorted(path.parent.name for path in (HERE / "projects").glob("*/facts.json"))


def timed(command, log, **options):
    began = time.monotonic()
    with open(log, "w", encoding="utf-8") as file:
        code = subprocess.run(["nice", "-n", "5", *map(str, command)], stdin=subprocess.DEVNULL, stdout=file,
                              stderr=subprocess.STDOUT, timeout=SUITE_SECONDS, check=False, **options).returncode
    return code, time.monotonic() - began, log.read_text(errors="replace")


class Comparison:
    def __init__(self, work, engine, gyre):
        self.work, self.engine, self.gyre = work, engine, gyre
        (work / "logs").mkdir(parents=True, exist_ok=True)

    def bare(self, project, repository):
        reports = self.work / "reports" / project.name
        shutil.rmtree(reports, ignore_errors=True)
        reports.mkdir(parents=True)
        volumes = [f"{repository}:/source:ro", f"{reports}:/results", f"{project.directory}:/project:ro"]
        command = ["docker", "run", "--rm", "--env", "CI=true", *(f"--volume={volume}" for volume in volumes),
                   image.NAME, "bash", "-c", BARE]
        code, seconds, output = timed(command, self.work / f"logs/{project.name}.bare", env=self.engine.environment)
        tests = (results.in_reports(reports) if project.results == "junit"
                 else results.in_output(output, project.results))
        return Seen(code, seconds, tests, output=output)

    def by_gyre(self, project, repository, number):
        cache = self.work / "caches" / project.name
        if number == 1:
            shutil.rmtree(cache, ignore_errors=True)
        before = max((results.newest_job(path) for path in cache.glob("run/*/gyre.db")), default=0)
        command = [self.gyre, "run", "--docker-socket", self.engine.socket, "--cache-dir", cache]
        code, seconds, output = timed(command, self.work / f"logs/{project.name}.gyre-{number}", cwd=repository,
                                      env=os.environ | {"NO_COLOR": "1"})
        (database,) = cache.glob("run/*/gyre.db")
        tests = (results.stored(database, before) if project.results == "junit"
                 else results.in_output(results.without_job(output), project.results))
        return Seen(code, seconds, tests, {int(found or -1) for found in FAILED_STEP.findall(output)},
                    results.artifacts(database, before), output)

    def of(self, project):
        repository = source.make_repository(project.source, (project.directory / "config.yml").read_text(), self.work)
        bare = self.bare(project, repository)
        runs = [self.by_gyre(project, repository, number) for number in ((1, 2) if project.cached else (1,))]
        return bare, runs, [f"run {number}: {problem}" for number, run in enumerate(runs, 1)
                            for problem in problems(project, bare, run, is_cached=number > 1)]


def problems(project, bare, run, is_cached=False):
    if not bare.tests:
        yield "the bare commands show no test: nothing is compared"
    if (bare.exit_code == 0) != (run.exit_code == 0):
        yield f"the bare commands end with {bare.exit_code}, gyre run with {run.exit_code}"
    elif bare.exit_code != 0 and bare.exit_code not in run.failed_steps:
        yield f"the bare commands end with {bare.exit_code}, the failed steps with {sorted(run.failed_steps)}"
    yield from results.differences(*(results.without(seen.tests, project.varies) for seen in (bare, run)))
    if run.exit_code == 0:
        yield from (f"there is no artifact {path}" for path in sorted(set(project.artifacts) - run.artifacts))
    if is_cached and "Found the cache" not in run.output:
        yield "no cache of the first run was found"


def row(project, bare, runs, differing):
    took = " and ".join(f"{run.seconds:.0f} s" for run in runs)
    exits = f"{bare.exit_code}, {' and '.join(str(run.exit_code) for run in runs)}"
    cells = [f"{project.name} {project.source.version}", project.source.registry, project.shows,
             results.counts(bare.tests), exits, f"{bare.seconds:.0f} s", took, "differs" if differing else "same"]
    return f"| {' | '.join(cells)} |"


def compare_all(options, engine):
    """The rows of the table, and whether any project differs."""
    image.make(engine, options.work)
    comparison = Comparison(options.work, engine, options.gyre)
    table, differs = [], False
    for name in options.projects or known_projects():
        project = load(name)
        bare, runs, found = comparison.of(project)
        table.append(row(project, bare, runs, found))
        differs = differs or bool(found)
        print(table[-1], *(f"    {problem}" for problem in found[:50]), sep="\n", flush=True)
    return table, differs


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gyre", type=pathlib.Path, default=ROOT / "build/dev/bin/gyre")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/var/tmp/gyre-real"),
                        help="where image, sources, logs and caches are kept for the next time")
    parser.add_argument("--remove", action="store_true", help="remove that directory at the end")
    parser.add_argument("projects", nargs="*", metavar="PROJECT", choices=[[], *known_projects()])
    return parser.parse_args()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the engine ends, too
    if missing := engines.missing():
        sys.exit(missing)
    with engines.running(options.work / "engine") as engine:
        table, differs = compare_all(options, engine)
    print("", *table, sep="\n")
    if options.remove:
        shutil.rmtree(options.work)
    sys.exit(1 if differs else 0)


if __name__ == "__main__":
    main()
