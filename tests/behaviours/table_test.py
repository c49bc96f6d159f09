#!/usr/bin/env python3
"""The comparison of the table finds what it should."""
import sys
import unittest

import table

HEADER = """
BOOST_DESCRIBE_STRUCT(Expected, (),
                      (ends, prints))
BOOST_DESCRIBE_STRUCT(Theme, (), (server, jobs))
"""


def page(*tests):
    return "\n".join(f"| {number} | does `it` | somewhere | same | {test} |" for number, test in enumerate(tests, 1))


def found(text, themes):
    return list(table.problems(text, themes, {"Suite.test"}, HEADER))


class Table(unittest.TestCase):
    def setUp(self):
        table.FEWEST_ROWS = 1
        self.themes = {"run": {"jobs": {"one": {"ends": "success"}}}}

    def test_is_fine_when_both_sides_agree(self):
        self.assertEqual(found(page("`run/one`, `Suite.test`"), self.themes), [])

    def test_names_no_test_that_does_not_exist(self):
        self.assertEqual(found(page("`run/one`, `run/two`, `Suite.other`"), self.themes),
                         ["there is no test Suite.other", "there is no test run/two"])

    def test_has_a_row_for_each_job(self):
        self.assertEqual(found(page("`Suite.test`"), self.themes), ["no row names run/one"])

    def test_has_a_test_in_each_row_unless_it_says_that_it_is_not_yet_so(self):
        self.assertEqual(len(found(page("`run/one`", "—"), self.themes)), 1)
        self.assertEqual(found(page("`run/one`") + "\n| 2 | **Not yet** so | x | same | — |", self.themes), [])

    def test_is_numbered_and_long(self):
        self.assertEqual(len(found(page("`run/one`").replace("| 1 |", "| 2 |"), self.themes)), 2)
        table.FEWEST_ROWS = 2
        self.assertEqual(found(page("`run/one`"), self.themes), ["1 rows; 2 are promised"])

    def test_knows_all_keys_of_a_theme(self):
        self.themes["run"]["jobs"]["one"]["print"] = []
        self.themes["run"]["sever"] = []
        self.assertEqual(found(page("`run/one`"), self.themes),
                         ["run.json: 'sever' means nothing", "run.json: one: 'print' means nothing"])


if __name__ == "__main__":
    sys.exit(unittest.main())
