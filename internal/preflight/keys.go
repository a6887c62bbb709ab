package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
)

const defaultKey, volumeKey = "default key", "volume key"

// accountKey asks which key the account encrypts volumes with that name none. All of the stack's name one, so whatever it is cannot
// break them.
func (f *flight) accountKey(ctx context.Context) ([]Finding, error) {
	out, err := f.ec2.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
	if err != nil {
		return nil, err
	}
	usual, used := aws.ToString(out.KmsKeyId), "a key of the stack's own"
	if f.Config.Nodes.KMSKey != "" {
		used = "bpa:nodes.kmsKey"
	}
	if strings.HasSuffix(usual, "alias/aws/ebs") {
		usual = "aws/ebs"
	}
	return []Finding{
		pass(defaultKey, "nodes, bastion and bpa-gp3 have %s; %s, the account's, is for other storage classes alone", used, usual),
	}, nil
}

// givenKey asks whether bpa:nodes.kmsKey encrypts volumes, and admits Auto Scaling by its policy or by a grant: a node whose key
// does not is never launched, and `up` waits for it in vain.
func (f *flight) givenKey(ctx context.Context) ([]Finding, error) {
	arn := f.Config.Nodes.KMSKey
	if arn == "" {
		return nil, nil
	}
	out, err := f.key("").DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	var missing *types.NotFoundException
	if errors.As(err, &missing) {
		return []Finding{fail(volumeKey, "give the ARN of a key that exists to bpa:nodes.kmsKey", "there is no key %s", arn)}, nil
	}
	if err != nil {
		return nil, err
	}
	key := out.KeyMetadata
	if key.KeyState != types.KeyStateEnabled {
		return []Finding{fail(volumeKey, "enable it, or give another to bpa:nodes.kmsKey", "%s is %s", arn, key.KeyState)}, nil
	}
	if key.KeyUsage != types.KeyUsageTypeEncryptDecrypt || key.KeySpec != types.KeySpecSymmetricDefault {
		return []Finding{
			fail(volumeKey, "give a symmetric key to bpa:nodes.kmsKey", "%s is for %s with %s: EBS takes SYMMETRIC_DEFAULT alone",
				arn, key.KeyUsage, key.KeySpec),
		}, nil
	}
	verdict := iamdoc.Unclear
	own := aws.ToString(key.AWSAccountId) == f.Config.AWS.AccountID
	if own { // KMS gives no policy to another account: KMS API reference, GetKeyPolicy, "Cross-account use".
		if verdict, err = f.policyOf(ctx, arn); err != nil {
			return nil, err
		}
	}
	return f.lent(ctx, arn, own, verdict)
}

// policyOf is what the policy of a key says of Auto Scaling.
func (f *flight) policyOf(ctx context.Context, arn string) (iamdoc.Verdict, error) {
	out, err := f.key("").GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})
	if err != nil {
		return iamdoc.Unclear, err
	}
	statements, err := iamdoc.Parse(aws.ToString(out.Policy))
	if err != nil {
		return iamdoc.Unclear, fmt.Errorf("the policy of %s: %w", arn, err)
	}
	a := account.Of(f.Config.AWS.AccountID, f.Config.AWS.Region)
	return iamdoc.Judge(statements, iamdoc.VolumeGrant(a.ID, a.Region, a.DNSSuffix, iamdoc.AutoScaling(a.Partition, a.ID))), nil
}

// lent reports what a key's policy says, and asks for grants where it does not say enough.
func (f *flight) lent(ctx context.Context, arn string, own bool, verdict iamdoc.Verdict) ([]Finding, error) {
	a := account.Of(f.Config.AWS.AccountID, f.Config.AWS.Region)
	role := iamdoc.AutoScaling(a.Partition, a.ID)
	switch verdict {
	case iamdoc.Allowed:
		return []Finding{pass(volumeKey, "the policy of %s admits Auto Scaling", arn)}, nil
	case iamdoc.Denied:
		return []Finding{fail(volumeKey, "take "+role+" out of the statement that denies kms:CreateGrant",
			"the policy of %s denies Auto Scaling: no node would start", arn)}, nil
	}
	pages := kms.NewListGrantsPaginator(f.key(""), &kms.ListGrantsInput{KeyId: &arn, GranteePrincipal: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(page.Grants, func(g types.GrantListEntry) bool {
			return aws.ToString(g.GranteePrincipal) == role && slices.Contains(g.Operations, types.GrantOperationCreateGrant)
		}) {
			return []Finding{pass(volumeKey, "a grant lets Auto Scaling use %s", arn)}, nil
		}
	}
	remedy := "aws kms create-grant --key-id " + arn + " --grantee-principal " + role + " --operations Encrypt Decrypt " +
		"ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey CreateGrant"
	switch {
	case !own:
		return []Finding{warn(volumeKey, remedy,
			"%s is another account's: its policy cannot be read, and it has no grant for Auto Scaling", arn)}, nil
	case verdict == iamdoc.Unclear:
		return []Finding{warn(volumeKey, "read it, or "+remedy,
			"the policy of %s admits Auto Scaling under conditions that preflight does not judge", arn)}, nil
	}
	return []Finding{fail(volumeKey, remedy, "%s admits Auto Scaling neither by its policy nor by a grant: no node would start", arn)}, nil
}
