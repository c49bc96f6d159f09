#!/usr/bin/env python3
"""T14: compiling a config of 1,000 jobs, beside libyaml's event loop and yaml-cpp's tree over the same bytes; and a
typical config of 2.1 with two inline orbs in milliseconds. usage: config_compile.py BIN_DIR"""
import os
import subprocess
import sys
import tempfile

import measure


def thousand_jobs():
    lines = ["version: 2.1", "commands:", "  greet:", "    parameters: {who: {type: string}}",
             "    steps: [{run: 'echo hello << parameters.who >>'}]", "jobs:"]
    for number in range(1000):
        lines += [f"  job-{number}:", "    docker:", "      - image: cimg/base:2024.01",
                  "    environment:", f"      NUMBER: \"{number}\"", "    steps:", "      - checkout",
                  "      - restore_cache:", "          key: deps-{{ checksum \"package-lock.json\" }}",
                  f"      - run: npm run task-{number}", "      - run:", "          name: Tests",
                  "          command: |", "            npm ci", f"            npm test -- --shard {number}",
                  f"      - greet: {{who: job {number}}}", "      - store_test_results: {path: results}"]
    lines += ["workflows:", "  main:", "    jobs:"]
    for number in range(1000):
        lines.append(f"      - job-{number}" + (f": {{requires: [job-{number // 2}]}}" if number else ""))
    return "\n".join(lines) + "\n"


def typical():
    lines = ["version: 2.1", "parameters:", "  deploy: {type: boolean, default: false}", "orbs:"]
    for orb in ("node", "cloud"):
        lines += [f"  {orb}:", "    executors:", "      default:", "        parameters:",
                  "          tag: {type: string, default: \"20.1\"}", "        docker:",
                  f"          - image: cimg/{orb}:<< parameters.tag >>", "    commands:"]
        for command in range(5):
            lines += [f"      step-{command}:", "        parameters:", "          path: {type: string, default: .}",
                      "          cache: {type: boolean, default: true}", "        steps:", "          - when:",
                      "              condition: << parameters.cache >>", "              steps:",
                      "                - restore_cache: {key: 'v1-{{ checksum \"lock\" }}'}", "          - run:",
                      f"              name: Step {command}", "              working_directory: << parameters.path >>",
                      "              command: |", f"                make step-{command}",
                      "                echo << parameters.path >>"]
    lines.append("jobs:")
    for number in range(8):
        orb = "node" if number % 2 else "cloud"
        lines += [f"  job-{number}:", "    parameters:", "      tag: {type: string, default: \"20.2\"}",
                  f"    executor: {{name: {orb}/default, tag: << parameters.tag >>}}", "    steps:", "      - checkout"]
        lines += [f"      - {orb}/step-{command}: {{path: packages/{number}}}" for command in range(5)]
    lines += ["workflows:", "  main:", "    unless: << pipeline.parameters.deploy >>", "    jobs:"]
    for number in range(8):
        lines += [f"      - job-{number}:", "          matrix:", "            parameters:",
                  "              tag: [\"18.1\", \"20.2\"]", "          context: [build]"]
    return "\n".join(lines) + "\n"


def round_of(program, path, what, repeat):
    return float(subprocess.run([program, path, what, str(repeat)], capture_output=True, text=True, check=True).stdout)


def main():
    program = os.path.join(sys.argv[1], "bench_config_compile")
    conditions = measure.Conditions()
    with tempfile.TemporaryDirectory() as directory:
        paths = {}
        for name, text in (("thousand", thousand_jobs()), ("typical", typical())):
            paths[name] = os.path.join(directory, name + ".yml")
            with open(paths[name], "w") as file:
                file.write(text)
        whats = ["compile", "events", "tree"]
        times = {what: [] for what in whats}
        for number in range(measure.rounds(11)):
            for what in whats if number % 2 == 0 else reversed(whats):
                times[what].append(round_of(program, paths["thousand"], what, 3))
        small = [round_of(program, paths["typical"], "compile", 20) for _ in range(5)]
        with open(paths["typical"]) as file:
            print(f"typical 2.1 config ({sum(1 for _ in file)} lines, two orbs): {measure.milliseconds(small)}")
        print(conditions.describe(directory))
    for what in whats:
        print(f"1,000 jobs, {what}: {measure.milliseconds(times[what])}")
    measure.report("compile / libyaml events", times["compile"], times["events"], 6, 2.5, conditions)
    measure.report("compile / yaml-cpp tree", times["compile"], times["tree"], 1.5, 0.6, conditions)


if __name__ == "__main__":
    main()
