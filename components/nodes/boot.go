package nodes

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
)

//go:embed assets/boot.sh
var bootSource string

// comment is a whole line, those for shellcheck excepted.
var comment = regexp.MustCompile(`(?m)^[ \t]*#.*\n`)

// bootBody is the script without its comments, for which user data has no room.
var bootBody = comment.ReplaceAllStringFunc(bootSource, func(line string) string {
	if strings.Contains(line, "# shellcheck ") {
		return line
	}
	return ""
})

// MaxUserData is EC2's limit for user data before it is base64-encoded, in bytes (docs/facts.md §4).
const MaxUserData = 16 << 10

// bootScript renders the boot script of a node.
func (n *Nodes) bootScript(node config.Node, volumeID pulumi.StringOutput) pulumi.StringOutput {
	return pulumi.All(volumeID, n.args.PackageBucket).ApplyT(func(v []any) string {
		return renderBoot(node, n.args.Account.Region, n.args.MaxMapCount, n.args.PackagePointer, v[0].(string), v[1].(string))
	}).(pulumi.StringOutput)
}

// renderBoot puts what differs from node to node before the script that is the same for all.
func renderBoot(node config.Node, region string, maxMapCount int, pointer, volumeID, bucket string) string {
	var b strings.Builder
	b.WriteString("#!/usr/bin/env bash\n")
	for _, v := range []struct{ name, value string }{
		{"NODE", node.Name}, {"VOLUME", volumeID}, {"REGION", region}, {"DIRECTORIES", strings.Join(node.Directories, " ")},
		{"MAX_MAP_COUNT", strconv.Itoa(maxMapCount)}, {"BUCKET", bucket}, {"POINTER", pointer},
	} {
		fmt.Fprintf(&b, "%s='%s'\n", v.name, strings.ReplaceAll(v.value, "'", `'\''`))
	}
	b.WriteString(bootBody)
	return b.String()
}

// nodeConfig is a node's own part of nodeadm's configuration: resolvers (R25), how many pods it may run, and how long those have
// where the machine is shut down without being drained. With prefix delegation a node has addresses for as many as Kubernetes
// supports on its size (docs/facts.md §5). The times are nodeadm's own for 1.34 and later (awslabs/amazon-eks-ami,
// nodeadm/internal/kubelet/config.go): two minutes for pods, four times what Kafka gets by default, then the critical ones. kubelet
// makes logind wait so long (kubernetes, pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go).
func nodeConfig(instanceType string, nameservers, domains []string) (string, error) {
	spec := map[string]any{"kubelet": map[string]any{"config": map[string]any{
		"maxPods": maxPods(instanceType), "shutdownGracePeriod": "2m30s", "shutdownGracePeriodCriticalPods": "30s",
	}}}
	if len(nameservers) > 0 {
		network := map[string]any{"nameservers": nameservers}
		if len(domains) > 0 {
			network["domains"] = domains
		}
		spec["instance"] = map[string]any{"network": network}
	}
	b, err := yaml.Marshal(map[string]any{"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": spec})
	return string(b), err
}

// maxPods is 110 below 30 vCPU and 250 above, as for managed node groups. Of an instance size only the factor before
// xlarge says how many vCPU it has: four for each.
func maxPods(instanceType string) int {
	_, size, _ := strings.Cut(instanceType, ".")
	factor, isLarge := strings.CutSuffix(size, "xlarge")
	n, err := strconv.Atoi(factor)
	if strings.HasPrefix(size, "metal") || isLarge && err == nil && 4*n >= 30 {
		return 250
	}
	return 110
}
