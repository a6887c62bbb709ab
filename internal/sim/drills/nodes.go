package drills

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	volumeType     = catalog.EBSVolume
	groupType      = catalog.AutoScalingGroup
	attachmentType = catalog.AutoScalingAttachment
)

// zoneOf is the zone of a node's volume.
func (t *teller) zoneOf(node string) string {
	for _, v := range t.Clouds().All(volumeType) {
		if v.URN.Name() == "nodes-"+node {
			zone, _ := v.Inputs["availabilityZone"].(string)
			return zone
		}
	}
	return ""
}

// snapshot is one that Data Lifecycle Manager has made of a node's volume.
func (t *teller) snapshot(node string) string {
	id := fmt.Sprintf("snap-%017x", t.Clouds().Serial())
	t.Clouds().Declare(id)
	t.say("the latest snapshot of %s's volume is %s", node, id)
	return id
}

// loseNode: the group of a node and its volume are gone. A node whose instance alone dies needs none of this: its group makes
// another, which attaches the same volume.
func loseNode(t *teller) error {
	items := t.config.Nodes.Items
	node := items[min(1, len(items)-1)].Name
	t.say("%s is lost: its Auto Scaling group, and its volume", node)
	group := ""
	for _, g := range t.Clouds().All(groupType) {
		if g.URN.Name() == "nodes-"+node {
			group = g.ID
			t.Clouds().Remove(g)
		}
	}
	for _, a := range t.Clouds().All(attachmentType) {
		if a.Inputs["autoscalingGroupName"] == group {
			t.Clouds().Remove(a)
		}
	}
	if err := t.Lose(volumeType, "nodes-"+node); err != nil {
		return err
	}
	if err := t.items(map[string]map[string]string{node: {"restoreFrom": t.snapshot(node)}}); err != nil {
		return err
	}
	if err := t.refresh(); err != nil {
		return err
	}
	return t.up()
}

// outage makes whatever names a zone fail, while that is out.
type outage struct{ zone atomic.Value }

func (o *outage) begin(zone string) { o.zone.Store(zone) }
func (o *outage) end()              { o.zone.Store("") }

func (o *outage) middleware(_ context.Context, op *provider.Operation, next func() error) error {
	if zone, _ := o.zone.Load().(string); zone != "" && op.Inputs["availabilityZone"] == zone {
		return &provider.Failure{Code: "Unavailable", Message: "the service is unavailable in " + zone}
	}
	return next()
}

// loseZone: nodes move to another zone with what the snapshots hold, though the old volumes cannot be reached. These go when
// the zone is back.
func loseZone(t *teller) error {
	items := t.config.Nodes.Items
	out := t.zoneOf(items[min(1, len(items)-1)].Name)
	var zones, moved []string
	for _, n := range items {
		zone := t.zoneOf(n.Name)
		if zone == out {
			moved = append(moved, n.Name)
		} else if !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	if len(zones) == 0 {
		return errors.New("every node is in one zone, so there is none to move to")
	}
	t.zone.begin(out)
	t.say("%s is out, and with it %v", out, moved)
	changes := map[string]map[string]string{}
	for i, node := range moved {
		changes[node] = map[string]string{"zone": zones[i%len(zones)], "restoreFrom": t.snapshot(node)}
	}
	if err := t.items(changes); err != nil {
		return err
	}
	for _, node := range moved {
		if err := t.unprotect(volumeType, "nodes-"+node); err != nil {
			return err
		}
	}
	t.say("all is made, then the old volumes cannot be deleted: BPA runs, and they wait in the state")
	if err := t.refused(); err != nil {
		return err
	}
	for _, node := range moved {
		if zone := t.newestZone(node); zone == out {
			return fmt.Errorf("%s is still in %s", node, out)
		}
	}
	t.zone.end()
	t.say("%s is back", out)
	return t.up()
}

// newestZone is the zone of the volume that a node has now.
func (t *teller) newestZone(node string) string {
	newest := ""
	for _, v := range t.Clouds().All(volumeType) {
		if zone, _ := v.Inputs["availabilityZone"].(string); v.URN.Name() == "nodes-"+node && v.Inputs["snapshotId"] != nil {
			newest = zone
		}
	}
	return newest
}
