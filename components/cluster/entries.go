package cluster

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// accessPolicies are EKS's own access policies by the name that a stack file uses.
var accessPolicies = map[string]string{
	"admin":        "AmazonEKSAdminPolicy",
	"clusterAdmin": "AmazonEKSClusterAdminPolicy",
	"edit":         "AmazonEKSEditPolicy",
	"view":         "AmazonEKSViewPolicy",
}

// newAccessEntries lets the listed principals in. An entry is known by its principal alone, as EKS knows it: under another name
// it would be made before the old one goes, and EKS refuses a second entry of one principal. Entries are no children of pulumi-eks's
// component, whose protection they would inherit: a leaver's access is taken away with a line of the stack file.
//
// What is deployed into the cluster waits for them, as the deployer may be one of those they let in.
func (c *Cluster) newAccessEntries(ctx *pulumi.Context) error {
	for _, e := range c.args.AccessEntries {
		_, principal, _ := strings.Cut(e.PrincipalARN, ":iam::")
		name := c.name + "-entry-" + principal
		opts := []pulumi.ResourceOption{pulumi.Parent(c)}
		if e.Name != "" {
			// The associations below take over theirs by that: the engine puts the old name of a parent into a child's.
			opts = append(opts, pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String(c.name + "-" + e.Name), Parent: c.EKS}}))
		}
		entry, err := eks.NewAccessEntry(ctx, name, &eks.AccessEntryArgs{
			ClusterName: c.EKS.EksCluster.Name(), PrincipalArn: pulumi.String(e.PrincipalARN),
		}, opts...)
		if err != nil {
			return fmt.Errorf("%s: %w", e.PrincipalARN, err)
		}
		// To associate a policy again changes its scope. A new association that is made first would go with the old one.
		policy, err := eks.NewAccessPolicyAssociation(ctx, name+"-"+e.Policy, &eks.AccessPolicyAssociationArgs{
			ClusterName: c.EKS.EksCluster.Name(), PrincipalArn: entry.PrincipalArn, AccessScope: scope(e),
			PolicyArn: pulumi.Sprintf("arn:%s:eks::aws:cluster-access-policy/%s", c.args.Account.Partition, accessPolicies[e.Policy]),
		}, pulumi.Parent(entry), pulumi.DeleteBeforeReplace(true))
		if err != nil {
			return fmt.Errorf("%s: %w", e.PrincipalARN, err)
		}
		c.access = append(c.access, entry, policy)
	}
	return nil
}

// scope is where a policy holds.
func scope(e config.AccessEntry) eks.AccessPolicyAssociationAccessScopeArgs {
	if len(e.Namespaces) == 0 {
		return eks.AccessPolicyAssociationAccessScopeArgs{Type: pulumi.String("cluster")}
	}
	return eks.AccessPolicyAssociationAccessScopeArgs{Type: pulumi.String("namespace"), Namespaces: pulumi.ToStringArray(e.Namespaces)}
}
