"""Prices in cents, from the catalogue that tools/build_catalogue.py makes."""
import json
import pathlib

CATALOGUE = pathlib.Path(__file__).parent.parent / "build" / "catalogue.json"


def prices():
    return json.loads(CATALOGUE.read_text())


def shown(cents):
    return f"{cents // 100}.{cents % 100:02}"
