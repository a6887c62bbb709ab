#!/usr/bin/env bash
# Reviews what the checked-out commit changes since BASE, and writes one comment for the pull request.
#
#   .github/scripts/review.sh BASE OUT [MESSAGE]
#
# BASE is a commit, OUT a folder that gets comment.md and one review-<stack>.json a stack. Lines `bpa-approve: URN` in
# MESSAGE (a file) and in the commit messages since BASE approve. Every stack file that the change touches is rehearsed,
# on what BASE would have deployed; no credentials are needed. Exit status: the worst of bpactl review's 0, 2 and 1; 1 if
# the golden graphs do not match the program.
# shellcheck disable=SC2016 # the back quotes in single quotes are Markdown's
set -euo pipefail
cd "$(dirname "$0")/../.."

base=$(git rev-parse --verify "$1^{commit}")
mkdir -p "$2"
out=$(cd "$2" && pwd)
limit=64000 # GitHub takes 65,536 characters; comment.yml adds a line of its own
graph=12000

work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" 2>/dev/null; rm -rf "$work"' EXIT

git log --format=%B "$base..HEAD" >"$work/message"
if [[ -n "${3:-}" ]]; then cat "$3" >>"$work/message"; fi

# fenced LANGUAGE quotes standard input as a block of code, with a fence that nothing in it can close.
fenced() {
  local text fence='```'
  text=$(tr -d '\000')
  while [[ $text == *"$fence"* ]]; do fence+='`'; done
  printf '%s%s\n%s\n%s\n' "$fence" "$1" "$text" "$fence"
}

# shortened SIZE passes on whole lines, as many as fit.
shortened() {
  awk -v room="$1" '!full { room -= length($0) + 1; if (room < 0) { full = 1; print "…" } else print }'
}

# graph_section shows how the golden graphs change, and says so where they are not those of the program.
graph_section() {
  local diff added removed
  if [[ $golden -ne 0 ]]; then
    printf '\n**The golden graphs are not those of the program**: run `make golden`, and look at what changes.\n\n'
    tail -n 40 "$work/golden" | fenced text
  fi
  diff=$(git diff --no-color "$base" HEAD -- 'test/platform/testdata/*.graph')
  if [[ -z $diff ]]; then
    printf '\nThe resource graph is unchanged.\n'
    return
  fi
  added=$(grep -c '^+ ' <<<"$diff" || true)
  removed=$(grep -c '^- ' <<<"$diff" || true)
  printf '\n<details><summary>The resource graph: %s lines added, %s removed</summary>\n\n' "$added" "$removed"
  shortened "$graph" <<<"$diff" | fenced diff
  printf '\n</details>\n'
}

# review_file FILE SIZE reviews one stack file, and prints its part of the comment. It returns bpactl's status.
review_file() {
  local file=$1 stack=${1#Pulumi.} status=0 args=()
  stack=${stack%.yaml}
  if [[ -f $work/base/$file ]]; then
    if [[ -x $work/base/bin/bpactl ]] && (cd "$work/base" && bin/bpactl rehearse up --file "$file" --export "$work/$stack.state" \
      --passphrase review) >"$work/$stack.base" 2>&1; then
      args=(--state "$work/$stack.state" --passphrase review)
    else
      printf '\nThe base does not deploy `%s`; it is reviewed as a first deployment.\n' "$file"
    fi
  fi
  if ! bin/bpactl rehearse cycle --file "$file" >"$work/$stack.cycle" 2>&1; then
    printf '\n## Stack `%s`: the rehearsal fails\n\n' "$stack"
    tail -n 20 "$work/$stack.cycle" | fenced text
    return 1
  fi
  bin/bpactl review "${args[@]}" --to "$file" --message "$work/message" --limit "$2" \
    --json "$out/review-$stack.json" 2>"$work/$stack.error" || status=$?
  if [[ $status -eq 1 ]]; then
    printf '\n## Stack `%s`: the review fails\n\n' "$stack"
    tail -n 20 "$work/$stack.error" | fenced text
  fi
  printf '\nRehearsed: %s. %s.\n' "$(tail -n 1 "$work/$stack.cycle" | sed 's/^rehearsal [^:]*: //')" \
    "$(sed -n 's/^on the clouds this/On the clouds an up from nothing/p' "$work/$stack.cycle" | head -n 1)"
  return "$status"
}

# summary lists the verdicts, where there is more than one.
summary() {
  local file stack
  if [[ ${#files[@]} -lt 2 ]]; then return; fi
  printf '## Review of %s stacks\n\n' "${#files[@]}"
  for file in "${files[@]}"; do
    stack=${file#Pulumi.}
    printf -- '- `%s`: %s\n' "${stack%.yaml}" \
      "$(sed -n '/^\*\*.*\*\*$/ { s/^\*\*\(.*\)\*\*$/\1/p; q }; s/^## Stack .*: \(the .* fails\)$/\1/p' "$work/$file.part" | head -n 1)"
  done
  printf '\n'
}

git worktree add --quiet --detach "$work/base" "$base"
make --no-print-directory -s build engine >/dev/null
(cd "$work/base" && make --no-print-directory -s build >/dev/null) || echo "the base does not build" >&2
golden=0
go test ./stacks -run Golden >"$work/golden" 2>&1 || golden=1

mapfile -t files < <(.github/scripts/stacks.sh "$base")
worst=$golden
for file in "${files[@]}"; do
  status=0
  review_file "$file" $(((limit - graph - 4000) / ${#files[@]})) >"$work/$file.part" || status=$?
  case $status in
    0) ;;
    2) if [[ $worst -eq 0 ]]; then worst=2; fi ;;
    *) worst=1 ;;
  esac
done
{
  printf '<!-- bpa-review-comment -->\n'
  if [[ ${#files[@]} -eq 0 ]]; then printf '## Review\n\nThis change touches no stack.\n'; fi
  summary
  room=$((limit - graph - 4000 - 200 * ${#files[@]}))
  for file in "${files[@]}"; do
    room=$((room - $(wc -m <"$work/$file.part")))
    if [[ $room -gt 0 ]]; then cat "$work/$file.part"; fi
  done
  if [[ $room -le 0 ]]; then printf '\n… the rest does not fit into a comment; the artifact of the run has it.\n'; fi
  graph_section
} >"$out/comment.md"
exit "$worst"
