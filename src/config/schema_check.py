"""Validates configs by the schema with python3-jsonschema: another reader of JSON Schema than our own code.

Input (the file named on the command line): {"schema": ..., "configs": {name: value}}.
Output: one line for each config that does not fit, `name: path: message`. Exit 3: the package is missing.
"""

import json
import sys

try:
    from jsonschema import Draft7Validator
except ImportError:
    sys.exit(3)

with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)

Draft7Validator.check_schema(given["schema"])
validator = Draft7Validator(given["schema"])


def deepest(error):
    """The part of a failed choice that came furthest says the most."""
    while error.context:
        error = max(error.context, key=lambda one: len(one.absolute_path))
    return error


for name, config in given["configs"].items():
    for error in validator.iter_errors(config):
        worst = deepest(error)
        path = "/".join(str(part) for part in worst.absolute_path)
        print(f"{name}: {path}: {worst.message[:200]}")
        break
