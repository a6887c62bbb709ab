package preflight_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/preflight"
)

var ctx = context.Background()

func TestD01IdentityMustBeOfTheAllowedAccount(t *testing.T) {
	try(t, []example{
		{"the account's", "identity", nil, passes, "arn:aws:sts::111122223333:"},
		{"the root user", "identity", func(_ *testing.T, w *world) {
			w.proxy.recorded["GetCallerIdentity"] = caller("111122223333", "arn:aws:iam::111122223333:root")
		}, warns, "root user"},
		{"another account", "identity", func(_ *testing.T, w *world) { w.config.AWS.AccountID = "444455556666" },
			fails, "is of account 111122223333; the stack is allowed in 444455556666 alone"},
		{"a role that may not be assumed", "identity", func(_ *testing.T, w *world) {
			w.config.AWS.RoleARN = "arn:aws:iam::111122223333:role/deployer"
			w.proxy.denied["AssumeRole"] = true
		}, fails, "may not assume arn:aws:iam::111122223333:role/deployer"},
		{"a role that may be assumed", "identity", func(_ *testing.T, w *world) {
			w.config.AWS.RoleARN = "arn:aws:iam::111122223333:role/deployer"
		}, passes, "assumed-role/deployer/bpactl-preflight"},
	})
}

func caller(account, arn string) recording {
	return func([]byte, *http.Request) (int, string, string) {
		return http.StatusOK, xmlBody, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
			"<GetCallerIdentityResult><Arn>" + arn + "</Arn><UserId>AIDA</UserId><Account>" + account + "</Account>" +
			"</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
	}
}

func TestInTheWrongAccountAWSIsNotAskedFurther(t *testing.T) {
	w := newWorld(t)
	w.config.AWS.AccountID = "444455556666"
	report := w.run()
	assert.Equal(t, []string{"STS:GetCallerIdentity"}, w.operations)
	assert.True(t, report.Failed())
	var checks []string
	for _, f := range report.Findings {
		checks = append(checks, f.Check)
	}
	assert.Contains(t, checks, "atlas key", "what AWS does not keep is checked all the same")
	assert.NotContains(t, checks, "quota vpc")
}

func TestZonesMustBeOffered(t *testing.T) {
	try(t, []example{
		{"offered", "zones", nil, passes, "us-west-2a, us-west-2b, us-west-2c"},
		{"not written down", "zones", func(_ *testing.T, w *world) { w.config.Network.Zones = nil }, passes,
			"us-west-2a, us-west-2b, us-west-2c: the stack's own, or the first that offer all it asks for"},
		{"not written down, where the first lacks the database", "zones", func(_ *testing.T, w *world) {
			w.config.Network.Zones = nil
			w.proxy.recorded["DescribeOrderableDBInstanceOptions"] = orderable(
				"db.m5d.large",
				true,
				"us-west-2b",
				"us-west-2c",
				"us-west-2d",
			)
		}, passes, "us-west-2b, us-west-2c, us-west-2d: "},
		{"not written down, of a stack that runs", "zones", func(t *testing.T, w *world) {
			w.config.Network.Zones = nil
			withSubnets("us-west-2d", "us-west-2a", "us-west-2c")(t, w)
		}, passes, "us-west-2d, us-west-2a, us-west-2c: "},
		{"no such zone", "zones", func(_ *testing.T, w *world) { w.config.Network.Zones[2] = "us-west-2z" }, fails,
			"us-west-2z is not offered here; us-west-2a, us-west-2b"},
	})
}

// withSubnets makes the private subnets of the stack.
func withSubnets(zones ...string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		client := ec2.NewFromConfig(w.aws)
		vpc := must(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.8.0.0/16")}))(t)
		for i, zone := range zones {
			must(client.CreateSubnet(ctx, &ec2.CreateSubnetInput{
				VpcId: vpc.Vpc.VpcId, AvailabilityZone: &zone, CidrBlock: aws.String(fmt.Sprintf("10.8.%d.0/24", i)),
				TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSubnet, Tags: []types.Tag{
					{Key: aws.String("bpa:stack"), Value: &w.config.Name},
					{Key: aws.String("kubernetes.io/role/internal-elb"), Value: aws.String("1")},
				}}},
			}))(t)
		}
	}
}

// withVPCs makes VPCs beside the default one.
func withVPCs(n int, tags ...types.Tag) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		for range n {
			in := &ec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")}
			if len(tags) > 0 {
				in.TagSpecifications = []types.TagSpecification{{ResourceType: types.ResourceTypeVpc, Tags: tags}}
			}
			must(ec2.NewFromConfig(w.aws).CreateVpc(ctx, in))(t)
		}
		w.record(quotas(map[string]float64{"L-F678F1CE": -5}))
	}
}

