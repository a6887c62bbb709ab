package review_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
)

func TestATrustPolicyThatAdmitsMoreIsFound(t *testing.T) {
	trust := func(principal string) inputs {
		return inputs{"assumeRolePolicy": `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + `}]}`}
	}
	service := `{"Service":"ec2.amazonaws.com"}`
	for name, c := range map[string]struct{ before, after, want string }{
		"everybody":        {service, `"*"`, "for `*`"},
		"everybody at AWS": {service, `{"AWS":"*"}`, "for `*`"},
		"another account": {
			service,
			`{"Service":"ec2.amazonaws.com","AWS":"arn:aws:iam::444455556666:root"}`,
			"for `AWS:arn:aws:iam::444455556666:root`",
		},
		"another order": {`{"Service":["a","b"]}`, `{"Service":["b","a"]}`, ""},
		"one less":      {`{"Service":["a","b"]}`, `{"Service":"a"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := reviewSteps(t, step("update", stack+catalog.IAMRole+"::r", trust(c.before), trust(c.after), "assumeRolePolicy"))
			if c.want == "" {
				assert.Empty(t, r.Findings)
				return
			}
			require.Len(t, r.Findings, 1)
			assert.Contains(t, r.Findings[0].Text, c.want)
			assert.False(t, r.Safe())
		})
	}
}

// The SDK takes a document as an object as well as a text.
func TestAPolicyThatIsAnObjectIsRead(t *testing.T) {
	document := func(action string) inputs {
		return inputs{"policy": inputs{"Statement": []any{inputs{"Effect": "Allow", "Action": action, "Resource": "*"}}}}
	}
	r := reviewSteps(t, step("update", policyURN, document("s3:GetObject"), document("s3:*"), "policy"))
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "allows `s3:*` on `*`", r.Findings[0].Text)
	assert.Empty(t, reviewSteps(t, step("update", policyURN, document("s3:*"), document("s3:GetObject"), "policy")).Findings)
}

func TestAPolicyThatIsASecretIsNotCalledSafe(t *testing.T) {
	r := reviewSteps(t, step("update", policyURN, inputs{"policy": "[secret]"}, inputs{"policy": "[secret]"}, "policy"))
	assert.False(t, r.Safe())
	assert.Contains(t, of(r, review.Permission)[0].Text, "is a secret, and cannot be judged")
}

func rolePolicy(name string, before, after string) map[string]any {
	in := func(s string) inputs {
		if s == "" {
			return nil
		}
		return inputs{"role": "nodes", "policy": `{"Statement":[` + s + `]}`}
	}
	op := "update"
	switch {
	case before == after:
		op = "same"
	case before == "":
		op = "create"
	case after == "":
		op = "delete"
	}
	return step(op, stack+catalog.IAMRolePolicy+"::"+name, in(before), in(after), "policy")
}

