package platform_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// landingZone is an account whose default key for volumes is a customer's, which admits nobody but the account.
func landingZone() []apitype.ResourceV3 {
	const key = "arn:aws:kms:us-west-2:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
	there := func(typ, name, id string, properties map[string]any) apitype.ResourceV3 {
		return apitype.ResourceV3{
			URN:    resource.NewURN("account", "landing-zone", "", tokens.Type(typ), name),
			Custom: true, ID: resource.ID(id), Type: tokens.Type(typ), Inputs: properties, Outputs: properties,
		}
	}
	return []apitype.ResourceV3{
		there(catalog.KMSKey, "key", "0a1b2c3d-0000-4000-8000-000000000000", map[string]any{"arn": key, "policy": `{"Version": "2012-10-17",
			"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*",
			"Resource": "*"}]}`}),
		there(catalog.EBSDefaultKmsKey, "default", key, map[string]any{"keyArn": key}),
	}
}

func TestNodesStartInAnAccountWhoseDefaultKeyIsACustomers(t *testing.T) {
	options, err := platform.Options(projectWith(t, small, pair(t)), "test", &bytes.Buffer{})
	require.NoError(t, err)
	options.Existing = landingZone()
	result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
		if err := s.Up(); err != nil {
			return err
		}
		var own any
		for _, key := range s.Clouds().All(catalog.KMSKey) {
			if key.Name == "nodes-key" {
				own = key.Outputs["arn"]
			}
		}
		require.NotNil(t, own)
		for _, volume := range s.Clouds().All(catalog.EBSVolume) {
			assert.Equal(t, own, volume.Inputs["kmsKeyId"], volume.Name)
		}
		for _, class := range s.Clouds().All(catalog.KubernetesStorageClass) {
			assert.Equal(t, own, class.Inputs["parameters"].(map[string]any)["kmsKeyId"])
		}
		return nil
	})
	require.NoError(t, err, result.Text)
}
