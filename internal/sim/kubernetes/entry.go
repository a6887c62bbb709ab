package kubernetes

import (
	"encoding/json"
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// admitted is asked of every object, when it is made, changed or deleted: EKS lets in whoever has an access entry.
var admitted = provider.Rule{Code: "unauthorized", Source: "github.com/pulumi/pulumi-eks/issues/669", Fails: unauthorized, Plain: true}

// tokenArgs are those arguments of `aws eks get-token` in a kubeconfig that say of whom and for which cluster the token is.
var tokenArgs = regexp.MustCompile(`--(cluster-name|role-arn)["',\s\\-]+([^"',\s\\]+)`)

func unauthorized(r *provider.Request) string {
	args := map[string]string{}
	kubeconfig, err := json.Marshal(r.Config["kubeconfig"]) // decoded where it is JSON, and a text where it is YAML
	if err != nil {
		return err.Error()
	}
	for _, m := range tokenArgs.FindAllStringSubmatch(string(kubeconfig), -1) {
		args[m[1]] = m[2]
	}
	cluster := args["cluster-name"]
	if all := r.Store.All(catalog.EKSCluster); cluster == "" && len(all) == 1 {
		cluster = all[0].ID // this machine's own kubeconfig is of the only one
	}
	if aws.Admits(r.Store, cluster, args["role-arn"]) {
		return ""
	}
	return "configured Kubernetes cluster is unreachable: unable to load schema information from the API server: " +
		"the server has asked for the client to provide credentials"
}
