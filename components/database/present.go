package database

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/storage"
)

// present is what RDS has already: an instance, or what one is restored from.
type present struct {
	what       string
	storageGiB int
	version    string
}

// fit makes the arguments of an instance ones that RDS does not refuse, and returns those that stay what they are. What RDS
// would refuse is an error, before anything is asked.
//
// RDS upgrades a minor version by force when its support ends, lets storage grow up to its limit, and takes neither back. Without
// a refresh the state does not know of it; with one it does, and the configuration would ask for less. Either way the running
// instance decides. An instance that has grown is restored in its new size: the provider asks for that of the arguments once it
// exists, and RDS shrinks nothing.
func (d *Database) fit(ctx *pulumi.Context, args *rds.InstanceArgs, identifier string) (kept []string, err error) {
	there, err := d.instanceNow(ctx, identifier)
	if err != nil {
		return nil, err
	}
	if there == nil {
		origin, err := d.origin(ctx)
		if err != nil || origin == nil {
			return nil, err
		}
		return nil, d.enlarge(ctx, args, origin)
	}
	later, err := d.later(ctx, there)
	if err != nil {
		return nil, err
	}
	if later {
		kept = append(kept, "engineVersion")
	}
	keeps := d.args.RestoreFrom != nil || d.args.MaxStorageGiB > 0
	if !keeps || there.storageGiB <= d.args.StorageGiB {
		return kept, storage.Database.Check(float64(there.storageGiB), float64(d.args.StorageGiB))
	}
	kept = append(kept, "allocatedStorage")
	if most := d.args.MaxStorageGiB; d.args.RestoreFrom != nil && most > 0 && most < withRoom(there.storageGiB) {
		kept = append(kept, "maxAllocatedStorage")
	}
	return kept, d.warn(ctx, "storageGiB", d.args.StorageGiB, there, there.storageGiB)
}

// enlarge gives a new instance the size and the version of its origin, where those are above the configuration.
func (d *Database) enlarge(ctx *pulumi.Context, args *rds.InstanceArgs, origin *present) error {
	later, err := d.later(ctx, origin)
	if err != nil {
		return err
	}
	if later {
		args.EngineVersion = pulumi.String(origin.version)
	}
	if origin.storageGiB <= d.args.StorageGiB {
		return nil
	}
	args.AllocatedStorage = pulumi.Int(origin.storageGiB)
	if most := d.args.MaxStorageGiB; most > 0 {
		args.MaxAllocatedStorage = pulumi.Int(max(most, withRoom(origin.storageGiB)))
	}
	return d.warn(ctx, "storageGiB", d.args.StorageGiB, origin, origin.storageGiB)
}

// later reports, with a warning, whether what is there has a later minor version than the configuration. A later major version
// has parameters of another family: that is an error.
func (d *Database) later(ctx *pulumi.Context, there *present) (bool, error) {
	major, minor, known := numbers(there.version)
	wantsMajor, wantsMinor, valid := numbers(d.args.EngineVersion)
	switch {
	case !known || !valid || major < wantsMajor || major == wantsMajor && minor <= wantsMinor:
		return false, nil
	case major > wantsMajor:
		return false, errors.New(d.behind("engineVersion", d.args.EngineVersion, there, there.version))
	}
	return true, d.warn(ctx, "engineVersion", d.args.EngineVersion, there, there.version)
}

// withRoom is the least limit of autoscaling: a tenth above the size.
func withRoom(size int) int { return size + (size+9)/10 }

func (d *Database) warn(ctx *pulumi.Context, key string, configured any, there *present, has any) error {
	return ctx.Log.Warn(d.behind(key, configured, there, has), &pulumi.LogArgs{Resource: d})
}

func (d *Database) behind(key string, configured any, there *present, has any) string {
	return fmt.Sprintf("database.%s: %v: %s has %v, and RDS does not go back: write that into the stack file",
		key, configured, there.what, has)
}

// numbers are the major and the minor of a version of PostgreSQL.
func numbers(version string) (major, minor int, ok bool) {
	first, second, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(first)
	minor, otherErr := strconv.Atoi(second)
	return major, minor, err == nil && otherErr == nil
}

// origin is what an instance is restored from: nil where there is none, or where it is gone. Automated backups outlive their
// instance, which then cannot be asked for its size.
func (d *Database) origin(ctx *pulumi.Context) (*present, error) {
	from := d.args.RestoreFrom
	switch {
	case from == nil:
		return nil, nil
	case from.PointInTime != nil:
		return d.instanceNow(ctx, from.PointInTime.Instance)
	}
	found, err := rds.LookupSnapshot(ctx, &rds.LookupSnapshotArgs{DbSnapshotIdentifier: &from.Snapshot}, pulumi.Parent(d))
	if err != nil {
		return nil, unlessGone("snapshot "+from.Snapshot, err)
	}
	return &present{"snapshot " + from.Snapshot, found.AllocatedStorage, found.EngineVersion}, nil
}

// instanceNow is an instance as it is, or nil.
func (d *Database) instanceNow(ctx *pulumi.Context, identifier string) (*present, error) {
	found, err := rds.LookupInstance(ctx, &rds.LookupInstanceArgs{DbInstanceIdentifier: &identifier}, pulumi.Parent(d))
	if err != nil {
		return nil, unlessGone("instance "+identifier, err)
	}
	return &present{"instance " + identifier, found.AllocatedStorage, found.EngineVersion}, nil
}

// gone is how the provider says that a look-up has found nothing. Source: terraform-provider-aws internal/tfresource
// SingularDataSourceFindError ("no matching … found"), and the codes of RDS.
var gone = regexp.MustCompile(`no matching RDS DB \w+ found|DB(?:Instance|Snapshot)NotFound|query returned no results`)

func unlessGone(what string, err error) error {
	if gone.MatchString(err.Error()) {
		return nil
	}
	return fmt.Errorf("looking up %s: %w", what, err)
}
