package stacks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/zones"
)

// lookUpZones returns the zones of the stack file. Where it names none they are those that the stack has its subnets in already, and
// else the first three that offer all it asks for: a control plane, its instance types, its database. What AWS offers changes, and
// moves or stops no stack that runs: there it is a warning (docs/decisions/0022).
func (p *platform) lookUpZones(ctx *pulumi.Context, opt pulumi.InvokeOption) ([]string, error) {
	chosen := p.config.Network.Zones
	if len(chosen) == 0 {
		own, err := p.ownZones(ctx, opt)
		if err != nil {
			return nil, fmt.Errorf("looking up the zones of the stack's subnets: %w", err)
		}
		if len(own) == zones.Count {
			return own, p.warnOfTypes(ctx, opt, own)
		}
	}
	offered, err := p.regionZones(ctx, opt, len(chosen) == 0)
	if err != nil {
		return nil, fmt.Errorf("looking up the availability zones of %s: %w", p.config.AWS.Region, err)
	}
	if len(chosen) > 0 {
		if err := checkOffered(chosen, offered); err != nil {
			return nil, err
		}
		if exists, err := p.clusterExists(); err != nil || exists {
			return chosen, p.warnOfTypes(ctx, opt, chosen)
		}
	}
	if err := p.addOffers(ctx, opt, offered); err != nil {
		return nil, fmt.Errorf("looking up what the zones of %s offer: %w", p.config.AWS.Region, err)
	}
	if len(chosen) > 0 {
		return chosen, p.checkOffers(ctx, chosen, offered)
	}
	taken, ok := zones.First(offered, p.config.Database.Zones())
	if !ok {
		var wants []string
		for _, z := range offered {
			if want := z.Wants(); want != "" {
				wants = append(wants, z.Name+" lacks "+want)
			}
		}
		return nil, fmt.Errorf("network.zones: BPA needs %d zones (R01), and %s has %v for it: %s", zones.Count, p.config.AWS.Region, taken,
			strings.Join(wants, "; "))
	}
	return taken, nil
}

// checkOffered refuses a chosen zone that is not the account's, or in which EKS places no control plane: the account alone knows
// which of its zones that is.
func checkOffered(chosen []string, offered []zones.Zone) error {
	for i, name := range chosen {
		zone, found := find(offered, name)
		switch {
		case !found:
			return fmt.Errorf("network.zones[%d]: %s is not offered to the account: must be one of %v", i, name, zones.Names(offered))
		case !zone.TakesControlPlane():
			return fmt.Errorf("network.zones[%d]: %s is %s, in which EKS places no control plane: must be one of the others of %v",
				i, name, zone.ID, zones.Names(offered))
		}
	}
	return nil
}

func find(offered []zones.Zone, name string) (zones.Zone, bool) {
	at := slices.IndexFunc(offered, func(z zones.Zone) bool { return z.Name == name })
	if at < 0 {
		return zones.Zone{}, false
	}
	return offered[at], true
}

// placement is an instance of the stack, its type, and the setting that places it in a zone.
type placement struct{ who, instanceType, zone, setting string }

// placements are the nodes and the bastion in the stack's zones.
func (p *platform) placements(chosen []string) []placement {
	var list []placement
	for i, node := range p.config.Nodes.Items {
		usual := zones.OfNode(chosen, node.Name)
		setting, zone := fmt.Sprintf("network.zones[%d]", slices.Index(chosen, usual)), cmp.Or(node.Zone, usual)
		if zone != usual {
			setting = fmt.Sprintf("nodes.items[%d].zone", i)
		}
		list = append(list, placement{node.Name, node.InstanceType, zone, setting})
	}
	if p.config.Bastion.Enabled {
		list = append(list, placement{"the bastion", p.config.Bastion.InstanceType, chosen[0], "network.zones[0]"})
	}
	return list
}

// checkOffers refuses a chosen zone that lacks the type of an instance in it, or the database's class where other zones have all, or
// where too few have the class.
func (p *platform) checkOffers(ctx *pulumi.Context, chosen []string, offered []zones.Zone) error {
	var whole []string
	for _, z := range offered {
		if z.OffersAll() {
			whole = append(whole, z.Name)
		}
	}
	for _, at := range p.placements(chosen) {
		if zone, _ := find(offered, at.zone); slices.Contains(zone.Lacks, at.instanceType) {
			return fmt.Errorf("%s: EC2 does not offer %s in %s, which %s is: must be one of %v, or another instance type", at.setting,
				at.instanceType, at.zone, at.who, whole)
		}
	}
	selling := 0
	for _, name := range chosen {
		if zone, _ := find(offered, name); !zone.NoDatabase {
			selling++
		}
	}
	for i, name := range chosen {
		if zone, _ := find(offered, name); !zone.NoDatabase {
			continue
		}
		said := fmt.Sprintf("network.zones[%d]: RDS does not sell %s in %s", i, p.databaseClass(), name)
		if len(whole) >= zones.Count || selling < p.config.Database.Zones() {
			return fmt.Errorf("%s: must be one of %v, or another class", said, whole)
		}
		if err := ctx.Log.Warn(said+": it places the database in the others", nil); err != nil {
			return err
		}
	}
	return nil
}

func (p *platform) databaseClass() string {
	return p.config.Database.InstanceClass + " with PostgreSQL " + p.config.Database.EngineVersion
}

