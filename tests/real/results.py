"""What a project's tests came to, each a (name, outcome) with its count: of the bare commands, and of Gyre."""
import collections
import contextlib
import re
import sqlite3
import xml.etree.ElementTree

STEP_LINE = re.compile(r"^ *[^ |][^|]* \| (.*)$")

OUTCOMES = {"ok": "success", ".": "success", "not ok": "failure", "FAILED": "failure", "F": "failure", "E": "error",
            "S": "skipped"}  # of lines


def outcome_of(case):
    """As Gyre calls it: success, failure, error or skipped."""
    kinds = {child.tag for child in case}
    return next((kind for kind in ("error", "failure", "skipped") if kind in kinds), "success")


def in_reports(directory):
    """Of the JUnit reports in a directory."""
    found = collections.Counter()
    for file in sorted(directory.rglob("*.xml")):
        for case in xml.etree.ElementTree.parse(file).iter("testcase"):
            found[f"{case.get('classname', '')}: {case.get('name', '')}", outcome_of(case)] += 1
    return found


def in_output(text, pattern):
    """Of lines that match; the pattern names the groups `name` and `outcome`."""
    return collections.Counter((match["name"], OUTCOMES.get(match["outcome"], match["outcome"]))
                               for match in re.finditer(pattern, text, re.MULTILINE))


def without_job(text):
    """What `gyre run` printed, without the job that stands before each line."""
    lines = (STEP_LINE.match(line) for line in text.splitlines())
    return "\n".join(line[1] for line in lines if line)


def rows(database, statement, *values):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(statement, values).fetchall()


# Jobs are numbered as they are made: those of one run come after the newest one before it.
def newest_job(database):
    return rows(database, "SELECT coalesce(max(position), 0) FROM jobs")[0][0]


def of_jobs_after(database, position, columns, table):
    return rows(database, f"SELECT {columns} FROM {table} JOIN jobs ON jobs.id = {table}.job_id "
                          "WHERE jobs.position > ?", position)


def stored(database, after):
    """Of the test results that Gyre stored for the jobs after a position."""
    found = collections.Counter()
    for classname, name, outcome in of_jobs_after(database, after, "classname, tests.name, result", "tests"):
        found[f"{classname}: {name}", outcome] += 1
    return found


def artifacts(database, after):
    return {path for (path,) in of_jobs_after(database, after, "path", "artifacts")}


def without(found, pattern):
    """With `*` for each part of a name that is another one in each run."""
    same = collections.Counter()
    for (name, outcome), count in found.items():
        same[re.sub(pattern, "*", name), outcome] += count
    return same


def differences(bare, gyre):
    """Sentences; none when both came to the same."""
    for (name, outcome), count in sorted((bare - gyre).items()):
        yield f"{name} ({outcome}): {count} more by the bare commands"
    for (name, outcome), count in sorted((gyre - bare).items()):
        yield f"{name} ({outcome}): {count} more by Gyre"


def counts(found):
    """As '119 success, 2 skipped'."""
    totals = collections.Counter()
    for (_, outcome), count in found.items():
        totals[outcome] += count
    return ", ".join(f"{count} {outcome}" for outcome, count in totals.most_common())
