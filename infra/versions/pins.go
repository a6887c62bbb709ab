package versions

import "fmt"

// Pins are what runs on a cluster of one Kubernetes version. They are pinned so that a preview next week shows no
// change.
type Pins struct {
	// AMIRelease is a release of the EKS optimised AL2023 AMI.
	AMIRelease string
	// Addons by add-on name.
	Addons map[string]string
}

// PinsFor returns the pins of a Kubernetes version. Where a version has none, a stack file must give its own.
func PinsFor(kubernetes string) (Pins, bool) {
	p, ok := pins[kubernetes]
	return p, ok
}

// PostgresImage has psql for the database bootstrap (R10): the official image of the version that the supported profile
// runs. Its tag is rebuilt upstream when Debian repairs a package, and a digest is the stack file's to give: one that no
// test of this project has pulled would be a guess.
var PostgresImage = "public.ecr.aws/docker/library/postgres:" + Profiles["supported"].PostgreSQL

// AWSCLIImage replaces nodes (docs/decisions/0019): the official image, which holds jq since its base is Amazon Linux 2023, with
// bash and curl. Source: github.com/aws/aws-cli, docker/Dockerfile at 2.36.7, seen 2026-11-28.
const AWSCLIImage = "public.ecr.aws/aws-cli/aws-cli:2.36.7"

// AMIParameter is the public SSM parameter that holds the image id of a release.
// Source: awsdocs/amazon-eks-user-guide, retrieve-ami-id.adoc.
func AMIParameter(kubernetes, release string) string {
	return fmt.Sprintf("/aws/service/eks/optimized-ami/%[1]s/amazon-linux-2023/x86_64/standard/"+
		"amazon-eks-node-al2023-x86_64-standard-%[1]s-%[2]s/image_id", kubernetes, release)
}

// pins by Kubernetes version. The AMI release and its parameter were seen in us-east-1 on 2026-10-02, the versions of
// kube-proxy, CoreDNS, VPC CNI and EBS CSI in public deployments of Kubernetes 1.35 from February 2026 on. The version
// of the pod identity agent is older than those and was not seen with 1.35: `aws eks describe-addon-versions` tells.
var pins = map[string]Pins{
	"1.35": {
		AMIRelease: "v20260930",
		Addons: map[string]string{
			"vpc-cni":                "v1.21.1-eksbuild.3",
			"kube-proxy":             "v1.35.0-eksbuild.2",
			"coredns":                "v1.13.2-eksbuild.1",
			"aws-ebs-csi-driver":     "v1.56.0-eksbuild.1",
			"eks-pod-identity-agent": "v1.3.10-eksbuild.2",
		},
	},
}

// AddonNames are the add-ons that every cluster runs.
func AddonNames() []string {
	return []string{"vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver", "eks-pod-identity-agent"}
}
