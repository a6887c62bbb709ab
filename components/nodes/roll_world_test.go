package nodes

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// world is a cluster of nodes in Auto Scaling groups of one, each with one pod that is bound to it by its label, as BPA's are. It
// answers as Kubernetes and AWS do. Time passes by looks: each time that somebody lists the nodes, everything goes a step on.
type world struct {
	t      *testing.T
	server *httptest.Server
	dir    string

	mu     sync.Mutex
	groups []*group
	pods   []*pod
	// versions are those of every group's launch template, the first first.
	versions []map[string]any
	// noCapacity names nodes whose launches fail. What was launched from that version or a newer one never becomes Ready where it is
	// dead, and its pods do not where it is full.
	noCapacity map[string]bool
	dead, full map[string]int
	// budget is how often an eviction is refused, by pod.
	budget map[string]int
	serial int
	// away is the greatest number of nodes that were missing at one moment; calls are those that changed something, in order.
	away  int
	calls []string
	// kill ends the script after that many calls more; 0: never.
	kill int
	end  func()
}

// group is an Auto Scaling group with its instance and the node that runs on it.
type group struct {
	node     string
	instance string
	version  int
	// age counts the looks since the launch: in service after 1, in the cluster after 2, Ready after 3. -1: there is none.
	age           int
	unschedulable bool
	mark          any
	activities    []string
}

func (g *group) inService() bool { return g.age >= 1 }
func (g *group) object() string  { return "ip-" + strings.TrimPrefix(g.instance, "i-") }

// pod is bound to a node, or of no certain one; a DaemonSet's never leaves.
type pod struct {
	name, bound, on string
	daemon, leaving bool
	ready           bool
}

// newWorld has a node for each name, all launched from version 1.
func newWorld(t *testing.T, names ...string) *world {
	t.Helper()
	requireCommand(t, "jq")
	w := &world{
		t: t, dir: t.TempDir(), noCapacity: map[string]bool{}, dead: map[string]int{}, full: map[string]int{},
		budget:   map[string]int{},
		versions: []map[string]any{template("AAAA", map[string]string{"owner": "a"})},
	}
	for i, name := range names {
		g := &group{node: name}
		w.launch(g)
		g.age = 100 // it has been there for long
		w.groups = append(w.groups, g)
		w.pods = append(w.pods, &pod{name: fmt.Sprintf("kafka-%d", i+1), bound: name, on: g.object(), ready: true},
			&pod{name: fmt.Sprintf("agent-%d", i+1), on: g.object(), daemon: true, ready: true})
	}
	w.server = httptest.NewTLSServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.server.Close)
	write(t, filepath.Join(w.dir, "account/token"), "the-token")
	write(t, filepath.Join(w.dir, "account/ca.crt"),
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.server.Certificate().Raw})))
	write(t, filepath.Join(w.dir, "bin/aws"), `#!/bin/sh
[ "$AWS_DEFAULT_REGION $1 $2" = 'us-west-2 --output json' ] || exit 252
shift 2
status=$(printf '%s\n' "$@" | curl -sS --cacert "$SECRETS/ca.crt" --data-binary @- -o "$WORLD/aws.answer" -w '%{http_code}' "$API/aws")
[ "$status" != 200 ] || exec cat "$WORLD/aws.answer"
cat "$WORLD/aws.answer" >&2
exit 254
`)
	require.NoError(t, os.Chmod(filepath.Join(w.dir, "bin/aws"), 0o755))
	write(t, filepath.Join(w.dir, "roll.sh"), rollScript)
	return w
}

// template is the data of a launch template's version.
func template(userData string, tags map[string]string) map[string]any {
	specifications := []any{}
	for _, kind := range []string{"instance", "volume", "network-interface"} {
		list := []any{}
		for key, value := range tags {
			list = append(list, map[string]any{"Key": key, "Value": value})
		}
		specifications = append(specifications, map[string]any{"ResourceType": kind, "Tags": list})
	}
	return map[string]any{"UserData": userData, "ImageId": "ami-1", "TagSpecifications": specifications}
}

