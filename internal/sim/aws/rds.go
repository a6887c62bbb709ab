package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/reserved"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// rds are databases, their parameters and subnets.
var rds = provider.Code{
	catalog.RDSInstance: {
		Values: []provider.Value{
			{Property: "identifier", Test: identifier, Source: rdsAPI}, {Property: "identifier", Min: 1, Max: 63, Source: rdsAPI},
			{Property: "username", Pattern: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`), Source: rdsAPI,
				Text: "must begin with a letter and hold letters, digits and underscores only"},
			{Property: "dbName", Pattern: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`), Source: rdsAPI,
				Text: "must begin with a letter and hold 1 to 63 letters, digits and underscores"},
			{Property: "finalSnapshotIdentifier", Pattern: regexp.MustCompile(`^[A-Za-z](?:-?[0-9A-Za-z])*$`), Source: rdsAPI,
				Text: "must only contain alphanumeric characters and hyphens, not end in a hyphen, and not hold two in a row"},
			oneOf("storageType", "standard gp2 gp3 io1 io2"),
			{Property: "backupRetentionPeriod", Min: 0, Max: 35, Source: rdsAPI},
			{Property: "performanceInsightsRetentionPeriod", Min: 7, Max: 731, Source: tfAWS},
			oneOf("enabledCloudwatchLogsExports.[]", "postgresql upgrade audit error general slowquery iam-db-auth-error alert listener "+
				"trace diag.log notify.log oemagent"),
			{Property: "monitoringInterval", Numbers: []float64{0, 1, 5, 10, 15, 30, 60}, Source: rdsAPI},
		},
		Rules: []provider.Rule{
			interfaceGroups("vpcSecurityGroupIds"),
			{Code: "InvalidParameterCombination", Source: issue("sidpalas/devops-directive-terraform-course", 8), Fails: postgresVersion},
			{Code: "InvalidParameterCombination", Source: upgradeTargets, Fails: postgresTarget},
			{Code: "InvalidParameterCombination", Source: issue("hashicorp/terraform", 8468), Fails: majorAllowed},
			{Code: "rehearsal", Source: "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html",
				Fails: pendingUpgrade},
			{Code: "InvalidParameterValue", Source: issue("aws/aws-cdk", 5076), OnCreate: true, Fails: masterUser},
			{Code: "InvalidParameterValue", Source: issue("terraform-aws-modules/terraform-aws-rds", 243), Fails: masterPassword},
			{Code: "DBInstanceAlreadyExists", Source: rdsAPI, OnCreate: true, Fails: identifierTaken},
			{Code: "InvalidParameterValue", Source: rdsAPI, Fails: storageSize},
			{Code: "InvalidParameterCombination", Source: issue("ministryofjustice/cloud-platform-user-guide", 1911), OnCreate: true,
				Fails: smallerThanOrigin},
			{Code: "InvalidParameterCombination", Source: rdsStorage, Fails: storageGrows},
			{Code: "DBSubnetGroupNotFoundFault", Source: rdsAPI, OnCreate: true, Fails: subnetsExist},
			{
				Code:     "InvalidVPCNetworkStateFault",
				Source:   issue("hashicorp/terraform-provider-aws", 20712),
				OnCreate: true,
				Fails:    classSold,
			},
			{Code: "DBParameterGroupNotFound", Source: rdsAPI, Fails: parametersExist},
			{Code: "InvalidParameterCombination", Source: issue("cloud-gov/aws-broker", 291), Fails: parameterFamily},
			{Code: "InvalidParameterCombination", Source: rdsAPI, Fails: multiZone},
			{Code: "InvalidParameterCombination", Source: issue("terraform-aws-modules/terraform-aws-rds", 451), Fails: otherNetwork},
			{Code: "InvalidParameterValue", Source: rdsAPI, Fails: windowsApart},
		},
		Leaving: []provider.Rule{
			{Code: "InvalidParameterCombination", Source: deleteInstanceAPI, Fails: finalSnapshot},
			{Code: "DBSnapshotAlreadyExists", Source: deleteInstanceAPI, Fails: snapshotTaken},
		},
		Gone: keptOfInstance,
	},
	catalog.RDSSubnetGroup: {
		Values: []provider.Value{{Property: "name", Min: 1, Max: 255, Pattern: regexp.MustCompile(`^[ .0-9a-z_-]+$`), Source: tfAWS,
			Text: "only lowercase alphanumeric characters, hyphens, underscores, periods, and spaces allowed"}},
		Rules: []provider.Rule{
			{Code: "DBSubnetGroupDoesNotCoverEnoughAZs", Source: issue("hashicorp/terraform-provider-aws", 17373), Fails: subnetZones},
		},
	},
	catalog.RDSParameterGroup: {
		Values: []provider.Value{
			{Property: "name", Test: identifier, Source: tfAWS}, {Property: "name", Min: 1, Max: 255, Source: tfAWS},
			oneOf("parameters.[].applyMethod", "immediate pending-reboot"),
		},
		Rules: []provider.Rule{
			{
				Code: "InvalidParameterValue", Source: issue("terraform-aws-modules/terraform-aws-rds", 173), OnCreate: true,
				Fails: familyKnown,
			},
			{
				Code: "InvalidParameterCombination", Fails: staticParameter,
				Source: "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html",
			},
		},
	},
}

