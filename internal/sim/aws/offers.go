package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// gaps are instance types and database classes, by their beginning, and the zones that do not have them. AWS publishes no list: these
// are from what it answered to others. What is not here is in every zone.
var gaps = []struct{ kind, zone, source string }{
	{"m7a.", "us-east-1a", issue("runs-on/runs-on", 5)},
	{"t3.", "us-east-1e", issue("ned1313/Getting-Started-Terraform", 44)},
	{"db.r5.8xlarge", "ca-central-1d", issue("hashicorp/terraform-provider-aws", 20712)},
}

// zonesWith are the zones of the region that have an instance type or a database class.
func zonesWith(r *provider.Request, kind string) []string {
	var list []string
	for _, letter := range zoneLetters(region(r)) {
		zone := region(r) + string(letter)
		if !slices.ContainsFunc(gaps, func(g struct{ kind, zone, source string }) bool {
			return g.zone == zone && strings.HasPrefix(kind, g.kind)
		}) {
			list = append(list, zone)
		}
	}
	return list
}

// getInstanceTypeOfferings answers by zone for the types that the filter names.
func getInstanceTypeOfferings(r *provider.Request) (map[string]any, error) {
	filters := objects(r.Inputs["filters"])
	if r.Str("locationType") != "availability-zone" || len(filters) != 1 || filters[0]["name"] != "instance-type" {
		return nil, fmt.Errorf("rehearsal: aws: getInstanceTypeOfferings is simulated by availability-zone and for the filter " +
			"instance-type only")
	}
	types, locations, kinds := []any{}, []any{}, []any{}
	for _, instanceType := range texts(filters[0]["values"]) {
		for _, zone := range zonesWith(r, instanceType) {
			types, locations, kinds = append(types, instanceType), append(locations, zone), append(kinds, "availability-zone")
		}
	}
	return map[string]any{"id": region(r), "instanceTypes": types, "locations": locations, "locationTypes": kinds}, nil
}

// getOrderableDBInstance answers for one class: the provider refuses the options of several types of storage where none is preferred.
func getOrderableDBInstance(r *provider.Request) (map[string]any, error) {
	class := r.Str("instanceClass")
	if !slices.Contains(texts(r.Inputs["preferredInstanceClasses"]), class) {
		return nil, fmt.Errorf("multiple RDS DB Instance Classes match the criteria; try a different search")
	}
	var zones []any
	for _, zone := range zonesWith(r, class) {
		zones = append(zones, zone)
	}
	return map[string]any{"id": class, "engine": r.Str("engine"), "engineVersion": r.Str("engineVersion"), "instanceClass": class,
		"availabilityZones": zones, "multiAzCapable": true, "vpc": true}, nil
}

// getSubnets lists those that have the tags of the filters.
func getSubnets(r *provider.Request) (map[string]any, error) {
	wanted := map[string][]string{}
	for _, filter := range objects(r.Inputs["filters"]) {
		key, isTag := strings.CutPrefix(text(filter, "name"), "tag:")
		if !isTag {
			return nil, fmt.Errorf("rehearsal: aws: getSubnets is simulated for tags only")
		}
		wanted[key] = texts(filter["values"])
	}
	ids := []any{}
	for _, subnet := range r.Store.All(catalog.EC2Subnet) {
		fits := true
		for key, values := range wanted {
			fits = fits && slices.Contains(values, text(subnet.Outputs, "tagsAll", key))
		}
		if fits {
			ids = append(ids, subnet.ID)
		}
	}
	return map[string]any{"id": region(r), "ids": ids}, nil
}

// notOffered is EC2's answer where a zone does not have an instance type.
func notOffered(r *provider.Request, instanceType, zone string) string {
	with := zonesWith(r, instanceType)
	if instanceType == "" || zone == "" || slices.Contains(with, zone) {
		return ""
	}
	return fmt.Sprintf("Your requested instance type (%s) is not supported in your requested Availability Zone (%s). Please retry your "+
		"request by not specifying an Availability Zone or choosing %s.", instanceType, zone, strings.Join(with, ", "))
}

// groupOffered: a group launches in the zones of its subnets, and its provider waits for an instance.
func groupOffered(r *provider.Request) string {
	template := templateOf(r, r.Inputs)
	if template == nil {
		return ""
	}
	answer := ""
	for _, subnet := range texts(r.Inputs["vpcZoneIdentifiers"]) {
		if answer = notOffered(r, text(template.Inputs, "instanceType"), zoneOf(r, subnet)); answer == "" {
			return ""
		}
	}
	if answer == "" {
		return ""
	}
	return "Could not launch On-Demand Instances. Unsupported - " + answer + " Launching EC2 instance failed."
}

// classSold is RDS's answer where no zone of a database, or the one that it names, has its class.
func classSold(r *provider.Request) string {
	class, zones := r.Str("instanceClass"), []string{r.Str("availabilityZone")}
	if zones[0] == "" {
		group := r.Store.Get(catalog.RDSSubnetGroup, r.Str("dbSubnetGroupName"))
		if group == nil {
			return ""
		}
		known := false
		if zones, known = zonesOf(r, texts(group.Inputs["subnetIds"])); !known {
			return ""
		}
	}
	with := zonesWith(r, class)
	if slices.ContainsFunc(zones, func(zone string) bool { return slices.Contains(with, zone) }) {
		return ""
	}
	return fmt.Sprintf(
		"Cannot create a %s database instance because there is not a subnet in %s, the targeted availability zone. Create a "+
			"new subnet in %[2]s and target that availability zone again, or retry the launch with no availability zone, or choose "+
			"from these availability zones: %s.",
		class,
		strings.Join(zones, ", "),
		strings.Join(with, ", "),
	)
}
