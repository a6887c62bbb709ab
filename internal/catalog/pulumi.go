package catalog

import (
	"slices"
	"strings"
)

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
			{
				For: []string{EKSClusterComponent, VPCSecurityGroupIngressRule, EKSAccessEntry, EKSAccessPolicyAssociation},
				Why: "the API must answer, let the deployer in, and know who asks: on a destroy, too, by whomever the entries let in",
			},
		},
	},
}

// IsProvider reports whether a type is that of a provider of Pulumi's.
func IsProvider(token string) bool { return strings.HasPrefix(token, "pulumi:providers:") }

// identity are the beginnings of the inputs that say where a provider acts, and as whom.
var identity = []string{"region", "assumerole", "allowedaccountids", "profile", "kubeconfig", "cluster"}

// ActsBy reports whether a provider acts elsewhere, or as somebody else, when an input of it changes.
func ActsBy(path string) bool {
	return slices.ContainsFunc(identity, func(start string) bool { return strings.HasPrefix(strings.ToLower(path), start) })
}
