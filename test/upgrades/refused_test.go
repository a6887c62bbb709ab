package upgrades_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// deployed are the versions of a small program: a cluster, a database and an Atlas cluster.
type deployed struct {
	kubernetes, postgres, family, mongo string
	allowMajor, later                   bool
}

var today = deployed{kubernetes: "1.33", postgres: "16.14", family: "postgres16", mongo: "7.0"}

func (d deployed) program(ctx *pulumi.Context) error {
	provider, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{Region: pulumi.String("us-west-2")})
	if err != nil {
		return err
	}
	if _, err := eks.NewCluster(ctx, "cluster", &eks.ClusterArgs{
		Name: pulumi.String("bpa"), Version: pulumi.String(d.kubernetes), RoleArn: pulumi.String("arn:aws:iam::111122223333:role/eks"),
		VpcConfig: &eks.ClusterVpcConfigArgs{SubnetIds: pulumi.StringArray{
			pulumi.String("subnet-0123456789abcdef0"), pulumi.String("subnet-0123456789abcdef1"),
		}},
	}, pulumi.Provider(provider)); err != nil {
		return err
	}
	group, err := rds.NewParameterGroup(ctx, "parameters", &rds.ParameterGroupArgs{
		Family: pulumi.String(d.family),
	}, pulumi.Provider(provider))
	if err != nil {
		return err
	}
	if _, err := rds.NewInstance(ctx, "database", &rds.InstanceArgs{
		Engine: pulumi.String("postgres"), EngineVersion: pulumi.String(d.postgres), InstanceClass: pulumi.String("db.m5d.large"),
		AllocatedStorage: pulumi.Int(20), Username: pulumi.String("bpaadmin"), Password: pulumi.String("correct-horse"),
		ParameterGroupName: group.Name, SkipFinalSnapshot: pulumi.Bool(true), ApplyImmediately: pulumi.Bool(!d.later),
		AllowMajorVersionUpgrade: pulumi.Bool(d.allowMajor),
	}, pulumi.Provider(provider)); err != nil {
		return err
	}
	atlas, err := mongodbatlas.NewProvider(ctx, "atlas", &mongodbatlas.ProviderArgs{})
	if err != nil {
		return err
	}
	_, err = mongodbatlas.NewAdvancedCluster(ctx, "documents", &mongodbatlas.AdvancedClusterArgs{
		ProjectId: pulumi.String("0123456789abcdef01234567"), Name: pulumi.String("bpa"), ClusterType: pulumi.String("REPLICASET"),
		MongoDbMajorVersion: pulumi.String(d.mongo),
		ReplicationSpecs: mongodbatlas.AdvancedClusterReplicationSpecArray{&mongodbatlas.AdvancedClusterReplicationSpecArgs{
			RegionConfigs: mongodbatlas.AdvancedClusterReplicationSpecRegionConfigArray{
				&mongodbatlas.AdvancedClusterReplicationSpecRegionConfigArgs{
					ProviderName: pulumi.String("AWS"), RegionName: pulumi.String("US_WEST_2"), Priority: pulumi.Int(7),
				},
			},
		}},
	}, pulumi.Provider(atlas))
	return err
}

func (d deployed) options(t *testing.T) rehearsal.Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Pulumi.yaml": "name: bpa\nruntime: go\n", "Pulumi.test.yaml": "config:\n  pulumi:disable-default-providers: ['*']\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return rehearsal.Options{
		Project: filepath.Join(dir, "Pulumi.yaml"), ToolsModule: "../../tools/go.mod", StackFile: filepath.Join(dir, "Pulumi.test.yaml"),
		Stack: "test", Program: func(string) pulumi.RunFunc { return d.program },
		External: []string{
			"subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "0123456789abcdef01234567", "arn:aws:iam::111122223333:role/eks",
		},
	}
}

func TestD03WhatTheServicesDoNotUpgradeIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*deployed)
		want   string
	}{
		"a minor of Kubernetes is skipped": {func(d *deployed) { d.kubernetes = "1.35" },
			"InvalidParameterException: Unsupported Kubernetes minor version update from 1.33 to 1.35"},
		"Kubernetes goes back": {func(d *deployed) { d.kubernetes = "1.32" },
			"InvalidParameterException: Unsupported Kubernetes minor version update from 1.33 to 1.32"},
		"PostgreSQL goes back": {func(d *deployed) { d.postgres = "16.13" },
			"InvalidParameterCombination: Cannot upgrade postgres from 16.14 to 16.13"},
		"a major that is older than the minor": {func(d *deployed) { d.postgres, d.family, d.allowMajor = "17.7", "postgres17", true },
			"InvalidParameterCombination: Cannot upgrade postgres from 16.14 to 17.7"},
		"a major without the flag": {func(d *deployed) { d.postgres, d.family = "17.10", "postgres17" },
			"InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."},
		"a major with the old parameters": {func(d *deployed) { d.postgres, d.allowMajor = "17.10", true },
			"Use a parameter group with DBParameterGroupFamily postgres17"},
		"a major in the maintenance window": {
			func(d *deployed) { d.postgres, d.family, d.allowMajor, d.later = "17.10", "postgres17", true, true },
			"PostgreSQL 16.14 becomes 17.10 in the maintenance window only"},
		"MongoDB goes back": {func(d *deployed) { d.mongo = "6.0" },
			"MongoDB 7.0 cannot become 6.0: Atlas goes to the next major version only, one at a time, and not back"},
		"a major of MongoDB is skipped": {func(d *deployed) { d.mongo = "8.0" }, "MongoDB 6.0 cannot become 8.0"},
	} {
		t.Run(name, func(t *testing.T) {
			first, after := today, today
			if strings.HasSuffix(name, "skipped") {
				first.mongo = "6.0"
				after.mongo = "6.0"
			}
			test.change(&after)
			before := first.options(t)
			before.Date = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) // each of the versions could be created then
			result, err := rehearsal.Apply(context.Background(), before, after.options(t))
			require.ErrorContains(t, err, test.want)
			assert.True(t, strings.HasPrefix(err.Error(), "the change: up: urn:"), "at apply: %s", err)
			assert.Empty(t, result.Operations)
		})
	}
}

func TestEverythingGoesOneStepUpAtOnce(t *testing.T) {
	after := deployed{kubernetes: "1.34", postgres: "17.10", family: "postgres17", mongo: "8.0", allowMajor: true}
	result, err := rehearsal.Apply(context.Background(), today.options(t), after.options(t))
	require.NoError(t, err, result.Text)
	assert.Equal(t, []string{
		"1 update cluster", "1 create parameters", "1 update documents", "2 update database", "3 delete parameters",
	}, steps(result.Operations))
}
