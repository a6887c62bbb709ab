package preflight

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bpa-on-aws/platform/internal/assume"
)

// existingNetwork asks for the VPC that somebody else keeps, and for that of Atlas's parent account (R27). A stack that makes
// its own has nothing to find.
func (f *flight) existingNetwork(ctx context.Context) ([]Finding, error) {
	var found []Finding
	if e := f.Config.Network.Existing; e != nil {
		zones := map[string]string{}
		for _, s := range e.Subnets {
			for _, id := range []string{s.Public, s.Private, s.Pod} {
				if id != "" {
					zones[id] = s.Zone
				}
			}
		}
		finding, err := subnets(ctx, f.ec2, "network", e.VpcID, zones)
		if err != nil {
			return found, err
		}
		found = append(found, finding)
		if finding.Status == Pass {
			if finding, err = f.nodeRoutes(ctx, e); err != nil {
				return append(found, explain(routesCheck, f.Timeout, err)), nil
			}
			found = append(found, finding)
		}
	}
	if f.Config.Atlas.ParentAccount == nil {
		return found, nil
	}
	finding, err := f.parentNetwork(ctx)
	if err != nil {
		return append(found, explain("parent account", f.Timeout, err)), nil
	}
	return append(found, finding), nil
}

// parentNetwork assumes the role in the parent account as the caller, like the stack's provider there, and looks for the subnets there.
func (f *flight) parentNetwork(ctx context.Context) (Finding, error) {
	const name = "parent account"
	p := f.Config.Atlas.ParentAccount
	config := assume.Role(f.caller, p.RoleARN, session)
	who, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if refused, denied := notAssumed(err); denied {
		return fail(name, "let the caller assume it (bpa:atlas.parentAccount.roleArn)", "%s may not assume %s", refused.Caller,
			p.RoleARN), nil
	}
	if err != nil {
		return Finding{}, err
	}
	if account := aws.ToString(who.Account); account != p.AccountID {
		return fail(name, "change bpa:atlas.parentAccount.accountId or roleArn", "%s is of account %s, not %s",
			p.RoleARN, account, p.AccountID), nil
	}
	zones := map[string]string{}
	for _, id := range p.SubnetIDs {
		zones[id] = ""
	}
	return subnets(ctx, ec2.NewFromConfig(config), name, p.VpcID, zones)
}

// subnets asks whether subnets are in a VPC, each in its zone, or in any where that is "".
func subnets(ctx context.Context, client *ec2.Client, name, vpc string, zones map[string]string) (Finding, error) {
	there := map[string]string{}
	pages := ec2.NewDescribeSubnetsPaginator(client, &ec2.DescribeSubnetsInput{
		Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Finding{}, err
		}
		for _, s := range page.Subnets {
			there[aws.ToString(s.SubnetId)] = aws.ToString(s.AvailabilityZone)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(zones)) {
		switch zone, found := there[id]; {
		case !found:
			return fail(name, "name the subnets of that VPC, in this account and region", "%s has no %s", vpc, id), nil
		case zones[id] != "" && zone != zones[id]:
			return fail(name, "give it under its own zone", "%s is in %s, not in %s", id, zone, zones[id]), nil
		}
	}
	return pass(name, "%s has the %d subnets", vpc, len(zones)), nil
}
