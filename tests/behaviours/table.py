#!/usr/bin/env python3
"""Compares docs/agent-behaviours.md with the tests that it names: each exists, and no theme has a job without a row."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/agent-behaviours.md"
THEMES = ROOT / "tests/behaviours/themes"
EXPECTED = ROOT / "tests/behaviours/theme.h"
FEWEST_ROWS = 80
TEST = re.compile(r"^\s*TEST(?:_[FP])?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
DESCRIBED = re.compile(r"BOOST_DESCRIBE_STRUCT\((\w+), \(\),\s*\(([^)]*)\)\)")


def rows_of(page):
    """The cells of each numbered row."""
    lines = [line.strip().strip("|").split(" | ") for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line] for line in lines]


def known_tests(root=ROOT):
    files = [file for folder in ("src", "tests") for file in (root / folder).rglob("*_test.cpp")]
    return {f"{suite}.{name}" for file in files for suite, name in TEST.findall(file.read_text())}


def shown_jobs(themes):
    return {f"{theme}/{job}" for theme, text in themes.items() for job in text["jobs"]}


def misspelled(themes, header):
    """Keys of themes that the tests do not read."""
    keys = {name: set(re.findall(r"\w+", members)) for name, members in DESCRIBED.findall(header)}
    for theme, text in themes.items():
        yield from (f"{theme}.json: '{key}' means nothing" for key in text.keys() - keys["Theme"])
        for job, expected in text["jobs"].items():
            yield from (f"{theme}.json: {job}: '{key}' means nothing" for key in expected.keys() - keys["Expected"])


def problems(page, themes, tests, header):
    rows = rows_of(page)
    if len(rows) < FEWEST_ROWS:
        yield f"{len(rows)} rows; {FEWEST_ROWS} are promised"
    named = set()
    for number, cells in enumerate(rows, 1):
        if cells[0] != str(number) or len(cells) != 5:
            yield f"row {number} is '{' | '.join(cells)[:60]}': number the rows from 1, with five cells each"
            continue
        here = set(re.findall(r"`([^`]+)`", cells[4]))
        if not here and "**not yet**" not in cells[1].lower():
            yield f"row {number} names no test, and does not say that it is not yet so"
        named |= here
    jobs = shown_jobs(themes)
    yield from (f"there is no test {name}" for name in sorted(named - jobs - tests))
    yield from (f"no row names {name}" for name in sorted(jobs - named))
    yield from misspelled(themes, header)


def main():
    themes = {file.stem: json.loads(file.read_text()) for file in THEMES.glob("*.json")}
    configs = {file.stem for file in THEMES.glob("*.yml")}
    found = [f"{name}: a theme is a .yml and a .json" for name in sorted(configs ^ themes.keys())]
    found += problems(PAGE.read_text(), themes, known_tests(), EXPECTED.read_text())
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
