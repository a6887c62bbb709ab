package review_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

const volumeInProd = stack + catalog.EBSVolume + "::data"

// old adds to the state before a step.
func old(s map[string]any, key string, value any) map[string]any {
	s["oldState"].(map[string]any)[key] = value
	return s
}

// Without --show-sames the engine shows what changes and the stack, and counts the rest.
func TestAChangeThatOnlyCreatesIsNoFirstDeployment(t *testing.T) {
	rule := step("create", stack+catalog.VPCSecurityGroupIngressRule+"::r", nil, inputs{
		"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrIpv4": "172.16.0.0/12",
	})
	for same, first := range map[int]bool{0: true, 200: false} {
		b, err := json.Marshal(map[string]any{"steps": []any{rule}, "changeSummary": map[string]int{"create": 1, "same": same}})
		require.NoError(t, err)
		p, err := stackdoc.ReadPreview(strings.NewReader(string(b)))
		require.NoError(t, err)
		r, err := review.New(p, review.Options{})
		require.NoError(t, err)
		assert.Equal(t, first, r.FirstDeployment)
		assert.Equal(t, first, r.Safe())
	}
}

func TestWhatAnInterruptedReplacementLeftIsToldFromItsSuccessor(t *testing.T) {
	left := old(step("delete", volumeInProd, inputs{"size": 1.0}, nil), "delete", true)
	r := reviewSteps(t, step("same", volumeInProd, inputs{"size": 1.0}, inputs{"size": 1.0}), left)
	assert.Equal(t, []string{"data delete data: deleted: an interrupted update has made its successor already, and left it"}, lines(r))
	assert.Equal(t, map[review.Kind]int{review.Same: 1, review.Delete: 1}, r.Counts)
	assert.False(t, r.Safe(), "what it holds may be nowhere else")
}

// With --refresh a resource has a step for what the cloud did by itself, and then one for what the program does.
func TestWhatARefreshFoundIsNotTakenForTheChange(t *testing.T) {
	in := inputs{"size": 1.0}
	r := reviewSteps(t, step("update", volumeInProd, in, inputs{"size": 2.0}, "size"), step("same", volumeInProd, inputs{"size": 2.0}, in))
	assert.Equal(t, []string{"note same data: has been changed outside of this stack"}, lines(r))
	assert.Equal(t, map[review.Kind]int{review.Same: 1}, r.Counts)
	r = reviewSteps(t, step("delete", volumeInProd, in, nil), step("create", volumeInProd, nil, in))
	assert.Equal(t, []string{"note create data: is gone from the cloud, without this stack"}, lines(r))
	assert.True(t, r.Safe())
	r = reviewSteps(t, step("update", volumeInProd, in, inputs{"size": 2.0}, "size"), step("delete", volumeInProd, in, nil))
	assert.False(t, r.Safe())
}

func TestAReplacementThatNoPropertyCausesSaysWhy(t *testing.T) {
	replace := func() map[string]any { return step("replace", volumeInProd, inputs{"size": 1.0}, inputs{"size": 1.0}) }
	key := stack + catalog.KMSKey + "::key"
	for want, steps := range map[string][]map[string]any{
		"replaced as it is tainted": {old(replace(), "taint", true)},
		"replaced, the old one deleted first, as `key`, which it needs, is": {
			old(replace(), "dependencies", []any{queueURN, key}),
			step("replace", key, inputs{"x": "1"}, inputs{"x": "2"}, "x"), step("same", queueURN, inputs{}, inputs{}),
		},
		"replaced, for which the engine names no property": {replace()},
	} {
		r := reviewSteps(t, steps...)
		assert.Contains(t, strings.Join(lines(r), "\n"), "data replace data: "+want)
	}
}

func TestWhatStaysInTheCloudIsNotCalledLost(t *testing.T) {
	r := reviewSteps(t, old(step("replace", volumeInProd, inputs{"size": 1.0}, inputs{"size": 2.0}, "size"), "retainOnDelete", true))
	assert.Equal(t, "nothing: the old one stays in the cloud, and nothing uses it any more", r.Findings[0].Lost)
	assert.False(t, r.Safe(), "the new one is empty all the same")
}

