"""A dockerd for the projects alone: its own files, mounts, processes and network. The machine's engine, bridges and
firewall are not touched. Jobs reach package registries through slirp4netns, a network in user space."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

PROGRAMS = ["dockerd", "docker", "unshare", "slirp4netns", "iptables"]
SCRIPT = """set -e
mount -t tmpfs tmpfs /run
until ip link show tap0 >/dev/null 2>&1; do sleep 0.1; done
exec dockerd --config-file {at}/daemon.json -H unix://{at}/engine.sock --data-root {at}/data --exec-root {at}/exec \\
    --pidfile {at}/pid
"""
START_SECONDS = 60
END_SECONDS = 20


def missing():
    """Why no engine can be started here; empty when one can."""
    if os.geteuid() != 0:
        return "needs root: an engine of its own makes namespaces and mounts"
    absent = [program for program in PROGRAMS if not shutil.which(program)]
    return f"needs {' and '.join(absent)}" if absent else ""


def first_child(process):
    """The process that `unshare` forked: the first one of the namespaces."""
    path = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(START_SECONDS * 10):
        if children := path.read_text().split():
            return int(children[0])
        time.sleep(0.1)
    raise RuntimeError("unshare starts nothing")


class Engine:
    def __init__(self, directory):
        self.socket = f"{directory}/engine.sock"
        self.environment = os.environ | {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "0"}

    def docker(self, *words, seconds=60, **options):
        return subprocess.run(["docker", *map(str, words)], env=self.environment, timeout=seconds, check=False,
                              **options)

    def has_image(self, name):
        return self.docker("image", "inspect", name, capture_output=True).returncode == 0


def wait_for(engine, process, log):
    for _ in range(START_SECONDS * 5):
        if engine.docker("version", capture_output=True).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"dockerd does not start:\n{log.read_text()[-2000:]}")


def end(process, inside):
    """`inside` is the first process of its namespace, and takes all others with it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(inside, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
            return


@contextlib.contextmanager
def running(directory):
    """An Engine whose images stay in `directory` for the next time."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "daemon.json").write_text("{}")
    shutil.rmtree(directory / "exec", ignore_errors=True)  # a number of a process there may be another's now
    (directory / "pid").unlink(missing_ok=True)
    log = directory / "log"
    with open(log, "w", encoding="utf-8") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        daemon = subprocess.Popen(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                                   "sh", "-c", SCRIPT.format(at=directory)], **streams)
        inside = first_child(daemon)
        network = subprocess.Popen(["slirp4netns", "--configure", "--mtu=1400", "--disable-host-loopback",
                                    str(inside), "tap0"], **streams)
        engine = Engine(directory)
        try:
            wait_for(engine, daemon, log)
            yield engine
        finally:
            left = engine.docker("ps", "-aq", capture_output=True, text=True).stdout.split()
            if left:
                engine.docker("rm", "-f", *left, capture_output=True)
            end(daemon, inside)
            end(network, network.pid)