// identifier is the form of RDS's names.
func identifier(name string) string {
	switch {
	case !regexp.MustCompile(`^[0-9a-z.-]*$`).MatchString(name):
		return `only lowercase alphanumeric characters and hyphens allowed in "identifier"`
	case name != "" && (name[0] < 'a' || name[0] > 'z'):
		return `first character of "identifier" must be a letter`
	case strings.Contains(name, "--"):
		return `"identifier" cannot contain two consecutive hyphens`
	case strings.HasSuffix(name, "-"):
		return `"identifier" cannot end with a hyphen`
	}
	return ""
}

func masterUser(r *provider.Request) string {
	name := r.Str("username")
	if reserved.MasterUser(name) {
		return fmt.Sprintf("MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
	}
	return ""
}

func masterPassword(r *provider.Request) string {
	password, given := r.Inputs["password"].(string)
	const not = "The parameter MasterUserPassword is not a valid password"
	switch {
	case !given:
		return ""
	case len(password) < 8:
		return not + " because it is shorter than 8 characters."
	case len(password) > 128:
		return not + " because it is longer than 128 characters."
	case strings.ContainsAny(password, `/@" `) || strings.ContainsFunc(password, func(c rune) bool { return c < ' ' || c > '~' }):
		return not + `. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`
	}
	return ""
}

func identifierTaken(r *provider.Request) string {
	if r.Store.Find(
		catalog.RDSInstance,
		func(o *provider.Resource) bool { return o.Inputs["identifier"] == r.Inputs["identifier"] },
	) != nil {
		return "DB instance already exists"
	}
	return ""
}

// storageSize: gp2 and gp3 of PostgreSQL hold 20 to 65536 GiB; autoscaling needs a tenth above.
func storageSize(r *provider.Request) string {
	size, given := r.Inputs["allocatedStorage"].(float64)
	if !given {
		return ""
	}
	if size < 20 || size > 65536 {
		return invalidSize(r, size)
	}
	if most, _ := r.Inputs["maxAllocatedStorage"].(float64); most != 0 && most < size+size/10 {
		return "Invalid max storage size for engine name postgres and storage type: it must be at least 10% above the allocated storage"
	}
	return ""
}

// smallerThanOrigin: the provider restores, which takes the size of the origin, and then asks for that of the inputs. By then
// the instance is there. Source: terraform-provider-aws internal/service/rds/instance.go resourceInstanceCreate.
func smallerThanOrigin(r *provider.Request) string {
	origin := originOf(r.Store, r.Str("snapshotIdentifier"))
	if source := text(r.Inputs, "restoreToPointInTime", "sourceDbInstanceIdentifier"); source != "" {
		origin = r.Store.Get(catalog.RDSInstance, source)
	}
	size, given := r.Inputs["allocatedStorage"].(float64)
	if origin == nil || !given || size >= allocated(origin) {
		return ""
	}
	return invalidSize(r, size)
}

// originOf is the instance that a snapshot is of, as its name says: rds:NAME-2026-11-24-07-05, NAME-final-0a1b2c3d.
func originOf(v *provider.View, snapshot string) *provider.Resource {
	name := strings.TrimPrefix(snapshot[strings.LastIndex(snapshot, ":")+1:], "rds:")
	return v.Find(catalog.RDSInstance, func(o *provider.Resource) bool {
		return regexp.MustCompile(`^` + regexp.QuoteMeta(o.ID) + `-(?:\d{4}-|final-)`).MatchString(name)
	})
}

func allocated(instance *provider.Resource) float64 {
	size, _ := instance.Inputs["allocatedStorage"].(float64)
	return size
}

// storageGrows: by a tenth at least, and never the other way.
func storageGrows(r *provider.Request) string {
	instance := r.Store.Get(catalog.RDSInstance, r.ID)
	after, given := r.Inputs["allocatedStorage"].(float64)
	if instance == nil || !given || after == r.Old["allocatedStorage"] {
		return ""
	}
	if before := allocated(instance); after == before || after >= before+before/10 {
		return ""
	}
	return invalidSize(r, after)
}

func invalidSize(r *provider.Request, size float64) string {
	return fmt.Sprintf("Invalid storage size for engine name postgres and storage type %s: %v", r.Str("storageType"), size)
}

func subnetsExist(r *provider.Request) string {
	if name := r.Str("dbSubnetGroupName"); name != "" && name != "default" && r.Store.Get(catalog.RDSSubnetGroup, name) == nil {
		return fmt.Sprintf("DB subnet group '%s' does not exist.", name)
	}
	return ""
}

func parametersExist(r *provider.Request) string {
	name := r.Str("parameterGroupName")
	if name != "" && !strings.HasPrefix(name, "default.") && r.Store.Get(catalog.RDSParameterGroup, name) == nil {
		return "DBParameterGroup not found: " + name
	}
	return ""
}

func parameterFamily(r *provider.Request) string {
	group := r.Store.Get(catalog.RDSParameterGroup, r.Str("parameterGroupName"))
	major, _, _ := strings.Cut(r.Str("engineVersion"), ".")
	if group == nil || major == "" || text(group.Inputs, "family") == r.Str("engine")+major {
		return ""
	}
	return fmt.Sprintf("The parameter group %s with DBParameterGroupFamily %s can't be used for this instance. "+
		"Use a parameter group with DBParameterGroupFamily %s%s.", group.ID, text(group.Inputs, "family"), r.Str("engine"), major)
}

func multiZone(r *provider.Request) string {
	if r.Inputs["multiAz"] == true && r.Str("availabilityZone") != "" {
		return "Requesting a specific availability zone is not valid for Multi-AZ instances."
	}
	return ""
}

func otherNetwork(r *provider.Request) string {
	subnets := r.Store.Get(catalog.RDSSubnetGroup, r.Str("dbSubnetGroupName"))
	if subnets == nil {
		return ""
	}
	for _, subnet := range texts(subnets.Inputs["subnetIds"]) {
		for _, group := range texts(r.Inputs["vpcSecurityGroupIds"]) {
			if a, b := vpcOf(r, subnet), vpcOf(r, group); a != "" && b != "" && a != b {
				return fmt.Sprintf("The DB instance and EC2 security group are in different VPCs. The DB instance is in %s "+
					"and the EC2 security group is in %s", a, b)
			}
		}
	}
	return ""
}

func windowsApart(r *provider.Request) string {
	_, start, _ := strings.Cut(r.Str("maintenanceWindow"), ":")
	backup := r.Str("backupWindow")
	if backup != "" && len(start) >= 5 && len(backup) >= 11 && backup[:5] <= start[:5] && start[:5] < backup[6:] {
		return "The backup window and maintenance window must not overlap."
	}
	return ""
}

const deleteInstanceAPI = "docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html"

// snapshotTaken: a final snapshot that an earlier life of the stack left has its name still.
func snapshotTaken(r *provider.Request) string {
	name := r.Str("finalSnapshotIdentifier")
	if r.Inputs["skipFinalSnapshot"] == true || r.Store.Get(catalog.RDSSnapshot, name) == nil {
		return ""
	}
	return fmt.Sprintf("Cannot create the snapshot because a snapshot with the identifier %s already exists.", name)
}

// keptOfInstance is what RDS keeps of a deleted instance, and the log groups that it made for it.
func keptOfInstance(r *provider.Request) {
	for _, log := range texts(r.Inputs["enabledCloudwatchLogsExports"]) {
		leaveLogGroup(r, fmt.Sprintf("/aws/rds/instance/%s/%s", r.ID, log))
	}
	of := map[string]any{"instance": r.ID, "kmsKeyId": r.Inputs["kmsKeyId"]}
	if r.Inputs["skipFinalSnapshot"] != true {
		name := r.Str("finalSnapshotIdentifier")
		r.Store.Leave(&provider.Resource{Package: r.Package, Type: catalog.RDSSnapshot, Name: name, ID: name, Inputs: of})
	}
	if r.Inputs["deleteAutomatedBackups"] == false && r.Inputs["backupRetentionPeriod"] != 0.0 {
		id := "ab-" + r.Hex(17)
		r.Store.Leave(&provider.Resource{Package: r.Package, Type: catalog.RDSAutomatedBackup, Name: r.Name, ID: id, Inputs: of})
	}
}

func finalSnapshot(r *provider.Request) string {
	if r.Inputs["skipFinalSnapshot"] != true && r.Str("finalSnapshotIdentifier") == "" {
		return "FinalSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
	}
	return ""
}

func subnetZones(r *provider.Request) string {
	zones, known := zonesOf(r, texts(r.Inputs["subnetIds"]))
	if !known || distinct(zones) >= 2 {
		return ""
	}
	return fmt.Sprintf("The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %s. "+
		"Add subnets to cover at least 2 AZs.", strings.Join(zones, ", "))
}

func familyKnown(r *provider.Request) string {
	family := r.Str("family")
	if major, ok := strings.CutPrefix(family, "postgres"); ok && slices.Contains(strings.Fields("12 13 14 15 16 17 18"), major) {
		return ""
	}
	return fmt.Sprintf("ParameterGroupFamily %s is not a valid parameter group family", family)
}

// static parameters of PostgreSQL that the paper, or its readers, may set. Source: RDS user guide, parameter tables.
var static = strings.Fields("shared_buffers max_connections wal_buffers huge_pages max_locks_per_transaction max_prepared_transactions " +
	"max_worker_processes shared_preload_libraries rds.logical_replication track_activity_query_size max_wal_senders")

func staticParameter(r *provider.Request) string {
	for _, p := range objects(r.Inputs["parameters"]) {
		if slices.Contains(static, text(p, "name")) && text(p, "applyMethod") != "pending-reboot" {
			return "cannot use immediate apply method for static parameter"
		}
	}
	return ""
}
