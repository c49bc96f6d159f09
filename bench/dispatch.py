#!/usr/bin/env python3
"""How fast waiting tasks get machines: against the barest queue that can be written in the same database, with every
claim durable; how long a workflow of 10,000 jobs takes whose agents do nothing; and what a deep queue costs.

usage: dispatch.py BIN_DIR
"""
import contextlib
import glob
import os
import pathlib
import pwd
import subprocess
import sys

import measure
import programs

TASKS = int(os.environ.get("GYRE_BENCH_TASKS", "4000"))
JOBS = int(os.environ.get("GYRE_BENCH_JOBS", "10000"))
DEPTH = int(os.environ.get("GYRE_BENCH_DEPTH", "1000000"))

CLAIM = """UPDATE queue SET state = 1, client = 'bench' WHERE id =
(SELECT id FROM queue WHERE state = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
"""
QUEUE = """DROP TABLE IF EXISTS queue;
CREATE TABLE queue (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, client TEXT);
INSERT INTO queue SELECT n, 0 FROM generate_series(1, {tasks}) AS n;
CREATE INDEX waiting ON queue (id) WHERE state = 0;
ANALYZE queue;
"""


class Postgres:
    """A server of PostgreSQL of this bench's own, as an ordinary user, on a socket in its directory."""

    def __init__(self, directory):
        self.directory = directory
        self.programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.as_user = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(directory, user.pw_uid, user.pw_gid)
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.run("initdb", "-D", directory / "data", "-A", "trust", "-U", "bench", "-E", "UTF8", "--no-locale")
        self.server = subprocess.Popen(
            [self.programs / "postgres", "-D", directory / "data", "-k", directory, "-c", "listen_addresses="],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.as_user)
        programs.until("PostgreSQL answers", lambda: subprocess.run(
            [self.programs / "pg_isready", "-q", "-h", directory, "-U", "bench"]).returncode == 0)
        self.made = 0

    @staticmethod
    def present():
        if glob.glob("/usr/lib/postgresql/*/bin/initdb"):
            return True
        print("PostgreSQL: not measured, the package postgresql is not installed")
        return False

    def run(self, program, *words, text=None):
        return subprocess.run([self.programs / program, *words], check=True, capture_output=True, text=True, input=text,
                              cwd=self.directory, **self.as_user).stdout

    def new_database(self):
        self.made += 1
        name = f"world{self.made}"
        self.run("createdb", "-h", self.directory, "-U", "bench", name)
        return f"postgres:///{name}?host={self.directory}&user=bench"

    def claim(self, tasks, clients):
        """Seconds in which pgbench claims so many, each in a transaction of its own."""
        script = self.directory / "claim.sql"
        script.write_text(CLAIM)
        self.run("psql", "-q", "-h", self.directory, "-U", "bench", "postgres", text=QUEUE.format(tasks=tasks))
        printed = self.run("pgbench", "-n", "-h", self.directory, "-U", "bench", "-c", str(clients), "-j", "2", "-M",
                           "prepared", "-t", str(tasks // clients), "-f", script, "postgres")
        rate = next(line for line in printed.splitlines() if line.startswith("tps ="))
        return tasks / float(rate.split()[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


class Rounds:
    """Rounds of bench_dispatch, each on a database of its own."""

    def __init__(self, bin_dir, directory):
        self.program, self.directory, self.made = pathlib.Path(bin_dir) / "bench_dispatch", directory, 0

    def on(self, what, tasks, database=None):
        self.made += 1
        file = self.directory / f"round{self.made}.db"
        printed = subprocess.run([self.program, what, database or file, str(tasks)], check=True, capture_output=True,
                                 text=True).stdout
        for left in self.directory.glob(file.name + "*"):
            left.unlink()
        return [float(word) for word in printed.split()]


def compare(label, ours, peer, count, gate, moonshot, conditions):
    """As measure.report, for work that says itself how long it took."""
    times = {"ours": [], "peer": []}
    for number in range(measure.rounds(count)):
        for name, work in (("ours", ours), ("peer", peer))[::1 if number % 2 == 0 else -1]:
            times[name].append(work())
    print(f"{label}: ours {measure.milliseconds(times['ours'])}, peer {measure.milliseconds(times['peer'])}")
    measure.report(label, times["ours"], times["peer"], gate, moonshot, conditions)


def main():
    conditions = measure.Conditions()
    with programs.scratch() as directory, contextlib.ExitStack() as stack:
        rounds = Rounds(sys.argv[1], directory)
        # The targets are rates over rates: a gate of 0.4 times the peer's rate is 2.5 times its time.
        compare(f"T7 {TASKS} tasks placed on SQLite / bare claims", lambda: rounds.on("place", TASKS)[0],
                lambda: rounds.on("claims", TASKS)[0], 5, 2.5, 1.0, conditions)
        if Postgres.present():
            (directory / "postgres").mkdir()
            os.chmod(directory, 0o755)
            postgres = stack.enter_context(Postgres(directory / "postgres"))
            compare(f"T8 {TASKS} tasks placed on PostgreSQL / pgbench with SKIP LOCKED, 4 clients",
                    lambda: rounds.on("place", TASKS, postgres.new_database())[0],
                    lambda: postgres.claim(TASKS, 4), 5, 2.0, 0.67, conditions)
        compare(f"T15 a workflow of {JOBS} jobs / as many bare claims and ends", lambda: rounds.on("run", JOBS)[0],
                lambda: rounds.on("ends", JOBS)[0], 1, 2.0, 0.5, conditions)
        for depth in (0, DEPTH):
            median, p99, peak_kb, filled = rounds.on("depth", depth)
            print(f"one task's way to its machine with {depth} others waiting: median {median * 1000:.2f} ms, "
                  f"p99 {p99 * 1000:.2f} ms, peak memory {peak_kb / 1024:.0f} MB; the queue was filled in {filled:.0f} s")
        print(conditions.describe(str(directory)))


if __name__ == "__main__":
    main()
