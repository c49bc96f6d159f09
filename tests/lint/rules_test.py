#!/usr/bin/env python3
"""The rules themselves under test: a check that never fails checks nothing."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests/lint")]
import house  # noqa: E402
import modules  # noqa: E402


class ModuleRules(unittest.TestCase):
    def setUp(self):
        self.rules = modules.Rules()

    def test_allow_what_the_list_says(self):
        self.assertTrue(self.rules.permits("conductor", "workflow"))
        self.assertTrue(self.rules.permits("adapters/sqlite", "ports"))
        self.assertTrue(self.rules.permits("apps", "adapters/sqlite"))

    def test_forbid_siblings_and_upward_edges(self):
        for source, target in [("conductor", "dispatch"), ("base", "model"), ("adapters/fs", "adapters/sqlite"),
                               ("agent", "ports"), ("workflow", "ports"), ("intake", "adapters/memory")]:
            self.assertFalse(self.rules.permits(source, target), f"{source} -> {target}")

    def test_let_only_tests_see_the_fakes(self):
        self.assertTrue(self.rules.permits("conductor", "adapters/memory", test=True))
        self.assertFalse(self.rules.permits("conductor", "adapters/sqlite", test=True))

    def test_forbid_modules_that_are_not_named(self):
        self.assertFalse(self.rules.permits("utils", "base"))

    def test_find_the_module_of_a_path(self):
        self.assertEqual(modules.module_of("adapters/sqlite/event_log.h", self.rules), "adapters/sqlite")
        self.assertEqual(modules.module_of("agent/executors/docker.h", self.rules), "agent")
        self.assertIsNone(modules.module_of("modules.txt", self.rules))

    def test_find_cycles(self):
        self.assertEqual(modules.find_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}), ["a", "b", "c", "a"])
        self.assertIsNone(modules.find_cycle({"a": {"b", "c"}, "b": {"c"}}))


class HouseRules(unittest.TestCase):
    def test_find_impurities(self):
        for line in ["auto t = std::chrono::system_clock::now();", "std::thread worker;", "srand(time(nullptr));",
                     "std::ifstream in(path);", 'getenv("HOME");']:
            self.assertTrue(list(house.impurities(line)), line)

    def test_ignore_words_in_comments_and_strings(self):
        for line in ["// unlike system_clock::now()", '"std::thread"', "using Time = std::chrono::system_clock;",
                     "runtime(nullptr);"]:
            self.assertFalse(list(house.impurities(line)), line)

    def test_find_a_test_that_nobody_builds(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            (root / "src/model").mkdir(parents=True)
            (root / "tests").mkdir()
            built, forgotten = root / "src/model/a_test.cpp", root / "src/model/b_test.cpp"
            built.touch()
            forgotten.touch()
            problems = house.unbuilt_tests([str(built)], root)
            self.assertEqual([problem.split(":")[0] for problem in problems], ["src/model/b_test.cpp"])

    def test_find_a_file_that_is_too_long(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            (root / "src").mkdir()
            (root / "src/long.cpp").write_text("\n" * 601)
            (root / "src/short.cpp").write_text("\n" * 600)
            self.assertEqual(len(house.long_files(root)), 1)


if __name__ == "__main__":
    unittest.main()
