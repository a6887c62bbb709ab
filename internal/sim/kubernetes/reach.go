package kubernetes

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// reachDoc is where the provider asks the API server for its schema when it is configured, and keeps why it could not.
const reachDoc = "github.com/pulumi/pulumi-kubernetes/blob/v4.23.0/provider/pkg/provider/provider.go"

// reach is asked of every object, when it is made, changed or deleted: the provider does nothing in a cluster that it does not reach.
var reach = provider.Rule{Code: "unreachable", Source: reachDoc, Fails: unreachable, Plain: true}

// readable is asked of every object that a refresh or an import reads. The provider keeps why it does not reach the cluster for a
// warning, and fails with these words: kubeProvider.Read, in the same file.
var readable = provider.Rule{Code: "unreachable", Source: reachDoc, Plain: true, Fails: func(r *provider.Request) string {
	if unreachable(r)+unauthorized(r) == "" {
		return ""
	}
	return "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from " +
		"Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to \"true\""
}}

// unreachable says that no way leads from this machine to the API. A public endpoint is reached. So is a private one in a VPC that
// others keep, as they have a way to it, and in one that the stack makes where somebody makes a route. All else goes by the proxy
// that the kubeconfig names, and on by a session of Systems Manager, which the rehearsal takes to be there wherever it can be.
func unreachable(r *provider.Request) string {
	server, proxy := endpoint(r.Config)
	cluster := clusterAt(r, server)
	if cluster == nil {
		return "" // a cluster outside the stack
	}
	problem := ""
	switch {
	case proxy != "":
		if problem = aws.SessionProblem(r, cluster); problem != "" {
			problem = "Gateway Timeout: " + problem
		}
	case property.Get(cluster.Inputs, "vpcConfig", "endpointPublicAccess") == false && !r.Inside && aws.ClusterVPC(r, cluster) != "":
		problem = "dial tcp: i/o timeout"
	}
	if problem == "" {
		return ""
	}
	return fmt.Sprintf("configured Kubernetes cluster is unreachable: unable to load schema information from the API server: "+
		"Get \"%s/openapi/v2?timeout=32s\": %s", cluster.Outputs["endpoint"], problem)
}

// endpoint reads the current cluster of a kubeconfig, which the settings hold as a text, or decoded where it is JSON. Without a
// kubeconfig the provider takes this machine's own.
func endpoint(config provider.Config) (server, proxy string) {
	var kubeconfig struct {
		Current  string `yaml:"current-context"`
		Contexts []struct {
			Name    string
			Context struct{ Cluster string }
		}
		Clusters []struct {
			Name    string
			Cluster struct {
				Server string
				Proxy  string `yaml:"proxy-url"`
			}
		}
	}
	text := []byte(config.String("kubeconfig", ""))
	if decoded, ok := config["kubeconfig"].(map[string]any); ok {
		text, _ = yaml.Marshal(decoded) // it was JSON
	}
	if yaml.Unmarshal(text, &kubeconfig) != nil {
		return "", "" // a path
	}
	for _, context := range kubeconfig.Contexts {
		for _, c := range kubeconfig.Clusters {
			if context.Name == kubeconfig.Current && c.Name == context.Context.Cluster {
				return c.Cluster.Server, c.Cluster.Proxy
			}
		}
	}
	return "", ""
}

// clusterAt is the cluster of the stack at an endpoint. This machine's own kubeconfig is of the only one.
func clusterAt(r *provider.Request, server string) *provider.Resource {
	all := r.Store.All(catalog.EKSCluster)
	if server == "" && len(all) == 1 {
		return all[0]
	}
	for _, c := range all {
		if c.Outputs["endpoint"] == server {
			return c
		}
	}
	return nil
}
