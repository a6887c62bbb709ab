package recovery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Pod is one that is not ready.
type Pod struct {
	Namespace, Name string
	// Why says what keeps it: that it has no node, or what each of its containers does instead.
	Why []string
	// Logs are the last lines of its containers that have run and are not ready.
	Logs []Log
}

// Log is the end of what a container has said.
type Log struct {
	Container string
	Lines     []string
}

// String says why the pod is not ready, and shows its logs.
func (p Pod) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "not ready: pod %s/%s: %s\n", p.Namespace, p.Name, strings.Join(p.Why, "; "))
	for _, log := range p.Logs {
		for _, line := range log.Lines {
			fmt.Fprintf(&b, "  %s: %s\n", log.Container, line)
		}
	}
	return b.String()
}

// logged is how many lines are shown of a log.
const logged = "10"

// Unready returns the pods that are not ready of the releases that have failed, or were under way, by a state whose secrets are
// readable. Where there is no such release, nothing is asked.
func Unready(ctx context.Context, state []byte) ([]Pod, error) {
	s, err := stackdoc.ReadState(state)
	if err != nil {
		return nil, err
	}
	var namespaces []string
	for _, release := range releasesOf(s) {
		if release.doubtful {
			namespaces = append(namespaces, release.namespace)
		}
	}
	if len(namespaces) == 0 {
		return nil, nil
	}
	kubeconfig, err := KubeconfigOf(state)
	if err != nil {
		return nil, err
	}
	api, err := NewAPI(kubeconfig)
	if err != nil {
		return nil, err
	}
	slices.Sort(namespaces)
	var unready []Pod
	for _, namespace := range slices.Compact(namespaces) {
		found, err := api.unready(ctx, namespace)
		if err != nil {
			return nil, err
		}
		unready = append(unready, found...)
	}
	return unready, nil
}

// unready returns the pods of a namespace that are not ready, with the reason and the end of their logs.
func (a *API) unready(ctx context.Context, namespace string) ([]Pod, error) {
	var list corev1.PodList
	if err := a.get(ctx, &list, "/api/v1/namespaces/"+namespace+"/pods", nil); err != nil {
		return nil, err
	}
	var unready []Pod
	for _, p := range list.Items {
		if ready(p.Status) {
			continue
		}
		pod := Pod{Namespace: namespace, Name: p.Name, Why: obstacles(p.Status)}
		for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
			if problem(c) == "" || c.State.Running == nil && c.State.Terminated == nil && c.LastTerminationState.Terminated == nil {
				continue // it is well, or it has never run
			}
			pod.Logs = append(pod.Logs, Log{c.Name, a.log(ctx, p, c)})
		}
		unready = append(unready, pod)
	}
	return unready, nil
}

// log is the end of a container's log, or why there is none. One that waits to be started again has said something before.
func (a *API) log(ctx context.Context, p corev1.Pod, c corev1.ContainerStatus) []string {
	request := a.client.Get().AbsPath("/api/v1/namespaces/"+p.Namespace+"/pods/"+p.Name+"/log").
		Param("container", c.Name).Param("tailLines", logged)
	if c.State.Waiting != nil {
		request = request.Param("previous", "true")
	}
	text, err := do(ctx, request)
	if err != nil {
		return []string{fmt.Sprintf("(its log cannot be read: %v)", err)}
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
}

// ready reports whether a pod serves, or has done its work.
func ready(s corev1.PodStatus) bool {
	return s.Phase == corev1.PodSucceeded || slices.ContainsFunc(s.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// obstacles are what keeps a pod from being ready.
func obstacles(s corev1.PodStatus) (all []string) {
	for _, c := range s.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			all = append(all, because(c.Reason, c.Message))
		}
	}
	if s.Reason != "" {
		all = append(all, because(s.Reason, s.Message)) // such as Evicted
	}
	for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
		if why := problem(c); why != "" {
			all = append(all, c.Name+" "+why)
		}
	}
	if len(all) == 0 {
		all = append(all, "it is "+string(s.Phase))
	}
	return all
}

// problem says what a container does instead of serving, or "". One that comes before the others is well where it has ended.
func problem(c corev1.ContainerStatus) string {
	why := ""
	switch state := c.State; {
	case c.Ready, state.Terminated != nil && state.Terminated.ExitCode == 0:
		return ""
	case state.Waiting != nil:
		why = "waits: " + because(state.Waiting.Reason, state.Waiting.Message)
	case state.Terminated != nil:
		return ended(state.Terminated)
	default:
		why = "runs, and is not ready"
	}
	if last := c.LastTerminationState.Terminated; last != nil {
		why += fmt.Sprintf(", %s (%d restarts)", ended(last), c.RestartCount)
	}
	return why
}

func ended(t *corev1.ContainerStateTerminated) string {
	return fmt.Sprintf("has ended with %d: %s", t.ExitCode, because(t.Reason, t.Message))
}

func because(reason, message string) string {
	return strings.TrimSuffix(reason+": "+strings.Join(strings.Fields(message), " "), ": ")
}
