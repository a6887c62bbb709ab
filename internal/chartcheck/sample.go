package chartcheck

import (
	"fmt"
	"maps"
	"strings"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/infra/reference"
)

// sample are values for all references of a stack: those that its configuration tells are as they will be, the others only look so.
func sample(c *config.Config, listed imagelist.List) map[string]any {
	host := account.Of(c.AWS.AccountID, c.AWS.Region).RegistryHost()
	all := map[string]any{
		"atlas.host": "sample-pl-0.abcde.mongodb.net", "atlas.url": "mongodb+srv://sample-pl-0.abcde.mongodb.net",
		"atlas.secret": "bpa-mongodb", "atlas.user": "bpa", "aws.accountId": c.AWS.AccountID, "aws.region": c.AWS.Region,
		"bpa.namespace": c.Application.Namespace, "bpa.release": c.Application.Release, "cluster.name": c.Name,
		"database.host": c.Name + ".sample." + c.AWS.Region + ".rds.amazonaws.com", "database.port": 5432,
		"ingress.certificateSecret": "bpa-certificate-ingress", "ingress.hostname": c.Ingress.Hostname,
		"ingress.httpsNodePort": c.Ingress.HTTPSNodePort, "ingress.portalNodePort": c.Ingress.PortalNodePort,
		"registry.host": host, "registry.url": host + "/" + c.Registry.PathPrefix,
	}
	for _, repository := range listed.Repositories() {
		if tags := listed.Tags(repository); len(tags) > 0 {
			all["tag."+repository], all["image."+repository] = tags[0], fmt.Sprintf("%s/%s:%s", all["registry.url"], repository, tags[0])
		}
	}
	for _, r := range config.References() {
		if _, known := all[r.Name]; !known && !r.Image {
			all[r.Name] = "sample-" + strings.ReplaceAll(r.Name, ".", "-")
		}
	}
	return all
}

// another is a value like a sample that is not the same.
func another(value any) any {
	if number, ok := value.(int); ok {
		return number + 1
	}
	return fmt.Sprint("x", value)
}

// expand puts values in the place of the references in a value, as the program does.
func expand(value any, with map[string]any) any {
	switch v := value.(type) {
	case string:
		parts, err := reference.Parse(v)
		if err != nil {
			return v // the configuration is refused
		}
		if len(parts) == 1 && parts[0].Name != "" {
			return with[parts[0].Name]
		}
		var b strings.Builder
		for _, part := range parts {
			if b.WriteString(part.Text); part.Name != "" {
				fmt.Fprint(&b, with[part.Name])
			}
		}
		return b.String()
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = expand(item, with)
		}
		return list
	case map[string]any:
		object := maps.Clone(v)
		for key, item := range v {
			if object[key] = expand(item, with); item == nil {
				delete(object, key) // the copy of the chart has no such default
			}
		}
		return object
	}
	return value
}

// named are the references in a value.
func named(value any) []string {
	var list []string
	reference.Visit("", value, func(_, text string) {
		parts, _ := reference.Parse(text)
		for _, part := range parts {
			if part.Name != "" {
				list = append(list, part.Name)
			}
		}
	})
	return list
}
