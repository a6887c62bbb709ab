package review

import (
	"github.com/bpa-on-aws/platform/internal/unknown"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// guard is a property that keeps data or access safe, and what it means where it is lost.
type guard struct {
	property string
	// lost reports whether the guard is weaker after than before.
	lost func(from, to any) bool
	text string
}

func off(from, to any) bool { return from == true && to != true }
func on(from, to any) bool  { return from != true && to == true }

// unlike is the loss of a certain value.
func unlike(guarded any) func(from, to any) bool {
	return func(from, to any) bool { return from == guarded && to != guarded }
}

func fewer(from, to any) bool {
	x, _ := from.([]any)
	y, _ := to.([]any)
	return len(y) < len(x)
}

func less(from, to any) bool {
	x, ok1 := from.(float64)
	y, ok2 := to.(float64)
	return ok1 && ok2 && y < x
}

// guards by type.
var guards = map[string][]guard{
	catalog.RDSInstance: {
		{"deletionProtection", off, "RDS no longer refuses to delete the instance"},
		{"skipFinalSnapshot", on, "no snapshot is taken when the instance is deleted"},
		{"backupRetentionPeriod", less, "older automated backups are deleted at once"},
		{"storageEncrypted", off, "the storage is no longer encrypted"},
		{"multiAz", off, "the standby is deleted"},
		{"deleteAutomatedBackups", on, "automated backups go with the instance"},
	},
	catalog.AtlasAdvancedCluster: {
		{"terminationProtectionEnabled", off, "Atlas no longer refuses to delete the cluster"},
		{"backupEnabled", off, "snapshots are no longer taken"},
		{"pitEnabled", off, "the cluster can no longer be restored to a point in time"},
	},
	catalog.AtlasCloudBackupSchedule: {
		{"policyItemDaily.retentionValue", less, "older snapshots are deleted"},
		{"restoreWindowDays", less, "the cluster can be restored to a shorter past"},
	},
	catalog.ELBLoadBalancer: {
		{"enableDeletionProtection", off, "the load balancer is no longer protected from deletion"},
		{"accessLogs.enabled", off, "accesses are no longer logged"},
	},
	catalog.S3BucketV2: {{"forceDestroy", on, "the bucket is deleted with all that is in it"}},
	catalog.S3BucketVersioningV2: {
		{"versioningConfiguration.status", unlike("Enabled"), "objects that are overwritten or deleted are gone for good"},
	},
	catalog.ECRRepository: {
		{"forceDelete", on, "the repository is deleted with its images"},
		{"imageTagMutability", unlike("IMMUTABLE"), "a tag may be given to another image"},
		{"imageScanningConfiguration.scanOnPush", off, "images are no longer scanned"},
	},
	catalog.EKSCluster: {{"enabledClusterLogTypes", fewer, "fewer logs of the control plane are kept"}},
	catalog.EC2LaunchTemplate: {
		{"metadataOptions.httpTokens", unlike("required"), "credentials of the instance can be had without a token (IMDSv1)"},
	},
	catalog.KMSKey: {
		{"enableKeyRotation", off, "the key is no longer rotated"},
		{"deletionWindowInDays", less, "a deleted key is gone sooner"},
	},
	catalog.EBSVolume:          {{"encrypted", off, "the volume is no longer encrypted"}},
	catalog.CloudWatchLogGroup: {{"retentionInDays", less, "older logs are deleted"}},
	catalog.S3BucketPublicAccessBlock: {
		{"blockPublicAcls", off, "the bucket may be opened to everybody by ACLs"},
		{"blockPublicPolicy", off, "the bucket may be opened to everybody by its policy"},
		{"ignorePublicAcls", off, "ACLs that open the bucket take force"},
		{"restrictPublicBuckets", off, "a policy that opens the bucket takes force"},
	},
}

// guardTypes are resources that keep others safe as a whole, and what it means that they go.
var guardTypes = map[string]string{
	catalog.S3BucketPublicAccessBlock: "the bucket may be opened to everybody",
	catalog.S3BucketVersioningV2:      "objects that are overwritten or deleted are gone for good",
	catalog.S3BucketServerSideEncryptionConfigurationV2: "new objects are no longer encrypted " +
		"by a key of the stack",
}

// guardsLost returns what no longer keeps a resource safe.
func guardsLost(c *Change) []guard {
	var lost []guard
	if c.Kind == Update || c.Kind == Replace {
		for _, g := range guards[c.Type()] {
			from, _ := at(c.before(), g.property)
			to, _ := at(c.after(), g.property)
			if !unknown.Is(to) && g.lost(from, to) {
				lost = append(lost, g)
			}
		}
	}
	if c.old != nil && c.new != nil && c.old.Protect && !c.new.Protect {
		lost = append(lost, guard{property: "protect", text: "Pulumi no longer refuses to delete it"})
	}
	if text := guardTypes[c.Type()]; text != "" && c.Kind == Delete {
		lost = append(lost, guard{text: text})
	}
	return lost
}