func TestAnImportOpensNothing(t *testing.T) {
	rule := inputs{"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrIpv4": "0.0.0.0/0"}
	r := reviewSteps(t, step("same", queueURN, inputs{}, inputs{}),
		step("import", stack+catalog.VPCSecurityGroupIngressRule+"::r", nil, rule),
		step("import", policyURN, nil, statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`)))
	assert.Empty(t, r.Findings, "it is like that already")
	assert.Equal(t, 2, r.Counts[review.Import])
}

func TestTheCloudsValueIsShownWhereTheInputsAreTheSame(t *testing.T) {
	s := step("update", queueURN, inputs{"delay": 1.0}, inputs{"delay": 1.0}, "delay")
	s["oldState"].(map[string]any)["outputs"] = inputs{"delay": 9.0}
	s["detailedDiff"] = map[string]any{"delay": map[string]any{"kind": "update", "inputDiff": false}}
	r := reviewSteps(t, s)
	assert.Equal(t, "delay (9 to 1)", r.Harmless[0].Causes[0].String())
}

func TestWhatACIPrintsAroundTheJSONIsPassedOver(t *testing.T) {
	p, err := stackdoc.ReadPreview(
		strings.NewReader("$ {cd} && pulumi preview\n{not json\n{\"steps\": [], \"changeSummary\": {\"same\": 1}}\n" +
			"warning: {a newer version}\n"),
	)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"same": 1}, p.Summary)
	_, err = stackdoc.ReadPreview(strings.NewReader(`{"steps": [{"op": "create", "urn": "urn:pulumi:a::b::c:d/e:F::g"}]}`))
	require.ErrorContains(t, err, "the preview did not end")
}

func TestRDSWaitsForItsWindowUnlessItIsToldNotTo(t *testing.T) {
	urn := stack + catalog.RDSInstance + "::db"
	for at, want := range map[any]string{true: "the database restarts", nil: ", in the next window of maintenance"} {
		r := reviewSteps(
			t,
			step("update", urn, inputs{"instanceClass": "a"}, inputs{"instanceClass": "b", "applyImmediately": at}, "instanceClass"),
		)
		assert.Contains(t, of(r, review.Interruption)[0].Downtime, want)
		assert.Equal(t, at == nil, strings.HasSuffix(of(r, review.Interruption)[0].Downtime, "maintenance"))
	}
}

func TestVersionsAreToldByTheEndOfStandardSupport(t *testing.T) {
	cluster := step("same", stack+catalog.EKSCluster+"::c", inputs{"version": "1.34"}, inputs{"version": "1.34"})
	other := step("same", stack+catalog.RDSInstance+"::db", inputs{}, inputs{"engine": "mysql", "engineVersion": "8.0"})
	b, err := json.Marshal(map[string]any{"steps": []any{cluster, other}, "changeSummary": map[string]any{}})
	require.NoError(t, err)
	p, err := stackdoc.ReadPreview(strings.NewReader(string(b)))
	require.NoError(t, err)
	for day, want := range map[string]string{
		"2026-08-01": "",
		"2026-11-25": "EKS `1.34`: standard support, after which it costs more, ends on 2026-12-02, in 7 days: " +
			`set cluster.version to "1.35", then the nodes one at a time (docs/upgrades.md)`,
		"2027-12-03": "EKS `1.34`: support ended on 2027-12-02: " +
			`set cluster.version to "1.35", then the nodes one at a time (docs/upgrades.md)`,
	} {
		on, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		r, err := review.New(p, review.Options{Date: on})
		require.NoError(t, err)
		if want == "" {
			assert.Empty(t, r.Findings)
			continue
		}
		require.Len(t, r.Findings, 1)
		assert.Equal(t, want, r.Findings[0].Text)
		assert.True(t, r.Safe(), "a version is nobody's change")
	}
}

func TestACertificateThatChangesIsToldFromItsTags(t *testing.T) {
	certificate, _, err := rehearsal.StandIn("bpa.example.com")
	require.NoError(t, err)
	urn := stack + catalog.ACMCertificate + "::c"
	before := inputs{"certificateBody": "old", "privateKey": "[secret]", "tags": inputs{"a": "b"}}
	after := inputs{"certificateBody": certificate, "privateKey": "[secret]", "tags": inputs{"a": "c"}}
	r := reviewSteps(t, step("update", urn, before, after, "certificateBody", "privateKey"))
	require.Len(t, of(r, review.Credential), 1)
	assert.Regexp(t, "^another certificate, for `bpa.example.com`, until 20[0-9-]+$", of(r, review.Credential)[0].Text)
	assert.Empty(t, of(reviewSteps(t, step("update", urn, before, after, "tags.a")), review.Credential))
}

func TestSecretsAreMaskedByTheirNameAndForm(t *testing.T) {
	pod := func(password string) inputs {
		return inputs{"spec": inputs{"containers": []any{inputs{
			"env": []any{
				inputs{"name": "DB_PASSWORD", "value": password}, inputs{"name": "LEVEL", "value": "debug"},
				inputs{"name": "URL", "value": "mongodb://bpa:" + password + "@db.example/x"},
			},
			"args": []any{"-----BEGIN PRIVATE KEY-----\n" + password + "\n-----END PRIVATE KEY-----"}, "adminPassword": password,
		}}}}
	}
	r := reviewSteps(t, step(
		"update",
		stack+catalog.KubernetesDeployment+"::d",
		pod("hunter2"),
		pod("hunter3"),
		"spec.containers[0].env[0].value",
		"spec.containers[0].env[2].value",
		"spec.containers[0].args[0]",
		"spec.containers[0].adminPassword",
	))
	b, err := json.Marshal(r)
	require.NoError(t, err)
	for _, text := range []string{r.Markdown(review.CommentLimit), string(b)} {
		assert.NotContains(t, text, "hunter")
	}
	assert.Contains(t, string(b), "spec.containers[0].env[0].value")
	r = reviewSteps(t, step("update", stack+catalog.RDSParameterGroup+"::p",
		inputs{"parameters": []any{inputs{"name": "password_encryption", "value": "md5"}}},
		inputs{"parameters": []any{inputs{"name": "password_encryption", "value": "scram-sha-256"}}}, "parameters[0].value"))
	assert.Contains(t, r.Markdown(review.CommentLimit), "(md5 to scram-sha-256)", "a setting is no secret")
}

// A type that is in no table is called a loss of unknown gravity, which helps nobody who has to approve it.
func TestEveryTypeThatTheStacksDeployIsKnown(t *testing.T) {
	types := map[string]bool{}
	for _, name := range []string{"dev", "prod"} {
		b, err := os.ReadFile("../../test/platform/testdata/" + name + ".graph")
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^ *((?:aws|kubernetes|mongodbatlas|random):\S+) `).FindAllStringSubmatch(string(b), -1) {
			types[m[1]] = true
		}
	}
	require.Greater(t, len(types), 50)
	for typ := range types {
		r := reviewSteps(t, step("replace", stack+typ+"::it", inputs{"x": "a"}, inputs{"x": "b"}, "x"))
		for _, f := range r.Findings {
			assert.NotContains(t, f.Downtime, "not known", typ)
		}
	}
}

