#!/usr/bin/env bash
# Installs what the tests of test/permissions judge policies with: a simulator of IAM, and what AWS publishes of every
# action: its resources and condition keys. Every package is pinned by its hash. Prints its folder. Needs Node 20 or later
# with npm.
set -euo pipefail

readonly version=0.1.173
readonly target=${BPA_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bpa/tools}/iam-simulate-$version
from=$(cd "$(dirname "$0")" && pwd)/iam-simulate
readonly from

# The lock file is written last, into its own name; it says that the folder is whole.
if ! cmp -s "$from/package-lock.json" "$target/complete"; then
  rm -rf "$target"
  mkdir -p "$target"
  cp "$from/package.json" "$from/package-lock.json" "$target"
  npm ci --prefix "$target" --ignore-scripts --no-audit --no-fund --silent
  cp "$from/package-lock.json" "$target/complete"
fi
echo "$target"
