package catalog

import (
	"slices"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of rds.
const (
	RDSCluster         = "aws:rds/cluster:Cluster"
	RDSClusterInstance = "aws:rds/clusterInstance:ClusterInstance"
	RDSSnapshot        = "aws:rds/snapshot:Snapshot"
	// RDSAutomatedBackup is what RDS keeps of a deleted instance beside its final snapshot. No provider manages it.
	RDSAutomatedBackup = "kept:rds-automated-backup"
	RDSInstance        = "aws:rds/instance:Instance"
	RDSParameterGroup  = "aws:rds/parameterGroup:ParameterGroup"
	RDSSubnetGroup     = "aws:rds/subnetGroup:SubnetGroup"
)

var rdsTypes = []Type{
	{
		Token: RDSCluster,
		Loss: Loss{
			Stateful: true,
			Lost:     "every database of the cluster, unless the final snapshot is restored by hand",
			Downtime: "what uses the databases is down until they are restored",
		},
	},
	{
		Token:   RDSClusterInstance,
		Exposes: public("publiclyAccessible", "the database's public address", 5432),
	},
	{
		Token: RDSSnapshot,
		Loss:  Loss{Stateful: true, Lost: "the snapshot", Stays: "aws rds delete-db-snapshot"},
	},
	{
		Token: RDSAutomatedBackup,
		Loss:  Loss{Stateful: true, Lost: "the backups", Stays: "aws rds delete-db-instance-automated-backup"},
	},
	{
		Token: RDSInstance,
		Identity: Identity{
			ImportID: form("{identifier}"),
			StateID:  form("{identifier}"),
			ARN:      "arn:{partition}:rds:{region}:{account}:db:{identifier}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "every database on the instance, unless the final snapshot is restored by hand",
			Downtime: "BPA is down until the new instance is restored",
			Kept:     finalSnapshot,
		},
		Effects: []Effect{
			{Property: "instanceClass", Downtime: restart, Typical: 10 * time.Minute, When: inWindow},
			{Property: "engineVersion", Downtime: majorUpgrade, Typical: 30 * time.Minute, When: inWindow},
			{Property: "parameterGroupName", Note: "static parameters take force at the next restart"},
			{Property: "storageType", Note: "storage cannot be changed again for 6 hours"},
			{Property: "allocatedStorage", Note: "storage cannot be changed again for 6 hours"},
			{Property: "dbSubnetGroupName", Downtime: move, Typical: 10 * time.Minute, When: inWindow},
		},
		Guards: []Guard{
			{"deletionProtection", off, "RDS no longer refuses to delete the instance"},
			{"skipFinalSnapshot", on, "no snapshot is taken when the instance is deleted"},
			{"backupRetentionPeriod", less, "older automated backups are deleted at once"},
			{"storageEncrypted", off, "the storage is no longer encrypted"},
			{"multiAz", off, "the standby is deleted"},
			{"deleteAutomatedBackups", on, "automated backups go with the instance"},
		},
		Refusals: []Refusal{
			{"deletionProtection", isTrue, "deletionProtection: RDS refuses (bpa:database.deletionProtection)"},
		},
		Exposes: public("publiclyAccessible", "the database's public address", 5432),
		Runs: func(in map[string]any) versions.Stack {
			if engine, told := in["engine"]; told && engine != "postgres" {
				return versions.Stack{}
			}
			return versions.Stack{PostgreSQL: property.Text(in, "engineVersion")}
		},
		// 5-17, 4.3-4.8 min
		Duration: Duration{Create: 11 * time.Minute, Delete: 273 * time.Second, Source: Logs, Depends: withStandby},
		Price:    Price{Rule: priceDatabase},
		Permissions: Permissions{
			Create: slices.Concat([]Grant{
				onDatabase.allow("rds:CreateDBInstance", "rds:AddTagsToResource"), databaseNetwork, links("rds.amazonaws.com"),
			}, onDatabaseSettings("rds:CreateDBInstance"), lendsKey),
			Read: []Grant{onDatabase.allow("rds:DescribeDBInstances", "rds:ListTagsForResource")},
			Update: slices.Concat([]Grant{
				onDatabase.allow("rds:AddTagsToResource", "rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:RemoveTagsFromResource"),
				databaseNetwork,
			}, onDatabaseSettings("rds:ModifyDBInstance")),
			Delete: []Grant{
				onDatabase.allow("rds:CreateDBSnapshot", "rds:DeleteDBInstance", "rds:ModifyDBInstance"),
				onFinalSnapshot.allow("rds:AddTagsToResource", "rds:CreateDBSnapshot"),
			},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"identifier", 63, []string{"identifierPrefix"}},
			Outputs: map[string]any{
				"arn":      "arn:{partition}:rds:{region}:{account}:db:{identifier}",
				"address":  "{identifier}.crehearsal0.{region}.rds.{dnsSuffix}",
				"endpoint": "{identifier}.crehearsal0.{region}.rds.{dnsSuffix}:5432", "port": 5432.0,
				"hostedZoneId": "Z1PVIF0B656C1W", "resourceId": "db-{HEX:16}REHEARSAL", "status": "available",
				"engineVersionActual": "{engineVersion}",
			},
			Secrets: []string{"password"}, Replaces: []string{"name"},
			Newer: []string{"name"},
			Protected: Answer{
				"InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection and try again",
			},
		},
		Failures: []Failure{
			{Class: CreatedIDLost, Source: awsCode + "rds/instance.go resourceInstanceCreate: SetId after waitDBInstanceAvailable"},
			{
				Class: ReturnsBeforeEffect, Verbs: []string{"update"},
				Source: awsCode + "rds/instance.go resourceInstanceUpdate: without applyImmediately",
			},
		},
		None: None{Rights: noRight, Credential: maskedInputs, Waits: noWait},
	},
	{
		Token: RDSParameterGroup,
		Identity: Identity{
			StateID: form("{name}"),
			ARN:     "arn:{partition}:rds:{region}:{account}:pg:{name}",
		},
		Loss: Loss{
			Downtime: "the database restarts with the new group",
		},
		Price: Price{Free: "a setting of the database"},
		Permissions: Permissions{
			Create: []Grant{
				onParameterGroup.when(Made, "rds:AddTagsToResource", "rds:CreateDBParameterGroup"),
				onParameterGroup.when(Own, "rds:ModifyDBParameterGroup"),
			},
			Read: []Grant{
				onParameterGroup.allow("rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"),
			},
			Update: []Grant{
				onParameterGroup.when(
					Own, "rds:AddTagsToResource", "rds:ModifyDBParameterGroup", "rds:RemoveTagsFromResource",
					"rds:ResetDBParameterGroup",
				),
			},
			Delete: []Grant{onParameterGroup.when(Own, "rds:DeleteDBParameterGroup")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 255, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:rds:{region}:{account}:pg:{id}"},
			Taken:   "DBParameterGroupAlreadyExists",
			InUse: Answer{
				"InvalidDBParameterGroupState",
				"One or more database instances are still members of this parameter group {id} ({blocker.id})",
			},
			By: []string{RDSInstance + ".parameterGroupName"},
		},
		Failures: idBeforeWait("rds/parameter_group.go resourceParameterGroupCreate"),
		None:     none(quiet, closed, plain, instant, None{Runs: "its family follows the instance's version"}),
	},
	{
		Token: RDSSubnetGroup,
		Identity: Identity{
			StateID: form("{name}"),
			ARN:     "arn:{partition}:rds:{region}:{account}:subgrp:{name}",
		},
		Price: Price{Free: "a setting of the database"},
		Permissions: Permissions{
			Create: []Grant{
				onSubnetGroup.when(Made, "rds:AddTagsToResource", "rds:CreateDBSubnetGroup"),
				databaseNetwork,
			},
			Read:   []Grant{onSubnetGroup.allow("rds:DescribeDBSubnetGroups", "rds:ListTagsForResource")},
			Update: []Grant{onSubnetGroup.when(Own, "rds:AddTagsToResource", "rds:ModifyDBSubnetGroup", "rds:RemoveTagsFromResource")},
			Delete: []Grant{onSubnetGroup.when(Own, "rds:DeleteDBSubnetGroup")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 255, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:rds:{region}:{account}:subgrp:{id}"},
			Taken:   "DBSubnetGroupAlreadyExists",
			InUse: Answer{
				"InvalidDBSubnetGroupStateFault",
				"Cannot delete the subnet group '{id}' because at least one database instance: {blocker.id} is still using it",
			},
			By: []string{RDSInstance + ".dbSubnetGroupName"},
		},
		Failures: []Failure{{Class: Atomic, Source: awsCode + "rds/subnet_group.go resourceSubnetGroupCreate"}},
		None:     none(quiet, closed, plain, instant, None{Loss: "a new one takes its place before the old one goes"}),
	},
}

const (
	restart      = "the database restarts: 1-5 minutes, with a standby 1-2"
	majorUpgrade = "the database restarts: minutes for a minor version, half an hour and more for a major one"
	move         = "the database moves to another network: minutes"
)

// inWindow says when RDS does what it is asked for: by default in the next window of maintenance.
func inWindow(in map[string]any) string {
	if in["applyImmediately"] == true {
		return ""
	}
	return ", in the next window of maintenance"
}

// finalSnapshot says what RDS keeps of a deleted instance.
func finalSnapshot(in map[string]any) Phrase {
	if in["skipFinalSnapshot"] == true {
		return phrase("nothing: no final snapshot is taken (bpa:database.finalSnapshot)")
	}
	form := "a final snapshot, %s"
	if in["deleteAutomatedBackups"] == false {
		form += ", and the automated backups for their retention"
	}
	return phrase(form, in["finalSnapshotIdentifier"])
}

var databaseNetwork = anything.allow("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs")

// onDatabaseSettings grants an action on what a database refers to, which RDS judges beside the database.
func onDatabaseSettings(action string) []Grant {
	return []Grant{onParameterGroup.allow(action), onSubnetGroup.allow(action), onOptionGroup.allow(action)}
}

// priceDatabase pays for an RDS instance and its storage: both twice where there is a standby, as RDS charges it. Source:
// docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_OnDemandDBInstances.html.
func priceDatabase(p Pricing, r *stackdoc.Resource) {
	if engine := r.Text("engine"); engine != "postgres" {
		p.Missing("RDS with engine %q: the table has prices of postgres alone", engine)
		return
	}
	n := 1.0
	if property.True(r.Property("multiAz")) {
		n = 2
		p.Assume("a Multi-AZ database pays for instance and storage twice")
	}
	class := r.Text("instanceClass")
	if class == "" {
		p.Missing("its instance class is not known")
	} else {
		p.Paid("rds.postgres."+class, n)
	}
	priceDatabaseStorage(p, r, n)
	if days, _ := property.Number(r.Property("backupRetentionPeriod")); days > 0 {
		p.ByUse("rds.backup")
	}
	if len(property.List(r.Property("enabledCloudwatchLogsExports"))) > 0 {
		p.ByUse("logs.ingested", "logs.stored")
	}
	if days, _ := property.Number(r.Inputs, "performanceInsightsRetentionPeriod"); days > 7 {
		p.Missing("Performance Insights for %v days: 7 are free, and the table has no price of more", days)
	}
	version := r.Text("engineVersion")
	if release, ok := versions.PostgreSQL.Find(version); ok && ended(release, p.On()) {
		p.Missing("extended support of PostgreSQL %s, which left standard support on %s: the table has no price of it",
			version, release.Standard.Format(time.DateOnly))
	}
}

func priceDatabaseStorage(p Pricing, r *stackdoc.Resource, n float64) {
	if kind := r.Text("storageType"); kind != "gp3" {
		p.Missing("RDS storage of type %q: the table has prices of gp3 alone", kind)
		return
	}
	if r.Inputs["iops"] != nil || r.Inputs["storageThroughput"] != nil {
		p.Missing("RDS storage with IOPS or throughput of its own: the table has no price of them")
	}
	size, ok := count(p, "allocatedStorage", r.Property("allocatedStorage"))
	if !ok {
		return
	}
	p.Paid("rds.gp3", n*size)
	if most, _ := property.Number(r.Property("maxAllocatedStorage")); most > size {
		p.Assume("the database keeps its %v GB of storage; it may grow by itself to %v", size, most)
	}
}

// withStandby is how long a database takes that has one: 15-20 minutes in a public log of 2014.
func withStandby(d Duration, in map[string]any) Duration {
	if in["multiAz"] == true {
		d.Create = 18 * time.Minute
	}
	return d
}
