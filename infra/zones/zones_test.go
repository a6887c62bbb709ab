package zones_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/infra/zones"
)

var three = []string{"us-west-2a", "us-west-2b", "us-west-2c"}

func TestTheDefaultNodesAreInTheZonesInTurn(t *testing.T) {
	for i, name := range []string{"node-1", "node-2", "node-3", "node-4", "node-5", "kafka-node-6"} {
		assert.Equal(t, three[i%3], zones.OfNode(three, name), name)
	}
	assert.Empty(t, zones.OfNode(nil, "node-1"))
}

func TestANodeWithoutANumberHasAZoneOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{"kafka", "elk", "zookeeper", "metrics", "node-0", "node-x", "node"} {
		zone := zones.OfNode(three, name)
		assert.Contains(t, three, zone, name)
		assert.Equal(t, zone, zones.OfNode(three, name), name)
		seen[zone] = true
	}
	assert.Greater(t, len(seen), 1, "they are spread")
}

func TestTheFirstZonesTakeAControlPlane(t *testing.T) {
	offered := []zones.Zone{{"us-east-1c", "use1-az3"}, {"us-east-1d", "use1-az6"}, {"us-east-1a", "use1-az1"}, {"us-east-1b", "use1-az2"}}
	taken, ok := zones.First(offered)
	assert.True(t, ok)
	assert.Equal(t, []string{"us-east-1a", "us-east-1b", "us-east-1d"}, taken)
	taken, ok = zones.First([]zones.Zone{{"us-west-1a", "usw1-az1"}, {"us-west-1b", "usw1-az2"}, {"us-west-1c", "usw1-az3"}})
	assert.False(t, ok)
	assert.Equal(t, []string{"us-west-1a", "us-west-1c"}, taken)
}
