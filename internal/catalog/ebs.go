package catalog

import "time"

// The types of ebs.
const (
	EBSSnapshot = "aws:ebs/snapshot:Snapshot"
	EBSVolume   = "aws:ebs/volume:Volume"
)

var ebsTypes = []Type{
	{
		Token: EBSSnapshot,
		Loss: Loss{
			Stateful: true,
			Lost:     "the snapshot",
		},
	},
	{
		Token: EBSVolume,
		Loss: Loss{
			Stateful: true,
			Lost:     "what the volume holds: /opt of a node with BPA's data, unless a snapshot is restored by hand",
			Downtime: "what runs on the node is down until its data is back",
		},
		Effects: []Effect{
			{Property: "size", Note: "the volume cannot be changed again for 6 hours; the file system grows at the node's next boot"},
			{Property: "type", Note: "the volume cannot be changed again for 6 hours"},
		},
		Guards: []Guard{
			{"encrypted", off, "the volume is no longer encrypted"},
		},
		Duration: Duration{Create: 10 * time.Second, Delete: 5 * time.Second, Source: Plan},
		Permissions: Permissions{
			Create: []Grant{onVolume.when(Made, "ec2:CreateVolume")},
			Read:   []Grant{anything.allow("ec2:DescribeVolumes", "ec2:DescribeVolumesModifications")},
			Update: []Grant{onVolume.when(Own, "ec2:ModifyVolume")},
			Delete: []Grant{onVolume.when(Own, "ec2:DeleteVolume")},
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