// What a role may do is the sum of its policies, however they are cut.
func TestThePoliciesOfARoleAreJudgedTogether(t *testing.T) {
	get := `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
	put := `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`
	deny := `{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}`
	for name, steps := range map[string][]map[string]any{
		"a statement moves to another policy":  {rolePolicy("a", get+","+put, get), rolePolicy("b", "", put)},
		"a denial stays in another policy":     {rolePolicy("a", get+","+put, get), rolePolicy("b", deny, deny)},
		"a denial moves to another policy":     {rolePolicy("a", get+","+deny, get), rolePolicy("b", "", deny)},
		"a denial moves with a deleted policy": {rolePolicy("a", deny, ""), rolePolicy("b", get, get+","+deny)},
	} {
		assert.Empty(t, of(reviewSteps(t, steps...), review.Permission), name)
	}
	r := reviewSteps(t, rolePolicy("a", deny, ""), rolePolicy("b", get, get))
	require.Len(t, of(r, review.Permission), 1)
	assert.Equal(t, "no longer denies `s3:deleteobject` on `*`", of(r, review.Permission)[0].Text)
	assert.False(t, r.Safe())
}

func TestConditionsAreComparedByWhatTheyLetThrough(t *testing.T) {
	allow := func(condition string) inputs {
		return statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{` + condition + `}}`)
	}
	for name, c := range map[string]struct {
		before, after string
		wider         bool
	}{
		"a net in it": {
			`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, `"IpAddress":{"aws:SourceIp":["10.1.0.0/9","10.9.9.9"]}`, false,
		},
		"a network around":   {`"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}`, `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, true},
		"no network":         {`"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}`, `"IpAddress":{"aws:SourceIp":"all"}`, true},
		"an operator's case": {`"StringEquals":{"aws:SourceVpc":"a"}`, `"stringequals":{"AWS:SourceVpc":"a"}`, false},
		"if it exists":       {`"StringEquals":{"aws:SourceVpc":"a"}`, `"StringEqualsIfExists":{"aws:SourceVpc":"a"}`, true},
		"a name within":      {`"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b*"}`, `"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bpa"}`, false},
		"fewer exceptions":   {`"StringNotEquals":{"aws:SourceVpc":["a","b"]}`, `"StringNotEquals":{"aws:SourceVpc":"a"}`, true},
		"one condition more": {
			`"Bool":{"aws:SecureTransport":"true"}`,
			`"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"a"}`,
			false,
		},
		"one condition less": {
			`"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"a"}`,
			`"StringEquals":{"aws:SourceVpc":"a"}`,
			true,
		},
		"another key entirely": {`"StringEquals":{"aws:SourceVpc":"a"}`, `"StringEquals":{"aws:SourceVpce":"a"}`, true},
	} {
		r := reviewSteps(t, step("update", policyURN, allow(c.before), allow(c.after), "policy"))
		assert.Equal(t, !c.wider, r.Safe(), name)
	}
}

func TestAStatementThatCannotBeTakenApartIsComparedAsAWhole(t *testing.T) {
	before := `{"Sid":"x","Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"}`
	same := `{"Effect":"Allow","NotAction":["STS:*","iam:*"],"Resource":["*"]}`
	assert.Empty(t, reviewSteps(t, step("update", policyURN, statement(before), statement(same), "policy")).Findings)
	r := reviewSteps(t, step("update", policyURN, statement(before), statement(strings.Replace(before, `"iam:*",`, "", 1)), "policy"))
	assert.False(t, r.Safe())
	first := reviewSteps(t, step("create", policyURN, nil, statement(before)))
	assert.False(t, first.Safe(), "also in a first deployment: nobody sees what it allows")
}

