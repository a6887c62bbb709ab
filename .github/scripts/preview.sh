#!/usr/bin/env bash
# Reviews the real previews of the stacks that the checked-out commit changes since BASE, and prints them as Markdown.
#
#   .github/scripts/preview.sh BASE OUT [MESSAGE]
#
# OUT is a folder that gets one <stack>.json a stack. Lines `bpa-approve: URN` in MESSAGE (a file) and in the commit
# messages since BASE approve. It needs credentials, and bin/bpactl. Exit status: the worst of bpactl review's 0, 2 and 1.
set -euo pipefail
cd "$(dirname "$0")/../.."

mkdir -p "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git log --format=%B "$1..HEAD" >"$work/message"
if [[ -n "${3:-}" ]]; then cat "$3" >>"$work/message"; fi

worst=0
mapfile -t files < <(.github/scripts/stacks.sh "$1")
for file in "${files[@]}"; do
  stack=${file#Pulumi.}
  stack=${stack%.yaml}
  status=0
  # A preview that fails says why in its JSON, or on standard error.
  pulumi preview --stack "$stack" --json --show-sames --show-replacement-steps --non-interactive >"$work/$stack.json" || true
  bin/bpactl review "$work/$stack.json" --message "$work/message" --json "$2/$stack.json" || status=$?
  case $status in
    0) ;;
    2) if [[ $worst -eq 0 ]]; then worst=2; fi ;;
    *) worst=1 ;;
  esac
done
exit "$worst"
