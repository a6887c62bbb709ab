package catalog

// The types of dlm.
const (
	DLMLifecyclePolicy = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
)

var dlmTypes = []Type{
	{
		Token: DLMLifecyclePolicy,
		Loss: Loss{
			Lost: "the schedule; snapshots that are there stay",
		},
		Waits: []Wait{
			{For: []string{IAMRolePolicyAttachment}, Why: "a schedule that may do nothing fails"},
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"dlm:CreateLifecyclePolicy"}, If: Made},
				{Actions: []string{"dlm:TagResource"}, On: OnSnapshotPolicy, If: Made},
				{Actions: []string{"iam:PassRole"}, On: OnRole, If: PassedTo, Service: "dlm.amazonaws.com"},
			},
			Read: []Grant{
				{Actions: []string{"dlm:GetLifecyclePolicy", "dlm:ListTagsForResource"}, On: OnSnapshotPolicy, If: Own},
			},
			Update: []Grant{
				{Actions: []string{"dlm:TagResource", "dlm:UntagResource", "dlm:UpdateLifecyclePolicy"}, On: OnSnapshotPolicy, If: Own},
				{Actions: []string{"iam:PassRole"}, On: OnRole, If: PassedTo, Service: "dlm.amazonaws.com"},
			},
			Delete: []Grant{
				{Actions: []string{"dlm:DeleteLifecyclePolicy"}, On: OnSnapshotPolicy, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "policy-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:dlm:{region}:{account}:policy/{id}"},
		},
		Failures: inOneCall,
		None:     none(quiet, closed, plain, None{Duration: atOnce}),
	},
}
