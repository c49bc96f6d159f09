#!/usr/bin/env bash
# Installs the Debian packages of the named groups of packages.txt that are missing. Quick when none is.
#
# usage: tools/deps.sh [group...]        default: build run test
set -euo pipefail

list=$(dirname "$0")/packages.txt
groups=" ${*:-build run test} "

if ! command -v dpkg-query >/dev/null; then
    echo "deps: this is no Debian system; make sure that it has the equivalents of the packages in $list" >&2
    exit 0
fi

wanted=()
while read -r group package unless command _; do
    case $group in '' | '#'*) continue ;; esac
    case $groups in *" $group "*) ;; *) continue ;; esac
    if [ "${unless:-}" = unless ] && command -v "$command" >/dev/null; then continue; fi
    wanted+=("$package")
done <"$list"

installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null | sed -n 's/ installed$//p')
missing=()
for package in "${wanted[@]}"; do
    grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: missing packages; as root, run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "deps: installing ${missing[*]}"
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends \
    "${missing[@]}" >/dev/null
