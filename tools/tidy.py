#!/usr/bin/env python3
"""Runs clang-tidy over what a build folder compiles, in parallel, and remembers what was clean.

usage: tidy.py <build folder> [-j N] [path prefix...]

A file is looked at again only when it, a header of ours that it includes, its compile command, .clang-tidy or
clang-tidy itself changed; clean results are kept in <build folder>/tidy-cache.
"""
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src/", "tests/", "bench/")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# gcc's own words, and the precompiled header, which clang cannot read.
GCC_ONLY = {"-fpch-preprocess", "-Winvalid-pch", "-Wduplicated-cond", "-Wlogical-op", "-Werror"}
EXTRA = ["-Wno-everything", "-D__cpp_impl_coroutine=201902L"]


def clang_arguments(command):
    """The compile command as clang understands it: no launcher, no precompiled header, no output."""
    words = iter(shlex.split(command))
    for word in words:
        if word.endswith(("c++", "g++", "g++-12")):
            break
    kept = ["clang++"]
    for word in words:
        if word == "-include" or word in ("-o", "-MT", "-MF"):
            next(words)
        elif word not in GCC_ONLY and word not in ("-MD", "-c") and not word.startswith(("-Wno-", "-fsanitize")):
            kept.append(word)
    return kept[:1] + EXTRA + kept[1:]


@functools.lru_cache(maxsize=None)
def own_includes(file):
    text = file.read_text(errors="replace")
    candidates = [base / name for name in INCLUDE.findall(text) for base in (ROOT / "src", ROOT, file.parent)]
    return hashlib.sha256(text.encode()).hexdigest(), [path.resolve() for path in candidates if path.is_file()]


def content_key(file):
    """Hash over the file and all headers of ours that it reaches."""
    seen, todo = {}, [file]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen[path], below = own_includes(path)
            todo += below
    return "".join(f"{path}:{seen[path]}\n" for path in sorted(seen))


def commands(build, prefixes):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"]).resolve()
        if not file.is_relative_to(ROOT) or file.suffix != ".cpp":
            continue
        name = file.relative_to(ROOT).as_posix()
        if name.startswith(FOLDERS) and (not prefixes or name.startswith(tuple(prefixes))):
            yield name, file, entry["directory"], clang_arguments(entry["command"])


def split_findings(said):
    """One string per finding. What clang cannot compile is no finding: gcc can (std::views, some of <chrono>)."""
    findings = re.split(r"^(?=(?:\S+:\d+:\d+: )?(?:error|warning):)", said, flags=re.MULTILINE)
    return [finding.rstrip() for finding in findings
            if re.match(r"(\S+:\d+:\d+: )?(error|warning):", finding) and "[clang-diagnostic-error" not in finding]


def lint(file, database):
    """The findings in one file."""
    done = subprocess.run(["clang-tidy", "--quiet", "-p", str(database), str(file)], capture_output=True, text=True)
    findings = split_findings(done.stdout)
    if done.returncode != 0 and not done.stdout.strip():
        findings.append(f"{file}: clang-tidy failed: {done.stderr.strip()}")
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("prefixes", nargs="*")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    cache, database = build / "tidy-cache", build / "tidy"
    cache.mkdir(exist_ok=True)
    database.mkdir(exist_ok=True)

    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_text()
    todo, entries = [], []
    for name, file, folder, words in commands(build, arguments.prefixes):
        entries.append({"file": str(file), "directory": folder, "arguments": words})
        key = hashlib.sha256((common + "\0".join(words) + content_key(file)).encode()).hexdigest()
        if not (cache / key).exists():
            todo.append((name, file, cache / key))
    (database / "compile_commands.json").write_text(json.dumps(entries, indent=1))

    failed, told = 0, set()  # a finding in a header is told once
    with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
        for (name, _, mark), findings in zip(todo, pool.map(lambda job: lint(job[1], database), todo)):
            if not findings:
                mark.write_text(name + "\n")
            failed += bool(findings)
            for finding in findings:
                if finding not in told:
                    print(finding, flush=True)
                told.add(finding)
    print(f"clang-tidy: {len(entries)} files, {len(todo)} looked at, {failed} with findings")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
