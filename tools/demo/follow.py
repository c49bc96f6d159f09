#!/usr/bin/env python3
"""Follows a pipeline to its end: prints what becomes of its jobs (on standard error) and the workflow's last status.

usage: follow.py PIPELINE      with the address and token that `gyre login` stored (GYRE_CLI_CONFIG)
"""
import json
import os
import sys
import time
import tomllib
import urllib.request

OVER = {"success", "failed", "canceled", "error", "errored", "not_run", "unauthorized"}
COLOURS = {"success": "32", "failed": "31", "running": "34"}
PATIENCE = 300  # seconds


def get(target):
    with open(os.environ["GYRE_CLI_CONFIG"], "rb") as file:
        stored = tomllib.load(file)
    request = urllib.request.Request(stored["server"] + target, headers={"Circle-Token": stored["token"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def tell(began, name, status):
    coloured = f"\033[{COLOURS.get(status, '0')}m{status}\033[0m" if sys.stderr.isatty() else status
    print(f"  {time.monotonic() - began:6.2f} s  {name:12}{coloured}", file=sys.stderr, flush=True)


def main():
    began, seen = time.monotonic(), {}
    while time.monotonic() - began < PATIENCE:
        pipeline = get(f"/api/v2/pipeline/{sys.argv[1]}")
        for error in pipeline.get("errors", []):
            sys.exit(error["message"])
        for workflow in get(f"/api/v2/pipeline/{sys.argv[1]}/workflow")["items"]:
            jobs = get(f"/api/v2/workflow/{workflow['id']}/job")["items"]
            for job in jobs:
                if seen.get(job["id"]) != job["status"] and job["status"] not in ("blocked", "queued"):
                    tell(began, job["name"], job["status"])
                seen[job["id"]] = job["status"]
            if workflow["status"] in OVER:
                tell(began, workflow["name"], workflow["status"])
                print(workflow["status"])
                return
        time.sleep(0.05)
    sys.exit(f"the pipeline is not over after {PATIENCE} s")


if __name__ == "__main__":
    main()
