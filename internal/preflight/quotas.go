package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// usage is what counts against a quota now. Own is the part that belongs to the stack already, from an earlier `up`.
type usage struct{ all, own int }

// quota is one service quota, what the stack needs of it in all, and how it is counted.
type quota struct {
	name, service, code string
	need                int
	used                func(context.Context) (usage, error)
}

// serviceQuotas asks for every quota that the stack counts against. Of those that it needs nothing of, none is asked.
func (f *flight) serviceQuotas(ctx context.Context) ([]Finding, error) {
	c := f.Config
	nat, perZone := addresses(c)
	list := []quota{
		{"quota alb", "elasticloadbalancing", "L-53DA6B97", 1, f.loadBalancers},
		{"quota endpoint", "vpc", "L-29B6F2EB", interfaces(c), f.interfaceEndpoints},
	}
	if c.Network.Existing == nil {
		list = append(list,
			quota{"quota vpc", "vpc", "L-F678F1CE", 1, f.vpcs},
			quota{"quota eip", "ec2", "L-0263D0A3", nat, f.elasticIPs},
			quota{"quota nat", "vpc", "L-FE5A380F", perZone, f.natGateways})
	}
	var found []Finding
	for _, q := range list {
		found = append(found, f.orExplain(ctx, q))
	}
	vcpus, err := f.vcpus(ctx)
	if err != nil {
		return append(found, explain("quota vcpu", f.Timeout, err)), nil
	}
	for _, q := range vcpus {
		found = append(found, f.orExplain(ctx, q))
	}
	return found, nil
}

// orExplain compares one quota; what fails there must not hide the others.
func (f *flight) orExplain(ctx context.Context, q quota) Finding {
	found, err := f.compare(ctx, q)
	if err != nil {
		return explain(q.name, f.Timeout, err)
	}
	return found
}

// compare asks for a quota and its use.
func (f *flight) compare(ctx context.Context, q quota) (Finding, error) {
	limit, err := f.limit(ctx, q)
	if err != nil {
		return Finding{}, err
	}
	used, err := q.used(ctx)
	if err != nil {
		return Finding{}, err
	}
	more := max(0, q.need-used.own)
	after := used.all + more
	seen := fmt.Sprintf("%d of %d used, %d more needed", used.all, limit, more)
	raise := fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code %s --quota-code %s --desired-value %d",
		q.service, q.code, after)
	switch {
	case after > limit:
		return fail(q.name, raise, "%s", seen), nil
	case after == limit && more > 0:
		return warn(q.name, "nothing is left after `up`; ask for more in time", "%s", seen), nil
	}
	return pass(q.name, "%s", seen), nil
}

// limit returns the quota that applies to the account, or AWS's default where none was ever set.
func (f *flight) limit(ctx context.Context, q quota) (int, error) {
	applied, err := f.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
	if err == nil && applied.Quota != nil && applied.Quota.Value != nil {
		return int(aws.ToFloat64(applied.Quota.Value)), nil
	}
	if err != nil && code(err) != "NoSuchResourceException" {
		return 0, err
	}
	standard, err := f.quotas.GetAWSDefaultServiceQuota(ctx,
		&servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
	if err != nil {
		return 0, err
	}
	if standard.Quota == nil || standard.Quota.Value == nil {
		return 0, fmt.Errorf("service quotas has no value for %s/%s", q.service, q.code)
	}
	return int(aws.ToFloat64(standard.Quota.Value)), nil
}

// vcpus makes one quota for each family of instances that the stack runs.
func (f *flight) vcpus(ctx context.Context) ([]quota, error) {
	zones, err := f.zones(ctx)
	if err != nil {
		return nil, err
	}
	running, err := f.instances(ctx)
	if err != nil {
		return nil, err
	}
	planned := placements(f.Config, zones)
	var types []string
	for _, p := range planned {
		types = append(types, p.instanceType)
	}
	for _, i := range running {
		types = append(types, i.instanceType)
	}
	size, err := f.typeSizes(ctx, types)
	if err != nil {
		return nil, err
	}
	need := map[vcpuQuota]int{}
	for _, p := range planned {
		need[quotaOf(p.instanceType)] += size[p.instanceType]
	}
	used := map[vcpuQuota]usage{}
	for _, i := range running {
		u := used[quotaOf(i.instanceType)]
		u.all += size[i.instanceType]
		if i.own {
			u.own += size[i.instanceType]
		}
		used[quotaOf(i.instanceType)] = u
	}
	var list []quota
	order := slices.SortedFunc(maps.Keys(need), func(a, b vcpuQuota) int { return slices.Compare([]string{a.name}, []string{b.name}) })
	for _, q := range order {
		u := used[q]
		list = append(list, quota{"quota vcpu " + q.name, "ec2", q.code, need[q],
			func(context.Context) (usage, error) { return u, nil }})
	}
	return list, nil
}