// change makes a new version of every launch template, as `pulumi up` does before the job runs.
func (w *world) change(userData string, tags map[string]string) {
	w.versions = append(w.versions, template(userData, tags))
}

func (w *world) launch(g *group) {
	w.serial++
	g.instance, g.version, g.age, g.unschedulable, g.mark = fmt.Sprintf("i-%04d", w.serial), len(w.versions), 0, false, nil
}

// roll runs the Job: a pod after the other, on any node that takes one, until one succeeds or fails for good. It returns what the
// last one said, and how many there were.
func (w *world) roll() (string, int, error) {
	w.t.Helper()
	for n := 1; n <= 5; n++ {
		if output, exit := w.pod(fmt.Sprintf("POD=roll-%d", n)); exit == 0 {
			return output, n, nil
		} else if exit != handOver {
			return output, n, fmt.Errorf("exit %d", exit)
		}
	}
	w.t.Fatal("the pods hand over for ever")
	return "", 0, nil
}

// pod runs one pod of the Job and returns what it said, and its exit code.
func (w *world) pod(env ...string) (string, int) {
	w.t.Helper()
	cmd := exec.Command("bash", filepath.Join(w.dir, "roll.sh"))
	cmd.Env = append([]string{
		"PATH=" + filepath.Join(w.dir, "bin") + ":" + os.Getenv("PATH"), "AWS_DEFAULT_REGION=us-west-2", "WORLD=" + w.dir,
		"API=" + w.server.URL, "SECRETS=" + filepath.Join(w.dir, "account"), "MESSAGE=" + filepath.Join(w.dir, "message"),
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials", "NODES=" + w.nodes(), "HOST=" + w.host(),
		"WAIT=0", "OTHERS=6", "DRAIN=5", "ARRIVE=5", "SETTLE=4", "CALM=1",
	}, env...)
	w.end = func() { _ = cmd.Process.Kill() }
	output, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(output), exit.ExitCode()
	}
	require.NoError(w.t, err)
	return string(output), 0
}

func (w *world) nodes() string {
	var lines []string
	for _, g := range w.groups {
		lines = append(lines, g.node+" "+g.node+"-group")
	}
	return strings.Join(lines, "\n")
}

// host is the node that a new pod runs on.
func (w *world) host() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.groups {
		if w.isReady(g) && !g.unschedulable {
			return g.object()
		}
	}
	return "none"
}

func (w *world) message() string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "message"))
	require.NoError(w.t, err)
	return strings.TrimSpace(string(text))
}

// versionsRun are the versions that the nodes run.
func (w *world) versionsRun() []int {
	var list []int
	for _, g := range w.groups {
		list = append(list, g.version)
	}
	return list
}

func (w *world) isReady(g *group) bool { return g.age >= 3 && !ill(w.dead, g) }

func ill(from map[string]int, g *group) bool { return from[g.node] > 0 && g.version >= from[g.node] }

// step lets everything go on by one.
func (w *world) step() {
	for _, p := range w.pods {
		if p.leaving { // its controller makes another one, which waits for its node
			p.leaving, p.on, p.ready = false, "", false
		}
	}
	for _, g := range w.groups {
		switch {
		case g.age >= 0:
			g.age++
		case w.noCapacity[g.node]:
			g.activities = append(g.activities, "Could not launch On-Demand Instances. InsufficientInstanceCapacity - none left.")
		default:
			w.launch(g)
		}
		for _, p := range w.pods {
			if p.bound != g.node || !w.isReady(g) || g.unschedulable {
				continue
			}
			if p.on == g.object() {
				p.ready = !ill(w.full, g)
			}
			p.on = g.object()
		}
	}
}

// count notes how many nodes are missing, or lack their pod.
func (w *world) count() {
	away := map[string]bool{}
	for _, g := range w.groups {
		away[g.node] = !w.isReady(g)
	}
	for _, p := range w.pods {
		if p.bound != "" && !p.ready {
			away[p.bound] = true
		}
	}
	n := 0
	for _, gone := range away {
		if gone {
			n++
		}
	}
	w.away = max(w.away, n)
}

