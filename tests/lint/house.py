#!/usr/bin/env python3
"""House rules that need no compiler.

usage: house.py tests <list of built test files>    every *_test.cpp is in some build list
       house.py pure                                pure modules read no clock, start no thread, open no file
       house.py sizes                               no file is longer than 600 lines
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import modules  # noqa: E402

LONGEST = 600
SIZED = {".h", ".cpp", ".py", ".sh", ".ts", ".tsx", ".css", ".js", ".mjs"}
FORBIDDEN_IN_PURE = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock|file_clock)\s*::\s*now\b"),
     "reads a clock; take the time as an argument"),
    (re.compile(r"\b(time\s*\(\s*(nullptr|NULL|0)\s*\)|gettimeofday|clock_gettime|\b(System)?Clock\b\s*[&({]?)"),
     "reads a clock; take the time as an argument"),
    (re.compile(r"\bstd\s*::\s*(thread|jthread|async|this_thread)\b"), "starts or waits on a thread; a loop module may"),
    (re.compile(r"\b(std\s*::\s*(mutex|condition_variable|recursive_mutex|shared_mutex))\b"),
     "locks; a pure module has nothing to share"),
    (re.compile(r"\bstd\s*::\s*(ifstream|ofstream|fstream)\b|\b(fopen|popen)\s*\("), "opens a file; take its text instead"),
    (re.compile(r"\bgetenv\s*\("), "reads the environment; take the value as an argument"),
    (re.compile(r"\b(std\s*::\s*random_device|getrandom)\b|\brand\s*\(\s*\)"), "draws randomness; take it as an argument"),
]


def unbuilt_tests(built, root=ROOT):
    found = [file.resolve() for folder in ("src", "tests") for file in (root / folder).rglob("*_test.cpp")]
    listed = {pathlib.Path(line).resolve() for line in built}
    return [f"{file.relative_to(root)}: in no build list; name it in TESTS of its CMakeLists.txt"
            for file in sorted(found) if file not in listed]


def without_comments(text):
    """Comments and string literals blanked, line numbers kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def impurities(text):
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        for pattern, reason in FORBIDDEN_IN_PURE:
            if pattern.search(line):
                yield number, reason


def impure_files():
    problems = []
    for module in sorted(modules.Rules().pure):
        for file in sorted((ROOT / "src" / module).rglob("*")):
            if file.suffix in (".h", ".cpp") and not modules.is_test(file) and not file.name.startswith("test_"):
                problems += [f"{file.relative_to(ROOT)}:{number}: {reason}"
                             for number, reason in impurities(file.read_text(errors="replace"))]
    return problems


def long_files(root=ROOT):
    problems = []
    for folder in ("src", "web/src", "tests", "tools", "bench"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SIZED or not file.is_file() or "node_modules" in file.parts or ".gen." in file.name:
                continue
            lines = file.read_text(errors="replace").count("\n")
            if lines > LONGEST:
                problems.append(f"{file.relative_to(root)}: {lines} lines, more than {LONGEST}; split it by concept")
    return problems


def main():
    match sys.argv[1:]:
        case ["tests", path]:
            problems = unbuilt_tests(pathlib.Path(path).read_text().split("\n")[:-1])
        case ["pure"]:
            problems = impure_files()
        case ["sizes"]:
            problems = long_files()
        case _:
            sys.exit(__doc__)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
