package preflight

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bpa-on-aws/platform/infra/naming"
)

// accessEntries asks whether each listed principal exists, under that very ARN, and whether the cluster lets the deployer in. All of
// it fails an `up` after the cluster is made, or in the middle of a later one.
func (f *flight) accessEntries(ctx context.Context) ([]Finding, error) {
	const name = "access entries"
	deployer, err := f.deployer(ctx)
	if err != nil {
		return nil, err
	}
	cluster := naming.New(f.Config.Name, f.Config.AWS.AccountID, f.Config.AWS.Region).Cluster()
	there, err := f.clusterExists(ctx, cluster)
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i, e := range f.Config.Cluster.AccessEntries {
		place := fmt.Sprintf("bpa:cluster.accessEntries[%d]", i)
		switch arn, err := f.principal(ctx, e.PrincipalARN); {
		case err != nil:
			return found, err
		case arn == "":
			found = append(found, fail(name, "take it out of "+place+", or make it first", "no %s", e.PrincipalARN))
		case arn != e.PrincipalARN:
			found = append(found, fail(name, "write it with its path: "+arn, "%s is not the whole ARN", e.PrincipalARN))
		}
		_, other, err := f.entry(ctx, there, cluster, e.PrincipalARN)
		if err != nil {
			return found, err
		}
		if other || !there && e.PrincipalARN == deployer {
			found = append(found, fail(name, "take it out of "+place, "%s has an entry that is not of this stack: EKS gives one to "+
				"whoever makes the cluster", e.PrincipalARN))
		}
	}
	own, other, err := f.entry(ctx, there, cluster, deployer)
	if err != nil {
		return found, err
	}
	if there && !own && !other {
		found = append(
			found,
			fail(name, "let whoever may list it in bpa:cluster.accessEntries and run `pulumi up`, or deploy as who made it",
				"%s may not use the Kubernetes API of %s", deployer, cluster),
		)
	}
	if len(found) == 0 {
		found = append(found, pass(name, "all %d exist, and %s is let in", len(f.Config.Cluster.AccessEntries), path.Base(deployer)))
	}
	return found, nil
}

// deployer is the principal that EKS knows the caller by: the role, not its session, with its path.
func (f *flight) deployer(ctx context.Context) (string, error) {
	if role := f.Config.AWS.RoleARN; role != "" {
		return role, nil
	}
	who, err := f.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	_, session, assumed := strings.Cut(aws.ToString(who.Arn), ":assumed-role/")
	if !assumed {
		return aws.ToString(who.Arn), nil
	}
	role, _, _ := strings.Cut(session, "/")
	out, err := f.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Role.Arn), nil
}

// principal is the ARN by which IAM knows a role or user of the account, or "" where there is none. Other accounts are not asked.
func (f *flight) principal(ctx context.Context, arn string) (string, error) {
	kind, name, _ := strings.Cut(arn[strings.LastIndex(arn, ":")+1:], "/")
	name = path.Base(name)
	if !strings.Contains(arn, ":iam::"+f.Config.AWS.AccountID+":") {
		return arn, nil
	}
	if kind == "user" {
		out, err := f.iam.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		if err != nil {
			return "", unless("NoSuchEntity", err)
		}
		return aws.ToString(out.User.Arn), nil
	}
	out, err := f.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return "", unless("NoSuchEntity", err)
	}
	return aws.ToString(out.Role.Arn), nil
}

// unless is an error, unless it has a code.
func unless(allowed string, err error) error {
	if code(err) == allowed {
		return nil
	}
	return err
}

func (f *flight) clusterExists(ctx context.Context, name string) (bool, error) {
	_, err := f.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &name})
	return err == nil, unless("ResourceNotFoundException", err)
}

// entry says of a principal whether the cluster has an entry of this stack for it, or another one.
func (f *flight) entry(ctx context.Context, there bool, cluster, principal string) (own, other bool, err error) {
	if !there {
		return false, false, nil
	}
	out, err := f.eks.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: &cluster, PrincipalArn: &principal})
	if err != nil {
		return false, false, unless("ResourceNotFoundException", err)
	}
	own = out.AccessEntry.Tags["bpa:stack"] == f.Config.Name
	return own, !own, nil
}
