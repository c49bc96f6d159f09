"""Runs test files and writes a JUnit report. usage: run_tests.py REPORT.xml TEST_FILE..."""
import pathlib
import sys
import time
import unittest
import xml.etree.ElementTree as xml


class Report(unittest.TextTestResult):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.suite = xml.Element("testsuite", name="shop")

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        self.trouble = None

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.trouble = ("failure", str(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        self.trouble = ("error", repr(err[1]))

    def stopTest(self, test):
        super().stopTest(test)
        classname, _, name = test.id().rpartition(".")
        case = xml.SubElement(self.suite, "testcase", name=name, classname=classname,
                              file=classname.rpartition(".")[0].replace(".", "/") + ".py",
                              time=f"{time.monotonic() - self.began:.6f}")
        if self.trouble:
            xml.SubElement(case, self.trouble[0], message=self.trouble[1])


def main():
    report, files = pathlib.Path(sys.argv[1]), sys.argv[2:]
    sys.path.insert(0, ".")
    names = [str(pathlib.Path(file).with_suffix("")).replace("/", ".") for file in files]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2, resultclass=Report).run(suite)
    report.parent.mkdir(parents=True, exist_ok=True)
    xml.ElementTree(result.suite).write(report, encoding="utf-8", xml_declaration=True)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
