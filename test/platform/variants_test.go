package platform_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// A customer who has everything already: a VPC, an Atlas project, a parent account, an ACM certificate, passwords, an OCI
// chart with a secret among its values.
const everythingGiven = `
  bpa:name: acme
  bpa:environment: development
  bpa:aws: {region: eu-central-1, accountId: "444455556666", roleArn: "arn:aws:iam::444455556666:role/deployer"}
  bpa:network:
    zones: [eu-central-1a, eu-central-1b, eu-central-1c]
    dns: {mode: nameservers, resolvers: [10.0.0.2], domains: [corp.example.com]}
    existing:
      vpcId: vpc-0123456789abcdef0
      subnets:
        - {zone: eu-central-1a, private: subnet-0123456789abcde01, pod: subnet-0123456789abcde02}
        - {zone: eu-central-1b, private: subnet-0123456789abcde03, pod: subnet-0123456789abcde04}
        - {zone: eu-central-1c, private: subnet-0123456789abcde05, pod: subnet-0123456789abcde06}
  bpa:nodes: {amiId: ami-0123456789abcdef0, items: [{name: node-1, volumeGiB: 50}]}
  bpa:ingress:
    hostname: bpa.acme.example
    allowedCidrs: [10.0.0.0/8]
    certificate: {arn: "arn:aws:acm:eu-central-1:444455556666:certificate/0123", privateKey: {secure: "v1:x"}}
  bpa:database: {masterPassword: {secure: "v1:x"}, kongPassword: {secure: "v1:x"}}
  bpa:atlas:
    projectId: 0123456789abcdef01234567
    databases: [bpa]
    publicKey: abcdefgh
    privateKey: {secure: "v1:x"}
    password: {secure: "v1:x"}
    parentAccount:
      accountId: "777788889999"
      roleArn: arn:aws:iam::777788889999:role/network
      vpcId: vpc-0123456789abcdef1
      subnetIds: [subnet-0123456789abcde07, subnet-0123456789abcde08, subnet-0123456789abcde09]
  bpa:registry: {images: [bpa/kong, bpa/camunda], pullThrough: []}
  bpa:bastion: {enabled: false}
  bpa:application:
    chart: oci://444455556666.dkr.ecr.eu-central-1.amazonaws.com/charts/bpa
    chartVersion: 4.0.3
    values: {license: {secure: "v1:x"}, plain: value}
`

func TestACustomerWhoHasEverythingAlready(t *testing.T) {
	r := rehearseText(t, everythingGiven, nil)
	require.NoError(t, r.err, r.Text)
	assert.Equal(t, 0, r.SecondPreview)
	for _, typ := range []string{
		catalog.EC2Vpc, catalog.EC2Subnet, catalog.ACMCertificate, catalog.AtlasProject,
		"bpa:bastion:Bastion", catalog.ECRPullThroughCacheRule,
	} {
		assert.Empty(t, r.find(typ), typ)
	}
	assert.Equal(t, "aws eks update-kubeconfig --name acme --region eu-central-1 --role-arn arn:aws:iam::444455556666:role/deployer",
		r.Outputs["updateKubeconfig"].Value, "EKS knows the role that made the cluster, and not the caller")
	assert.Equal(t, "aws-parent", r.one(t, catalog.EC2VpcEndpoint, "atlas-endpoint").ProviderURN().Name())
	assert.Equal(t, "vpc-0123456789abcdef1", r.one(t, catalog.EC2VpcEndpoint, "atlas-endpoint").Inputs["vpcId"])
	assert.Len(t, r.find(catalog.RandomPassword), 2, "two of five passwords are left to generate")
	release := r.one(t, catalog.HelmRelease, "bpa-release")
	assert.Equal(t, "oci://444455556666.dkr.ecr.eu-central-1.amazonaws.com/charts/bpa", release.Inputs["chart"])
	assert.True(t, stackdoc.Contains(release.Inputs["values"], stackdoc.IsSecret), "a secret among the values stays secret")
	assert.False(t, stackdoc.Contains(release.Inputs["values"], func(v any) bool {
		text, _ := v.(string)
		secret, _ := v.(stackdoc.Secret)
		_, readable := secret.Value()
		return readable || strings.Contains(text, "Rehearsal-license")
	}))
	for _, made := range r.Resources {
		if made.Type == catalog.HelmRelease {
			b, err := json.Marshal(made.Inputs["values"])
			require.NoError(t, err)
			assert.Contains(t, string(b), "Rehearsal-license", "and reaches the chart")
		}
	}
	for _, place := range []string{string(r.State), r.Text, string(r.Events)} {
		assert.NotContains(t, place, "Rehearsal-", "no stand-in for a secret shows")
	}
}

const small = `
  bpa:environment: development
  bpa:aws: {region: us-west-2, accountId: "111122223333"}
  bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
  bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa]}
`

const newVPC = `
  bpa:network: {zones: [us-west-2a, us-west-2b, us-west-2c]}
`

// existingVPC is a VPC that others keep, with a way to it.
const existingVPC = `
  bpa:network:
    zones: [us-west-2a, us-west-2b, us-west-2c]
    existing:
      vpcId: vpc-0123456789abcdef0
      subnets:
        - {zone: us-west-2a, private: subnet-0123456789abcde01, pod: subnet-0123456789abcde02}
        - {zone: us-west-2b, private: subnet-0123456789abcde03, pod: subnet-0123456789abcde04}
        - {zone: us-west-2c, private: subnet-0123456789abcde05, pod: subnet-0123456789abcde06}
`

