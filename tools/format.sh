#!/usr/bin/env bash
# Formats all C++ sources of the tree, or with --check names those that are not in the house format.
set -euo pipefail
cd "$(dirname "$0")/.."

sources() {
    local folders=() folder
    for folder in src tests bench cmake; do
        [ ! -d $folder ] || folders+=("$folder")
    done
    find "${folders[@]}" \( -name '*.h' -o -name '*.cpp' \) -print0
}

if [ "${1:-}" != --check ]; then
    sources | xargs -0 -r -n 16 -P 2 clang-format -i
    exit 0
fi
check='for file; do
    clang-format --dry-run -Werror "$file" 2>/dev/null || { echo "$file: not in the house format; run make format"; bad=1; }
done
exit ${bad:-0}'
sources | xargs -0 -r -n 16 -P 2 sh -c "$check" check