func TestRightsThatAreGivenByNameAreFound(t *testing.T) {
	scope := func(kind string) inputs { return inputs{"type": kind, "namespaces": []any{"bpa-ns"}} }
	for name, c := range map[string]struct {
		typ           string
		before, after inputs
		want          string
	}{
		"another policy of a role": {
			catalog.IAMRolePolicyAttachment,
			nil,
			inputs{"role": "nodes", "policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
			"attaches `arn:aws:iam::aws:policy/PowerUserAccess` to `nodes`",
		},
		"the same policy for another": {
			catalog.IAMRolePolicyAttachment,
			inputs{"role": "a", "policyArn": "p"},
			inputs{"role": "b", "policyArn": "p"},
			"attaches `p` to `b`",
		},
		"a policy of the role itself": {
			catalog.IAMRole,
			inputs{"managedPolicyArns": []any{"p"}},
			inputs{"managedPolicyArns": []any{"p", "q"}},
			"attaches `q`",
		},
		"a bound that goes": {catalog.IAMRole, inputs{"permissionsBoundary": "b"}, inputs{}, "another bound of permissions"},
		"a group's policy": {
			catalog.IAMGroupPolicyAttachment,
			nil,
			inputs{"group": "g", "policyArn": "p"},
			"attaches `p` to `g`",
		},
		"another role of instances": {
			catalog.IAMInstanceProfile,
			inputs{"role": "a"},
			inputs{"role": "b"},
			"lets instances act as `b`",
		},
		"a role for pods": {
			catalog.EKSPodIdentityAssociation,
			nil,
			inputs{"roleArn": "r", "serviceAccount": "s", "namespace": "n"},
			"lets pods act as `r` to `s` in `n`",
		},
		"the whole cluster": {
			catalog.EKSAccessPolicyAssociation,
			inputs{"principalArn": "a", "policyArn": "p", "accessScope": scope("namespace")},
			inputs{"principalArn": "a", "policyArn": "p", "accessScope": scope("cluster")},
			"gives `a` `p` in the whole cluster",
		},
		"a group of Kubernetes": {
			catalog.EKSAccessEntry,
			inputs{"principalArn": "a"},
			inputs{"principalArn": "a", "kubernetesGroups": []any{"system:masters"}},
			"gives `a` the group `system:masters` in Kubernetes",
		},
		"a function for another": {
			catalog.LambdaPermission,
			nil,
			inputs{"action": "lambda:InvokeFunction", "principal": "*"},
			"gives `lambda:InvokeFunction` to `*`",
		},
		"a key's operation": {
			catalog.KMSGrant,
			nil,
			inputs{"operations": []any{"Decrypt"}, "keyId": "k", "granteePrincipal": "a"},
			"gives `Decrypt` with `k` to `a`",
		},
		"a role at Atlas": {
			catalog.AtlasDatabaseUser,
			inputs{"username": "u", "roles": []any{inputs{"roleName": "read", "databaseName": "d"}}},
			inputs{"username": "u", "roles": []any{inputs{"roleName": "atlasAdmin", "databaseName": "admin"}}},
			"gives `atlasAdmin` on `admin` to `u`",
		},
		"a binding": {
			catalog.KubernetesClusterRoleBinding,
			nil,
			inputs{
				"roleRef":  inputs{"kind": "ClusterRole", "name": "cluster-admin"},
				"subjects": []any{inputs{"kind": "ServiceAccount", "name": "default"}},
			},
			"binds `ClusterRole` `cluster-admin` to `ServiceAccount` `default`",
		},
		"a rule of a role": {
			catalog.KubernetesRole,
			inputs{"rules": []any{inputs{"verbs": []any{"get"}, "resources": []any{"pods"}}}},
			inputs{"rules": []any{inputs{"verbs": []any{"get", "delete"}, "resources": []any{"pods"}}}},
			"allows `delete` on `pods`",
		},
		"a name that is not known yet": {
			catalog.IAMRolePolicyAttachment,
			nil,
			inputs{"role": "nodes", "policyArn": unknown},
			"attaches something known after up to `nodes`",
		},
	} {
		t.Run(name, func(t *testing.T) {
			op := map[bool]string{true: "create", false: "update"}[c.before == nil]
			same := step("same", queueURN, inputs{}, inputs{})
			r := reviewSteps(t, same, step(op, stack+c.typ+"::it", c.before, c.after))
			require.Len(t, of(r, review.Permission), 1)
			assert.Contains(t, of(r, review.Permission)[0].Text, c.want)
			assert.False(t, r.Safe())
			kept := reviewSteps(t, same, step("update", stack+c.typ+"::it", c.after, c.after))
			assert.Empty(t, of(kept, review.Permission), "what stays gives nothing")
		})
	}
}

func TestARoleThatIsReplacedKeepsItsRights(t *testing.T) {
	urn := stack + catalog.IAMRolePolicyAttachment + "::a"
	r := reviewSteps(
		t,
		step("replace", urn, inputs{"role": "nodes-1", "policyArn": "p"}, inputs{"role": unknown, "policyArn": "p"}, "role"),
	)
	assert.Empty(t, of(r, review.Permission))
	policy := `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	r = reviewSteps(t, step("replace", stack+catalog.IAMRolePolicy+"::p",
		inputs{"role": "nodes-1", "policy": policy}, inputs{"role": unknown, "policy": policy}, "role"))
	assert.Empty(t, of(r, review.Permission))
}

func TestAFirstDeploymentMayAllowWhatIsNotEverything(t *testing.T) {
	attach := func(arn string) map[string]any {
		return step("create", stack+catalog.IAMRolePolicyAttachment+"::a", nil, inputs{"role": "r", "policyArn": arn})
	}
	for _, c := range []struct {
		step map[string]any
		safe bool
	}{
		{attach("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"), true},
		{attach("arn:aws:iam::aws:policy/AdministratorAccess"), false},
		{step("create", policyURN, nil, statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`)), true},
		{step("create", policyURN, nil, statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`)), false},
		{step("create", policyURN, nil, statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":"*"}`)), false},
	} {
		r := reviewSteps(t, c.step)
		assert.True(t, r.FirstDeployment)
		assert.Equal(t, c.safe, r.Safe(), "%v", c.step)
	}
}
