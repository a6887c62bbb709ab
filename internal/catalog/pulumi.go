package catalog

// The types of pulumi.
const (
	AwsProvider        = "pulumi:providers:aws"
	KubernetesProvider = "pulumi:providers:kubernetes"
)

var pulumiTypes = []Type{
	{
		Token: AwsProvider,
	},
	{
		Token: KubernetesProvider,
		Waits: []Wait{
			{For: []string{EKSClusterComponent, VPCSecurityGroupIngressRule}, Why: "the API must answer, let the deployer in, and know who asks"},
		},
	},
}
