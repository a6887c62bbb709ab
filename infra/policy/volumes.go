package policy

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// volumeKeyUse is what a principal needs of a key to make, attach and start from encrypted volumes, beside the grants that EBS
// makes of it. Source: EBS user guide, "Requirements for Amazon EBS encryption", permissions for IAM principals.
var volumeKeyUse = []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}

// VolumeKey is the policy of a key for EBS volumes, as AWS gives it to its own key aws/ebs: the account decides on the key, and
// whoever may use EBS in the account may use the key through it. So Auto Scaling's service-linked role, the nodes' role and the
// EBS CSI driver's need no statement of their own. One that names the service-linked role would be refused in an account that
// has not used Auto Scaling yet, as a key policy takes no principal that does not exist. Root is the ARN of the account's root
// user, service ec2.REGION.amazonaws.com. Sources: docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html,
// kms:ViaService; docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html.
func VolumeKey(root, account, service string) pulumi.StringOutput {
	all := []pulumi.StringInput{pulumi.String("*")}
	return Document(
		Statement{
			Sid: "Account", Principals: Principals{AWS: []pulumi.StringInput{pulumi.String(root)}}, Actions: []string{"kms:*"},
			Resources: all,
		},
		Statement{
			Sid: "ThroughEBS", Principals: Principals{Everyone: true}, Actions: append([]string{"kms:CreateGrant"}, volumeKeyUse...),
			Resources: all, Conditions: map[string]map[string]pulumi.StringInput{"StringEquals": {
				"kms:CallerAccount": pulumi.String(account), "kms:ViaService": pulumi.String(service),
			}},
		},
	)
}

// UseVolumeKey lets a role use a key that somebody else keeps, for EBS volumes.
func UseVolumeKey(key string) pulumi.StringOutput {
	on := []pulumi.StringInput{pulumi.String(key)}
	return Document(
		Statement{Sid: "UseKey", Actions: volumeKeyUse, Resources: on},
		Statement{
			Sid: "LendKey", Actions: []string{"kms:CreateGrant"}, Resources: on,
			Conditions: map[string]map[string]pulumi.StringInput{"Bool": {"kms:GrantIsForAWSResource": pulumi.String("true")}},
		},
	)
}
