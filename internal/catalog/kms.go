package catalog

import (
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of kms.
const (
	KMSAlias       = "aws:kms/alias:Alias"
	KMSExternalKey = "aws:kms/externalKey:ExternalKey"
	KMSGrant       = "aws:kms/grant:Grant"
	KMSKey         = "aws:kms/key:Key"
)

var kmsTypes = []Type{
	{
		Token: KMSAlias,
		Identity: Identity{
			StateID: form("{name}"),
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 256, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:kms:{region}:{account}:{id}", "targetKeyArn": "{targetKeyId}"},
			Taken:   "AlreadyExistsException",
		},
	},
	{
		Token: KMSExternalKey,
		Loss: Loss{
			Stateful: true,
			Lost:     "the key, and with it everything that it encrypts",
			Downtime: "what reads encrypted data fails when the key is gone",
		},
	},
	{
		Token: KMSGrant,
		Rights: Rights{Verb: "gives", Given: func(in map[string]any) []Phrase {
			return each(in, "operations", func(operation any) Phrase {
				return phrase("%s with %s to %s", operation, in["keyId"], in["granteePrincipal"])
			})
		}},
	},
	{
		Token: KMSKey,
		Identity: Identity{
			ARN:     "arn:{partition}:kms:{region}:{account}:key/{id}",
			Listing: Listing{"aws kms describe-key --key-id {id}", "KeyMetadata"},
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "the key, and with it everything that it encrypts",
			Downtime: "what reads encrypted data fails when the key is gone",
			Kept:     recoverable("key", "deletionWindowInDays"),
			Stays:    "aws kms schedule-key-deletion",
		},
		Guards: []Guard{
			{"enableKeyRotation", off, "the key is no longer rotated"},
			{"deletionWindowInDays", less, "a deleted key is gone sooner"},
		},
		Price: Price{Rule: priceKey},
		Permissions: Permissions{
			Create: []Grant{
				anything.when(Made, "kms:CreateKey"),
				onKey.when(Made, "kms:TagResource"),
				keySettings,
			},
			Read: []Grant{onKey.when(Own, "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags")},
			Update: []Grant{
				keySettings,
				onKey.when(Own, "kms:DisableKey", "kms:EnableKey", "kms:UntagResource"),
			},
			Delete: []Grant{onKey.when(Own, "kms:ScheduleKeyDeletion")},
		},
		Simulation: Simulation{
			ID: "{uuid}", Outputs: map[string]any{"arn": "arn:{partition}:kms:{region}:{account}:key/{id}", "keyId": "{id}"},
		},
		Failures: idBeforeWait("kms/key.go resourceKeyCreate"),
		None: none(closed, plain, instant, None{
			Effects: noEffect, Refusals: "is deleted only after its window, without a question", Exposes: byDocument, Rights: byDocument,
		}),
	},
}

var keySettings = onKey.when(Own, "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:UpdateKeyDescription")

// lendsKey is what the use of the stack's key by a service takes.
var lendsKey = []Grant{onKey.when(Lends, "kms:CreateGrant"), onKey.when(Own, "kms:DescribeKey")}

// priceKey pays for a key's first version. Each of the first two rotations makes it dearer by as much.
func priceKey(p Pricing, r *stackdoc.Resource) {
	p.Paid("kms.key", 1)
	p.ByUse("kms.requests")
	if property.True(r.Property("enableKeyRotation")) {
		p.Assume("no KMS key has been rotated yet: each of the first two yearly rotations adds the price of a key")
	}
}