func (w *world) serve(out http.ResponseWriter, in *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.count()
	before := len(w.calls)
	defer func() {
		if w.kill > 0 && len(w.calls) > before {
			if w.kill--; w.kill == 0 {
				w.end()
			}
		}
	}()
	body, _ := io.ReadAll(in.Body)
	status, answer := http.StatusNotFound, any(map[string]any{"message": "not found"})
	path := strings.Split(strings.Trim(in.URL.Path, "/"), "/")
	switch {
	case in.URL.Path == "/aws":
		status, answer = w.aws(strings.Fields(string(body)))
	case in.Header.Get("Authorization") != "Bearer the-token":
		status, answer = http.StatusUnauthorized, map[string]any{"message": "Unauthorized"}
	case in.Method == http.MethodGet && in.URL.Path == "/api/v1/nodes":
		w.step()
		status, answer = http.StatusOK, map[string]any{"items": w.nodeObjects()}
	case in.Method == http.MethodGet && in.URL.Path == "/api/v1/pods":
		if in.URL.Query().Get("fieldSelector") == "status.phase!=Succeeded,status.phase!=Failed" {
			status, answer = http.StatusOK, map[string]any{"items": w.podObjects()}
		}
	case in.Method == http.MethodPatch && len(path) == 4 && in.Header.Get("Content-Type") == "application/merge-patch+json":
		status, answer = w.patch(path[3], body)
	case in.Method == http.MethodPost && path[len(path)-1] == "eviction":
		status, answer = w.evict(path[len(path)-2])
	}
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	if text, ok := answer.(string); ok {
		_, _ = io.WriteString(out, text)
		return
	}
	_ = json.NewEncoder(out).Encode(answer)
}

func (w *world) nodeObjects() []any {
	list := []any{}
	for _, g := range w.groups {
		if g.age < 2 {
			continue
		}
		ready := map[bool]string{true: "True", false: "False"}[w.isReady(g)]
		list = append(list, map[string]any{
			"metadata": map[string]any{
				"name": g.object(), "labels": map[string]any{"name": g.node}, "annotations": map[string]any{"bpa.cisco.com/roll": g.mark},
			},
			"spec":   map[string]any{"providerID": "aws:///us-west-2a/" + g.instance, "unschedulable": g.unschedulable},
			"status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": ready}}},
		})
	}
	return list
}

func (w *world) podObjects() []any {
	list := []any{}
	for _, p := range w.pods {
		metadata := map[string]any{"namespace": "bpa-ns", "name": p.name}
		if p.leaving {
			metadata["deletionTimestamp"] = "2026-11-28T00:00:00Z"
		}
		if p.daemon {
			metadata["ownerReferences"] = []any{map[string]any{"kind": "DaemonSet"}}
		}
		spec := map[string]any{}
		if p.bound != "" {
			spec["nodeSelector"] = map[string]any{"name": p.bound}
		}
		if p.on != "" {
			spec["nodeName"] = p.on
		}
		ready := map[bool]string{true: "True", false: "False"}[p.ready]
		list = append(list, map[string]any{
			"metadata": metadata, "spec": spec,
			"status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": ready}}},
		})
	}
	return list
}

func (w *world) patch(object string, body []byte) (int, any) {
	var change struct {
		Metadata struct{ Annotations map[string]any }
		Spec     struct{ Unschedulable *bool }
	}
	if err := json.Unmarshal(body, &change); err != nil {
		return http.StatusBadRequest, err.Error()
	}
	for _, g := range w.groups {
		if g.object() == object {
			g.mark = change.Metadata.Annotations["bpa.cisco.com/roll"]
			g.unschedulable = change.Spec.Unschedulable != nil && *change.Spec.Unschedulable
			w.calls = append(w.calls, fmt.Sprintf("mark %s %v", g.node, g.mark))
			return http.StatusOK, map[string]any{}
		}
	}
	return http.StatusNotFound, map[string]any{}
}

