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

func TestTheFirstZonesHaveAllThatAStackAsksFor(t *testing.T) {
	virginia := func(change func(a, b, d *zones.Zone)) []zones.Zone {
		a, b, d := zones.Zone{Name: "us-east-1a", ID: "use1-az1"}, zones.Zone{Name: "us-east-1b", ID: "use1-az2"}, zones.Zone{
			Name: "us-east-1d", ID: "use1-az6",
		}
		change(&a, &b, &d)
		return []zones.Zone{{Name: "us-east-1e", ID: "use1-az3"}, d, {Name: "us-east-1c", ID: "use1-az4"}, b, a}
	}
	for name, c := range map[string]struct {
		offered  []zones.Zone
		database int
		want     []string
		ok       bool
	}{
		"the first by name": {virginia(func(_, _, _ *zones.Zone) {}), 2, []string{"us-east-1a", "us-east-1b", "us-east-1c"}, true},
		"without an instance type": {virginia(func(a, _, _ *zones.Zone) { a.Lacks = []string{"m7a.4xlarge"} }), 2,
			[]string{"us-east-1b", "us-east-1c", "us-east-1d"}, true},
		"without the database": {virginia(func(_, b, _ *zones.Zone) { b.NoDatabase = true }), 2,
			[]string{"us-east-1a", "us-east-1c", "us-east-1d"}, true},
		"a database in two of three": {virginia(func(a, b, _ *zones.Zone) {
			a.Lacks, b.NoDatabase = []string{"m7a.4xlarge"}, true
		}), 2, []string{"us-east-1b", "us-east-1c", "us-east-1d"}, true},
		"a standby without a second zone": {virginia(func(a, b, d *zones.Zone) {
			a.Lacks, b.NoDatabase, d.NoDatabase = []string{"m7a.4xlarge"}, true, true
		}), 2, []string{"us-east-1b", "us-east-1c", "us-east-1d"}, false},
		"an instance without a standby": {virginia(func(a, b, d *zones.Zone) {
			a.Lacks, b.NoDatabase, d.NoDatabase = []string{"m7a.4xlarge"}, true, true
		}), 1, []string{"us-east-1b", "us-east-1c", "us-east-1d"}, true},
		"too few": {[]zones.Zone{
			{Name: "us-west-1a", ID: "usw1-az1"}, {Name: "us-west-1b", ID: "usw1-az2"}, {Name: "us-west-1c", ID: "usw1-az3"},
		}, 1, []string{"us-west-1a", "us-west-1c"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			taken, ok := zones.First(c.offered, c.database)
			assert.Equal(t, c.want, taken)
			assert.Equal(t, c.ok, ok)
		})
	}
	all := zones.Zone{Name: "us-east-1e", ID: "use1-az3", Lacks: []string{"m7a.4xlarge"}, NoDatabase: true}
	assert.Equal(t, "a control plane of EKS, m7a.4xlarge, the database's class", all.Wants())
}
