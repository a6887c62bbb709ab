package aws

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// podsIn is, hidden with a group, the subnet in which the VPC CNI has put interfaces for the pods of its instance.
const podsIn = "podsIn"

// cniSettings are what the add-on of the VPC CNI is told of the pod network, a subnet a zone.
type cniSettings struct {
	Env       map[string]string
	EniConfig struct {
		Subnets map[string]struct {
			ID             string
			SecurityGroups []any
		}
	}
}

// cniSettingsOf reads the configuration of an add-on. It is not ok where that is no JSON object.
func cniSettingsOf(addon map[string]any) (settings cniSettings, ok bool) {
	err := json.Unmarshal([]byte(text(addon, "configurationValues")), &settings)
	return settings, err == nil
}

// podSubnet is the subnet in which the pods of a group's instance get their interfaces if it is launched now, or "".
func podSubnet(r *provider.Request, group *provider.Resource) string {
	for _, addon := range r.Store.All(catalog.EKSAddon) {
		running := nodes(r, text(addon.Inputs, "clusterName"))
		if !customNetworking(addon.Inputs) || !slices.ContainsFunc(running, func(n *provider.Resource) bool { return n.ID == group.ID }) {
			continue
		}
		settings, _ := cniSettingsOf(addon.Inputs) // customNetworking has read it
		for _, id := range texts(group.Inputs["vpcZoneIdentifiers"]) {
			if subnet := r.Store.Get(catalog.EC2Subnet, id); subnet != nil {
				return settings.EniConfig.Subnets[text(subnet.Outputs, "availabilityZone")].ID
			}
		}
	}
	return ""
}

// podsInSubnet: the interfaces of pods stay in the subnet in which they were made for as long as their node lives, whatever the
// add-on is told meanwhile. Source: EKS user guide, custom networking: only nodes that are launched afterwards use the new one.
func podsInSubnet(r *provider.Request) string {
	for _, group := range r.Store.All(catalog.AutoScalingGroup) {
		if group.Hidden[podsIn] == r.ID {
			return fmt.Sprintf("The subnet '%s' has dependencies and cannot be deleted: interfaces of the pods on %s are in it",
				r.ID, group.URN.Name())
		}
	}
	return ""
}
