#!/usr/bin/env python3
"""Hostile configs: each must be answered within 100 ms of CPU and 64 MB. usage: config_hostile.py BIN_DIR [WORD]
With a word, only cases that have it in their names."""
import functools
import os
import subprocess
import sys
import tempfile

import measure

GATE_SECONDS, GATE_MEGABYTES = 0.100, 64
JOB = "jobs: {build: {machine: true, steps: [checkout]}}\n"


def many(count, item):
    return "".join(item.replace("#", str(number)).replace("@", str(number + 1)) for number in range(count))


def steps(items):
    return "version: 2.1\njobs: {build: {machine: true, steps: [" + items + "]}}\n"


def calling(body, call):
    return "version: 2.1\ncommands:\n" + body + "jobs: {build: {machine: true, steps: [" + call + "]}}\n"


def laughs(leaf, use):
    return "version: 2\nl0: &l0 " + leaf + "\n" + many(9, "l@: &l@ [" + ", ".join(["*l#"] * 10) + "]\n") + use


def workflow(items):
    return ("version: 2.1\njobs: {a: {machine: true, parameters: {p: {type: string, default: x}}, steps: [checkout]}}\n"
            "workflows: {w: {jobs: [" + items + "]}}\n")


MASK = (1 << 64) - 1
MURMUR = 0xC6A4A7935BD1E995


def unmixed(block):
    """The eight bytes that MurmurHash64A, which standard libraries have as std::hash, makes this block of."""
    inverse = pow(MURMUR, -1, 1 << 64)
    block = block * inverse & MASK
    return ((block ^ block >> 47) * inverse & MASK).to_bytes(8, "little")


def mixed(text):
    block = int.from_bytes(text, "little") * MURMUR & MASK
    return (block ^ block >> 47) * MURMUR & MASK


@functools.cache
def texts_that_meet():
    """1,024 texts of letters of which that hash, with the seed that everybody knows, makes one number."""
    texts = [""]
    state = 0xC70F6907 ^ (5 * 16 * MURMUR & MASK)
    for stage in range(5):
        found, number, target = [], 0, (state * 31 + stage) & MASK
        wanted = target * pow(MURMUR, -1, 1 << 64) & MASK
        while len(found) < 4:
            number += 1
            first = f"{number:08d}".encode()
            second = unmixed(((state ^ mixed(first)) * MURMUR & MASK) ^ wanted)
            if all(0x20 < byte < 0x7F and byte not in b"'<\"\\" for byte in second):
                found.append((first + second).decode())
        texts = [text + end for text in texts for end in found]
        state = target
    return texts