func TestD01QuotasAreComparedWithWhatIsUsedAndNeeded(t *testing.T) {
	own := types.Tag{Key: aws.String("bpa:stack"), Value: aws.String("bpa-dev")}
	try(t, []example{
		{"room", "quota vpc", withVPCs(2), passes, "3 of 5 used, 1 more needed"},
		{"the last one", "quota vpc", withVPCs(3), warns, "4 of 5 used, 1 more needed"},
		{"full", "quota vpc", withVPCs(4), fails, "5 of 5 used, 1 more needed"},
		{"full, with the stack's own", "quota vpc", func(t *testing.T, w *world) {
			withVPCs(3)(t, w)
			withVPCs(1, own)(t, w)
		}, passes, "5 of 5 used, 0 more needed"},
		{"room", "quota eip", withAddresses(3), passes, "3 of 5 used, 1 more needed"},
		{"the last one", "quota eip", withAddresses(4), warns, "4 of 5 used, 1 more needed"},
		{"full", "quota eip", func(t *testing.T, w *world) {
			w.config.Network.NAT = "perZone"
			withAddresses(3)(t, w)
		}, fails, "3 of 5 used, 3 more needed"},
		{"room", "quota nat", withGateways(1, 5), passes, "1 of 5 used, 1 more needed"},
		{"the last one", "quota nat", withGateways(1, 2), warns, "1 of 2 used, 1 more needed"},
		{"full", "quota nat", withGateways(2, 2), fails, "2 of 2 used, 1 more needed"},
		{"room", "quota endpoint", limit("L-29B6F2EB", 50), passes, "0 of 50 used, 6 more needed"},
		{"the last one", "quota endpoint", limit("L-29B6F2EB", 6), warns, "0 of 6 used, 6 more needed"},
		{"full", "quota endpoint", limit("L-29B6F2EB", 5), fails, "0 of 5 used, 6 more needed"},
		{"room", "quota alb", withLoadBalancer("other", 5), passes, "1 of 5 used, 1 more needed"},
		{"the last one", "quota alb", withLoadBalancer("other", 2), warns, "1 of 2 used, 1 more needed"},
		{"full", "quota alb", withLoadBalancer("other", 1), fails, "1 of 1 used, 1 more needed"},
		{"the stack's own", "quota alb", withLoadBalancer("bpa-dev-alb", 1), passes, "1 of 1 used, 0 more needed"},
		{"room", "quota vcpu Standard", withInstances(64), passes, "16 of 64 used, 34 more needed"},
		{"the last one", "quota vcpu Standard", withInstances(50), warns, "16 of 50 used, 34 more needed"},
		{"full", "quota vcpu Standard", withInstances(40), fails, "16 of 40 used, 34 more needed"},
	})
}

// limit sets one quota.
func limit(code string, value float64) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) { w.record(quotas(map[string]float64{code: value})) }
}

func withAddresses(n int) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		for range n {
			must(ec2.NewFromConfig(w.aws).AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc}))(t)
		}
		w.record(quotas(map[string]float64{"L-0263D0A3": 5}))
	}
}

// defaultSubnet is a subnet of the default VPC in the first chosen zone.
func defaultSubnet(t *testing.T, w *world, zone string) *string {
	t.Helper()
	out := must(ec2.NewFromConfig(w.aws).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []types.Filter{
		{Name: aws.String("availability-zone"), Values: []string{zone}},
	}}))(t)
	require.NotEmpty(t, out.Subnets)
	return out.Subnets[0].SubnetId
}

func withGateways(n int, quota float64) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		client := ec2.NewFromConfig(w.aws)
		for range n {
			address := must(client.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc}))(t)
			must(client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
				SubnetId: defaultSubnet(t, w, "us-west-2a"), AllocationId: address.AllocationId,
			}))(t)
		}
		w.record(quotas(map[string]float64{"L-FE5A380F": quota}))
	}
}

func withLoadBalancer(name string, quota float64) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		subnets := []string{*defaultSubnet(t, w, "us-west-2a"), *defaultSubnet(t, w, "us-west-2b")}
		must(elasticloadbalancingv2.NewFromConfig(w.aws).CreateLoadBalancer(ctx,
			&elasticloadbalancingv2.CreateLoadBalancerInput{Name: &name, Subnets: subnets}))(t)
		w.record(quotas(map[string]float64{"L-53DA6B97": quota}))
	}
}

