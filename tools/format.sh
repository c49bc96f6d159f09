#!/usr/bin/env bash
# Formats all C++ sources of the tree, or with --check names those that are not in the house format.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
[ "${1:-}" != --check ] || mode=(--dry-run -Werror)
folders=()
for folder in src tests bench cmake; do
    [ ! -d $folder ] || folders+=("$folder")
done
find "${folders[@]}" \( -name '*.h' -o -name '*.cpp' \) -print0 | xargs -0 -r -n 16 -P 2 clang-format "${mode[@]}"
