package catalog

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of ebs.
const (
	EBSDefaultKmsKey = "aws:ebs/defaultKmsKey:DefaultKmsKey"
	EBSSnapshot      = "aws:ebs/snapshot:Snapshot"
	EBSVolume        = "aws:ebs/volume:Volume"
)

var ebsTypes = []Type{
	{
		// The account's, which a landing zone sets: the stack has none of its own.
		Token:      EBSDefaultKmsKey,
		Identity:   Identity{StateID: form("{keyArn}")},
		Simulation: Simulation{ID: AsRead, Replaces: []string{"keyArn"}},
	},
	{
		Token: EBSSnapshot,
		Loss: Loss{
			Stateful: true,
			Lost:     "the snapshot",
			Stays:    "aws ec2 delete-snapshot",
		},
	},
	{
		Token: EBSVolume,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:volume/{id}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "what the volume holds: /opt of a node with BPA's data, unless a snapshot is restored by hand",
			Downtime: "what runs on the node is down until its data is back",
			Kept:     lastSnapshot,
		},
		Effects: []Effect{
			{Property: "size", Note: "the volume cannot be changed again for 6 hours; the file system grows at the node's next boot"},
			{Property: "type", Note: "the volume cannot be changed again for 6 hours"},
		},
		Guards: []Guard{
			{"encrypted", off, "the volume is no longer encrypted"},
			{"finalSnapshot", off, "no snapshot is taken when the volume is deleted"},
		},
		Duration: Duration{Create: 10 * time.Second, Delete: 5 * time.Second, Source: Plan},
		Price:    Price{Rule: priceVolume},
		Permissions: Permissions{
			Create: []Grant{onVolume.when(Made, "ec2:CreateVolume")},
			Read:   []Grant{anything.allow("ec2:DescribeVolumes", "ec2:DescribeVolumesModifications")},
			Update: []Grant{onVolume.when(Own, "ec2:ModifyVolume")},
			// The provider takes the last snapshot, tags it as the volume and waits for it. Source: resourceEBSVolumeDelete in
			// terraform-provider-aws internal/service/ec2/ebs_volume.go.
			Delete: []Grant{
				onVolume.when(Own, "ec2:CreateSnapshot", "ec2:DeleteVolume"),
				onSnapshot.when(Made, "ec2:CreateSnapshot"),
				onSnapshot.when(Creating, "ec2:CreateTags"),
				anything.allow("ec2:DescribeSnapshots"),
			},
		},
		Simulation: Simulation{
			ID: "vol-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:volume/{id}"},
			InUse: Answer{"VolumeInUse", "Volume {id} is currently attached to {blocker.instanceId}"},
			By:    []string{EC2VolumeAttachment + ".volumeId"},
		},
		Failures: idBeforeWait("ec2/ebs_volume.go resourceEBSVolumeCreate"),
		None:     none(closed, plain, None{Refusals: "the engine alone keeps it, by protect", Waits: noWait}),
	},
}

// lastSnapshot says what is kept of a deleted volume.
func lastSnapshot(in map[string]any) Phrase {
	if in["finalSnapshot"] != true {
		return phrase("no snapshot of this moment (bpa:nodes.finalSnapshot); those of the schedule stay")
	}
	return phrase("a snapshot of this moment, and those of the schedule")
}

// priceVolume pays for a disk that belongs to no instance.
func priceVolume(p Pricing, r *stackdoc.Resource) {
	priceDisk(p, map[string]any{
		"volumeType": r.Property("type"), "volumeSize": r.Property("size"), "iops": r.Inputs["iops"], "throughput": r.Inputs["throughput"],
	}, 1)
}

// What gp3 includes. Source: docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html.
const includedIOPS, includedThroughput = 3000, 125

// priceDisk pays for n disks of a kind.
func priceDisk(p Pricing, disk map[string]any, n float64) {
	if disk["volumeType"] != "gp3" {
		p.Missing("EBS volumes of type %v: the table has prices of gp3 alone", disk["volumeType"])
		return
	}
	size, ok := count(p, "the size of a disk", disk["volumeSize"])
	if !ok {
		return
	}
	p.Paid("ebs.gp3", n*size)
	if iops, _ := property.Number(disk, "iops"); iops > includedIOPS {
		p.Paid("ebs.gp3.iops", n*(iops-includedIOPS))
	}
	if throughput, _ := property.Number(disk, "throughput"); throughput > includedThroughput {
		p.Paid("ebs.gp3.throughput", n*(throughput-includedThroughput))
	}
}
