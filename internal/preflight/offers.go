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
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// instanceTypes asks whether every node's type, and the bastion's, is offered in its zone.
func (f *flight) instanceTypes(ctx context.Context) ([]Finding, error) {
	const name = "instance types"
	zones, err := f.zones(ctx)
	if err != nil {
		return nil, err
	}
	planned := placements(f.Config, zones)
	var names []string
	for _, p := range planned {
		names = append(names, p.instanceType)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	offered := map[string][]string{}
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(f.ec2, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone,
		Filters:      []types.Filter{{Name: aws.String("instance-type"), Values: names}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.InstanceTypeOfferings {
			offered[string(o.InstanceType)] = append(offered[string(o.InstanceType)], aws.ToString(o.Location))
		}
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

func orNone(list []string) string {
	if len(list) == 0 {
		return "no zone of the region"
	}
	return strings.Join(list, ", ")
}

// databaseOffers asks whether RDS sells the class with the engine version in every chosen zone.
func (f *flight) databaseOffers(ctx context.Context) ([]Finding, error) {
	const name = "database"
	d := f.Config.Database
	zones, err := f.zones(ctx)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("PostgreSQL %s on %s", d.EngineVersion, d.InstanceClass)
	var options []rdstypes.OrderableDBInstanceOption
	pages := rds.NewDescribeOrderableDBInstanceOptionsPaginator(f.rds, &rds.DescribeOrderableDBInstanceOptionsInput{
		Engine: aws.String("postgres"), EngineVersion: &d.EngineVersion, DBInstanceClass: &d.InstanceClass, Vpc: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		options = append(options, page.OrderableDBInstanceOptions...)
	}
	if len(options) == 0 {
		return []Finding{fail(name, "choose another bpa:database.engineVersion or instanceClass: "+
			"aws rds describe-orderable-db-instance-options --engine postgres",
			"RDS does not sell %s in %s", what, f.Config.AWS.Region)}, nil
	}
	sold := map[string]bool{}
	standby := false
	for _, o := range options {
		standby = standby || aws.ToBool(o.MultiAZCapable)
		for _, z := range o.AvailabilityZones {
			sold[aws.ToString(z.Name)] = true
		}
	}
	if d.MultiAZ && !standby {
		return []Finding{fail(name, "set bpa:database.multiAz to false, or choose another class", "%s has no standby", what)}, nil
	}
	missing := slices.DeleteFunc(slices.Clone(zones), func(z string) bool { return sold[z] })
	switch {
	case len(missing) == 0:
		return []Finding{pass(name, "%s, in every zone", what)}, nil
	case len(missing) == len(zones), d.MultiAZ && len(zones)-len(missing) < 2:
		return []Finding{fail(name, "choose other zones or another class", "%s is not sold in %s", what, strings.Join(missing, ", "))}, nil
	}
	return []Finding{warn(name, "RDS will choose among the others; another class leaves it free",
		"%s is not sold in %s", what, strings.Join(missing, ", "))}, nil
}
