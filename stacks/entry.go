package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// noEntry is how the provider says that a principal has no entry: terraform-provider-aws, findAccessEntryByTwoPartKey.
const noEntry = "couldn't find resource"

// checkDeployer says before the first resource what EKS and Kubernetes say in the middle of an `up`: that the deployer is listed
// beside the entry which EKS gives it, or that it has none. What cannot be asked decides nothing, and is a warning.
func (p *platform) checkDeployer(ctx *pulumi.Context, opt pulumi.InvokeOption) error {
	deployer, err := p.deployer(ctx, opt)
	if err != nil {
		return warnOfDeployer(ctx, err)
	}
	name := p.names.Cluster()
	exists, err := p.clusterExists()
	if err != nil {
		return warnOfDeployer(ctx, err)
	}
	listed := slices.IndexFunc(p.config.Cluster.AccessEntries, func(e config.AccessEntry) bool { return e.PrincipalARN == deployer })
	place := fmt.Sprintf("cluster.accessEntries[%d].principalArn: %q", listed, deployer)
	if !exists {
		if listed >= 0 {
			return fmt.Errorf("%s: must not be listed: it makes the cluster, and EKS gives it an entry itself", place)
		}
		return nil
	}
	entry, err := eks.LookupAccessEntry(ctx, &eks.LookupAccessEntryArgs{ClusterName: name, PrincipalArn: deployer}, opt)
	switch {
	case err != nil && strings.Contains(err.Error(), noEntry):
		return fmt.Errorf("%s may not use the Kubernetes API of %s, which another principal made. Whoever may has to list it in "+
			"bpa:cluster.accessEntries and run `pulumi up`; or deploy with the role that made the cluster, in bpa:aws.roleArn",
			deployer, name)
	case err != nil:
		return warnOfDeployer(ctx, err)
	case listed >= 0 && entry.Tags["bpa:stack"] != p.config.Name:
		return fmt.Errorf("%s: must not be listed: it has an entry of %s already, which is not this stack's", place, name)
	}
	return nil
}

// lookUpCluster asks EKS whether the stack's cluster exists.
func (p *platform) lookUpCluster(ctx *pulumi.Context, opt pulumi.InvokeOption) (bool, error) {
	clusters, err := eks.GetClusters(ctx, opt)
	if err != nil {
		return false, err
	}
	return slices.Contains(clusters.Names, p.names.Cluster()), nil
}

func warnOfDeployer(ctx *pulumi.Context, err error) error {
	return ctx.Log.Warn(fmt.Sprintf("whether the deployer may use the Kubernetes API is not known: %s", err), nil)
}

// deployer is the principal that EKS knows the deployer by: the role, not its session, with its path.
func (p *platform) deployer(ctx *pulumi.Context, opt pulumi.InvokeOption) (string, error) {
	if role := p.config.AWS.RoleARN; role != "" {
		return role, nil
	}
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, opt)
	if err != nil {
		return "", err
	}
	if !strings.Contains(caller.Arn, ":assumed-role/") {
		return caller.Arn, nil
	}
	session, err := iam.GetSessionContext(ctx, &iam.GetSessionContextArgs{Arn: caller.Arn}, opt)
	if err != nil {
		return "", err
	}
	return session.IssuerArn, nil
}
