#!/usr/bin/env python3
"""F13: 50 tasks that print without a pause, 100 viewers who follow them live and one who reads nothing: how late a line
comes to those who read, and how long the API takes beside it.

usage: flood.py BIN_DIR
"""
import asyncio
import contextlib
import statistics
import sys
import time
import urllib.parse

import measure
import programs

TASKS, VIEWERS, SECONDS = 50, 100, 20
PATIENCE = 30  # s: until all tasks run and all viewers watch
WAKES, BURST = 20, 10  # of each task: times a second, lines at a time
STEP = 101
ME = "/api/v2/me"

# Each line begins with the time at which it is printed; `read` waits for nothing, and forks nothing.
SCRIPT = f"""exec 9<> <(:)
pad=$(printf '%080d' 0)
until (( EPOCHSECONDS >= BEGIN )); do read -r -t 0.2 -u 9 || :; done
while (( EPOCHSECONDS < BEGIN + {SECONDS} )); do
  for i in {{1..{BURST}}}; do echo "$EPOCHREALTIME $pad"; done
  read -r -t {1 / WAKES} -u 9 || :
done
"""


def p99(values):
    return sorted(values)[int(len(values) * 0.99)]


async def ask(host, port, target, token):
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nCircle-Token: {token}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"{target}: {head[:200]}")
    return reader, writer


async def lines_of(reader):
    """The lines of a chunked answer, with the time at which each came."""
    rest = b""
    while size := int(await reader.readline(), 16):
        piece = await reader.readexactly(size + 2)
        now = time.time()
        *whole, rest = (rest + piece[:-2]).split(b"\n")
        for line in whole:
            yield now, line


async def view(where, target, delays):
    """Follows one task's output to its end: how many lines there were."""
    reader, writer = await ask(*where[:2], target, where[2])
    count = 0
    async for now, line in lines_of(reader):
        delays.append(now - float(line.split(b" ", 1)[0]))
        count += 1
    writer.close()
    return count


async def stall(where, target):
    """A viewer who never reads: the connection stays open, its buffers full."""
    reader, writer = await ask(*where[:2], target, where[2])
    writer.transport.pause_reading()
    return reader, writer


async def ask_again_and_again(where, seconds):
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        _, writer = await ask(*where[:2], ME, where[2])
        times.append(time.perf_counter() - began)
        writer.close()
        await asyncio.sleep(0.02)
    return times


async def watch(where, outputs, begin):
    delays = []
    stalled = await stall(where, outputs[0])
    viewers = [asyncio.create_task(view(where, outputs[n % TASKS], delays)) for n in range(VIEWERS)]
    if time.time() > begin:
        sys.exit("inconclusive: the tasks printed before everybody watched")
    await asyncio.sleep(max(0.0, begin + 1 - time.time()))
    api = await ask_again_and_again(where, SECONDS - 2)
    counts = await asyncio.gather(*viewers)
    stalled[1].close()
    return delays, api, counts


def outputs_of(gyre):
    """Where each task's output is followed, once all of them run."""
    def running():
        jobs = gyre.newest_jobs()
        number = jobs[0].get("job_number") if jobs else None
        tasks = gyre.get(f"/api/v2/gyre/project/{programs.SLUG}/job/{number}/tasks")["tasks"] if number else []
        begun = [task for task in tasks if task["attempts"] and task["attempts"][-1]["steps"]]
        return begun if len(begun) == TASKS else None
    tasks = programs.until("all tasks run", running, PATIENCE)
    return [f"/api/v2/gyre/output/{task['attempts'][-1]['id']}/{STEP}?follow=true" for task in tasks]


def main():
    conditions = measure.Conditions()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(programs.scratch())
        flags = ["--cpus", str(TASKS), "--reserve-cpus", "0", "--memory-mb", str(TASKS * 4096)]
        gyre = stack.enter_context(programs.Gyre(sys.argv[1], directory, flags))
        url = urllib.parse.urlparse(gyre.url)
        where = (url.hostname, url.port, gyre.token)
        idle = asyncio.run(ask_again_and_again(where, 10))
        begin = int(time.time()) + PATIENCE
        job = programs.job_config([programs.run_step("Flood", f"BEGIN={begin}\n{SCRIPT}")])
        gyre.branch("flood", job.replace("    steps:", f"    parallelism: {TASKS}\n    steps:"))
        gyre.add_project()
        gyre.process.forget_peak()
        before = gyre.process.resident()
        gyre.command("trigger", programs.SLUG, "--branch", "flood")
        delays, api, counts = asyncio.run(watch(where, outputs_of(gyre), begin))
        growth = gyre.process.peak_resident() - before
        print(conditions.describe(str(directory)))
    if min(counts) < SECONDS * WAKES * BURST / 4:
        print(f"inconclusive: a task printed {min(counts)} lines, the machine is too busy")
    print(f"{len(delays)} lines to {VIEWERS} viewers in {SECONDS} s; server grew by {growth / 1e6:.1f} MB")
    print(f"a line, from print to viewer: median {statistics.median(delays) * 1000:.0f} ms")
    for name, times in (("idle", idle), ("beside the flood", api)):
        print(f"GET {ME}, {name}: median {statistics.median(times) * 1000:.2f} ms, p99 {p99(times) * 1000:.2f} ms")
    measure.report_value("F13 p99 of a line's way to a viewer", p99(delays) * 1000, " ms", 500, 100)
    measure.report_value("F13 p99 of the API beside the flood / idle", p99(api) / p99(idle), "", 2, 1.2)


if __name__ == "__main__":
    main()
