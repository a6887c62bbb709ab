package recovery_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

// kept is a release as Helm keeps it in the data of a Secret: JSON, compressed, in base64, and that in base64 as Kubernetes
// prints it.
func kept(t *testing.T, release string) string {
	t.Helper()
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, err := w.Write([]byte(release))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(compressed.Bytes())))
}

func released(t *testing.T, data string) (release object) {
	t.Helper()
	once, err := base64.StdEncoding.DecodeString(data)
	require.NoError(t, err)
	twice, err := base64.StdEncoding.DecodeString(string(once))
	require.NoError(t, err)
	r, err := gzip.NewReader(bytes.NewReader(twice))
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(r).Decode(&release))
	return release
}

func secret(t *testing.T) object {
	t.Helper()
	return object{
		"type": "helm.sh/release.v1", "metadata": object{
			"name": "sh.helm.release.v1.bpa-rel.v1", "namespace": "bpa-ns", "resourceVersion": "7",
			"labels": object{"name": "bpa-rel", "owner": "helm", "status": "pending-install", "version": "1"},
		},
		"data": object{"release": kept(t, `{"name":"bpa-rel","version":1,"info":{"status":"pending-install","notes":"n"},"manifest":"m"}`)},
	}
}

func TestAPendingRevisionBecomesOneThatHasFailed(t *testing.T) {
	c := &cluster{t: t, secrets: []any{secret(t)}}
	api := c.start()
	pending, err := api.Pending(context.Background())
	require.NoError(t, err)
	require.Len(t, pending, 1)
	assert.Equal(t, "bpa-ns bpa-rel pending-install", pending[0].Namespace+" "+pending[0].Name+" "+pending[0].Status)
	require.NoError(t, api.Fail(context.Background(), pending[0]))

	replaced := c.secrets[0].(object)
	assert.Equal(t, "v1 Secret", replaced["apiVersion"].(string)+" "+replaced["kind"].(string))
	metadata := replaced["metadata"].(object)
	assert.Equal(t, "failed", metadata["labels"].(object)["status"])
	assert.Equal(t, "7", metadata["resourceVersion"], "so that a Helm that lives is not overwritten")
	after := released(t, replaced["data"].(object)["release"].(string))
	info := after["info"].(object)
	assert.Equal(t, "failed", info["status"])
	assert.Equal(t, "n", info["notes"], "everything else is kept")
	assert.Equal(t, "m", after["manifest"])
}

func TestASecretThatIsNoReleaseIsNamed(t *testing.T) {
	broken := secret(t)
	broken["data"] = object{"release": "no"}
	api := (&cluster{t: t, secrets: []any{broken}}).start()
	pending, err := api.Pending(context.Background())
	require.NoError(t, err)
	require.ErrorContains(t, api.Fail(context.Background(), pending[0]), "release bpa-ns/bpa-rel: reading what Helm keeps")
}

func TestARevisionThatALivingHelmHasWrittenIsNotOverwritten(t *testing.T) {
	c := &cluster{t: t, secrets: []any{secret(t)}}
	api := c.start()
	pending, err := api.Pending(context.Background())
	require.NoError(t, err)
	c.secrets[0].(object)["metadata"].(object)["resourceVersion"] = "8"
	require.ErrorContains(t, api.Fail(context.Background(), pending[0]), "the object has been modified")
}

// helm is one whose storage has what it is given.
type helm struct {
	pending []recovery.Revision
	err     error
	failed  []string
}

func (h *helm) Pending(context.Context) ([]recovery.Revision, error) { return h.pending, h.err }

func (h *helm) Fail(_ context.Context, r recovery.Revision) error {
	h.failed = append(h.failed, r.Namespace+"/"+r.Name)
	return nil
}

func recoverRelease(t *testing.T, h *helm, plugins ...recovery.Process) recovery.Report {
	t.Helper()
	inputs := object{"namespace": "bpa-ns", "name": "bpa-rel"}
	made := state(t, []object{entry(catalog.HelmRelease, "bpa-release", "bpa-ns/bpa-rel", inputs)}, nil)
	begun := state(t, nil, []object{underWay("creating", entry(catalog.HelmRelease, "bpa-release", "", inputs))})
	report, err := recovery.Recover(context.Background(), &fake{states: [][]byte{begun, made}}, recovery.Account{
		List: nothing, Helm: h, Plugins: func() ([]recovery.Process, error) { return plugins, nil },
	})
	require.NoError(t, err)
	return report
}

func TestARecoveryEndsWhatADeadHelmHasLeftPending(t *testing.T) {
	pending := []recovery.Revision{
		{Namespace: "other", Name: "bpa-rel", Status: "pending-upgrade"}, {Namespace: "bpa-ns", Name: "bpa-rel", Status: "pending-install"},
	}
	h := &helm{pending: pending}
	report := recoverRelease(t, h)
	assert.Equal(t, []string{"bpa-ns/bpa-rel"}, h.failed, "that of the stack alone")
	assert.Contains(t, report.String(), "no longer pending-install: "+catalog.HelmRelease+" bpa-release\n")

	h = &helm{pending: pending}
	report = recoverRelease(t, h, recovery.Process{ID: 42, Name: "pulumi-resource-kubernetes"})
	assert.Empty(t, h.failed, "its Helm lives")
	assert.Contains(t, report.String(), "process 42 (pulumi-resource-kubernetes) still works on it (pending-install)")

	report = recoverRelease(t, &helm{err: errors.New("no route")})
	assert.Contains(t, report.String(), "no route")
	assert.Contains(t, report.String(), "`helm uninstall bpa-rel --namespace bpa-ns`", "what somebody does where the cluster is reached")
}
