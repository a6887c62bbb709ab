package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/access"
	"github.com/bpa-on-aws/platform/infra/config"
)

// updateKubeconfig is the command that lets kubectl into the cluster, with the role that the stack is deployed with. It names the
// cluster by its ARN.
func (p *platform) updateKubeconfig() string {
	command := fmt.Sprintf("aws eks update-kubeconfig --name %s --region %s", p.cluster.Name, p.account.Region)
	if role := p.config.AWS.RoleARN; role != "" {
		command += " --role-arn " + role
	}
	if p.config.Cluster.Access == config.BastionAccess {
		command += fmt.Sprintf(" && kubectl config set-cluster %s --proxy-url %s", p.account.ARN("eks", "cluster/"+p.cluster.Name),
			access.ProxyURL)
	}
	return command
}

// export publishes what an engineer needs next. Whatever carries a credential is secret.
func (p *platform) export(ctx *pulumi.Context) error {
	repositories := pulumi.StringMap{}
	for image, url := range p.registry.RepositoryURLs {
		repositories[image] = url
	}
	outputs := map[string]pulumi.Input{
		"accountId":           pulumi.String(p.account.ID),
		"region":              pulumi.String(p.account.Region),
		"vpcId":               p.network.VpcID,
		"clusterName":         pulumi.String(p.cluster.Name),
		"clusterEndpoint":     p.cluster.Endpoint,
		"kubeconfig":          pulumi.ToSecret(p.cluster.Kubeconfig),
		"loadBalancerDnsName": p.ingress.DNSName,
		"portalUrl":           pulumi.String("https://" + p.config.Ingress.Hostname),
		"certificateArn":      p.ingress.CertificateARN,
		"databaseEndpoint":    p.database.Endpoint,
		"atlasClusterName":    p.atlas.ClusterName,
		"atlasEndpointId":     p.atlas.EndpointID,
		"atlasConnection":     p.atlas.ConnectionString,
		"repositoryUrls":      repositories,
		"packageBucket":       p.packages.BucketName,
		"release":             p.bpa.Status,
		"updateKubeconfig":    pulumi.String(p.updateKubeconfig()),
	}
	if p.bastion != nil {
		outputs["bastionSession"] = p.bastion.SessionCommand
	}
	if p.observability != nil {
		outputs["alarmTopicArn"], outputs["dashboardUrl"] = p.observability.TopicARN, p.observability.DashboardURL
	}
	for name, value := range outputs {
		ctx.Export(name, value)
	}
	return nil
}
