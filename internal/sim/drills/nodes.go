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
func (o *operator) zoneOf(node string) string {
	for _, v := range o.Clouds().All(volumeType) {
		if v.URN.Name() == "nodes-"+node {
			zone, _ := v.Inputs["availabilityZone"].(string)
			return zone
		}
	}
	return ""
}

// snapshot is one that Data Lifecycle Manager has made of a node's volume.
func (o *operator) snapshot(node string) string {
	id := fmt.Sprintf("snap-%017x", o.Clouds().Serial())
	o.Clouds().Declare(id)
	o.say("the latest snapshot of %s's volume is %s", node, id)
	return id
}

// loseNode: the group of a node and its volume are gone. A node whose instance alone dies needs none of this: its group makes
// another, which attaches the same volume.
func loseNode(o *operator) error {
	items := o.config.Nodes.Items
	node := items[min(1, len(items)-1)].Name
	o.say("%s is lost: its Auto Scaling group, and its volume", node)
	group := ""
	for _, g := range o.Clouds().All(groupType) {
		if g.URN.Name() == "nodes-"+node {
			group = g.ID
			o.Clouds().Remove(g)
		}
	}
	for _, a := range o.Clouds().All(attachmentType) {
		if a.Inputs["autoscalingGroupName"] == group {
			o.Clouds().Remove(a)
		}
	}
	if err := o.Lose(volumeType, "nodes-"+node); err != nil {
		return err
	}
	if err := o.items(map[string]map[string]string{node: {"restoreFrom": o.snapshot(node)}}); err != nil {
		return err
	}
	if err := o.refresh(); err != nil {
		return err
	}
	return o.up()
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
func loseZone(o *operator) error {
	items := o.config.Nodes.Items
	out := o.zoneOf(items[min(1, len(items)-1)].Name)
	var zones, moved []string
	for _, n := range items {
		zone := o.zoneOf(n.Name)
		if zone == out {
			moved = append(moved, n.Name)
		} else if !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	if len(zones) == 0 {
		return errors.New("every node is in one zone, so there is none to move to")
	}
	o.zone.begin(out)
	o.say("%s is out, and with it %v", out, moved)
	changes := map[string]map[string]string{}
	for i, node := range moved {
		changes[node] = map[string]string{"zone": zones[i%len(zones)], "restoreFrom": o.snapshot(node)}
	}
	if err := o.items(changes); err != nil {
		return err
	}
	for _, node := range moved {
		if err := o.unprotect(volumeType, "nodes-"+node); err != nil {
			return err
		}
	}
	o.say("all is made, then the old volumes cannot be deleted: BPA runs, and they wait in the state")
	if err := o.refused(); err != nil {
		return err
	}
	for _, node := range moved {
		if zone := o.newestZone(node); zone == out {
			return fmt.Errorf("%s is still in %s", node, out)
		}
	}
	o.zone.end()
	o.say("%s is back", out)
	return o.up()
}

// newestZone is the zone of the volume that a node has now.
func (o *operator) newestZone(node string) string {
	newest := ""
	for _, v := range o.Clouds().All(volumeType) {
		if zone, _ := v.Inputs["availabilityZone"].(string); v.URN.Name() == "nodes-"+node && v.Inputs["snapshotId"] != nil {
			newest = zone
		}
	}
	return newest
}
