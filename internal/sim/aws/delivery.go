package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// deliveryTypes are the types of Elastic Load Balancing and CloudWatch.
func deliveryTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		catalog.ELBLoadBalancer: {
			ID: func(r *provider.Request) string {
				return arn(r, "elasticloadbalancing", "loadbalancer/app/"+r.Str("name")+"/"+hexID(r, 16))
			},
			Name: named("name", 32, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				if at(r.Inputs, "accessLogs", "enabled") == true {
					logTest(r, text(r.Inputs, "accessLogs", "bucket"))
				}
				prefix := ""
				if r.Inputs["internal"] == true {
					prefix = "internal-"
				}
				return map[string]any{
					"arn": r.ID, "arnSuffix": suffix(r.ID, "app/"), "zoneId": "Z1H1FL5HABSF5", "vpcId": "",
					"dnsName": r.Kept("dnsName", func() any {
						return fmt.Sprintf(
							"%s%s-%d.%s.elb.%s",
							prefix,
							r.Str("name"),
							1000000000+r.Store.Serial(),
							region(r),
							dnsSuffix(region(r)),
						)
					}),
				}
			},
			Protected: func(r *provider.Request) error {
				if r.Inputs["enableDeletionProtection"] == true {
					return fmt.Errorf(
						"OperationNotPermitted: Load balancer '%s' cannot be deleted because deletion protection is enabled",
						r.ID,
					)
				}
				return nil
			},
		},
		catalog.ELBTargetGroup: {
			ID: func(r *provider.Request) string {
				return arn(r, "elasticloadbalancing", "targetgroup/"+r.Str("name")+"/"+hexID(r, 16))
			},
			Name: named("name", 32, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": r.ID, "arnSuffix": suffix(r.ID, "targetgroup/")}
			},
			Blocks: &provider.Block{Err: func(r *provider.Request, b *provider.Resource) error {
				return fmt.Errorf("ResourceInUse: Target group '%s' is currently in use by a listener or a rule (%s)", r.ID, b.ID)
			}},
		},
		catalog.ELBListener: {
			ID: func(r *provider.Request) string {
				return strings.Replace(r.Str("loadBalancerArn"), ":loadbalancer/", ":listener/", 1) + "/" + hexID(r, 16)
			},
			Outputs: func(r *provider.Request) map[string]any { return map[string]any{"arn": r.ID} },
		},
		catalog.CloudWatchLogGroup: {
			ID: property("name"), Name: named("name", 512, "namePrefix"), Outputs: hasARN("logs", "log-group:"),
		},
	}
}

// suffix is the part of an ARN that begins with a marker.
func suffix(arn, marker string) string {
	_, after, _ := strings.Cut(arn, marker)
	return marker + after
}
