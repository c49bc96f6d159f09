#!/usr/bin/env python3
"""Holds the sources to src/modules.txt, and draws what they include.

usage: modules.py --check                 every include of src/ is an allowed edge; no module is in a cycle
       modules.py --uses <build folder>   gyre_module(USES ...) says the same
       modules.py --draw                  rewrite the diagram in docs/architecture.md from the sources
       modules.py --drawn                 fail when that diagram is out of date
"""
import argparse
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- includes: drawn by tools/modules.py -->", "<!-- end of includes -->"
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
Edge = collections.namedtuple("Edge", "source target file line")


class Rules:
    """What src/modules.txt says."""

    def __init__(self, path=SRC / "modules.txt"):
        self.allowed, self.pure, self.tests = {}, set(), set()
        for line in path.read_text().splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            names, _, targets = line.partition(":")
            if names == "pure":
                self.pure = set(targets.split())
            elif names == "tests":
                self.tests = set(targets.split())
            else:
                for name in names.split(","):
                    self.allowed[name.strip()] = set(targets.split())

    def key(self, module):
        """The line of the file that speaks of a module."""
        return module if module in self.allowed else module.split("/")[0] + "/*"

    def of(self, module):
        return self.allowed.get(self.key(module))

    def permits(self, module, target, test=False):
        allowed = self.of(module)
        return allowed is not None and (
            module == target or "*" in allowed or target in allowed or (test and target in self.tests))


def module_of(path, rules):
    """The module of a path below src/, or None: adapters/sqlite/x.h -> adapters/sqlite."""
    parts = pathlib.PurePosixPath(path).parts
    if len(parts) < 2:
        return None
    return "/".join(parts[:2]) if f"{parts[0]}/*" in rules.allowed and len(parts) > 2 else parts[0]


def is_test(path):
    return path.name.endswith("_test.cpp")


def edges(rules):
    """Every include from one module of src/ into another."""
    for file in sorted(SRC.rglob("*")):
        if file.suffix not in (".h", ".cpp"):
            continue
        source = module_of(file.relative_to(SRC).as_posix(), rules)
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match or not (SRC / match[1]).is_file():
                continue
            target = module_of(match[1], rules)
            if target != source:
                yield Edge(source, target, file, number)


def find_cycle(graph):
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for target in sorted(graph.get(node, ())):
            if cycle := visit(target):
                return cycle
        path.pop()
        done.add(node)
        return None

    return next((cycle for node in sorted(graph) if (cycle := visit(node))), None)


def product_graph(all_edges):
    graph = collections.defaultdict(set)
    for edge in all_edges:
        if not is_test(edge.file):
            graph[edge.source].add(edge.target)
    return graph


def check(rules):
    problems = []
    all_edges = list(edges(rules))
    for edge in all_edges:
        if not rules.permits(edge.source, edge.target, is_test(edge.file)):
            allowed = " ".join(sorted(rules.of(edge.source) or [])) or "nothing"
            problems.append(f"{edge.file.relative_to(ROOT)}:{edge.line}: {edge.source} must not include {edge.target}; "
                            f"src/modules.txt allows {allowed}")
    folders = {module_of(file.relative_to(SRC).as_posix(), rules) for file in SRC.rglob("*.cpp")}
    problems += [f"src/{module}: not named in src/modules.txt" for module in sorted(folders - {None})
                 if rules.of(module) is None]
    if cycle := find_cycle(product_graph(all_edges)):
        problems.append("include cycle: " + " -> ".join(cycle))
    return problems


def check_uses(rules, build):
    """What CMake recorded of the gyre_module() calls: a link is an edge, too."""
    problems = []
    for line in (build / "lists/modules.txt").read_text().splitlines():
        module, _, used = line.partition(":")
        if not module:
            continue
        if rules.of(module) is None:
            problems.append(f"gyre_module({module}): not named in src/modules.txt")
        problems += [f"gyre_module({module} USES {target}): not allowed by src/modules.txt"
                     for target in used.split() if rules.of(module) is not None and not rules.permits(module, target)]
    return problems


def drawing(rules):
    """A mermaid graph; edges to base and model are left out where a longer path says the same."""
    graph = product_graph(edges(rules))
    nodes = sorted(set(graph) | {target for targets in graph.values() for target in targets})

    def reachable(node, seen):
        for target in graph.get(node, ()):
            if target not in seen:
                seen.add(target)
                reachable(target, seen)
        return seen

    lines = ["```mermaid", "graph TD"]
    lines += [f'    {node.replace("/", "_")}["{node}"]' for node in nodes]
    for node in nodes:
        for target in sorted(graph.get(node, ())):
            around = set().union(*(reachable(other, set()) for other in graph[node] if other != target), set())
            if target not in around:
                lines.append(f'    {node.replace("/", "_")} --> {target.replace("/", "_")}')
    return "\n".join(lines + ["```"])


def redrawn(rules):
    before, found, rest = PAGE.read_text().partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        sys.exit(f"modules.py: {PAGE} lacks the markers {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{drawing(rules)}\n{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true")
    action.add_argument("--uses", type=pathlib.Path)
    action.add_argument("--draw", action="store_true")
    action.add_argument("--drawn", action="store_true")
    arguments = parser.parse_args()
    rules = Rules()
    problems = []
    if arguments.check:
        problems = check(rules)
    elif arguments.uses:
        problems = check_uses(rules, arguments.uses)
    elif arguments.draw:
        PAGE.write_text(redrawn(rules))
    elif PAGE.read_text() != redrawn(rules):
        problems = ["docs/architecture.md: the drawing is out of date; run `make draw`"]
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
