#!/usr/bin/env bash
# Runs the programs of libFuzzer that tests/fuzz builds, one after the other. What they learn stays in <build>/corpus; an
# input that breaks a reader is left in <build>/found and named, and the exit code is 1.
#
# usage: tools/fuzz.sh build/fuzz [seconds each] [reader...]
set -uo pipefail

build=$1 seconds=${2:-60}
shift $(($# > 1 ? 2 : 1))
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -gt 0 ] || set -- $(ls "$root/tests/fuzz/seeds")
status=0

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
mkdir -p "$build/found"
for reader; do
    mkdir -p "$build/corpus/$reader"
    log=$build/$reader.log
    # A slow or greedy input is a find as well: 5 seconds and 1 GiB with all sanitizers.
    if "$build/bin/fuzz_$reader" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=65536 -verbosity=1 \
        -dict="$root/tests/fuzz/words/$reader.dict" -artifact_prefix="$build/found/$reader-" \
        "$build/corpus/$reader" "$root/tests/fuzz/seeds/$reader" >"$log" 2>&1; then
        echo "$reader: $(grep -E '^Done|^stat::number_of_executed|DONE' "$log" | tail -1)"
    else
        echo "$reader: FOUND an input that breaks it, see $log"
        grep -E 'Test unit written|SUMMARY' "$log"
        status=1
    fi
done
exit $status
