"""Makes the catalogue from a table. usage: build_catalogue.py TABLE.csv CATALOGUE.json"""
import csv
import json
import pathlib
import sys


def read(path):
    with open(path, newline="") as file:
        return {row["name"]: int(row["cents"]) for row in csv.DictReader(file)}


def main():
    table, catalogue = sys.argv[1], pathlib.Path(sys.argv[2])
    articles = read(table)
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    catalogue.write_text(json.dumps(articles, indent=2, sort_keys=True) + "\n")
    print(f"{len(articles)} articles in {catalogue}")


if __name__ == "__main__":
    main()
