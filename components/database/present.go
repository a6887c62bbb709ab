package database

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// present is what RDS has already: an instance, or what one is restored from.
type present struct {
	what       string
	storageGiB int
	version    string
}

// fit makes the arguments of an instance ones that RDS does not refuse, and returns those that stay what they are.
//
// RDS upgrades a minor version by force when its support ends, and takes none back. An instance that has grown is restored in
// its new size: the provider asks for that of the arguments once it exists, and RDS shrinks nothing. The next updates leave alone
// what is larger or later than the configuration.
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
	if laterMinor(there.version, d.args.EngineVersion) {
		kept = append(kept, "engineVersion")
		if err := d.warn(ctx, "engineVersion", d.args.EngineVersion, there, there.version); err != nil {
			return nil, err
		}
	}
	if d.args.RestoreFrom != nil && there.storageGiB > d.args.StorageGiB {
		kept = append(kept, "allocatedStorage")
		if most := d.args.MaxStorageGiB; most > 0 && most < withRoom(there.storageGiB) {
			kept = append(kept, "maxAllocatedStorage")
		}
		return kept, d.warn(ctx, "storageGiB", d.args.StorageGiB, there, there.storageGiB)
	}
	return kept, nil
}

// enlarge gives a new instance the size and the version of its origin, where those are above the configuration.
func (d *Database) enlarge(ctx *pulumi.Context, args *rds.InstanceArgs, origin *present) error {
	if laterMinor(origin.version, d.args.EngineVersion) {
		args.EngineVersion = pulumi.String(origin.version)
		if err := d.warn(ctx, "engineVersion", d.args.EngineVersion, origin, origin.version); err != nil {
			return err
		}
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

// withRoom is the least limit of autoscaling: a tenth above the size.
func withRoom(size int) int { return size + (size+9)/10 }

func (d *Database) warn(ctx *pulumi.Context, key string, configured any, there *present, has any) error {
	return ctx.Log.Warn(fmt.Sprintf("database.%s: %v: %s has %v, and RDS does not go back: write that into the stack file",
		key, configured, there.what, has), &pulumi.LogArgs{Resource: d})
}

// laterMinor reports whether a version is a later minor of the same major.
func laterMinor(version, than string) bool {
	major, minor, _ := strings.Cut(version, ".")
	otherMajor, otherMinor, _ := strings.Cut(than, ".")
	a, err := strconv.Atoi(minor)
	b, otherErr := strconv.Atoi(otherMinor)
	return err == nil && otherErr == nil && major == otherMajor && a > b
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