// A document and an event log write a secret in two ways, and neither shows more than that it is one.
func TestUnknownsAndSecretsReadAsWords(t *testing.T) {
	const urn = stack + catalog.KubernetesConfigMap + "::c"
	inEvent := inputs{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
	object := func(secret any, size string) inputs {
		return inputs{"data": inputs{"id": unknown, "note": secret, "password": secret, "token": unknown, "size": size}}
	}
	event, err := json.Marshal(inputs{"timestamp": 1, "resourcePreEvent": inputs{"metadata": inputs{
		"op": "update", "urn": urn, "old": inputs{"urn": urn, "custom": true, "inputs": object(inEvent, "1")},
		"new": inputs{"urn": urn, "custom": true, "inputs": object(inEvent, "2")}, "diffs": []any{"data.note", "data.id"},
	}}})
	require.NoError(t, err)
	log := string(event) + "\n" + `{"timestamp": 2, "summaryEvent": {"resourceChanges": {"update": 1}}}`
	p, err := stackdoc.ReadPreview(strings.NewReader(log))
	require.NoError(t, err)
	fromLog, err := review.New(p, review.Options{})
	require.NoError(t, err)
	fromDocument := reviewSteps(t, step("update", urn, object("[secret]", "1"), object("[secret]", "2"), "data.note", "data.id"))
	for _, r := range []*review.Review{fromLog, fromDocument} {
		require.Len(t, r.Kubernetes, 1)
		for _, want := range []string{
			"    id: (known after up)\n", "    note: '[secret]'\n", "    password: '[secret]'\n", "    token: (known after up)\n",
			"# changed, and not shown: data.note\n",
		} {
			assert.Contains(t, r.Kubernetes[0].Diff, want)
		}
		b, err := json.Marshal(r)
		require.NoError(t, err)
		assert.NotContains(t, string(b)+r.Markdown(review.CommentLimit), unknown)
		assert.NotContains(t, string(b)+r.Markdown(review.CommentLimit), "4dabf181")
	}
}
