package preflight_test

import (
	"net/http"
	"path"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/bpa-on-aws/platform/internal/iamdoc"
)

func TestTheAccountsDefaultKeyIsNamed(t *testing.T) {
	try(t, []example{
		{"AWS's own", "default key", nil, passes, "aws/ebs, the account's, is for other storage classes alone"},
		{"a customer's", "default key", func(_ *testing.T, w *world) {
			w.proxy.recorded["GetEbsDefaultKmsKeyId"] = usualKey("arn:aws:kms:us-west-2:111122223333:key/1")
		}, passes, "nodes, bastion and bpa-gp3 have a key of the stack's own; arn:aws:kms:us-west-2:111122223333:key/1, the account's"},
		{"not to be seen", "default key", func(_ *testing.T, w *world) { w.proxy.denied["GetEbsDefaultKmsKeyId"] = true }, warns,
			"the caller may not ec2:GetEbsDefaultKmsKeyId"},
	})
}

const (
	leftToIAM  = `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}`
	throughEC2 = leftToIAM + `, {"Effect": "Allow", "Principal": "*", "Action": ["kms:CreateGrant", "kms:Decrypt"], "Resource": "*",
		"Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "ec2.us-west-2.amazonaws.com"}}}`
	ofTheOrganization = leftToIAM + `, {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
		"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}`
	refused = throughEC2 + `, {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
		"Action": ["kms:CreateGrant"], "Resource": "*"}`
)

// volumeKeyWith makes a key whose policy has these statements, and returns its ARN.
func volumeKeyWith(statements string) func(*testing.T, *world) string {
	return func(t *testing.T, w *world) string {
		policy := `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
		return *must(kms.NewFromConfig(w.aws).CreateKey(ctx, &kms.CreateKeyInput{
			Policy: &policy, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt,
		}))(t).KeyMetadata.Arn
	}
}

// given sets a key with these statements, after something is done with it.
func given(statements string, done ...func(*testing.T, *kms.Client, *string)) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		arn := volumeKeyWith(statements)(t, w)
		for _, do := range done {
			do(t, kms.NewFromConfig(w.aws), &arn)
		}
		w.config.Nodes.KMSKey = arn
	}
}

func granted(operations ...kmstypes.GrantOperation) func(*testing.T, *kms.Client, *string) {
	return func(t *testing.T, client *kms.Client, arn *string) {
		must(client.CreateGrant(ctx, &kms.CreateGrantInput{
			KeyId: arn, GranteePrincipal: aws.String(iamdoc.AutoScaling("aws", accountID)), Operations: operations,
		}))(t)
	}
}

// elsewhere answers DescribeKey with a key of another account, whose policy nobody reads from here.
func elsewhere(more ...func(*testing.T, *kms.Client, *string)) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		given(leftToIAM, more...)(t, w)
		w.proxy.denied["GetKeyPolicy"] = true
		w.proxy.recorded["DescribeKey"] = func([]byte, *http.Request) (int, string, string) {
			return http.StatusOK, jsonBody, `{"KeyMetadata": {"AWSAccountId": "444455556666", "KeyId": "1", "KeyState": "Enabled",
				"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT"}}`
		}
	}
}

func TestAGivenKeyMustAdmitAutoScaling(t *testing.T) {
	disable := func(t *testing.T, client *kms.Client, arn *string) {
		must(client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: aws.String(path.Base(*arn))}))(t) // moto takes no ARN
	}
	both := granted(kmstypes.GrantOperationCreateGrant, kmstypes.GrantOperationDecrypt)
	try(t, []example{
		{"by its policy", "volume key", given(throughEC2), passes, "admits Auto Scaling"},
		{"by a grant", "volume key", given(leftToIAM, both), passes, "a grant lets Auto Scaling use arn:"},
		{"a grant that lends nothing", "volume key", given(leftToIAM, granted(kmstypes.GrantOperationDecrypt)), fails,
			"neither by its policy nor by a grant: no node would start"},
		{"left to IAM", "volume key", given(leftToIAM), fails, "neither by its policy nor by a grant: no node would start"},
		{"denied", "volume key", given(refused, both), fails, "denies Auto Scaling"},
		{"under a condition", "volume key", given(ofTheOrganization), warns, "under conditions that preflight does not judge"},
		{"disabled", "volume key", given(throughEC2, disable), fails, "is Disabled"},
		{"another account's", "volume key", elsewhere(), warns, "is another account's: its policy cannot be read"},
		{"another account's, with a grant", "volume key", elsewhere(both), passes, "a grant lets Auto Scaling use arn:"},
		{"for signatures", "volume key", func(t *testing.T, w *world) {
			w.config.Nodes.KMSKey = *must(kms.NewFromConfig(w.aws).CreateKey(ctx, &kms.CreateKeyInput{
				KeyUsage: kmstypes.KeyUsageTypeSignVerify, KeySpec: kmstypes.KeySpecRsa2048,
			}))(t).KeyMetadata.Arn
		}, fails, "is for SIGN_VERIFY with RSA_2048: EBS takes SYMMETRIC_DEFAULT alone"},
		{"not there", "volume key", func(_ *testing.T, w *world) {
			w.config.Nodes.KMSKey = "arn:aws:kms:us-west-2:111122223333:key/00000000-0000-4000-8000-000000000000"
		}, fails, "there is no key arn:"},
		{"not to be seen", "volume key", func(t *testing.T, w *world) {
			given(throughEC2)(t, w)
			w.proxy.denied["GetKeyPolicy"] = true
		}, warns, "the caller may not kms:GetKeyPolicy"},
	})
}
