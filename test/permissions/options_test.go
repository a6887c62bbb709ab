package permissions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// options are the calls that the provider makes only where an input asks for them, as read in its code.
var options = []struct {
	typ, property string
	value         any
	verb          provider.Verb
	actions       []string
	source        string
}{
	{
		catalog.EBSVolume, "finalSnapshot", true, provider.Delete,
		[]string{"ec2:CreateSnapshot", "ec2:CreateTags", "ec2:DescribeSnapshots"},
		"hashicorp/terraform-provider-aws internal/service/ec2/ebs_volume.go resourceEBSVolumeDelete",
	},
	{
		catalog.RDSInstance, "skipFinalSnapshot", false, provider.Delete,
		[]string{"rds:CreateDBSnapshot", "rds:AddTagsToResource"},
		"docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html",
	},
	{
		catalog.S3BucketV2, "forceDestroy", true, provider.Delete,
		[]string{"s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"},
		"hashicorp/terraform-provider-aws internal/service/s3/delete.go emptyBucket",
	},
}

// A deployer whose policy is made of what a resource needs without its options fails at the first one that is on.
func TestThePermissionsOfATypeKnowItsOptions(t *testing.T) {
	used := map[string]bool{}
	for _, stack := range []string{"dev", "prod"} {
		for _, r := range rehearse(t, stack).resources {
			for _, o := range options {
				if r.Type != o.typ || r.Inputs[o.property] != o.value {
					continue
				}
				used[o.typ] = true
				var allowed []string
				for _, grant := range needs(t, o.typ, o.verb) {
					allowed = append(allowed, grant.Actions...)
				}
				assert.Subset(t, allowed, o.actions, "%s %s: %s", stack, r.Name, o.source)
			}
		}
	}
	for _, o := range options {
		assert.True(t, used[o.typ], "%s %s", o.typ, o.property)
	}
}
