package apiserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/bpa-on-aws/platform/internal/apiserver"
)

// judge returns "path: message" of each problem of one object in namespace bpa-ns of Kubernetes 1.35.
func judge(t *testing.T, change func(*apiserver.Cluster), objects ...string) []string {
	t.Helper()
	cluster := apiserver.Cluster{Minor: 35, Namespace: "bpa-ns"}
	if change != nil {
		change(&cluster)
	}
	var list []map[string]any
	for _, text := range objects {
		var object map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &object))
		list = append(list, object)
	}
	var found []string
	for _, p := range apiserver.Judge(list, cluster) {
		found = append(found, p.Path+": "+p.Message)
	}
	return found
}

const pod = "spec: {template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}\n"

// Objects that an API server takes as they are: what it fills in itself is no problem.
func TestWhatIsGoodHasNoProblem(t *testing.T) {
	for _, text := range []string{
		"apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n" + pod,
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a, namespace: bpa-ns}\nrules: []\n",
		"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\n" +
			"spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
		"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  maxReplicas: 3\n" +
			"  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}\n",
		"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n" +
			"spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}\n",
		"apiVersion: crd.k8s.amazonaws.com/v1alpha1\nkind: ENIConfig\nmetadata: {name: us-west-2a}\nspec: {subnet: subnet-1}\n",
	} {
		assert.Empty(t, judge(t, func(c *apiserver.Cluster) { c.Kinds = apiserver.OfEKS() }, text), text)
	}
}

func TestWhatIsWrongIsSaidAtItsPath(t *testing.T) {
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  selector: {matchLabels: {a: b}}\n" +
		"  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n"
	for _, test := range []struct{ text, want string }{
		{
			"apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: b}]}}}\n",
			`spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`,
		},
		{
			deployment + "      - {name: a, image: b, env: [{name: A, value: 5}]}\n",
			"spec.template.spec.containers[0].env[0].value: must be of type string, and is a number",
		},
		{
			deployment + "      - {name: a, image: b, volumeMounts: [{name: gone, mountPath: /a}]}\n",
			`spec.template.spec.containers[0].volumeMounts[0].name: Not found: "gone"`,
		},
		{
			deployment + "      - {name: a, image: b, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}\n",
			`spec.template.spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
		},
		{
			deployment + "      - {name: A_b, image: b}\n",
			"spec.template.spec.containers[0].name: Invalid value",
		},
		{
			"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: '!'}\n",
			"data[a]: illegal base64 data",
		},
		{
			"apiVersion: apps/v1\nkind: Deployement\nmetadata: {name: a}\n",
			`apiVersion: no matches for kind "Deployement" in version "apps/v1": no custom resource definition`,
		},
		{
			"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: hourly, jobTemplate: {" + pod[:len(pod)-1] + "}}\n",
			"spec.schedule: Invalid value",
		},
		{
			"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 8080}]}\n",
			"spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range",
		},
	} {
		found := judge(t, nil, test.text)
		require.NotEmpty(t, found, test.text)
		assert.Contains(t, found[0], test.want)
	}
}

func TestAVersionOfAnAPIIsServedByVersionsOfTheCluster(t *testing.T) {
	at := func(minor int) func(*apiserver.Cluster) { return func(c *apiserver.Cluster) { c.Minor = minor } }
	const budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {}\n"
	assert.Empty(t, judge(t, at(24), budget))
	assert.Contains(t, judge(t, at(25), budget)[0], "Kubernetes 1.25 removed it, and the cluster has 1.25; write policy/v1")
	assert.Empty(t, judge(t, at(0), budget), "a cluster of which nobody knows the version")
	const cidr = "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: a}\nspec: {cidrs: [10.0.0.0/16]}\n"
	assert.Contains(t, judge(t, at(32), cidr)[0], "it came with Kubernetes 1.33, and the cluster has 1.32")
	assert.Empty(t, judge(t, at(33), cidr))
	assert.Contains(t, judge(t, at(35), "apiVersion: networking.k8s.io/v1beta1\nkind: ServiceCIDR\nmetadata: {name: a}\n")[0],
		"no matches for kind")
}

func TestPodsNeedANodeThatTakesThem(t *testing.T) {
	nodes := func(c *apiserver.Cluster) {
		c.Nodes = []map[string]string{apiserver.NodeLabels(map[string]string{"name": "node-1"})}
	}
	job := func(spec string) string {
		return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n" +
			"spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}], " + spec + "}}}\n"
	}
	const affinity = "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [" +
		"{key: name, operator: In, values: [%]}]}]}}}"
	assert.Empty(t, judge(t, nodes, job("nodeSelector: {name: node-1, kubernetes.io/os: linux}")))
	assert.Equal(t, []string{"spec.template.spec.nodeSelector: no node has the labels name=node-2"},
		judge(t, nodes, job("nodeSelector: {name: node-2}")))
	assert.Empty(t, judge(t, nil, job("nodeSelector: {name: node-2}")), "nobody knows the nodes")
	assert.Empty(t, judge(t, nodes, job("affinity: {}")))
	assert.Equal(t, []string{"spec.template.spec.affinity: no node has what its affinity requires"},
		judge(t, nodes, job(strings.Replace(affinity, "%", "node-7", 1))))
	assert.Empty(t, judge(t, nodes, job(strings.Replace(affinity, "%", "node-1", 1))))
}

func TestMinorOf(t *testing.T) {
	for version, want := range map[string]int{"v1.35.0": 35, "1.30": 30, "": 0, "latest": 0} {
		assert.Equal(t, want, apiserver.MinorOf(version), version)
	}
}
