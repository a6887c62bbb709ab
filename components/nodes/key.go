package nodes

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/policy"
)

// newKey makes the key of the nodes' volumes, or takes the one that is given. The account's default one may be a customer's, to
// which Auto Scaling has no right, and then no node would start.
func (n *Nodes) newKey(ctx *pulumi.Context) error {
	if n.args.KMSKey != "" {
		n.KeyARN = pulumi.String(n.args.KMSKey).ToStringOutput()
		return nil
	}
	a := n.args.Account
	key, err := kms.NewKey(ctx, n.name+"-key", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the volumes of " + n.args.ClusterName),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(30),
		Policy: policy.VolumeKey(
			fmt.Sprintf("arn:%s:iam::%s:root", a.Partition, a.ID), a.ID, fmt.Sprintf("ec2.%s.%s", a.Region, a.DNSSuffix),
		),
	}, pulumi.Parent(n), pulumi.Protect(n.args.Protect), pulumi.RetainOnDelete(n.args.KeepKey))
	if err != nil {
		return err
	}
	n.KeyARN = key.Arn
	return nil
}
