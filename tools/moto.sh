#!/usr/bin/env bash
# Installs what the tests of internal/preflight run on: moto, an emulator of AWS. Every file is pinned by its hash. Prints the
# folder of its commands. Needs Python 3.11 or later with venv.
set -euo pipefail

readonly version=5.2.5
readonly target=${BPA_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bpa/tools}/moto-$version
requirements=$(cd "$(dirname "$0")" && pwd)/moto/requirements.txt
readonly requirements

# The virtual environment holds its own path, so it is made in place; the mark says that it is whole.
if ! cmp -s "$requirements" "$target/complete"; then
  rm -rf "$target"
  mkdir -p "${target%/*}"
  python3 -m venv "$target"
  "$target/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
  cp "$requirements" "$target/complete"
fi
echo "$target/bin"
