#!/usr/bin/env python3
"""Picks one value out of JSON on standard input: pick.py items.0.id, pick.py items.name=test.job_number

A word of the path is a key, an index, or key=value for the first item that has it. Prints nothing when it is not there.
"""
import json
import sys


def step(value, word):
    if isinstance(value, list):
        key, equals, wanted = word.partition("=")
        if equals:
            return next((item for item in value if str(item.get(key)) == wanted), None)
        return value[int(word)] if int(word) < len(value) else None
    return value.get(word) if isinstance(value, dict) else None


value = json.load(sys.stdin)
for word in sys.argv[1].split("."):
    value = step(value, word)
if value is not None:
    print(value)
