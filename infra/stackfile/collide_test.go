package stackfile_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// other is a stack that claims what the tests then claim as well.
const other = `config:
  bpa:name: bpa-taken
  bpa:aws: {region: us-west-2, accountId: "111122223333"}
  bpa:network: {nodeCidr: 10.40.0.0/16, dns: {mode: nameservers, resolvers: [10.0.0.2, 10.0.0.3]}}
  bpa:ingress: {hostname: taken.example.com, allowedCidrs: [10.0.0.0/8]}
  bpa:atlas: {projectId: 0123456789abcdef01234567, databases: [bpa]}
`

// free is a stack that claims nothing of other's.
const free = `config:
  bpa:aws: {region: us-west-2, accountId: "111122223333"}
  bpa:network: {nodeCidr: 10.41.0.0/16, dns: {mode: nameservers, resolvers: [10.0.0.3]}}
  bpa:ingress: {hostname: free.example.com, allowedCidrs: [10.0.0.0/8]}
  bpa:atlas: {projectId: 89abcdef0123456789abcdef, databases: [bpa]}
`

func TestWhatAnotherStackFileHasIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change []string // old, new, …
		want   []string
	}{
		"nothing": {},
		"range": {
			[]string{"10.41.0.0/16", "10.40.128.0/20"},
			[]string{`network.nodeCidr: "10.40.128.0/20": TAKEN its network.nodeCidr 10.40.0.0/16 is in the same ` +
				`account 111122223333 and region us-west-2`},
		},
		"range of another account on the same network": {
			[]string{"10.41.0.0/16", "10.40.0.0/16", "111122223333", "444455556666"},
			[]string{`network.nodeCidr: "10.40.0.0/16": TAKEN its network.nodeCidr 10.40.0.0/16 reaches the same ` +
				`on-premises network, by resolver 10.0.0.3`},
		},
		"range of another region, and no network in common": {
			[]string{"10.41.0.0/16", "10.40.0.0/16", "us-west-2", "eu-west-1", "10.0.0.3", "10.0.9.9"}, nil,
		},
		"name": {
			[]string{"config:\n", "config:\n  bpa:name: bpa-taken\n"},
			[]string{`name: "bpa-taken": TAKEN cluster, database, load balancer, buckets and Atlas project would ` +
				`have the same names in account 111122223333, us-west-2`},
		},
		"name in another region": {[]string{"config:\n", "config:\n  bpa:name: bpa-taken\n", "us-west-2", "eu-west-1"}, nil},
		"repositories": {
			[]string{"config:\n", "config:\n  bpa:registry: {pathPrefix: bpa-taken}\n"},
			[]string{`registry.pathPrefix: "bpa-taken": TAKEN the repositories would have the same names in ` +
				`account 111122223333, us-west-2`},
		},
		"Atlas project": {
			[]string{"89abcdef0123456789abcdef", "0123456789abcdef01234567"},
			[]string{`atlas.projectId: "0123456789abcdef01234567": TAKEN its atlas.projectId names the same project`},
		},
		"host": {
			[]string{"free.example.com", "taken.example.com", "us-west-2", "eu-west-1"},
			[]string{`ingress.hostname: "taken.example.com": TAKEN a name leads to one load balancer`},
		},
		"one VPC for both": {
			[]string{"10.41.0.0/16", "10.40.0.0/16, existing: {vpcId: vpc-0123456789abcdef0}"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			taken := other
			if name == "one VPC for both" {
				taken = strings.Replace(other, "10.40.0.0/16", "10.40.0.0/16, existing: {vpcId: vpc-0123456789abcdef0}", 1)
			}
			dir := folder(t, map[string]string{"other": taken, "own": strings.NewReplacer(test.change...).Replace(free)})
			var want []string
			for _, line := range test.want {
				want = append(want, "Pulumi.own.yaml: "+strings.Replace(line, "TAKEN", "is taken by Pulumi.other.yaml:", 1))
			}
			assert.Equal(t, want, stackfile.Problems(stackfile.Collisions(filepath.Join(dir, "Pulumi.own.yaml"), "own")))
		})
	}
}

func TestWhatIsInheritedAndTakenIsRefusedToo(t *testing.T) {
	dir := folder(t, map[string]string{"other": other, "own": "config: {bpa:extends: other}"})
	err := stackfile.Collisions(filepath.Join(dir, "Pulumi.own.yaml"), "own")
	require.Len(t, stackfile.Problems(err), 4, "range, name, project and host: %v", err)
}

func TestAFileThatIsNoStackOfItsOwnTakesNothing(t *testing.T) {
	abstract := strings.Replace(other, "hostname: taken.example.com, ", "", 1)
	dir := folder(t, map[string]string{"other": abstract, "own": "config: {bpa:extends: other, bpa:ingress: {hostname: own.example.com}}"})
	require.NoError(t, stackfile.Collisions(filepath.Join(dir, "Pulumi.own.yaml"), "own"))
}

func TestANeighbourThatCannotBeReadIsNamed(t *testing.T) {
	dir := folder(t, map[string]string{"own": free, "broken": "config: ["})
	err := stackfile.Collisions(filepath.Join(dir, "Pulumi.own.yaml"), "own")
	require.ErrorContains(t, err, "comparing with Pulumi.broken.yaml: ")
}

func TestTheNextFreeRange(t *testing.T) {
	next := func(files map[string]string, like string) string {
		cidr, err := stackfile.FreeNodeCIDR(folder(t, files), like)
		require.NoError(t, err)
		return cidr
	}
	using := func(cidr string) string { return fmt.Sprintf("config: {bpa:network: {nodeCidr: %s}}", cidr) }
	assert.Equal(t, "10.20.0.0/16", next(nil, "10.99.0.0/16"))
	assert.Equal(t, "10.22.0.0/16", next(map[string]string{"a": using("10.20.0.0/16"), "b": using("10.21.4.0/22")}, "10.20.0.0/16"))
	assert.Equal(t, "10.21.8.0/22", next(map[string]string{"a": using("10.20.0.0/16"), "b": using("10.21.0.0/21")}, "10.20.0.0/22"))
	all := map[string]string{}
	for i := 20; i < 256; i++ {
		all[fmt.Sprint(i)] = using(fmt.Sprintf("10.%d.0.0/16", i))
	}
	all["dns"] = "config: {bpa:network: {dns: {mode: nameservers, resolvers: [10.0.0.2]}}}"
	assert.Equal(t, "10.1.0.0/16", next(all, "10.20.0.0/16"), "round the corner, and not where the resolvers are")
	for i := range 20 {
		all[fmt.Sprint(i)] = using(fmt.Sprintf("10.%d.0.0/16", i))
	}
	_, err := stackfile.FreeNodeCIDR(folder(t, all), "10.20.0.0/16")
	require.EqualError(t, err, "network.nodeCidr: 10.0.0.0/8 has no free /16 left among the 257 stack files")
	_, err = stackfile.FreeNodeCIDR(t.TempDir(), "ten")
	require.ErrorContains(t, err, `network.nodeCidr: "ten": must be an IPv4 CIDR`)
}
