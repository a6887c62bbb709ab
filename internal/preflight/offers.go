package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/zones"
)

// instanceTypes asks whether every node's type, and the bastion's, is offered in its zone.
func (f *flight) instanceTypes(ctx context.Context) ([]Finding, error) {
	const name = "instance types"
	chosen, err := f.zones(ctx)
	if err != nil {
		return nil, err
	}
	planned := placements(f.Config, chosen)
	names, offered, err := f.typeOffers(ctx)
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, p := range planned {
		if in := offered[p.instanceType]; !slices.Contains(in, p.zone) {
			slices.Sort(in)
			found = append(found, fail(name, "give "+p.who+" another type or zone",
				"%s: %s is not offered in %s; it is in: %s", p.who, p.instanceType, p.zone, orNone(in)))
		}
	}
	if len(found) == 0 {
		found = append(found, pass(name, "%s, where the nodes need them", strings.Join(names, ", ")))
	}
	return found, nil
}

// typeOffers returns the instance types of the stack, sorted, and the zones of each.
func (f *flight) typeOffers(ctx context.Context) (names []string, offered map[string][]string, err error) {
	for _, p := range placements(f.Config, []string{""}) {
		names = append(names, p.instanceType)
	}
	slices.Sort(names)
	names, offered = slices.Compact(names), map[string][]string{}
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(f.ec2, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone,
		Filters:      []types.Filter{{Name: aws.String("instance-type"), Values: names}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range page.InstanceTypeOfferings {
			offered[string(o.InstanceType)] = append(offered[string(o.InstanceType)], aws.ToString(o.Location))
		}
	}
	return names, offered, nil
}

// wantedZones are the zones of the account, with what each lacks of what the stack asks for, as the program sees them.
func (f *flight) wantedZones(ctx context.Context) ([]zones.Zone, error) {
	list, err := f.offeredZones(ctx)
	if err != nil {
		return nil, err
	}
	names, offered, err := f.typeOffers(ctx)
	if err != nil {
		return nil, err
	}
	sold, _, err := f.databaseZones(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].NoDatabase = !slices.Contains(sold, list[i].Name)
		for _, name := range names {
			if !slices.Contains(offered[name], list[i].Name) {
				list[i].Lacks = append(list[i].Lacks, name)
			}
		}
	}
	return list, nil
}

// databaseZones returns the zones in which RDS sells class and version, none where it sells neither, and whether with a standby.
func (f *flight) databaseZones(ctx context.Context) (sold []string, standby bool, err error) {
	d := f.Config.Database
	input := &rds.DescribeOrderableDBInstanceOptionsInput{
		Engine: aws.String("postgres"), EngineVersion: &d.EngineVersion, DBInstanceClass: &d.InstanceClass, Vpc: aws.Bool(true),
	}
	if d.RestoreFrom != nil {
		input.EngineVersion = nil
	}
	pages := rds.NewDescribeOrderableDBInstanceOptionsPaginator(f.rds, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, err
		}
		for _, o := range page.OrderableDBInstanceOptions {
			standby = standby || aws.ToBool(o.MultiAZCapable)
			for _, z := range o.AvailabilityZones {
				sold = append(sold, aws.ToString(z.Name))
			}
		}
	}
	return sold, standby, nil
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "no zone of the region"
	}
	return strings.Join(list, ", ")
}

// databaseOffers asks whether RDS sells the class with the engine version in every chosen zone. Where other zones have all that the
// stack asks for, the program refuses one that lacks the class, unless the stack runs.
func (f *flight) databaseOffers(ctx context.Context) ([]Finding, error) {
	const name = "database"
	d := f.Config.Database
	chosen, err := f.zones(ctx)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("PostgreSQL %s on %s", d.EngineVersion, d.InstanceClass)
	sold, standby, err := f.databaseZones(ctx)
	if err != nil {
		return nil, err
	}
	if len(sold) == 0 {
		return []Finding{fail(name, "choose another bpa:database.engineVersion or instanceClass: "+
			"aws rds describe-orderable-db-instance-options --engine postgres",
			"RDS does not sell %s in %s", what, f.Config.AWS.Region)}, nil
	}
	if d.MultiAZ && !standby {
		return []Finding{fail(name, "set bpa:database.multiAz to false, or choose another class", "%s has no standby", what)}, nil
	}
	missing := slices.DeleteFunc(slices.Clone(chosen), func(z string) bool { return slices.Contains(sold, z) })
	lacking := strings.Join(missing, ", ")
	switch {
	case len(missing) == 0:
		return []Finding{pass(name, "%s, in every zone", what)}, nil
	case len(missing) == len(chosen), d.MultiAZ && len(chosen)-len(missing) < 2:
		return []Finding{fail(name, "choose other zones or another class", "%s is not sold in %s", what, lacking)}, nil
	}
	list, err := f.wantedZones(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(z zones.Zone) bool { return !z.OffersAll() })
	there, err := f.clusterExists(ctx, naming.New(f.Config.Name, f.Config.AWS.AccountID, f.Config.AWS.Region).Cluster())
	if err != nil {
		return nil, err
	}
	if len(list) >= zones.Count && !there {
		return []Finding{fail(name, "choose bpa:network.zones among those that offer all: "+strings.Join(zones.Names(list), ", "),
			"%s is not sold in %s", what, lacking)}, nil
	}
	return []Finding{
		warn(name, "RDS will choose among the others; another class leaves it free", "%s is not sold in %s", what, lacking),
	}, nil
}
