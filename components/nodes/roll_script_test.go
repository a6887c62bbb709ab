package nodes

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var four = []string{"node-1", "node-2", "node-3", "node-4"}

// only keeps the calls that begin so.
func only(calls []string, begin string) []string {
	return slices.DeleteFunc(slices.Clone(calls), func(c string) bool { return !strings.HasPrefix(c, begin) })
}

// finish rolls what an earlier roll has left, and requires that it is all there then.
func (w *world) finish(t *testing.T) {
	t.Helper()
	output, _, err := w.roll()
	require.NoError(t, err, output)
	for _, g := range w.groups {
		assert.Equal(t, len(w.versions), g.version, g.node)
		assert.Nil(t, g.mark, g.node)
		assert.False(t, g.unschedulable, g.node)
	}
	for _, p := range w.pods {
		assert.True(t, p.ready, p.name)
	}
	assert.Equal(t, 1, w.away, "at no moment are two away")
}

func TestR17ARollOfFourNodesTakesOneAwayAtATime(t *testing.T) {
	w := newWorld(t, four...)
	w.change("BBBB", nil)
	output, pods, err := w.roll()
	require.NoError(t, err, output)
	assert.Equal(t, []int{2, 2, 2, 2}, w.versionsRun())
	assert.Equal(t, 1, w.away, "at no moment are two away")
	assert.Equal(t, []string{"terminate node-1", "terminate node-2", "terminate node-3", "terminate node-4"}, only(w.calls, "terminate"))
	assert.Equal(t, []string{"evict kafka-1", "evict kafka-2", "evict kafka-3", "evict kafka-4"}, only(w.calls, "evict"),
		"each is drained, and what a DaemonSet runs stays")
	assert.Equal(t, 3, pods, "a pod whose own node goes next lets another one go on elsewhere")

	w.calls = nil
	w.finish(t)
	assert.Empty(t, w.calls, "a second run changes nothing")
}

func TestTagsReachWhatRunsAndReplaceNothing(t *testing.T) {
	w := newWorld(t, four...)
	w.change("AAAA", map[string]string{"cost": "b"})
	output, pods, err := w.roll()
	require.NoError(t, err, output)
	assert.Equal(t, []int{1, 1, 1, 1}, w.versionsRun())
	assert.Equal(t, 0, w.away)
	assert.Equal(t, 1, pods)
	assert.Equal(t, []string{
		`delete-tags i-0001 [{"Key":"owner"}]`, `create-tags i-0001 [{"Key":"cost","Value":"b"}]`,
		`delete-tags vol-root-i-0001 [{"Key":"owner"}]`, `create-tags vol-root-i-0001 [{"Key":"cost","Value":"b"}]`,
		`delete-tags eni-i-0001 [{"Key":"owner"}]`, `create-tags eni-i-0001 [{"Key":"cost","Value":"b"}]`,
	}, w.calls[:6], "the instance, and what its launch template makes with it: not /opt, nor what Kubernetes adds")
	assert.Len(t, w.calls, 24)
}

func TestWhatGoesWrongDuringARollEndsItAndIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		breaks, mends func(*world)
		message       string
		// versions are those that run when the roll has failed: 0 where none does.
		versions []int
	}{
		"a boot that dies": {
			func(w *world) { w.dead["node-2"] = 2 }, func(w *world) { w.dead["node-2"] = 0 },
			"node-2 did not come back: node-2 (ip-0006, i-0006, InService) is not Ready", []int{2, 2, 1, 1},
		},
		"a volume that is full": {
			func(w *world) { w.full["node-2"] = 2 }, func(w *world) { w.full["node-2"] = 0 },
			"node-2 came back, but pods of node-2 are not ready: bpa-ns/kafka-2", []int{2, 2, 1, 1},
		},
		"a full volume on the last node": {
			func(w *world) { w.full["node-4"] = 2 }, func(w *world) { w.full["node-4"] = 0 },
			"node-4 came back, but pods of node-4 are not ready: bpa-ns/kafka-4", []int{2, 2, 2, 2},
		},
		"no capacity": {
			func(w *world) { w.noCapacity["node-1"] = true }, func(w *world) { w.noCapacity["node-1"] = false },
			"node-1 did not come back: node-1 has no instance: Could not launch On-Demand Instances. " +
				"InsufficientInstanceCapacity - none left.", []int{1, 1, 1, 1},
		},
		"a disruption budget that never allows it": {
			func(w *world) { w.budget["kafka-3"] = 1000 }, func(w *world) { w.budget["kafka-3"] = 0 },
			"node-3 was not drained, and stays: bpa-ns/kafka-3: 429 Cannot evict pod as it would violate the pod's disruption budget.",
			[]int{2, 2, 1, 1},
		},
		"another node is away": {
			func(w *world) { w.groups[2].age, w.noCapacity["node-3"] = -1, true }, func(w *world) { w.noCapacity["node-3"] = false },
			"node-1 was not touched: node-3 has no instance", []int{1, 1, 1, 1},
		},
		"a pod of another node is not ready": {
			func(w *world) { w.full["node-3"] = 1 }, func(w *world) { w.full["node-3"] = 0 },
			"node-1 was not touched: pods of node-3 are not ready: bpa-ns/kafka-3", []int{1, 1, 1, 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, four...)
			w.change("BBBB", nil)
			test.breaks(w)
			output, _, err := w.roll()
			require.Error(t, err, output)
			assert.Equal(t, test.message, w.message(), output)
			assert.Equal(t, test.versions, w.versionsRun())
			assert.LessOrEqual(t, w.away, 1)
			for _, g := range w.groups {
				assert.False(t, g.unschedulable, "%s may be used", g.node)
			}
			if name == "a full volume on the last node" {
				_, _, err := w.roll()
				require.Error(t, err, "and so again, until its pods are ready")
			}
			test.mends(w)
			w.finish(t)
		})
	}
}

func TestADisruptionBudgetIsWaitedFor(t *testing.T) {
	w := newWorld(t, four...)
	w.change("BBBB", nil)
	w.budget["kafka-2"] = 3
	w.finish(t)
}

// A laptop that dies, a pod that is evicted: whatever was done last, another run goes on from there.
func TestARollThatIsInterruptedGoesOn(t *testing.T) {
	for at, step := range []string{
		"mark node-1 draining", "mark node-1 draining", "evict kafka-1", "terminate node-1", "mark node-1 settling", "mark node-1 <nil>",
	} {
		w := newWorld(t, "node-1", "node-2")
		w.change("BBBB", nil)
		w.kill = at + 1
		output, _, err := w.roll()
		require.Error(t, err, output)
		require.Equal(t, step, w.calls[at], output)
		w.finish(t)
	}
}

func TestTheOnlyNodeIsReplacedThoughTheJobRunsOnIt(t *testing.T) {
	w := newWorld(t, "node-1")
	w.change("BBBB", nil)
	w.finish(t)
}

func TestAPodWithoutARoleLetsAnotherOneTry(t *testing.T) {
	w := newWorld(t, "node-1")
	output, exit := w.pod("AWS_CONTAINER_CREDENTIALS_FULL_URI=")
	assert.Equal(t, handOver, exit, output)
	assert.Empty(t, w.calls)
}
