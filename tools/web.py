#!/usr/bin/env python3
"""Builds the web UI into a folder, when anything that it is made of has changed.

usage: web.py [--off] <web source folder> <output folder>

The result is <output>/dist. `npm ci` runs when the lock file differs from the one last installed; `npm run build`
when a source differs from the last build. Without a package.json, or with --off, dist is empty.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

IGNORED = {"node_modules", "dist", "coverage", "playwright-report", "test-results"}


def digest(files):
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(str(file).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def sources(web):
    for folder, names, files in os.walk(web):
        names[:] = [name for name in names if name not in IGNORED]
        yield from (pathlib.Path(folder) / file for file in files)


def npm(web, *arguments):
    environment = dict(os.environ, CI="1", npm_config_fund="false", npm_config_audit="false",
                       npm_config_update_notifier="false", npm_config_loglevel="error")
    try:
        subprocess.run(["npm", *arguments], cwd=web, check=True, env=environment)
    except FileNotFoundError:
        sys.exit("web.py: npm is missing; run `make deps`, or configure with -DGYRE_WEB=OFF")
    except subprocess.CalledProcessError as error:
        sys.exit(f"web.py: `npm {' '.join(arguments)}` in {web} ended with exit code {error.returncode}")


def run_if_changed(stamp, key, work):
    if stamp.exists() and stamp.read_text() == key:
        return
    stamp.unlink(missing_ok=True)
    work()
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(key)


def install(web):
    lock = web / "package-lock.json"
    if not lock.exists():
        sys.exit(f"web.py: {lock} is missing; run `npm install` in {web} and commit the lock file")
    modules = web / "node_modules"
    stamp = modules / ".installed"
    run_if_changed(stamp, digest([lock]), lambda: npm(web, "ci", "--prefer-offline"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--off", action="store_true")
    parser.add_argument("web", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    web, out = arguments.web.resolve(), arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    dist, stamp = out / "dist", out / "built"
    if arguments.off or not (web / "package.json").exists():
        shutil.rmtree(dist, ignore_errors=True)
        stamp.unlink(missing_ok=True)
        dist.mkdir()
        return

    def build():
        install(web)
        npm(web, "run", "build", "--", "--outDir", str(dist), "--emptyOutDir")

    run_if_changed(stamp, digest(sources(web)), build)


if __name__ == "__main__":
    main()
