package platform_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// in is the small stack in another region.
func in(t *testing.T, region, more string) rehearsal.Options {
	t.Helper()
	text := strings.Replace(small, "region: us-west-2", "region: "+region, 1) + more
	options, err := platform.Options(projectWith(t, text, pair(t)), "test", &bytes.Buffer{})
	require.NoError(t, err)
	return options
}

// The account alone knows which of its zones offer what: the program asks before it makes anything.
func TestAChosenZoneThatLacksSomethingIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct{ region, text, want string }{
		"EKS": {
			"us-east-1", "  bpa:network: {zones: [us-east-1a, us-east-1b, us-east-1e]}\n",
			"network.zones[2]: us-east-1e is use1-az3, in which EKS places no control plane",
		},
		"a node's type": {
			"us-east-1", "  bpa:network: {zones: [us-east-1b, us-east-1a, us-east-1c]}\n  bpa:nodes: {instanceType: m7a.4xlarge}\n",
			"network.zones[1]: EC2 does not offer m7a.4xlarge in us-east-1a, which node-2 is: must be one of " +
				"[us-east-1b us-east-1c us-east-1d us-east-1f]",
		},
		"the type of a node with a zone of its own": {
			"us-east-1", "  bpa:network: {zones: [us-east-1a, us-east-1b, us-east-1c]}\n" +
				"  bpa:nodes: {items: [{name: node-2, instanceType: m7a.4xlarge, zone: us-east-1a}]}\n",
			"nodes.items[0].zone: EC2 does not offer m7a.4xlarge in us-east-1a, which node-2 is",
		},
		"the database's class": {
			"ca-central-1", "  bpa:network: {zones: [ca-central-1a, ca-central-1b, ca-central-1d]}\n" +
				"  bpa:database: {instanceClass: db.r5.8xlarge, multiAz: true}\n  bpa:bastion: {instanceType: x9.large}\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := rehearsal.Preview(context.Background(), in(t, c.region, c.text))
			if c.want == "" {
				require.NoError(t, err, result.Text)
				assert.Contains(
					t,
					result.Text,
					"network.zones[2]: RDS does not sell db.r5.8xlarge with PostgreSQL 16.14 in ca-central-1d: "+
						"it places the database in the others",
					"no zone of the region has more",
				)
				return
			}
			require.Error(t, err)
			assert.Contains(t, strings.Join(strings.Fields(result.Text), " "), c.want)
		})
	}
}

// subnetZones are the zones of the private subnets, in the order of their ranges.
func subnetZones(s *rehearsal.Session) map[any]any {
	zones := map[any]any{}
	for _, subnet := range s.Clouds().All(catalog.EC2Subnet) {
		if strings.HasPrefix(subnet.Name, "network-private-") {
			zones[subnet.Inputs["cidrBlock"]] = subnet.Inputs["availabilityZone"]
		}
	}
	return zones
}

func TestTheDefaultZonesOfferAllThatTheStackAsksFor(t *testing.T) {
	options := in(t, "us-east-1", "  bpa:nodes: {instanceType: m7a.4xlarge}\n")
	result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
		if err := s.Up(); err != nil {
			return err
		}
		assert.Equal(t, map[any]any{
			"10.20.0.0/19": "us-east-1b", "10.20.32.0/19": "us-east-1c", "10.20.64.0/19": "us-east-1d",
		}, subnetZones(s), "us-east-1a has no m7a")
		return nil
	})
	require.NoError(t, err, result.Text)
}

// What AWS offers changes, and so may what the stack file says of zones: a volume cannot follow.
func TestAStackThatRunsKeepsItsZones(t *testing.T) {
	second, third := map[string]any{"name": "node-2"}, map[string]any{"name": "node-3"}
	for name, c := range map[string]struct {
		region, text, setting string
		value                 any
		warning               string
	}{
		"where a type is not offered there any more": {
			"us-east-1", "", "nodes.items", []any{map[string]any{"name": "node-1", "instanceType": "m7a.4xlarge"}, second, third},
			"EC2 does not offer m7a.4xlarge in us-east-1a: node-1 could not be launched there",
		},
		"where they are not chosen any more": {
			"us-west-2", "  bpa:network: {zones: [us-west-2d, us-west-2b, us-west-2a]}\n", "network.zones", []any{}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := in(t, c.region, c.text+"  bpa:nodes: {items: [{name: node-1}, {name: node-2}, {name: node-3}]}\n")
			result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
				if err := s.Up(); err != nil {
					return err
				}
				if err := s.Set(c.setting, c.value); err != nil {
					return err
				}
				steps, err := s.Preview()
				for _, step := range steps {
					if string(step.URN.Type()) == catalog.KubernetesJob {
						continue // the job that replaces nodes runs again for a version that the preview does not know
					}
					assert.Contains(t, []string{"same", "update"}, step.Op, "%s %s", step.Op, step.URN)
					assert.NotEqual(t, catalog.EC2Subnet, string(step.URN.Type()))
				}
				return err
			})
			require.NoError(t, err, result.Text)
			assert.Contains(t, result.Text, c.warning)
		})
	}
}
