#!/usr/bin/env bash
# Runs all tests of one build folder, then the web UI's unit tests; ends with the summary of the former.
#
# usage: tools/test.sh build/dev
set -uo pipefail

build=$1
root=$(cd "$(dirname "$0")/.." && pwd)
log=$build/test.log
status=0

ctest --test-dir "$build" --output-on-failure -j2 2>&1 | tee "$log" || status=1

web=$root/web
has_test_script() {
    [ -f "$web/package.json" ] && node -e 'process.exit(require(process.argv[1]).scripts?.test ? 0 : 1)' "$web/package.json"
}
if has_test_script; then
    echo
    echo "Web UI unit tests"
    (cd "$web" && { [ -d node_modules ] || npm ci --no-fund --no-audit; } && CI=1 npm test --silent) || {
        status=1
        web_failed="web UI unit tests FAILED"
    }
fi

echo
sed -n '/tests passed/,$p' "$log"
[ -z "${web_failed:-}" ] || echo "$web_failed"
exit $status