// warnOfTypes says of a stack that runs which of its instances could not be launched anew.
func (p *platform) warnOfTypes(ctx *pulumi.Context, opt pulumi.InvokeOption, chosen []string) error {
	types, err := p.offeredTypes(ctx, opt)
	if err != nil {
		return ctx.Log.Warn(fmt.Sprintf("whether EC2 still offers the instance types of the stack is not known: %s", err), nil)
	}
	for _, at := range p.placements(chosen) {
		if slices.Contains(types[at.instanceType], at.zone) {
			continue
		}
		if err := ctx.Log.Warn(fmt.Sprintf("EC2 does not offer %s in %s: %s could not be launched there", at.instanceType, at.zone, at.who),
			nil); err != nil {
			return err
		}
	}
	return nil
}

// ownZones returns the zones of the private subnets that the stack has, in the order of their ranges, which is that of the zones.
func (p *platform) ownZones(ctx *pulumi.Context, opt pulumi.InvokeOption) ([]string, error) {
	found, err := ec2.GetSubnets(ctx, &ec2.GetSubnetsArgs{Filters: []ec2.GetSubnetsFilter{
		{Name: "tag:bpa:stack", Values: []string{p.config.Name}},
		{Name: "tag:kubernetes.io/role/internal-elb", Values: []string{"1"}},
	}}, opt)
	if err != nil {
		return nil, err
	}
	type subnet struct {
		first netip.Addr
		zone  string
	}
	var own []subnet
	for _, id := range found.Ids {
		s, err := ec2.LookupSubnet(ctx, &ec2.LookupSubnetArgs{Id: &id}, opt)
		if err != nil {
			return nil, err
		}
		block, err := netip.ParsePrefix(s.CidrBlock)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		own = append(own, subnet{block.Addr(), s.AvailabilityZone})
	}
	slices.SortFunc(own, func(a, b subnet) int { return a.first.Compare(b.first) })
	names := make([]string, len(own))
	for i, s := range own {
		names[i] = s.zone
	}
	return names, nil
}

// regionZones are the zones of the account's region. A stack that is made now takes none that is impaired; one that names it keeps
// it.
func (p *platform) regionZones(ctx *pulumi.Context, opt pulumi.InvokeOption, available bool) ([]zones.Zone, error) {
	args := &aws.GetAvailabilityZonesArgs{
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}
	if state := "available"; available {
		args.State = &state
	}
	found, err := aws.GetAvailabilityZones(ctx, args, opt)
	if err != nil {
		return nil, err
	}
	offered := make([]zones.Zone, len(found.Names))
	for i, name := range found.Names {
		offered[i] = zones.Zone{Name: name, ID: found.ZoneIds[i]}
	}
	return offered, nil
}

// addOffers says of each zone what it lacks of what the stack asks for.
func (p *platform) addOffers(ctx *pulumi.Context, opt pulumi.InvokeOption, offered []zones.Zone) error {
	types, err := p.offeredTypes(ctx, opt)
	if err != nil {
		return err
	}
	selling, err := p.sellingZones(ctx, opt)
	if err != nil {
		return err
	}
	for i := range offered {
		offered[i].NoDatabase = !slices.Contains(selling, offered[i].Name)
		for _, instanceType := range p.instanceTypes() {
			if !slices.Contains(types[instanceType], offered[i].Name) {
				offered[i].Lacks = append(offered[i].Lacks, instanceType)
			}
		}
	}
	return nil
}

// instanceTypes are those of the nodes and the bastion.
func (p *platform) instanceTypes() []string {
	var list []string
	for _, node := range p.config.Nodes.Items {
		list = append(list, node.InstanceType)
	}
	if p.config.Bastion.Enabled {
		list = append(list, p.config.Bastion.InstanceType)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// offeredTypes are the zones of each instance type of the stack.
func (p *platform) offeredTypes(ctx *pulumi.Context, opt pulumi.InvokeOption) (map[string][]string, error) {
	where := "availability-zone"
	found, err := ec2.GetInstanceTypeOfferings(ctx, &ec2.GetInstanceTypeOfferingsArgs{
		LocationType: &where, Filters: []ec2.GetInstanceTypeOfferingsFilter{{Name: "instance-type", Values: p.instanceTypes()}},
	}, opt)
	if err != nil {
		return nil, err
	}
	offered := map[string][]string{}
	for i, instanceType := range found.InstanceTypes { // beside Locations, entry by entry
		offered[instanceType] = append(offered[instanceType], found.Locations[i])
	}
	return offered, nil
}

// sellingZones are those in which RDS sells the database's class with its version. A database that is restored has the version of
// what it is made from, which RDS need not sell any more. The provider refuses an answer of several options, as there is one for each
// type of storage, unless a class is preferred: then it takes the first. Source: terraform-provider-aws,
// internal/service/rds/orderable_instance_data_source.go.
func (p *platform) sellingZones(ctx *pulumi.Context, opt pulumi.InvokeOption) ([]string, error) {
	db, inVPC := p.config.Database, true
	args := &rds.GetOrderableDbInstanceArgs{
		Engine: "postgres", InstanceClass: &db.InstanceClass, PreferredInstanceClasses: []string{db.InstanceClass}, Vpc: &inVPC,
	}
	if db.RestoreFrom == nil {
		args.EngineVersion = &db.EngineVersion
	}
	found, err := rds.GetOrderableDbInstance(ctx, args, opt)
	if err != nil {
		return nil, fmt.Errorf("database: %s: %w", p.databaseClass(), err)
	}
	return found.AvailabilityZones, nil
}
