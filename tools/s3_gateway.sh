#!/usr/bin/env bash
# Installs VersityGW, a server of S3 for tests (tests/support/s3_gateway.h), below build/tools, unless it is there in the
# version wanted. Without Go nothing happens: the tests that need it say so.
set -euo pipefail

version=v1.8.0
tools=$(cd "$(dirname "$0")/.." && pwd)/build/tools
go=$(command -v go || ls /usr/local/go/bin/go 2>/dev/null || true)

[ "$(cat "$tools/versitygw.version" 2>/dev/null)" = "$version" ] && [ -x "$tools/versitygw" ] && exit 0
if [ -z "$go" ]; then
    echo "s3_gateway: there is no Go; the tests against another server of S3 are skipped" >&2
    exit 0
fi
mkdir -p "$tools"
echo "s3_gateway: installing VersityGW $version"
if ! GOBIN="$tools" "$go" install "github.com/versity/versitygw/cmd/versitygw@$version"; then
    echo "s3_gateway: it cannot be installed; the tests against another server of S3 are skipped" >&2
    exit 0
fi
echo "$version" >"$tools/versitygw.version"