func (w *world) evict(name string) (int, any) {
	for _, p := range w.pods {
		if p.name != name {
			continue
		}
		if w.budget[name] > 0 {
			w.budget[name]--
			return http.StatusTooManyRequests, map[string]any{
				"message": "Cannot evict pod as it would violate the pod's disruption budget.",
			}
		}
		p.leaving, p.ready = true, false
		w.calls = append(w.calls, "evict "+name)
		return http.StatusCreated, map[string]any{}
	}
	return http.StatusNotFound, map[string]any{"message": "not found"}
}

// argument is the value after a flag of the AWS CLI.
func argument(args []string, flag string) string {
	if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

func (w *world) aws(args []string) (int, any) {
	switch strings.Join(args[:2], " ") {
	case "autoscaling describe-auto-scaling-groups":
		return http.StatusOK, map[string]any{"AutoScalingGroups": w.groupObjects()}
	case "ec2 describe-launch-template-versions":
		low, _ := strconv.Atoi(argument(args, "--min-version"))
		high, _ := strconv.Atoi(argument(args, "--max-version"))
		list := []any{}
		for n := low; n <= high; n++ {
			list = append(list, map[string]any{"VersionNumber": n, "LaunchTemplateData": w.versions[n-1]})
		}
		return http.StatusOK, map[string]any{"LaunchTemplateVersions": list}
	case "autoscaling terminate-instance-in-auto-scaling-group":
		for _, g := range w.groups {
			if g.instance == argument(args, "--instance-id") && slices.Contains(args, "--no-should-decrement-desired-capacity") {
				w.calls = append(w.calls, "terminate "+g.node)
				g.age, g.unschedulable, g.mark = -1, false, nil
				return http.StatusOK, map[string]any{}
			}
		}
	case "autoscaling describe-scaling-activities":
		list := []any{}
		for _, g := range w.groups {
			for _, text := range g.activities {
				if g.node+"-group" == argument(args, "--auto-scaling-group-name") {
					list = append(list, map[string]any{"StatusCode": "Failed", "StatusMessage": text})
				}
			}
		}
		return http.StatusOK, map[string]any{"Activities": list}
	case "ec2 describe-instances":
		id := argument(args, "--instance-ids")
		return http.StatusOK, map[string]any{"Reservations": []any{map[string]any{"Instances": []any{map[string]any{
			"InstanceId": id, "RootDeviceName": "/dev/xvda",
			"BlockDeviceMappings": []any{
				map[string]any{"DeviceName": "/dev/xvda", "Ebs": map[string]any{"VolumeId": "vol-root-" + id}},
				map[string]any{"DeviceName": "/dev/sdf", "Ebs": map[string]any{"VolumeId": "vol-opt-" + id}},
			},
			"NetworkInterfaces": []any{
				map[string]any{"NetworkInterfaceId": "eni-" + id, "Attachment": map[string]any{"DeviceIndex": 0}},
				map[string]any{"NetworkInterfaceId": "eni-pods-" + id, "Attachment": map[string]any{"DeviceIndex": 1}},
			},
		}}}}}
	case "ec2 create-tags", "ec2 delete-tags":
		w.calls = append(w.calls, args[1]+" "+argument(args, "--resources")+" "+argument(args, "--tags"))
		return http.StatusOK, map[string]any{}
	}
	return http.StatusBadRequest, "An error occurred (ValidationError): " + strings.Join(args, " ")
}

func (w *world) groupObjects() []any {
	list := []any{}
	for _, g := range w.groups {
		instances := []any{}
		if g.age >= 0 {
			state := map[bool]string{true: "InService", false: "Pending"}[g.inService()]
			instances = append(instances, map[string]any{
				"InstanceId": g.instance, "LifecycleState": state,
				"LaunchTemplate": map[string]any{"LaunchTemplateId": "lt-" + g.node, "Version": strconv.Itoa(g.version)},
			})
		}
		list = append(list, map[string]any{
			"AutoScalingGroupName": g.node + "-group", "Instances": instances,
			"LaunchTemplate": map[string]any{"LaunchTemplateId": "lt-" + g.node, "Version": strconv.Itoa(len(w.versions))},
		})
	}
	return list
}
