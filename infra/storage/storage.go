// Package storage refuses what storage cannot do, in a preview and before a cloud is asked: to shrink.
package storage

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Kind is a kind of storage, whose size in GiB is an input of its resource.
type Kind struct {
	// Property is that input, where Grows reads it.
	Property resource.PropertyKey
	// Key is that of the stack file that decides on it.
	Key string
	// Step is the least by which it grows, as a part of its size: 0.1 is a tenth.
	Step float64
}

// The kinds. Sources: RDS user guide, USER_PIOPS.ModifyingExisting ("can't reduce the amount of storage", "at least 10 percent");
// EBS user guide, modify-volume-requirements ("can't decrease the size of an EBS volume").
//
// A database's size is looked up, as it may have grown by itself; that of a volume is the state's.
var (
	Database = Kind{Key: "database.storageGiB", Step: 0.1}
	Volume   = Kind{Property: "size", Key: "nodes.items[].volumeGiB"}
)

// Grows makes the engine refuse an update that shrinks a storage, or grows it by too little. The name is one that no other
// hook of the stack has.
func (k Kind) Grows(ctx *pulumi.Context, name string) (pulumi.ResourceOption, error) {
	hook, err := ctx.RegisterResourceHook(name, func(args *pulumi.ResourceHookArgs) error {
		before, after := args.OldInputs[k.Property], args.NewInputs[k.Property]
		if !before.IsNumber() || !after.IsNumber() {
			return nil
		}
		return k.Check(before.NumberValue(), after.NumberValue())
	}, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, fmt.Errorf("hook %s: %w", name, err)
	}
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeUpdate: []*pulumi.ResourceHook{hook}}), nil
}

// Check returns an error unless a storage can go from one size to another, in GiB.
func (k Kind) Check(from, to float64) error {
	switch {
	case to < from:
		return fmt.Errorf("%s: %v: must be at least %v: storage never shrinks", k.Key, to, from)
	case to > from && to-from < from*k.Step:
		return fmt.Errorf("%s: %v: must be %v, or at least a tenth more: storage grows by no less", k.Key, to, from)
	}
	return nil
}
