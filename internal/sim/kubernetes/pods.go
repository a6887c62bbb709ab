package kubernetes

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	pullDoc = "kubernetes.io/docs/concepts/containers/images/#imagepullbackoff"
	hookDoc = "helm.sh/docs/topics/charts_hooks/#hook-deletion-policies"
)

// jobImages: the pods of a job pull as the nodes do.
func jobImages(r *provider.Request) string { return imagesOf(r, r.Inputs) }

// imagesOf finds an image in an object that a node may not pull, and says so as kubelet does.
func imagesOf(r *provider.Request, object any) string {
	switch v := object.(type) {
	case []any:
		for _, e := range v {
			if problem := imagesOf(r, e); problem != "" {
				return problem
			}
		}
	case map[string]any:
		if image, ok := v["image"].(string); ok {
			return aws.PullProblem(r, image)
		}
		for _, e := range v {
			if problem := imagesOf(r, e); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// uninstalls: while a release goes, its hooks and the finalizers of its volumes still work. They need nodes that are let in and out,
// and the rights of the driver that deletes the volumes.
func uninstalls(r *provider.Request) string {
	if len(r.Store.All(catalog.EKSCluster)) == 0 {
		return "" // a cluster outside the stack
	}
	for _, template := range r.Store.All(catalog.EC2LaunchTemplate) {
		for _, group := range securityGroup.FindAllString(fmt.Sprint(template.Inputs["networkInterfaces"]), -1) {
			if !leads(r, group) {
				return fmt.Sprintf("timed out waiting for the condition: nodes in security group %s have no rule that lets them out", group)
			}
		}
	}
	for _, addon := range r.Store.All(catalog.EKSAddon) {
		for _, group := range podGroups(addon) {
			if !leads(r, group) {
				return fmt.Sprintf("timed out waiting for the condition: pods in security group %s have no rule that lets them out", group)
			}
		}
		for _, identity := range property.Objects(addon.Inputs["podIdentityAssociations"]) {
			role := property.Text(identity, "roleArn")
			role = role[strings.LastIndex(role, "/")+1:]
			if r.Store.Get(catalog.IAMRole, role) != nil && !permitted(r, role) {
				return fmt.Sprintf("failed to delete volume: UnauthorizedOperation: role %s of %s has no policy", role, addon.ID)
			}
		}
	}
	return ""
}

// podGroups are the security groups that the VPC CNI gives to pods.
func podGroups(addon *provider.Resource) []string {
	text, _ := addon.Inputs["configurationValues"].(string)
	return securityGroup.FindAllString(text, -1)
}

// leads reports whether a rule lets something out of a security group.
func leads(r *provider.Request, group string) bool {
	return r.Store.Find(catalog.VPCSecurityGroupEgressRule, func(rule *provider.Resource) bool {
		return rule.Inputs["securityGroupId"] == group
	}) != nil || r.Store.Find(catalog.EC2SecurityGroupRule, func(rule *provider.Resource) bool {
		return rule.Inputs["securityGroupId"] == group && rule.Inputs["type"] == "egress"
	}) != nil
}

// permitted reports whether a role has any policy.
func permitted(r *provider.Request, role string) bool {
	of := func(p *provider.Resource) bool { return p.Inputs["role"] == role }
	return r.Store.Find(catalog.IAMRolePolicyAttachment, of) != nil || r.Store.Find(catalog.IAMRolePolicy, of) != nil
}