LONG = "parameters.b == 1 or " * 190 + "1"
TEN = ", ".join(["c@"] * 10)
FULL = 2 << 20  # bytes that a config may have; it may have 100,000 values
CASES = {
    "2 MB of line ends": lambda: "\n" * FULL,
    "10,000 lists deep": lambda: "[" * 10_000,
    "1,000,000 items": lambda: "a: [" + "1," * 1_000_000 + "]",
    "500,000 lines of items": lambda: "- a\n" * 500_000,
    "290,000 anchors": lambda: "- &a b\n" * 290_000,
    "49,000 duplicates": lambda: "a: 1\n" * 49_000,
    "49,000 keys of a job": lambda: "version: 2.1\njobs: {build: {" + many(49_000, "k#: 1, ") + "}}\n",
    "49,000 keys at the top": lambda: "version: 2.1\n" + JOB + many(49_000, "k#: 1\n"),
    "100,000 unknown aliases": lambda: "- *a\n" * 100_000,
    "a scalar of 2 MB": lambda: "a" * (FULL - 10),
    "an open quote of 2 MB": lambda: 'a: "' + "a" * (FULL - 10),
    "2 MB of '&'": lambda: "&" * FULL,
    "2 MB of '!'": lambda: "!" * FULL,
    "2 MB of '\"'": lambda: '"' * FULL,
    "laughs as steps": lambda: laughs("checkout", "jobs: {build: {machine: true, steps: *l9}}\n"),
    "laughs merged": lambda: laughs("{a: b}", "jobs: {<<: *l9}\n"),
    "a million steps by aliases": lambda: (
        "version: 2\nx: &s\n  run: x\njobs:\n  build: &b\n    machine: true\n    steps:\n" + "      - *s\n" * 1000
        + many(1000, "  j#: *b\n")),
    "a million merged keys": lambda: (
        "version: 2\nx: &x\n" + many(1000, "  k#: 1\n") + "y:\n" + "  - {<<: *x}\n" * 1000),
    "a chain of 2,000 jobs": lambda: workflow(
        "a: {name: n0}" + many(2000, ", a: {name: n@, requires: [n#]}")),
    "2,000 jobs that require all before": lambda: workflow(
        many(2000, "a, ") + many(2000, "a: {requires: [a]}, ")),
    "10,000 unknown requirements": lambda: workflow(
        "a: {requires: [" + many(10_000, "name-#, ") + "]}" + many(2000, ", a: {name: nme-#}")),
    "a chain of 10,000 commands": lambda: calling(many(10_000, "  c#: {steps: [c@]}\n") + "  c10000: {steps: []}\n", "c0"),
    "10^12 steps by commands": lambda: calling(many(12, "  c#: {steps: [" + TEN + "]}\n") + "  c12: {steps: [checkout]}\n",
                                               "c0"),
    "10^12 steps that nobody calls": lambda: calling(
        many(12, "  c#: {steps: [" + TEN + "]}\n") + "  c12: {steps: [checkout]}\n", "checkout"),
    "2^40 steps by arguments": lambda: calling(
        many(40, "  c#: {parameters: {s: {type: steps}}, steps: [c@: {s: [steps: << parameters.s >>, steps: << "
                 "parameters.s >>]}]}\n")
        + "  c40: {parameters: {s: {type: steps}}, steps: [steps: << parameters.s >>]}\n", "c0: {s: [checkout]}"),
    "a matrix of 99,000": lambda: workflow("a: {matrix: {parameters: {p: [" + many(99_000, "#,") + "]}}}"),
    "1,024 copies of 20 matrices": lambda: workflow(
        many(20, "a: {name: m#-<< matrix.p >>, matrix: {parameters: {p: [" + ",".join(map(str, range(1024))) + "]}}}, ")),
    "32,000 exclusions": lambda: workflow(
        "a: {matrix: {parameters: {p: [1, 2, 3]}, exclude: [" + many(32_000, "{p: #}, ") + "]}}"),
    "49,000 unknown arguments": lambda: calling("  c: {steps: [checkout]}\n", "c: {" + many(49_000, "p#: a, ") + "}"),
    "33,000 unknown references": lambda: steps(many(33_000, "run: << parameters.x# >>, ")),
    "33,000 unknown pipeline values": lambda: steps(many(33_000, "run: << pipeline.x# >>, ")),
    "116,000 references in one scalar": lambda: steps("run: \"" + "<< pipeline.id >> " * 116_000 + "\""),
    "115,000 wrong references in one scalar": lambda: steps("run: \"" + "<< pipeline.ix >> " * 115_000 + "\""),
    "2 MB of '<<'": lambda: steps("run: \"" + "<<" * 1_040_000 + "\""),
    "2 MB of '<<' and an end": lambda: steps("run: \"" + "<<" * 1_040_000 + ">>\""),
    "2 MB of '<< '": lambda: steps("run: \"" + "<< " * 690_000 + "\""),
    "2 MB of '<<x>>'": lambda: steps("run: \"" + "<<x>>" * 415_000 + "\""),
    "19,000 unused commands": lambda: calling(many(19_000, "  c#: {steps: [checkout]}\n"), "checkout"),
    "19,000 unused wrong commands": lambda: calling(many(19_000, "  c#: {steps: [x#]}\n"), "checkout"),
    "14,000 unused jobs": lambda: (
        "version: 2.1\njobs:\n  build: {machine: true, steps: [checkout]}\n"
        + many(14_000, "  j#: {machine: true, steps: [checkout]}\n")),
    "16,000 unused parameters": lambda: (
        "version: 2.1\nparameters:\n" + many(16_000, "  p#: {type: string, default: x}\n") + JOB),
    "10,000 unused orbs": lambda: (
        "version: 2.1\norbs:\n" + many(10_000, "  o#: {commands: {c: {steps: [checkout]}}}\n") + JOB),
    "49,000 absent orbs": lambda: "version: 2.1\norbs:\n" + many(49_000, "  o#: ns/name-#@1.0.0\n") + JOB,
    "19,000 near-miss names": lambda: calling(
        many(16_000, "  command-#: {steps: [checkout]}\n"), many(19_000, "comand-#, ")),
    "12,000 near-miss jobs": lambda: (
        "version: 2.1\njobs:\n" + many(12_000, "  job-name-#: {machine: true, steps: [checkout]}\n")
        + "workflows: {w: {jobs: [" + many(12_000, "jb-name-#, ") + "]}}\n"),
    "near-miss names of 4,000 characters": lambda: calling(
        many(200, "  " + "x" * 4000 + "#: {steps: [checkout]}\n"), many(200, "x" * 4000 + "y#, ")),
    "16,000 job groups": lambda: (
        "version: 2.1\n" + JOB + "job-groups:\n" + many(16_000, "  g#: {jobs: [build]}\n")
        + "workflows: {w: {jobs: [" + many(16_000, "g#, ") + "]}}\n"),
    "200 job groups that require each other": lambda: (
        "version: 2.1\n" + JOB + "job-groups:\n" + many(200, "  g#: {jobs: [" + "build, " * 200 + "]}\n")
        + "workflows: {w: {jobs: [g0" + many(199, ", g@: {requires: [g#]}") + "]}}\n"),
    "19,000 unused wrong job groups": lambda: (
        "version: 2.1\n" + JOB + "job-groups:\n" + many(19_000, "  g#: {jobs: [x#]}\n")),
    "97,000 uses of a long expression": lambda: calling(
        "  c: {parameters: {b: {type: string, default: a}}, steps: [&w {run: << " + LONG + " >>}" + ", *w" * 97_000
        + "]}\n", "c"),
    "a megabyte looked up 50,000 times": lambda: calling(
        "  c: {parameters: {b: {type: string, default: " + "x" * 1_000_000 + "}}, steps: ["
        + ("run: << " + LONG + " >>, ") * 260 + "]}\n", "c"),
    "a megabyte matched 30,000 times": lambda: calling(
        "  c: {parameters: {b: {type: string, default: " + "x" * 1_000_000 + "}}, steps: ["
        + ("run: << " + "parameters.b matches /(x|y)*z/ or " * 115 + "true >>, ") * 260 + "]}\n", "c"),
    "10^11 conditions by aliases": lambda: (
        "version: 2.1\nl0: &l0 {and: [true]}\n" + many(11, "l@: &l@ {and: [" + ", ".join(["*l#"] * 10) + "]}\n")
        + "jobs: {build: {machine: true, steps: [when: {condition: *l11, steps: [checkout]}]}}\n"),
    "14,000 parameters that are given": lambda: calling(
        "  c: {parameters: {" + many(14_000, "p#: {type: string}, ") + "}, steps: [checkout]}\n",
        "c: {" + many(14_000, "p#: a, ") + "}"),
    "94 calls with 500 arguments": lambda: calling(
        "  c: {parameters: {" + many(500, "p#: {type: string}, ") + "}, steps: [checkout]}\n",
        ("c: {" + many(500, "p#: a, ") + "}, ") * 94),
    "10,000 arguments of an enum of 40,000": lambda: calling(
        "  c: {parameters: {e: {type: enum, enum: [" + many(40_000, "v#, ") + "]}}, steps: [checkout]}\n",
        "c: {e: v39999}, " * 10_000),
    "10,000 wrong arguments of an enum of 40,000": lambda: calling(
        "  c: {parameters: {e: {type: enum, enum: [" + many(40_000, "v#, ") + "]}}, steps: [checkout]}\n",
        "c: {e: w#}, " * 10_000),
    "a matrix of 12,000 axes of one value": lambda: (
        "version: 2.1\njobs: {a: {machine: true, parameters: {" + many(12_000, "p#: {type: string}, ")
        + "}, steps: [checkout]}}\nworkflows: {w: {jobs: [a: {matrix: {parameters: {"
        + many(12_000, "p#: [a], ") + "}}}]}}\n"),
    "13 copies of a matrix of 12,000 axes": lambda: (
        "version: 2.1\njobs: {a: {machine: true, parameters: {" + many(12_000, "p#: {type: string}, ")
        + "}, steps: [checkout]}}\nworkflows: {w: {jobs: [a: {matrix: {parameters: {q: [" + many(13, "v#, ") + "], "
        + many(12_000, "p#: [a], ") + "}}}]}}\n"),
    "1,024 copies and 32,000 exclusions": lambda: workflow(
        "a: {matrix: {parameters: {p: [" + many(1024, "v#, ") + "]}, exclude: [" + many(32_000, "{p: w#}, ") + "]}}"),
    "8,000 exclusions from 10,000 axes": lambda: workflow(
        "a: {matrix: {parameters: {" + many(10_000, "p#: [a], ") + "}, exclude: [" + many(8_000, "{p#: b}, ") + "]}}"),
    "1,024 copies and exclusions of 9 axes": lambda: (
        "version: 2.1\njobs: {a: {machine: true, parameters: {" + many(10, "p#: {type: string}, ")
        + "}, steps: [checkout]}}\nworkflows: {w: {jobs: [a: {matrix: {parameters: {p9: ["
        + many(1024, "v#, ") + "], " + many(9, "p#: [a], ") + "}, exclude: ["
        + many(1024, "{p9: w#, " + ", ".join(f"p{i}: a" for i in range(9)) + "}, ") + "]}}]}}\n"),
    "1,024 copies and exclusions that meet in one place of a table": lambda: workflow(
        "a: {matrix: {parameters: {p: [" + ", ".join(f"'{text}'" for text in texts_that_meet()) + "]}, exclude: ["
        + ", ".join("{p: '" + text + "'}" for text in texts_that_meet()[:1023]) + "]}}"),
    "1,024 jobs that differ in their last variable": lambda: (
        "version: 2.1\njobs: {a: {machine: true, parameters: {p: {type: string}}, environment: {"
        + many(30, "VARIABLE_#: value, ") + "LAST: << parameters.p >>}, steps: [checkout]}}\n"
        "workflows: {w: {jobs: [a: {matrix: {parameters: {p: [" + many(1024, "v#, ") + "]}}}]}}\n"),
    "200 matrices of 100 axes": lambda: (
        "version: 2.1\njobs: {a: {machine: true, parameters: {" + many(100, "p#: {type: string}, ")
        + "}, steps: [checkout]}}\nworkflows: {w: {jobs: ["
        + many(200, "a: {name: n#, matrix: {parameters: {" + many(100, "p#: [a], ") + "}}}, ") + "]}}\n"),
    "10,000 secrets": lambda: "version: 2.1\n" + JOB + "x:\n" + many(9_999, "- TOKEN=abcdefgh1234#\n"),
    "19,000 passwords": lambda: (
        "version: 2.1\n" + JOB + "x:\n" + many(19_000, "- {username: a, password: '12''3#'}\n")),
    "9,900 passwords": lambda: (
        "version: 2.1\n" + JOB + "x:\n" + many(9_900, "- {username: a, password: '12''3#'}\n")),
    "49,000 anchors and aliases": lambda: many(49_000, "- &a# x\n- *a#\n"),
    "a megabyte of a key, merged 90,000 times": lambda: (
        "x: &x\n  ? " + "k" * 1_000_000 + "\n  : 1\ny: {<<: [" + "*x, " * 90_000 + "]}\n"),
    "a megabyte of a variable's name, 90,000 times": lambda: (
        "version: 2.1\nx: &x\n  ? " + "k" * 1_000_000 + "\n  : 1\n"
        "jobs: {build: {machine: true, steps: [checkout], environment: [" + "*x, " * 90_000 + "]}}\n"),
    "32,000 merges": lambda: "x: &x {a: 1, b: 2}\ny:\n" + "- {<<: *x}\n" * 32_000,
    "open ends in a cache's key": lambda: steps("restore_cache: {key: '" + "{{" * 990_000 + "'}"),
    "open ends in a cache's key, and one that closes": lambda: steps(
        "restore_cache: {key: '" + "{{" * 990_000 + "}}'}"),
    "a wrong value 200,000 times in a cache's key": lambda: steps(
        "restore_cache: {key: '" + "{{ .A }}" * 200_000 + "'}"),
    "80,000 wrong values in a cache's key": lambda: steps(
        "restore_cache: {key: '" + many(80_000, "{{.A#}}") + "'}"),
    "5,000 schedules that never fire": lambda: (
        steps("checkout") + "workflows:\n  w:\n    jobs: [build]\n    triggers:\n"
        + many(5_000, "      - schedule: {cron: '0 0 31 2 *', filters: {branches: {only: [b#]}}}\n")),
    "100 mistakes at the end of a line": lambda: steps("checkout, " * 98_000 + many(100, "chekcout#, ")),
    "100 mistakes at the end of a line with accents": lambda: steps(
        "'\u00e9', " * 1000 + "checkout, " * 97_000 + many(100, "chekcout#, ")),
    "100 duplicates at the end of a line with a secret": lambda: (
        "version: 2.1\nx: {TOKEN: 'abcdefgh12345678', \u00e9: '" + "a" * 1_900_000 + "', a: 1, "
        + "a: 1, " * 101 + "}\n" + JOB),
    "references that do not stand there as they are meant": lambda: steps(
        "run: \"" + many(100, "<< parameters.\\x78# >>") + "<" * 1_900_000 + "\""),
    "80,000 secrets": lambda: "x:\n" + many(80_000, "- TOKEN=abcdefgh1234#\n"),
    "49,000 named secrets": lambda: "x: {" + many(49_000, "TOKEN#: abcdefgh1234#, ") + "}\n",
    "2 MB of names of secrets": lambda: "x: '" + "tokentoken-tokentoke: " * 95_000 + "'\n",
    "2 MB of starts of names of secrets": lambda: "x: '" + "passworpasswor-API_KE: " * 90_000 + "'\n",
    "2 MB of names of secrets within each other": lambda: "x: '" + "token=" * 330_000 + "'\n",
    "2 MB of options": lambda: "x: '" + "-u:" * 660_000 + "'\n",
    "2 MB of starts of web tokens": lambda: "x: '" + "eyJ." * 500_000 + "'\n",
    "9,900 secrets in a command": lambda: steps("run: '" + many(9_900, "A_TOKEN=abcdefgh1234# ") + "'"),
    "60,000 secrets in a command, with escapes": lambda: steps(
        "run: \"" + many(60_000, "TOKEN=abcdefgh1234\\x41# ") + "\""),
    "2 MB of accents": lambda: "- '" + "\u00e9" * 1_000_000 + "'\n",
    "98,000 items with accents": lambda: "- \u00e9\u00e9\u00e9\u00e9\n" * 98_000,
    "2 MB of escapes": lambda: 'x: "' + "\\x41" * 520_000 + '"\n',
    "2 MB of folded lines": lambda: "x: >\n" + "  a\n" * 520_000,
    "2 MB of blank lines in a text": lambda: "x: |\n  a\n" + "\n" * 2_000_000 + "  b\n",
    "2 MB of comments": lambda: "# a\n" * 520_000,
    "240 lists deep, 400 times": lambda: ("- " + "[" * 240 + "]" * 240 + "\n") * 400,
    "20,000 long keys": lambda: "version: 2.1\n" + JOB + many(20_000, "k" * 80 + "#: 1\n"),
    "49,000 nearly right keys": lambda: "version: 2.1\n" + JOB + many(49_000, "workflow#: 1\n"),
    "10,500 wrong jobs": lambda: (
        "version: 2.1\njobs:\n" + many(10_500, "  j#: {machin: true, stps: [chekout]}\n")
        + "workflows: {w: {jobs: [" + many(10_500, "j#, ") + "]}}\n"),
    "49,000 variables": lambda: (
        "version: 2.1\njobs: {build: {machine: true, environment: {" + many(49_000, "V#: x, ")
        + "}, steps: [checkout]}}\n"),
    "12,000 conditions that are text": lambda: steps("when: {condition: a b, steps: [checkout]}, " * 12_000),
    "an unused command of 60,000 unknown steps": lambda: calling(
        many(1000, "  c#: {steps: [checkout]}\n") + "  d: {steps: [" + many(60_000, "d#, ") + "]}\n", "checkout"),
    "1,000 costly filters": lambda: workflow(
        many(1000, "a: {name: n#, filters: {branches: {only: '/(([a-z]+)+)+[!?#]/'}}}, ")),
}


def measured(program, path):
    """The least CPU of three answers: what others do to the machine is not the compiler's."""
    answers = []
    for _ in range(measure.rounds(3)):
        words = subprocess.run([program, path, "check"], capture_output=True, text=True, check=True).stdout.split()
        answers.append((float(words[0]), float(words[1]), words[2]))
    return min(answers)


def main():
    program = os.path.join(sys.argv[1], "bench_config_compile")
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    conditions = measure.Conditions()
    missed = 0
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "config.yml")
        for name, text in CASES.items():
            if word not in name:
                continue
            with open(path, "w") as file:
                file.write(text())
            seconds, megabytes, answer = measured(program, path)
            good = seconds <= GATE_SECONDS and megabytes <= GATE_MEGABYTES
            missed += not good
            print(f"{name}: {seconds * 1000:.1f} ms, {megabytes:.0f} MB, {answer}{'' if good else '  MISSED'}")
        print(conditions.describe(directory))
    print("pass" if missed == 0 else f"{missed} MISSED")
    sys.exit(missed != 0)


if __name__ == "__main__":
    main()
