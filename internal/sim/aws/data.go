package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// dataTypes are the types of RDS, S3 and ECR.
func dataTypes() map[string]*provider.Type {
	types := map[string]*provider.Type{
		catalog.RDSInstance: {
			ID: func(r *provider.Request) string {
				return "db-" + strings.ToUpper(hexID(r, 16)) + "REHEARSAL"
			},
			Name: named("identifier", 63, "identifierPrefix"), Outputs: instanceOutputs, Secrets: []string{"password"},
			Protected: func(r *provider.Request) error {
				if r.Inputs["deletionProtection"] == true {
					return fmt.Errorf("InvalidParameterCombination: Cannot delete protected DB Instance, " +
						"please disable deletion protection and try again")
				}
				return nil
			},
		},
		catalog.RDSParameterGroup: {
			ID:      property("name"),
			Name:    named("name", 255, "namePrefix"),
			Outputs: hasARN("rds", "pg:"),
			Blocks: &provider.Block{
				By: []string{catalog.RDSInstance + ".parameterGroupName"},
				Err: func(r *provider.Request, b *provider.Resource) error {
					return fmt.Errorf(
						"InvalidDBParameterGroupState: One or more database instances are still members of this parameter group %s (%s)",
						r.ID,
						b.ID,
					)
				},
			},
		},
		catalog.RDSSubnetGroup: {
			ID:      property("name"),
			Name:    named("name", 255, "namePrefix"),
			Outputs: hasARN("rds", "subgrp:"),
			Blocks: &provider.Block{
				By: []string{catalog.RDSInstance + ".dbSubnetGroupName"},
				Err: func(r *provider.Request, b *provider.Resource) error {
					return fmt.Errorf(
						"InvalidDBSubnetGroupStateFault: Cannot delete the subnet group '%s' because at least one database instance: "+
							"%s is still using it",
						r.ID,
						b.ID,
					)
				},
			},
		},
		catalog.S3BucketV2: {
			ID: property("bucket"), Name: named("bucket", 63, "bucketPrefix"), Outputs: bucketOutputs,
			Protected: notEmpty, Gone: emptied,
		},
		catalog.S3BucketObjectv2: {
			ID: property("key"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": "arn:" + partition(
						region(r),
					) + ":s3:::" + r.Str(
						"bucket",
					) + "/" + r.Str(
						"key",
					),
					"etag":      hexID(r, 16) + hexID(r, 16),
					"versionId": hexID(r, 16) + hexID(r, 16),
				}
			},
		},
		catalog.ECRRepository: {
			ID: property("name"), Name: named("name", 256), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ecr", "repository/"+r.ID), "registryId": account(r),
					"repositoryUrl": fmt.Sprintf("%s.dkr.ecr.%s.%s/%s", account(r), region(r), dnsSuffix(region(r)), r.ID),
				}
			},
		},
		catalog.ECRLifecyclePolicy: {ID: property("repository"), Outputs: registryID},
		catalog.ECRRepositoryPolicy: {
			ID: property("repository"), Outputs: registryID,
		},
		catalog.ECRPullThroughCacheRule: {ID: property("ecrRepositoryPrefix"), Outputs: registryID},
	}
	for _, setting := range bucketSettingTypes {
		types[setting] = &provider.Type{ID: property("bucket")}
	}
	return types
}

// bucketSettingTypes are settings of a bucket that go away with it.
var bucketSettingTypes = []string{
	catalog.S3BucketPolicy, catalog.S3BucketVersioningV2,
	catalog.S3BucketPublicAccessBlock, catalog.S3BucketOwnershipControls,
	catalog.S3BucketServerSideEncryptionConfigurationV2,
	catalog.S3BucketLifecycleConfigurationV2,
}

func registryID(r *provider.Request) map[string]any { return map[string]any{"registryId": account(r)} }

func bucketOutputs(r *provider.Request) map[string]any {
	return map[string]any{
		"arn": "arn:" + partition(region(r)) + ":s3:::" + r.ID, "region": region(r), "hostedZoneId": "Z3BJ6K6RIION7M",
		"bucketDomainName": r.ID + ".s3.amazonaws.com", "bucketRegionalDomainName": r.ID + ".s3." + region(r) + "." + dnsSuffix(region(r)),
	}
}

func instanceOutputs(r *provider.Request) map[string]any {
	identifier := r.Str("identifier")
	address := fmt.Sprintf("%s.c%s.%s.rds.%s", identifier, "rehearsal0", region(r), dnsSuffix(region(r)))
	return map[string]any{
		"arn": arn(r, "rds", "db:"+identifier), "address": address, "endpoint": address + ":5432", "port": 5432.0,
		"hostedZoneId": "Z1PVIF0B656C1W", "resourceId": r.ID, "status": "available", "engineVersionActual": r.Str("engineVersion"),
	}
}
