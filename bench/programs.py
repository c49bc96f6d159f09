"""The servers that are measured: gyre with one project, and laminar where the environment names it."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.request

GIT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
       "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
SLUG = "git/bench"
NOBODY = pwd.getpwnam("nobody").pw_uid  # jobs without isolation are refused to root


def until(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.002)
    return value


@contextlib.contextmanager
def scratch():
    """A directory that is removed at the end. On the disk: the work compared includes writing to it."""
    path = tempfile.mkdtemp(prefix="gyre-bench.", dir=os.environ.get("GYRE_BENCH_DIR", "/var/tmp"))
    try:
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Process:
    """What /proc tells of a process."""

    def __init__(self, pid):
        self.pid = pid

    def status(self, key, of="status"):
        with open(f"/proc/{self.pid}/{of}") as file:
            return int(re.search(rf"^{key}:\s+(\d+)", file.read(), re.MULTILINE)[1])

    def pss(self):
        return self.status("Pss", "smaps_rollup") * 1024

    def resident(self):
        return self.status("VmRSS") * 1024

    def peak_resident(self):
        return self.status("VmHWM") * 1024

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")

    def switches(self):
        """Context switches of all threads: each wake-up is one."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with contextlib.suppress(FileNotFoundError):
                total += sum(self.status(f"{kind}_ctxt_switches", f"task/{task}/status")
                             for kind in ("voluntary", "nonvoluntary"))
        return total

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def run_step(name, command):
    text = "".join(f"            {line}\n" for line in command.splitlines())
    return f"      - run:\n          name: {name}\n          command: |\n{text}"


def job_config(steps):
    return ("version: 2\njobs:\n  build:\n    docker: [{image: 'debian:12'}]\n    resource_class: small\n    steps:\n"
            + "".join(steps))


class Gyre:
    def __init__(self, bin_dir, directory, flags=(), sandbox="host", user=None, engine=None):
        self.gyre, self.directory = str(pathlib.Path(bin_dir) / "gyre"), directory
        self.as_user = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        if user is not None:
            os.chown(directory, user, user)
        self.log = directory / "server.log"
        self.start_command = [self.gyre, "server", "--data-dir", str(directory / "data"), "--listen", "127.0.0.1:0",
                              "--sandbox", sandbox, "--docker-socket", engine or str(directory / "no-engine"), *flags]
        self.start()
        self.token = until("the server prints the token", lambda: self.printed(r"administrator token.*: (\S+)"))
        self.environment = {**os.environ, **GIT, "HOME": str(directory), "GYRE_SERVER": self.url,
                            "GYRE_TOKEN": self.token}
        self.copy, self.bare = directory / "copy", directory / "bench.git"
        self.git("init", "-q", "--bare", "--initial-branch=main", self.bare, where=directory)
        self.git("init", "-q", "--initial-branch=main", self.copy, where=directory)
        (self.copy / ".circleci").mkdir()

    def start(self):
        """Until it listens."""
        self.server = subprocess.Popen(self.start_command, stdin=subprocess.DEVNULL, stdout=self.log.open("w"),
                                       stderr=subprocess.STDOUT,
                                       env={**os.environ, "HOME": str(self.directory)}, **self.as_user)
        self.url = until("the server listens", lambda: self.printed(r"listening on (\S+)"))
        self.process = Process(self.server.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        agents = self.agents()
        self.server.terminate()
        self.server.wait()
        for agent in agents:
            with contextlib.suppress(ProcessLookupError):
                os.kill(agent.pid, 9)

    def agents(self):
        """Also those that an earlier process of this server started: they wait for its return, however long."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
                if words[0].endswith("/gyre-agent") and any(str(self.directory) + "/" in word for word in words):
                    found.append(Process(int(pid)))
        return found

    def printed(self, pattern):
        if self.server.poll() is not None:
            raise RuntimeError("the server ended: " + self.log.read_text())
        found = re.search(pattern, self.log.read_text())
        return found and found[1]

    def git(self, *words, where=None):
        # as the server's user: git refuses repositories of others
        subprocess.run(["git", *map(str, words)], check=True, cwd=where or self.copy,
                       env={**os.environ, **GIT, "HOME": str(self.directory)}, **self.as_user)

    def command(self, *words):
        return subprocess.run([self.gyre, *words], check=True, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True).stdout

    def branch(self, name, config):
        """Makes a branch of the project whose config this is."""
        self.git("checkout", "-q", "-B", name)
        (self.copy / ".circleci/config.yml").write_text(config)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", name)
        self.git("push", "-q", self.bare, name)

    def add_project(self):
        self.command("project", "add", SLUG, str(self.bare), "--no-poll")

    def trigger(self, branch):
        """Starts a pipeline and waits until it is over."""
        self.command("trigger", SLUG, "--branch", branch, "--wait")

    def get(self, target):
        request = urllib.request.Request(self.url + target, headers={"Circle-Token": self.token})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def newest_jobs(self):
        """All jobs of the newest pipeline's workflow."""
        pipeline = self.get("/api/v2/project/git%2Fbench/pipeline")["items"][0]
        workflow = self.get(f"/api/v2/pipeline/{pipeline['id']}/workflow")["items"][0]
        jobs, page, target = [], {}, f"/api/v2/workflow/{workflow['id']}/job"
        while not page or page.get("next_page_token"):
            page = self.get(target + (f"?page-token={page['next_page_token']}" if page else ""))
            jobs += page["items"]
        return jobs

    def newest_job(self):
        return self.newest_jobs()[0]


class Laminar:
    """laminard with jobs of the given names and scripts; None in place of it when LAMINARD is not set."""

    def __init__(self, daemon, directory, jobs, executors=6):
        self.client = str(pathlib.Path(daemon).parent / "laminarc")
        home = directory / "laminar"
        (home / "cfg/jobs").mkdir(parents=True)
        for name, script in jobs.items():
            path = home / f"cfg/jobs/{name}.run"
            path.write_text("#!/bin/bash -e\n" + script)
            path.chmod(0o755)
        (home / "cfg/contexts").mkdir()
        (home / "cfg/contexts/default.conf").write_text(f"EXECUTORS={executors}\n")
        self.database = home / "laminar.sqlite"
        socket = f"unix:{home}/rpc"
        self.environment = {**os.environ, "LAMINAR_HOME": str(home), "LAMINAR_BIND_RPC": socket,
                            "LAMINAR_BIND_HTTP": f"unix:{home}/http", "LAMINAR_HOST": socket}
        self.server = subprocess.Popen([daemon], env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process = Process(self.server.pid)
        until("laminar listens", lambda: (home / "rpc").exists())

    @staticmethod
    def named():
        daemon = os.environ.get("LAMINARD")
        if not daemon:
            print("laminar: not measured, LAMINARD names no laminard")
        return daemon

    def run(self, *jobs):
        """Until all have ended; fails when one does."""
        subprocess.run([self.client, "run", *jobs], check=True, env=self.environment, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)

    def ended(self):
        """How many runs it has on record."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT count(*) FROM builds WHERE completedAt IS NOT NULL").fetchone()[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
