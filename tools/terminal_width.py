#!/usr/bin/env python3
"""Makes the ranges of src/base/terminal_width.cpp from the Unicode that this Python knows (14.0 in Python 3.11).

usage: tools/terminal_width.py [--write]      without it, says whether the file has them

No columns: marks (Mn, Me), format characters (Cf) but the soft hyphen, and the vowels and final consonants of Hangul,
which stand within a syllable's two columns. Two columns: what is Wide or Fullwidth (East_Asian_Width) otherwise, and the
two planes that are kept for ideographs. What is not assigned belongs to the ranges on both sides of it."""
import pathlib
import re
import subprocess
import sys
import unicodedata

FILE = pathlib.Path(__file__).resolve().parent.parent / "src/base/terminal_width.cpp"
SOFT_HYPHEN = 0xAD
HANGUL_WITHIN = range(0x1160, 0x1200)
IDEOGRAPHS = range(0x20000, 0x3FFFE)


def columns(number):
    """0, 1 or 2; None where nothing is assigned."""
    character = chr(number)
    category = unicodedata.category(character)
    if number in HANGUL_WITHIN or (category in ("Mn", "Me", "Cf") and number != SOFT_HYPHEN):
        return 0
    if number in IDEOGRAPHS:
        return 2
    if category == "Cn":
        return None
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def ranges(wanted):
    found, open_range = [], False
    for number in range(0x80, 0x110000):
        here = columns(number)
        if here == wanted:
            if open_range:
                found[-1][1] = number
            else:
                found.append([number, number])
        open_range = here == wanted or (here is None and open_range)
    return found


def table(name, wanted):
    all_ranges = ranges(wanted)
    rows = ", ".join(f"{{0x{first:X}, 0x{last:X}}}" for first, last in all_ranges)
    return f"constexpr std::array<Range, {len(all_ranges)}> {name}{{{{{rows}}}}};"


def replaced(text):
    for name, wanted in (("without_width", 0), ("wide", 2)):
        new = table(name, wanted)
        text, count = re.subn(r"constexpr std::array<Range, \d+> " + name + r"\{.*?\}\};", lambda _: new, text, flags=re.S)
        assert count == 1, name
    return subprocess.run(["clang-format", "--assume-filename", str(FILE)], input=text, capture_output=True, text=True,
                          check=True).stdout


def main():
    old = FILE.read_text()
    new = replaced(old)
    if "--write" in sys.argv[1:]:
        FILE.write_text(new)
    elif new != old:
        sys.exit(f"{FILE.name} is not that of Unicode {unicodedata.unidata_version}: tools/terminal_width.py --write")
    print(f"{FILE.name}: Unicode {unicodedata.unidata_version}")


if __name__ == "__main__":
    main()