// Each way to the API carries a whole life of a stack, from the first `up` to a destroy.
func TestEveryWayLeadsToTheAPI(t *testing.T) {
	for name, way := range map[string]struct {
		text          string
		public, proxy bool
	}{
		"public": {small + newVPC + "  bpa:cluster: {publicAccessCidrs: [203.0.113.0/24]}\n", true, false},
		"bastion that no range admits": {
			small + newVPC + "  bpa:cluster: {privateAccessCidrs: [172.16.0.0/12]}\n  bpa:bastion: {nodeSsh: false}\n", false, true,
		},
		"existing":               {small + existingVPC + "  bpa:bastion: {enabled: false}\n", false, false},
		"bastion in an existing": {small + existingVPC + "  bpa:cluster: {access: bastion}\n", false, true},
		"route made meanwhile":   {small + newVPC + "  bpa:cluster: {access: network, routed: true}\n", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := rehearseText(t, way.text, nil)
			require.NoError(t, r.err, r.Text)
			control := r.one(t, catalog.EKSCluster, "cluster-eksCluster")
			assert.Equal(t, way.public, property.Get(control.Inputs, "vpcConfig", "endpointPublicAccess"))
			assert.Equal(t, way.proxy, strings.Contains(r.Outputs["kubeconfig"].Value.(string), `"proxy-url":"http://127.0.0.1:18443"`))
			assert.Equal(t, way.proxy, strings.Contains(r.Outputs["updateKubeconfig"].Value.(string),
				" && kubectl config set-cluster arn:aws:eks:us-west-2:111122223333:cluster/bpa-test --proxy-url http://127.0.0.1:18443"))
			if !way.proxy {
				return
			}
			entered := r.one(t, catalog.KubernetesProvider, "cluster-kubernetes").URN
			for _, part := range []struct{ typ, name string }{
				{catalog.EC2Instance, "bastion-instance"}, {catalog.IAMRolePolicyAttachment, "bastion-ssm"},
				{catalog.VPCSecurityGroupEgressRule, "bastion-https"}, {catalog.VPCSecurityGroupIngressRule, "bastion-api"},
			} {
				assert.True(
					t,
					r.after(entered, r.one(t, part.typ, part.name).URN),
					"what leads there outlives what is there: %s",
					part.name,
				)
			}
		})
	}
}

// Whoever cannot reach the API reads nothing of what is in the cluster either: a refresh fails, and forgets nothing.
func TestARefreshNeedsTheWayToTheAPI(t *testing.T) {
	options, err := platform.Options(projectWith(t, small+newVPC, pair(t)), "test", &bytes.Buffer{})
	require.NoError(t, err)
	result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
		if err := s.Up(); err != nil {
			return err
		}
		require.NoError(t, s.Refresh(), "by way of the bastion")
		if err := s.Lose(catalog.EC2Instance, "bastion-instance"); err != nil {
			return err
		}
		require.ErrorContains(t, s.Refresh(), "failed to read resource state due to unreachable cluster")
		return nil
	})
	require.NoError(t, err, result.Text)
}

// What the provider names itself, it names after the resource in the program: a long name or a dot there is refused in the preview.
func TestTheLongestNamesPassEveryProvider(t *testing.T) {
	options, err := platform.Options(projectWith(t, small+`
  bpa:name: abcdefghijklmnopqrst
  bpa:network: {dns: {mode: forward, domains: [a-long-name-of-a-domain.corp.example.com], resolvers: [10.0.0.2]}}
`, nil), "test", io.Discard)
	require.NoError(t, err)
	result, err := rehearsal.Preview(context.Background(), options)
	require.NoError(t, err, result.Text)
}

func TestZonesAreLookedUpWhereNoneAreGiven(t *testing.T) {
	r := rehearseText(t, small, nil)
	require.NoError(t, r.err, r.Text)
	zones := map[any]bool{}
	for _, subnet := range r.find(catalog.EC2Subnet) {
		zones[subnet.Inputs["availabilityZone"]] = true
	}
	assert.Equal(t, map[any]bool{"us-west-2a": true, "us-west-2b": true, "us-west-2c": true}, zones)
	assert.NotEmpty(t, r.one(t, catalog.EBSVolume, "nodes-node-4").Inputs["availabilityZone"])
}

func TestAFailureIsOneLineThatNamesItsCause(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		files map[string]string
		want  string
	}{
		"chart": {small + "  bpa:application: {chart: ./none}\n", nil, `application.chart: "`},
		"package": {small + "  bpa:packages: {source: ./bpa.zip}\n", map[string]string{"bpa.zip": ""},
			`must be a directory or a .tar.gz`},
		"certificate": {small, map[string]string{"certs/bap-cert.pem": "x", "certs/bap-key.pem": "y"},
			"ingress.certificate.certificateFile: holds no certificate: must be a PEM file"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rehearseText(t, test.text, test.files)
			require.ErrorContains(t, r.err, test.want)
			assert.True(t, strings.HasPrefix(r.err.Error(), "preview: "), r.err)
			assert.NotContains(t, r.err.Error(), "\n")
		})
	}
}
