package aws

import (
	"fmt"
	"net/netip"
	"path"
	"slices"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// sessionPolicies are the managed policies of AWS with which an instance takes sessions of Systems Manager.
var sessionPolicies = []string{"AmazonSSMManagedInstanceCore", "AdministratorAccess"}

// SessionProblem says why no session of Systems Manager leads to a cluster's private endpoint, or "" where one does: through an
// instance in the VPC of the cluster that registers with Systems Manager, and that the cluster's security groups let in.
// Source: Systems Manager user guide, "Step 1: Complete Session Manager prerequisites"; EKS user guide, "Cluster API server endpoint".
func SessionProblem(r *provider.Request, cluster *provider.Resource) string {
	problem := "no instance in its VPC"
	for _, instance := range r.Store.All(catalog.EC2Instance) {
		subnet := text(instance.Inputs, "subnetId")
		if vpcOf(r, subnet) != ClusterVPC(r, cluster) {
			continue
		}
		if problem = sessionVia(r, cluster, instance, subnet); problem == "" {
			return ""
		}
	}
	return problem
}

// sessionVia says why no session leads to a cluster by way of an instance, or "".
func sessionVia(r *provider.Request, cluster, instance *provider.Resource, subnet string) string {
	if !registers(r, text(instance.Inputs, "iamInstanceProfile")) {
		return fmt.Sprintf("%s does not register with Systems Manager: its role lacks %s", instance.ID, sessionPolicies[0])
	}
	groups := texts(instance.Inputs["vpcSecurityGroupIds"])
	if !slices.ContainsFunc(groups, func(group string) bool { return opens(granted(r, group, "egress"), "443", nil, "") }) {
		return instance.ID + " is let out nowhere on port 443"
	}
	from := ""
	if s := r.Store.Get(catalog.EC2Subnet, subnet); s != nil {
		from = text(s.Inputs, "cidrBlock")
	}
	own := append(texts(at(cluster.Inputs, "vpcConfig", "securityGroupIds")), text(cluster.Outputs, "vpcConfig", "clusterSecurityGroupId"))
	if !slices.ContainsFunc(own, func(group string) bool { return opens(granted(r, group, "ingress"), "443", groups, from) }) {
		return fmt.Sprintf("the security groups of %s do not let %s in", cluster.ID, instance.ID)
	}
	return ""
}

// registers reports whether the role of an instance profile lets its instance take sessions.
func registers(r *provider.Request, profile string) bool {
	found := r.Store.Get(catalog.IAMInstanceProfile, profile)
	return found != nil && r.Store.Find(catalog.IAMRolePolicyAttachment, func(a *provider.Resource) bool {
		return a.Inputs["role"] == found.Inputs["role"] && slices.Contains(sessionPolicies, path.Base(text(a.Inputs, "policyArn")))
	}) != nil
}

// opens reports whether permissions open a TCP port to one of some groups or to a range, or to anybody where both are empty.
func opens(list map[permission]bool, port string, groups []string, from string) bool {
	for p := range list {
		if p.protocol != "-1" && (p.protocol != "tcp" || p.from != port && p.to != port) {
			continue
		}
		if len(groups) == 0 && from == "" || slices.Contains(groups, p.peer) || covers(p.peer, from) {
			return true
		}
	}
	return false
}

// covers reports whether a range holds another.
func covers(outer, inner string) bool {
	o, err := netip.ParsePrefix(outer)
	i, wrong := netip.ParsePrefix(inner)
	return err == nil && wrong == nil && o.Bits() <= i.Bits() && o.Contains(i.Addr())
}

// ClusterVPC is the VPC of a cluster, or "" where the stack does not make it.
func ClusterVPC(r *provider.Request, cluster *provider.Resource) string {
	for _, subnet := range texts(at(cluster.Inputs, "vpcConfig", "subnetIds")) {
		if vpc := vpcOf(r, subnet); vpc != "" {
			return vpc
		}
	}
	return ""
}
