#!/usr/bin/env bash
# Reviews what the checked-out commit changes since BASE, and writes one comment for the pull request.
#
#   .github/scripts/review.sh BASE OUT [MESSAGE]
#
# BASE is a commit, OUT a folder that gets comment.md and one review-<stack>.json a stack. Lines `bpa-approve: URN` in
# MESSAGE (a file) and in the commit messages since BASE approve. Every stack file that the change touches is rehearsed,
# on what BASE would have deployed; no credentials are needed. Exit status: the worst of bpactl review's 0, 2 and 1.
# shellcheck disable=SC2016 # the back quotes in single quotes are Markdown's
set -euo pipefail
cd "$(dirname "$0")/../.."

base=$(git rev-parse --verify "$1^{commit}")
mkdir -p "$2"
out=$(cd "$2" && pwd)
limit=65536

work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" 2>/dev/null; rm -rf "$work"' EXIT

git log --format=%B "$base..HEAD" >"$work/message"
if [[ -n "${3:-}" ]]; then cat "$3" >>"$work/message"; fi

# stack_files lists the stack files to rehearse: those that changed and those that extend them, or all if the program did.
stack_files() {
  local changed file all=()
  changed=$(git diff --name-only "$base" HEAD)
  mapfile -t all < <(git ls-files 'Pulumi.*.yaml')
  if grep -qvE '(^docs/|\.md$|^Pulumi\.[^/]+\.yaml$|^\.github/)' <<<"$changed"; then
    printf '%s\n' "${all[@]}"
    return
  fi
  for file in "${all[@]}"; do
    if grep -qxF "$file" <<<"$changed" || extends_changed "$file" "$changed"; then
      printf '%s\n' "$file"
    fi
  done
}

# extends_changed FILE CHANGED follows `bpa:extends` and says whether a base of FILE is among the changed files.
extends_changed() {
  local parent
  parent=$(sed -n 's/^ *bpa:extends: *"\{0,1\}\([A-Za-z0-9_-]*\).*/\1/p' "$1")
  [[ -n $parent && -f Pulumi.$parent.yaml ]] || return 1
  grep -qxF "Pulumi.$parent.yaml" <<<"$2" || extends_changed "Pulumi.$parent.yaml" "$2"
}

# graph_section shows how the golden graphs change.
graph_section() {
  local diff
  diff=$(git diff --no-color "$base" HEAD -- stacks/testdata/*.graph)
  if [[ -z $diff ]]; then
    printf '\nThe resource graph is unchanged.\n'
    return
  fi
  local added removed
  added=$(grep -c '^+ ' <<<"$diff" || true)
  removed=$(grep -c '^- ' <<<"$diff" || true)
  printf '\n<details><summary>The resource graph: %s lines added, %s removed</summary>\n\n```diff\n%s\n```\n\n</details>\n' \
    "$added" "$removed" "$(head -c 12000 <<<"$diff")"
}

# review_file FILE COUNT reviews one stack file, and prints its part of the comment. It returns bpactl's status.
review_file() {
  local file=$1 stack=${1#Pulumi.} status=0 args=()
  stack=${stack%.yaml}
  if [[ -f $work/base/$file ]]; then
    if (cd "$work/base" && bin/bpactl rehearse up --file "$file" --export "$work/$stack.state" --passphrase review) \
      >"$work/$stack.base" 2>&1; then
      args=(--state "$work/$stack.state" --passphrase review)
    else
      printf '\nThe base does not deploy %s; it is reviewed as a first deployment.\n' "$file"
    fi
  fi
  if ! bin/bpactl rehearse cycle --file "$file" >"$work/$stack.cycle" 2>&1; then
    printf '\n## Stack `%s`: the rehearsal fails\n\n```text\n%s\n```\n' "$stack" "$(tail -n 20 "$work/$stack.cycle")"
    return 1
  fi
  bin/bpactl review "${args[@]}" --to "$file" --message "$work/message" --limit $(((limit - 16000) / $2)) \
    --json "$out/review-$stack.json" 2>"$work/$stack.error" || status=$?
  if [[ $status -eq 1 ]]; then printf '\n```text\n%s\n```\n' "$(tail -n 20 "$work/$stack.error")"; fi
  printf '\nRehearsed: %s. %s.\n' "$(tail -n 1 "$work/$stack.cycle" | sed 's/^rehearsal [^:]*: //')" \
    "$(sed -n 's/^on the clouds this/On the clouds an up from nothing/p' "$work/$stack.cycle" | head -n 1)"
  return "$status"
}

git worktree add --quiet --detach "$work/base" "$base"
make --no-print-directory -s build engine >/dev/null
(cd "$work/base" && make --no-print-directory -s build >/dev/null)

mapfile -t files < <(stack_files)
worst=0
{
  printf '<!-- bpa-review-comment -->\n'
  if [[ ${#files[@]} -eq 0 ]]; then
    printf '## Review\n\nThis change touches no stack.\n'
  else
    for file in "${files[@]}"; do
      status=0
      review_file "$file" "${#files[@]}" || status=$?
      case $status in
        0) ;;
        2) if [[ $worst -eq 0 ]]; then worst=2; fi ;;
        *) worst=1 ;;
      esac
    done
    graph_section
  fi
} >"$out/comment.md"
exit "$worst"
