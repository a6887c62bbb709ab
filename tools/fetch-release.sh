#!/usr/bin/env bash
# Fetches the programs of a release into bin/, so that nothing need be compiled, and checks them against the release's
# checksums.
#
#   tools/fetch-release.sh VERSION   fetch, and let `pulumi up` run bin/bpa as it is
#   tools/fetch-release.sh source    let `pulumi up` compile the source again
#
# BPA_RELEASES names another place than GitHub, such as a mirror; its files are <version>/bpa_<version>_<os>_<arch>.tar.gz
# and <version>/checksums.txt, the version in the folder's name with a v before it.
set -euo pipefail
cd "$(dirname "$0")/.."

releases=${BPA_RELEASES:-https://github.com/bpa-on-aws/platform/releases/download}

fail() {
  echo "fetch-release: $1" >&2
  exit 1
}

# use OPTION sets how Pulumi's language host gets the program: buildTarget compiles into bin/bpa, binary takes it.
use() {
  grep -qE '^    (buildTarget|binary): bin/bpa$' Pulumi.yaml || fail "Pulumi.yaml: runtime.options must hold buildTarget: bin/bpa or binary: bin/bpa"
  sed -E "s|^    (buildTarget\|binary): bin/bpa$|    $1: bin/bpa|" Pulumi.yaml >Pulumi.yaml.new
  mv Pulumi.yaml.new Pulumi.yaml
}

[[ $# -eq 1 ]] || fail "give one version, such as 0.1.0, or source"
if [[ $1 == source ]]; then
  use buildTarget
  echo "fetch-release: pulumi up compiles the source"
  exit
fi
version=${1#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "\"$1\": must be a version such as 0.1.0"

case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) fail "$(uname -s): must be Linux or macOS; for Windows unpack the archive by hand" ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "$(uname -m): must be amd64 or arm64" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=bpa_${version}_${os}_${arch}.tar.gz
for file in "$archive" checksums.txt; do
  curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$releases/v$version/$file" ||
    fail "$releases/v$version/$file cannot be fetched"
done

want=$(awk -v file="$archive" '$2 == file || $2 == "*" file { print $1 }' "$work/checksums.txt")
[[ -n $want ]] || fail "checksums.txt has no line for $archive"
if command -v sha256sum >/dev/null; then
  got=$(sha256sum "$work/$archive")
else
  got=$(shasum -a 256 "$work/$archive")
fi
[[ ${got%% *} == "$want" ]] || fail "$archive has the checksum ${got%% *}, not $want: nothing was installed"

mkdir -p bin "$work/bin"
tar -xzf "$work/$archive" -C "$work/bin" bpa bpactl
for program in bpa bpactl; do
  mv "$work/bin/$program" "bin/$program.new"
  mv "bin/$program.new" "bin/$program"
done
use binary
echo "fetch-release: bin/bpa and bin/bpactl are $version; pulumi up runs bin/bpa and compiles nothing"
