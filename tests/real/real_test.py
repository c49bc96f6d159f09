#!/usr/bin/env python3
"""Each project is complete and its config valid; results are read and compared as said.   usage: real_test.py GYRE"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import results
import run

GYRE = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else run.ROOT / "build/dev/bin/gyre"
REPORT = """<testsuites><testsuite name="s">
<testcase classname="a" name="one"/>
<testcase classname="a" name="two"><failure message="no"/></testcase>
<testcase name="three"><skipped/></testcase>
<testcase classname="a" name="one"><error/><system-out>x</system-out></testcase>
</testsuite></testsuites>"""


class Projects(unittest.TestCase):
    def test_are_several(self):
        self.assertGreaterEqual(len(run.known_projects()), 5)

    def test_have_valid_configs(self):
        for name in run.known_projects():
            config = run.load(name).directory / "config.yml"
            done = subprocess.run([GYRE, "config", "validate", "--strict", config], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(0, done.returncode, f"{name}: {done.stdout}{done.stderr}")

    def test_pin_their_source_and_say_the_bare_commands(self):
        for name in run.known_projects():
            project = run.load(name)
            self.assertIn(project.source.registry, ("debian", "npm", "pypi"), name)
            self.assertRegex(project.source.sha256, "^[0-9a-f]{64}$", name)
            self.assertTrue((project.directory / "bare.sh").read_text().strip(), name)


class Results(unittest.TestCase):
    def test_of_reports_have_names_and_outcomes(self):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "r.xml").write_text(REPORT)
            found = results.in_reports(pathlib.Path(directory))
        self.assertEqual({("a: one", "success"): 1, ("a: two", "failure"): 1, (": three", "skipped"): 1,
                          ("a: one", "error"): 1}, found)

    def test_of_lines_are_those_that_match(self):
        printed = "    test[0] | ok 1 adds\n    test[0] | not ok 2 takes | away\nall green in 2 s\n"
        found = results.in_output(results.without_job(printed), r"^(?P<outcome>(?:not )?ok) \d+ (?P<name>.*)$")
        self.assertEqual({("adds", "success"): 1, ("takes | away", "failure"): 1}, found)

    def test_that_differ_are_named(self):
        bare = run.Seen(1, 1.0, {}, output="")
        project = run.load(run.known_projects()[0])
        self.assertIn("no test", next(run.problems(project, bare, bare)))
        tests = results.in_output("ok 1 a\nok 2 a\n", r"^(?P<outcome>ok) \d+ (?P<name>.*)$")
        fewer = results.in_output("ok 1 a\n", r"^(?P<outcome>ok) \d+ (?P<name>.*)$")
        self.assertEqual(["a (success): 1 more by the bare commands"], list(results.differences(tests, fewer)))
        found = list(run.problems(project, run.Seen(3, 1.0, tests), run.Seen(1, 1.0, tests, {4})))
        self.assertEqual(["the bare commands end with 3, the failed steps with [4]"], found)


if __name__ == "__main__":
    unittest.main()
