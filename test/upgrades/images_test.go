package upgrades_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// pulumi-eks asks for the image of each node in every preview. One that another account shares, and one that Amazon has deprecated
// since it was pinned, must still be found.
func TestAnImageIsFoundWhoeverOwnsItAndHoweverOldItIs(t *testing.T) {
	for name, nodes := range map[string]string{
		"shared": "amiId: ami-0123456789abcdef0", "deprecated": "amiRelease: v20240901",
	} {
		t.Run(name, func(t *testing.T) {
			result, err := rehearsal.Preview(context.Background(), project(t, stack+atlas+"  bpa:nodes: {"+nodes+"}\n"))
			require.NoError(t, err, result.Text)
		})
	}
}
