package platform_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// The account alone knows which of its zones EKS passes over: the program asks before it makes anything.
func TestAZoneWithoutEKSIsRefusedByName(t *testing.T) {
	east := strings.Replace(small, "region: us-west-2", "region: us-east-1", 1) +
		"  bpa:network: {zones: [us-east-1a, us-east-1b, us-east-1e]}\n"
	options, err := platform.Options(projectWith(t, east, pair(t)), "test", &bytes.Buffer{})
	require.NoError(t, err)
	result, err := rehearsal.Preview(context.Background(), options)
	require.Error(t, err)
	assert.Contains(t, result.Text, "network.zones[2]: us-east-1e is use1-az3, in which EKS places no control plane")
}