// withInstances runs one instance of 16 vCPUs.
func withInstances(quota float64) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		client := ec2.NewFromConfig(w.aws)
		images := must(client.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}}))(t)
		require.NotEmpty(t, images.Images)
		must(client.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: images.Images[0].ImageId, InstanceType: types.InstanceTypeM54xlarge, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
			SubnetId: defaultSubnet(t, w, "us-west-2a"),
		}))(t)
		w.record(quotas(map[string]float64{"L-1216C47A": quota}))
	}
}

func TestAnExistingNetworkNeedsNoVPCAddressesOrGateways(t *testing.T) {
	w := newWorld(t)
	w.config.Network.Existing = &config.ExistingVPC{VpcID: "vpc-0123456789abcdef0"}
	for _, f := range w.run().Findings {
		assert.NotContains(t, []string{"quota vpc", "quota eip", "quota nat"}, f.Check)
		if f.Check == "quota endpoint" {
			assert.Contains(t, f.Detail, "1 more needed", "Atlas's")
		}
	}
}

func TestEveryFamilyCountsAgainstItsQuota(t *testing.T) {
	for instanceType, quota := range map[string]string{
		"m6i.4xlarge": "Standard", "t3.micro": "Standard", "im4gn.large": "Standard", "is4gen.large": "Standard", "c7g.large": "Standard",
		"g5.xlarge": "G and VT", "vt1.3xlarge": "G and VT", "p4d.24xlarge": "P", "x2idn.16xlarge": "X", "inf2.xlarge": "Inf",
		"trn1.2xlarge": "Trn", "u-6tb1.metal": "High Memory", "f1.2xlarge": "F", "hpc7a.96xlarge": "HPC", "dl1.24xlarge": "DL",
	} {
		assert.Equal(t, quota, preflight.QuotaOf(instanceType), instanceType)
	}
}

func TestD01TypesMustBeOfferedWhereTheyAreNeeded(t *testing.T) {
	try(t, []example{
		{"offered", "instance types", nil, passes, "m6i.2xlarge, t3.micro"},
		{"not in the zone", "instance types", func(_ *testing.T, w *world) { w.config.Nodes.Items[1].InstanceType = "m6i.nano" },
			fails, "node-2: m6i.nano is not offered in us-west-2b; it is in: no zone of the region"},
		{"not to be seen", "instance types", func(_ *testing.T, w *world) { w.proxy.denied["DescribeInstanceTypeOfferings"] = true },
			warns, "the caller may not ec2:DescribeInstanceTypeOfferings"},
		{"sold", "database", nil, passes, "PostgreSQL 16.14 on db.m5d.large, in every zone"},
		{"not in one zone", "database", func(_ *testing.T, w *world) {
			w.proxy.recorded["DescribeOrderableDBInstanceOptions"] = orderable("db.m5d.large", true, "us-west-2a", "us-west-2b")
		}, warns, "is not sold in us-west-2c"},
		{"not in one zone, but in three others", "database", func(_ *testing.T, w *world) {
			w.proxy.recorded["DescribeOrderableDBInstanceOptions"] = orderable(
				"db.m5d.large",
				true,
				"us-west-2a",
				"us-west-2b",
				"us-west-2d",
			)
		}, fails, "is not sold in us-west-2c"},
		{"not the class", "database", func(_ *testing.T, w *world) { w.config.Database.InstanceClass = "db.m1.small" },
			fails, "RDS does not sell PostgreSQL 16.14 on db.m1.small in us-west-2"},
		{"no standby", "database", func(_ *testing.T, w *world) {
			w.config.Database.MultiAZ = true
			w.proxy.recorded["DescribeOrderableDBInstanceOptions"] = orderable("db.m5d.large", false, w.config.Network.Zones...)
		}, fails, "has no standby"},
	})
}

