package catalog

// The types of dlm.
const (
	DLMLifecyclePolicy = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
)

var dlmTypes = []Type{
	{
		Token: DLMLifecyclePolicy,
		Identity: Identity{
			ARN: "arn:{partition}:dlm:{region}:{account}:policy/{id}",
		},
		Loss: Loss{
			Lost: "the schedule; snapshots that are there stay",
		},
		Waits: []Wait{
			{For: []string{IAMRolePolicyAttachment}, Why: "a schedule that may do nothing fails"},
		},
		Price: Price{Rule: paysUse("ebs.snapshot")},
		Permissions: Permissions{
			Create: []Grant{
				anything.when(Made, "dlm:CreateLifecyclePolicy"),
				onSnapshotPolicy.when(Made, "dlm:TagResource"),
				passes("dlm.amazonaws.com"),
			},
			Read: []Grant{onSnapshotPolicy.when(Own, "dlm:GetLifecyclePolicy", "dlm:ListTagsForResource")},
			Update: []Grant{
				onSnapshotPolicy.when(Own, "dlm:TagResource", "dlm:UntagResource", "dlm:UpdateLifecyclePolicy"),
				passes("dlm.amazonaws.com"),
			},
			Delete: []Grant{onSnapshotPolicy.when(Own, "dlm:DeleteLifecyclePolicy")},
		},
		Simulation: Simulation{
			ID: "policy-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:dlm:{region}:{account}:policy/{id}"},
		},
		Failures: idBeforeWait("dlm/lifecycle_policy.go resourceLifecyclePolicyCreate"),
		None:     none(quiet, closed, plain, None{Duration: atOnce}),
	},
}
