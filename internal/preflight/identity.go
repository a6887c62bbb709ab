package preflight

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bpa-on-aws/platform/infra/zones"
)

// identity asks who calls, and whether the stack may touch that account.
func (f *flight) identity(ctx context.Context) ([]Finding, error) {
	const name = "identity"
	who, err := f.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if refused, denied := notAssumed(err); denied {
		return []Finding{fail(name, "let the caller assume it, or give the credentials of another caller",
			"%s may not assume %s", refused.Caller, refused.Role)}, nil
	}
	if err != nil {
		return []Finding{fail(name, "log in: aws sso login, or set AWS_PROFILE", "no identity: %s", oneLine(err.Error()))}, nil
	}
	account, arn := aws.ToString(who.Account), aws.ToString(who.Arn)
	if account != f.Config.AWS.AccountID {
		return []Finding{fail(name, "use credentials of that account, or change bpa:aws.accountId",
			"%s is of account %s; the stack is allowed in %s alone", arn, account, f.Config.AWS.AccountID)}, nil
	}
	if strings.HasSuffix(arn, ":root") {
		return []Finding{warn(name, "deploy as a role with the policy of `bpactl policy deployer`",
			"the account's root user calls")}, nil
	}
	return []Finding{pass(name, "%s", arn)}, nil
}

// findZones returns the zones of the stack file, or those that the program takes where it names none: the stack's own, and else the
// first that offer all it asks for.
func (f *flight) findZones(ctx context.Context) ([]string, error) {
	if len(f.Config.Network.Zones) > 0 {
		return f.Config.Network.Zones, nil
	}
	own, err := f.ownZones(ctx)
	if err != nil || len(own) == zones.Count {
		return own, err
	}
	offered, err := f.wantedZones(ctx)
	if err != nil {
		return nil, err
	}
	taken, ok := zones.First(offered, f.Config.Database.Zones())
	if !ok {
		return nil, fmt.Errorf("%d zones of %s offer all that the stack asks for, and BPA needs %d",
			len(taken), f.Config.AWS.Region, zones.Count)
	}
	return taken, nil
}

// ownZones are those of the private subnets that the stack has already, by their ranges.
func (f *flight) ownZones(ctx context.Context) ([]string, error) {
	out, err := f.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []types.Filter{
		{Name: aws.String("tag:bpa:stack"), Values: []string{f.Config.Name}},
		{Name: aws.String("tag:kubernetes.io/role/internal-elb"), Values: []string{"1"}},
	}})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out.Subnets, func(a, b types.Subnet) int {
		return netip.MustParsePrefix(aws.ToString(a.CidrBlock)).Addr().Compare(netip.MustParsePrefix(aws.ToString(b.CidrBlock)).Addr())
	})
	var own []string
	for _, s := range out.Subnets {
		own = append(own, aws.ToString(s.AvailabilityZone))
	}
	return own, nil
}

func (f *flight) offeredZones(ctx context.Context) ([]zones.Zone, error) {
	out, err := f.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return nil, err
	}
	var offered []zones.Zone
	for _, z := range out.AvailabilityZones {
		standard := z.OptInStatus == "" || z.OptInStatus == types.AvailabilityZoneOptInStatusOptInNotRequired
		if z.State == types.AvailabilityZoneStateAvailable && standard {
			offered = append(offered, zones.Zone{Name: aws.ToString(z.ZoneName), ID: aws.ToString(z.ZoneId)})
		}
	}
	slices.SortFunc(offered, func(a, b zones.Zone) int { return strings.Compare(a.Name, b.Name) })
	return offered, nil
}

// zoneNames asks whether the account is offered the chosen zones.
func (f *flight) zoneNames(ctx context.Context) ([]Finding, error) {
	const name = "zones"
	chosen, err := f.zones(ctx)
	if err != nil {
		return nil, err
	}
	offered, err := f.offeredZones(ctx)
	if err != nil {
		return nil, err
	}
	var good []string
	for _, z := range offered {
		if z.TakesControlPlane() {
			good = append(good, z.Name)
		}
	}
	for _, zone := range chosen {
		at := slices.IndexFunc(offered, func(z zones.Zone) bool { return z.Name == zone })
		switch {
		case at < 0:
			return []Finding{fail(name, "choose bpa:network.zones among the offered ones",
				"%s is not offered here; %s are", zone, strings.Join(good, ", "))}, nil
		case !offered[at].TakesControlPlane():
			return []Finding{fail(name, "choose bpa:network.zones among the others",
				"EKS places no control plane in %s, %s; it does in %s", zone, offered[at].ID, strings.Join(good, ", "))}, nil
		}
	}
	if len(f.Config.Network.Zones) == 0 {
		return []Finding{pass(name, "%s: the stack's own, or the first that offer all it asks for", strings.Join(chosen, ", "))}, nil
	}
	return []Finding{pass(name, "%s", strings.Join(chosen, ", "))}, nil
}