func TestD01KubernetesAndItsAddonsMustBeOffered(t *testing.T) {
	try(t, []example{
		{"offered", "kubernetes", nil, passes, "EKS offers 1.35"},
		{"extended support", "kubernetes", func(_ *testing.T, w *world) {
			w.proxy.recorded["GET /cluster-versions"] = clusterVersions("1.35", "EXTENDED_SUPPORT", "1790812800", "1837728000")
		}, warns, "1.35 is in extended support since 2026-10-01"},
		{"not offered", "kubernetes", func(_ *testing.T, w *world) {
			w.proxy.recorded["GET /cluster-versions"] = clusterVersions("", "", "", "")
		}, fails, "EKS does not offer 1.35 in us-west-2"},
		{"ended", "kubernetes", func(_ *testing.T, w *world) {
			w.proxy.recorded["GET /cluster-versions"] = clusterVersions("1.35", "EXTENDED_SUPPORT", "1700000000", "1790812800")
		}, fails, "1.35 cannot be created after 2026-10-01"},
		{"all offered", "add-ons", nil, passes, "all 5 are offered for 1.35"},
		{"another version", "add-ons", func(_ *testing.T, w *world) {
			w.proxy.recorded["GET /addons/supported-versions"] = addonVersions(map[string]string{
				"aws-ebs-csi-driver": "v2.0.0-eksbuild.1",
			})
		}, fails, "aws-ebs-csi-driver v1.56.0-eksbuild.1 is not offered for 1.35"},
		{"no such add-on", "add-ons", func(_ *testing.T, w *world) {
			w.proxy.recorded["GET /addons/supported-versions"] = addonVersions(nil)
		}, fails, "EKS has no add-on aws-ebs-csi-driver for 1.35"},
		{"not to be seen", "add-ons", func(_ *testing.T, w *world) { w.proxy.denied["GET /addons/supported-versions"] = true },
			warns, "the caller may not eks:DescribeAddonVersions"},
	})
}

func TestD01MachineImagesMustExist(t *testing.T) {
	try(t, []example{
		{"the release", "machine images", nil, passes, "release v20260930 is ami-0123456789abcdef0"},
		{"no such release", "machine images", func(_ *testing.T, w *world) {
			for i := range w.config.Nodes.Items {
				w.config.Nodes.Items[i].AMIRelease = "v20200101"
			}
		}, fails, "no release v20200101 for 1.35 in us-west-2"},
		{"your own", "machine images", func(t *testing.T, w *world) {
			images := must(ec2.NewFromConfig(w.aws).DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}}))(t)
			w.config.Nodes.AMIID = *images.Images[0].ImageId
		}, warns, "is your own"},
		{"not yours", "machine images", func(_ *testing.T, w *world) { w.config.Nodes.AMIID = "ami-0123456789abcdef9" },
			fails, "the account sees no image ami-0123456789abcdef9"},
	})
}

func TestEveryNodesOwnReleaseMustExist(t *testing.T) {
	w := newWorld(t)
	w.config.Nodes.Items[0].AMIRelease = "v20200101"
	w.only("machine images")
	found := w.run().Findings[1:]
	require.Len(t, found, 2, "%+v", found)
	assert.Equal(t, fails, found[0].Status, "the first node's")
	assert.Equal(t, passes, found[1].Status, "that of the three others, asked for once")
}

// twoImages is a release with a chart of its own.
func twoImages(_ *testing.T, w *world) {
	w.config.Registry.Images = []string{"kafka:3.1.0-690", "kong"}
	w.config.Application.Chart, w.config.Application.Values = "charts/bpa", nil // those of the reference chart name its images
}

// withRepositories makes the stack's repositories, and pushes an image of the release to those with a tag.
func withRepositories(tags map[string]string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		twoImages(t, w)
		client := ecr.NewFromConfig(w.aws)
		for image, tag := range tags {
			name := aws.String(w.config.Registry.PathPrefix + "/" + image)
			must(client.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: name}))(t)
			if tag == "" {
				continue
			}
			digest := "sha256:" + strings.Repeat("0", 64)
			must(client.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageTag: &tag, ImageManifest: aws.String(
				`{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":` +
					`"application/vnd.docker.container.image.v1+json","size":1,"digest":"` + digest + `"},"layers":[]}`)}))(t)
		}
	}
}

func TestD01TheImagesOfTheReleaseMustBeInECR(t *testing.T) {
	try(t, []example{
		{
			"all there",
			"images",
			withRepositories(map[string]string{"kafka": "3.1.0-690", "kong": "4.0.3-6"}),
			passes,
			"all 2 are in their repositories",
		},
		{"before the first up", "images", twoImages, warns, "2 of 2 have no repository yet: kafka:3.1.0-690, kong:4.0.3-6"},
		{"one missing", "images", withRepositories(map[string]string{"kafka": "3.1.0-690", "kong": "4.0.2"}), fails,
			"1 of 2 are not in their repositories: kong:4.0.3-6"},
		{"not to be seen", "images", func(_ *testing.T, w *world) { w.proxy.denied["DescribeImages"] = true },
			warns, "the caller may not ecr:DescribeImages"},
	})
}
