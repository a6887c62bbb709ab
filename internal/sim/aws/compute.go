package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// computeTypes are the types of EC2, Auto Scaling, EBS and EKS.
func computeTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		catalog.EC2LaunchTemplate: {
			ID: id("lt"), Name: named("name", 128, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				latest := 1.0
				if before, ok := r.Old["latestVersion"].(float64); ok {
					latest = before + 1
				}
				return map[string]any{"arn": arn(r, "ec2", "launch-template/"+r.ID), "latestVersion": latest, "defaultVersion": 1.0}
			},
			Blocks: inUse("DependencyViolation", "launch template"),
		},
		catalog.EC2Instance: {ID: id("i"), Protected: terminationProtected, Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{
				"arn": arn(r, "ec2", "instance/"+r.ID), "instanceState": "running",
				"privateIp": r.Kept("privateIp", func() any { return fmt.Sprintf("10.20.0.%d", 10+r.Store.Serial()%200) }),
			}
		}},
		catalog.EBSVolume: {
			ID: id("vol"), Outputs: hasARN("ec2", "volume/"),
			Blocks: &provider.Block{By: []string{attachmentType + ".volumeId"}, Err: func(r *provider.Request, b *provider.Resource) error {
				return fmt.Errorf("VolumeInUse: Volume %s is currently attached to %s", r.ID, text(b.Inputs, "instanceId"))
			}},
		},
		attachmentType: {ID: id("vai")},
		catalog.AutoScalingGroup: {
			ID: property("name"), Name: named("name", 255, "namePrefix"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": r.Kept("arn", func() any {
						return arn(r, "autoscaling", fmt.Sprintf("autoScalingGroup:%s:autoScalingGroupName/%s", uuid(r), r.ID))
					}),
				}
			},
			Blocks: inUseBy("ResourceInUse", "Auto Scaling group", catalog.AutoScalingAttachment+".autoscalingGroupName"),
		},
		// docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html: "This operation is additive".
		catalog.AutoScalingAttachment: {ID: joined("-", "autoscalingGroupName", "lbTargetGroupArn"), Again: true},
		catalog.EKSCluster: {
			ID: property("name"), Name: named("name", 100), Outputs: clusterOutputs,
			Blocks: &provider.Block{By: []string{nodeGroupType + ".clusterName"}, Err: func(*provider.Request, *provider.Resource) error {
				return fmt.Errorf("ResourceInUseException: Cluster has nodegroups attached")
			}},
		},
		nodeGroupType: {
			ID: joined(":", "clusterName", "nodeGroupName"), Name: named("nodeGroupName", 63, "nodeGroupNamePrefix"), Check: clusterExists,
			Outputs: nodeGroupOutputs,
		},
		catalog.EKSAddon: {
			ID:    joined(":", "clusterName", "addonName"),
			Check: clusterExists,
			Gone:  podInterfaces,
			Outputs: func(r *provider.Request) map[string]any {
				out := map[string]any{"arn": r.Kept("arn", func() any {
					return arn(r, "eks", fmt.Sprintf("addon/%s/%s/%s", r.Str("clusterName"), r.Str("addonName"), uuid(r)))
				})}
				if _, given := r.Inputs["configurationValues"]; !given {
					out["configurationValues"] = ""
				}
				return out
			},
		},
		catalog.EKSAccessEntry: {ID: joined(":", "clusterName", "principalArn"), Check: clusterExists,
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"accessEntryArn": r.Kept("accessEntryArn", func() any {
					role := r.Str("principalArn")[strings.LastIndex(r.Str("principalArn"), "/")+1:]
					return arn(r, "eks", fmt.Sprintf("access-entry/%s/role/%s/%s/%s", r.Str("clusterName"), account(r), role, uuid(r)))
				})}
			}},
		catalog.EKSAccessPolicyAssociation: {
			ID: joined("#", "clusterName", "principalArn", "policyArn"), Check: clusterExists,
		},
		catalog.EKSPodIdentityAssociation: {
			ID: id("a"), Check: clusterExists, Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"associationArn": arn(r, "eks", "podidentityassociation/"+r.Str("clusterName")+"/"+r.ID), "associationId": r.ID,
				}
			},
		},
	}
}

// terminationProtected is EC2's own protection of an instance.
func terminationProtected(r *provider.Request) error {
	if r.Inputs["disableApiTermination"] != true {
		return nil
	}
	return &provider.Failure{Code: "OperationNotPermitted", Message: fmt.Sprintf("The instance '%s' may not be terminated. "+
		"Modify its 'disableApiTermination' instance attribute and try again.", r.ID)}
}

func nodeGroupOutputs(r *provider.Request) map[string]any {
	return map[string]any{
		"arn": r.Kept("arn", func() any {
			return arn(r, "eks", fmt.Sprintf("nodegroup/%s/%s/%s", r.Str("clusterName"), r.Str("nodeGroupName"), uuid(r)))
		}),
		"status": "ACTIVE", "resources": r.Kept("resources", func() any {
			name := "eks-" + r.Str("nodeGroupName") + "-" + uuid(r)
			return []any{map[string]any{"autoscalingGroups": []any{map[string]any{"name": name}}}}
		}),
	}
}

func clusterExists(r *provider.Request) error {
	if r.Store.Get(catalog.EKSCluster, r.Str("clusterName")) == nil {
		return fmt.Errorf("ResourceNotFoundException: No cluster found for name: %s", r.Str("clusterName"))
	}
	return nil
}

func clusterOutputs(r *provider.Request) map[string]any {
	endpoint := r.Kept("endpoint", func() any {
		return fmt.Sprintf("https://%s.gr7.%s.eks.%s", strings.ToUpper(hexID(r, 16)+hexID(r, 16)), region(r), dnsSuffix(region(r)))
	}).(string)
	issuer := "https://oidc.eks." + region(
		r,
	) + "." + dnsSuffix(
		region(r),
	) + "/id/" + strings.Split(strings.TrimPrefix(endpoint, "https://"), ".")[0]
	vpc := map[string]any{}
	if given, ok := r.Inputs["vpcConfig"].(map[string]any); ok {
		for k, v := range given {
			vpc[k] = v
		}
	}
	vpc["clusterSecurityGroupId"], vpc["vpcId"] = "", ""
	if before, ok := r.Old["vpcConfig"].(map[string]any); ok {
		vpc["clusterSecurityGroupId"] = before["clusterSecurityGroupId"]
	} else {
		vpc["clusterSecurityGroupId"] = "sg-" + hexID(r, 17)
	}
	network := map[string]any{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}
	if given, ok := r.Inputs["kubernetesNetworkConfig"].(map[string]any); ok {
		for k, v := range given {
			network[k] = v
		}
	}
	return map[string]any{
		"arn": arn(r, "eks", "cluster/"+r.ID), "endpoint": endpoint, "status": "ACTIVE", "platformVersion": "eks.1",
		"certificateAuthority": map[string]any{"data": "UmVoZWFyc2FsIGNlcnRpZmljYXRlIGF1dGhvcml0eQ=="},
		"identities":           []any{map[string]any{"oidcs": []any{map[string]any{"issuer": issuer}}}},
		"vpcConfig":            vpc, "kubernetesNetworkConfig": network, "createdAt": "2026-01-01T00:00:00Z",
	}
}

// uuid returns an identifier in the form 8-4-4-4-12 that no other resource of the run has.
func uuid(r *provider.Request) string {
	h := hexID(r, 16) + hexID(r, 16)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:32])
}
