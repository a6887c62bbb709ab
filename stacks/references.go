package stacks

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// references are what texts of application.environment and application.values may name, beside what the release's own
// component makes: package config describes them.
func (p *platform) references() map[string]pulumi.Input {
	all := map[string]pulumi.Input{
		"atlas.host": p.atlas.ConnectionString.ApplyT(func(url string) string {
			return strings.TrimPrefix(url, "mongodb+srv://")
		}).(pulumi.StringOutput),
		"aws.accountId": pulumi.String(p.config.AWS.AccountID), "aws.region": pulumi.String(p.config.AWS.Region),
		"cluster.name":  pulumi.String(p.cluster.Name),
		"database.host": p.database.Endpoint, "database.port": pulumi.Int(p.database.Port),
		"database.roots":         pulumi.String(p.database.Roots),
		"ingress.hostname":       pulumi.String(p.config.Ingress.Hostname),
		"ingress.httpsNodePort":  pulumi.Int(p.config.Ingress.HTTPSNodePort),
		"ingress.portalNodePort": pulumi.Int(p.config.Ingress.PortalNodePort),
		"registry.host":          pulumi.String(p.registry.URL),
		"registry.url":           pulumi.String(p.registry.URL + "/" + p.config.Registry.PathPrefix),
	}
	for name, text := range p.images.References(p.registry.URL + "/" + p.config.Registry.PathPrefix) {
		all[name] = pulumi.String(text)
	}
	for _, login := range p.database.Logins {
		all["database."+login.Role+".name"] = pulumi.String(login.Database)
		all["database."+login.Role+".user"] = pulumi.String(login.User)
		all["database."+login.Role+".password"] = login.Password
	}
	return all
}
