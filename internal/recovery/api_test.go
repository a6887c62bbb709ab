package recovery_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

// cluster answers as the Kubernetes API does, over TLS and to who has the token.
type cluster struct {
	t       *testing.T
	secrets []any
	// pods are those of bpa-ns, logs what their containers say, by pod, container, previous and tailLines.
	pods string
	logs map[string]string

	kubeconfig string
}

func (c *cluster) start() *recovery.API {
	c.t.Helper()
	c.serve()
	api, err := recovery.NewAPI([]byte(c.kubeconfig))
	require.NoError(c.t, err)
	return api
}

func (c *cluster) serve() {
	c.t.Helper()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /api/v1/secrets", func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(c.t, "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)", r.FormValue("labelSelector"))
		assert.NoError(c.t, json.NewEncoder(w).Encode(object{"kind": "SecretList", "apiVersion": "v1", "items": c.secrets}))
	})
	routes.HandleFunc("PUT /api/v1/namespaces/bpa-ns/secrets/sh.helm.release.v1.bpa-rel.v1", func(w http.ResponseWriter, r *http.Request) {
		var replaced object
		assert.NoError(c.t, json.NewDecoder(r.Body).Decode(&replaced))
		if replaced["metadata"].(object)["resourceVersion"] != c.secrets[0].(object)["metadata"].(object)["resourceVersion"] {
			refuse(w, http.StatusConflict, "the object has been modified; please apply your changes to the latest version and try again")
			return
		}
		c.secrets[0] = replaced
		assert.NoError(c.t, json.NewEncoder(w).Encode(replaced))
	})
	routes.HandleFunc("GET /api/v1/namespaces/bpa-ns/pods", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(c.pods))
	})
	routes.HandleFunc("GET /api/v1/namespaces/bpa-ns/pods/{pod}/log", func(w http.ResponseWriter, r *http.Request) {
		asked := r.PathValue("pod") + " " + r.FormValue("container") + " " + r.FormValue("previous") + " " + r.FormValue("tailLines")
		text, there := c.logs[asked]
		if !there {
			refuse(w, http.StatusBadRequest, "no log for "+asked)
			return
		}
		_, _ = w.Write([]byte(text))
	})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" {
			refuse(w, http.StatusUnauthorized, "Unauthorized")
			return
		}
		routes.ServeHTTP(w, r)
	}))
	c.t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	b, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "bpa-dev",
		"clusters": []any{object{"name": "bpa-dev", "cluster": object{
			"server": server.URL, "certificate-authority-data": base64.StdEncoding.EncodeToString(ca),
		}}},
		"contexts": []any{object{"name": "bpa-dev", "context": object{"cluster": "bpa-dev", "user": "bpa-dev"}}},
		"users":    []any{object{"name": "bpa-dev", "user": object{"token": "token"}}},
	})
	require.NoError(c.t, err)
	c.kubeconfig = string(b)
}

func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message})
}

// unreadyPods are of every kind that an installation leaves behind, beside one that serves and one that has done its work.
const unreadyPods = `{"kind": "PodList", "apiVersion": "v1", "items": [
	{"metadata": {"name": "serves"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
	{"metadata": {"name": "done"}, "status": {"phase": "Succeeded", "conditions": [{"type": "Ready", "status": "False"}]}},
	{"metadata": {"name": "nowhere"}, "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
		"reason": "Unschedulable", "message": "0/4 nodes are available:\n4 Insufficient memory."}]}},
	{"metadata": {"name": "pulls"}, "status": {"phase": "Pending", "containerStatuses": [{"name": "kong", "ready": false,
		"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"x/kong:1\""}}}]}},
	{"metadata": {"name": "dies", "namespace": "bpa-ns"}, "status": {"phase": "Running",
		"initContainerStatuses": [{"name": "waits", "ready": false, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
		"containerStatuses": [{"name": "beside", "ready": true, "state": {"running": {}}}, {"name": "camunda", "ready": false,
			"restartCount": 6, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
			"lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}]}},
	{"metadata": {"name": "probed", "namespace": "bpa-ns"}, "status": {"phase": "Running",
		"containerStatuses": [{"name": "mongo", "ready": false, "state": {"running": {}}}]}},
	{"metadata": {"name": "evicted"}, "status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource"}},
	{"metadata": {"name": "new"}, "status": {"phase": "Pending"}}
]}`

func TestThePodsOfAReleaseThatHasFailedSayWhyTheyAreNotReady(t *testing.T) {
	c := &cluster{t: t, pods: unreadyPods, logs: map[string]string{
		"dies camunda true 10": "starting\npassword authentication failed for user \"camunda\"\n",
	}}
	c.serve()
	const provider = "urn:pulumi:dev::bpa::" + catalog.KubernetesProvider + "::cluster-kubernetes"
	release := entry(catalog.HelmRelease, "bpa-release", "bpa-ns/bpa-rel", object{"namespace": "bpa-ns", "name": "bpa-rel"})
	release["provider"] = provider + "::id"
	plaintext, err := json.Marshal(c.kubeconfig)
	require.NoError(t, err)
	reached := entry(catalog.KubernetesProvider, "cluster-kubernetes", "id", object{"kubeconfig": object{
		"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": string(plaintext),
	}})
	pods, err := recovery.Unready(context.Background(), state(t, []object{reached, release}, nil))
	require.NoError(t, err)
	assert.Empty(t, pods, "a release that has not failed is not looked at")

	release["initErrors"] = []any{"context deadline exceeded"}
	pods, err = recovery.Unready(context.Background(), state(t, []object{reached, release}, nil))
	require.NoError(t, err)
	said := ""
	for _, pod := range pods {
		said += pod.String()
	}
	assert.Equal(t, `not ready: pod bpa-ns/nowhere: Unschedulable: 0/4 nodes are available: 4 Insufficient memory.
not ready: pod bpa-ns/pulls: kong waits: ImagePullBackOff: Back-off pulling image "x/kong:1"
not ready: pod bpa-ns/dies: camunda waits: CrashLoopBackOff, has ended with 1: Error (6 restarts)
  camunda: starting
  camunda: password authentication failed for user "camunda"
not ready: pod bpa-ns/probed: mongo runs, and is not ready
  mongo: (its log cannot be read: no log for probed mongo  10)
not ready: pod bpa-ns/evicted: Evicted: The node was low on resource
not ready: pod bpa-ns/new: it is Pending
`, said)

	delete(reached["inputs"].(object), "kubeconfig")
	_, err = recovery.Unready(context.Background(), state(t, []object{reached, release}, nil))
	require.ErrorContains(t, err, provider+" has no kubeconfig that can be read")
}

func TestAClusterThatRefusesSaysSo(t *testing.T) {
	c := &cluster{t: t}
	c.serve()
	var config object
	require.NoError(t, json.Unmarshal([]byte(c.kubeconfig), &config))
	config["users"] = nil
	b, err := json.Marshal(config)
	require.NoError(t, err)
	api, err := recovery.NewAPI(b)
	require.NoError(t, err)
	_, err = api.Pending(context.Background())
	require.ErrorContains(t, err, "Unauthorized")
}
