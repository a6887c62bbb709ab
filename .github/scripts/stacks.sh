#!/usr/bin/env bash
# Lists the stack files that the checked-out commit changes since BASE, one a line: those that changed and those that
# extend them, or all if the program did. A file with a name that no stack can have is left out.
#
#   .github/scripts/stacks.sh BASE
set -euo pipefail
cd "$(dirname "$0")/../.."

changed=$(git diff --name-only "$1" HEAD)
mapfile -t all < <(git ls-files | grep -E '^Pulumi\.[A-Za-z0-9._-]+\.yaml$')

# extends_changed FILE DEPTH follows `bpa:extends` and says whether a base of FILE is among the changed files.
extends_changed() {
  local parent
  parent=$(sed -n 's/^ *bpa:extends: *["'\'']\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p' "$1" | head -n 1)
  [[ -n $parent && -f Pulumi.$parent.yaml && $2 -lt 20 ]] || return 1
  grep -qxF "Pulumi.$parent.yaml" <<<"$changed" || extends_changed "Pulumi.$parent.yaml" $(($2 + 1))
}

program=false
if grep -qvE '^$|^docs/|^test/platform/testdata/|_test\.go$|\.md$|^Pulumi\.[^/]+\.yaml$|^\.github/' <<<"$changed"; then program=true; fi
for file in "${all[@]}"; do
  if $program || grep -qxF "$file" <<<"$changed" || extends_changed "$file" 0; then
    printf '%s\n' "$file"
  fi
done
