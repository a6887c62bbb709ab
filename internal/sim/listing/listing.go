// Package listing prints what the simulated clouds hold as the commands of docs/recovery.md do on real ones: those of the AWS
// CLI, the Atlas CLI and kubectl, each in its own format.
package listing

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

type object = map[string]any

// Print prints every listing, one document behind the other.
func Print(resources []*provider.Resource) ([]byte, error) {
	c := &clouds{resources: resources, place: placeOf(resources)}
	documents := []any{object{"ResourceTagMappingList": c.tagged(), "PaginationToken": ""}}
	for _, d := range described {
		entries := []any{}
		for _, typ := range d.types {
			for _, r := range c.all(typ) {
				entries = append(entries, d.entries(c, r)...)
			}
		}
		documents = append(documents, object{catalog.Of(d.types[0]).Identity.Listing.List: entries})
	}
	documents = append(documents, c.single()...)
	documents = append(documents, c.atlas()...)
	documents = append(documents, c.kubectl())
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "    ")
	for _, d := range documents {
		if err := encoder.Encode(d); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// clouds is what exists, and where: partition, region and account by their names in an ARN's form.
type clouds struct {
	resources []*provider.Resource
	place     object
}

// placeOf reads the place out of an ARN that holds all of it.
func placeOf(resources []*provider.Resource) object {
	for _, r := range resources {
		if parts := strings.SplitN(property.Text(r.Outputs, "arn"), ":", 6); len(parts) == 6 && parts[3] != "" && parts[4] != "" {
			return object{"partition": parts[1], "region": parts[3], "account": parts[4]}
		}
	}
	return object{}
}

func (c *clouds) all(typ string) (all []*provider.Resource) {
	for _, r := range c.resources {
		if r.Type == typ {
			all = append(all, r)
		}
	}
	return all
}

// untagged are types with tags that the Resource Groups Tagging API does not list.
var untagged = []string{
	catalog.IAMRole, catalog.AutoScalingGroup, catalog.VPCSecurityGroupIngressRule, catalog.VPCSecurityGroupEgressRule,
}

// tagged are the ARNs and tags of `aws resourcegroupstaggingapi get-resources`.
func (c *clouds) tagged() []any {
	list := []any{}
	for _, r := range c.resources {
		if r.Outputs["tagsAll"] == nil || slices.Contains(untagged, r.Type) {
			continue
		}
		arn := property.Text(r.Outputs, "arn")
		if arn == "" {
			parts := maps.Clone(c.place)
			maps.Copy(parts, r.Inputs)
			parts["id"] = r.ID
			arn, _ = catalog.Of(r.Type).Identity.ARN.Of(parts)
		}
		if arn != "" {
			list = append(list, object{"ResourceARN": arn, "Tags": tags(r)})
		}
	}
	return list
}

func tags(r *provider.Resource) []any {
	list, all := []any{}, property.Object(r.Outputs, "tagsAll")
	for _, key := range slices.Sorted(maps.Keys(all)) {
		list = append(list, object{"Key": key, "Value": all[key]})
	}
	return list
}

// single are the documents of commands that tell of one resource each.
func (c *clouds) single() (documents []any) {
	for _, r := range c.all(catalog.KMSKey) {
		documents = append(documents, object{"KeyMetadata": object{
			"AWSAccountId": c.place["account"], "KeyId": r.ID, "Arn": r.Outputs["arn"], "Description": r.Inputs["description"],
			"Enabled": true, "KeyState": "Enabled", "KeyManager": "CUSTOMER", "KeyUsage": "ENCRYPT_DECRYPT",
		}})
	}
	for _, r := range c.all(catalog.SecretsManagerSecretVersion) {
		arn, version, _ := strings.Cut(r.ID, "|")
		documents = append(documents, object{
			"ARN": arn, "Versions": []any{object{"VersionId": version, "VersionStages": []any{"AWSCURRENT"}}},
		})
	}
	return documents
}

// atlas are `atlas projects list` and, of each project, `atlas privateEndpoints aws list`, `atlas clusters list` and `atlas alerts
// settings list`.
func (c *clouds) atlas() (documents []any) {
	projects := []any{}
	for _, r := range c.all(catalog.AtlasProject) {
		projects = append(projects, object{
			"id": r.ID, "name": r.Inputs["name"], "orgId": r.Inputs["orgId"], "clusterCount": 1, "created": r.Outputs["created"],
		})
		links := []any{}
		for _, link := range c.all(catalog.AtlasPrivateLinkEndpoint) {
			if link.Inputs["projectId"] == r.ID {
				links = append(links, object{
					"cloudProvider": link.Inputs["providerName"], "id": link.Outputs["privateLinkId"],
					"endpointServiceName": link.Outputs["endpointServiceName"], "regionName": link.Inputs["region"], "status": "AVAILABLE",
					"interfaceEndpoints": c.interfaceEndpoints(link.Outputs["privateLinkId"]),
				})
			}
		}
		clusters := []any{}
		for _, cluster := range c.all(catalog.AtlasAdvancedCluster) {
			if cluster.Inputs["projectId"] == r.ID {
				clusters = append(clusters, object{
					"id": cluster.Outputs["clusterId"], "name": cluster.Inputs["name"], "groupId": r.ID,
					"clusterType": cluster.Inputs["clusterType"], "stateName": cluster.Outputs["stateName"],
				})
			}
		}
		alerts := c.alerts(r.ID)
		documents = append(documents, links, object{"results": clusters, "totalCount": len(clusters)},
			object{"results": alerts, "totalCount": len(alerts)})
	}
	return append(documents, object{"results": projects, "totalCount": len(projects)})
}

// alerts are those of a project, and one of those that Atlas makes with it.
func (c *clouds) alerts(project string) []any {
	list := []any{object{
		"id": "0123456789abcdef00000001", "groupId": project, "enabled": true, "eventTypeName": "NO_PRIMARY", "notifications": []any{object{
			"typeName": "GROUP", "roles": []any{"GROUP_OWNER"}, "delayMin": 0, "intervalMin": 60, "emailEnabled": true, "smsEnabled": false,
		}},
	}}
	for _, r := range c.all(catalog.AtlasAlertConfiguration) {
		if r.Inputs["projectId"] == project {
			list = append(list, object{
				"id": r.Outputs["alertConfigurationId"], "groupId": project, "enabled": r.Inputs["enabled"],
				"eventTypeName": r.Inputs["eventType"], "metricThreshold": r.Inputs["metricThresholdConfig"],
				"notifications": r.Inputs["notifications"],
			})
		}
	}
	return list
}

// interfaceEndpoints are the endpoints of AWS that a private link is joined with.
func (c *clouds) interfaceEndpoints(link any) []any {
	ids := []any{}
	for _, service := range c.all(catalog.AtlasPrivateLinkEndpointService) {
		if service.Inputs["privateLinkId"] == link {
			ids = append(ids, service.Inputs["endpointServiceId"])
		}
	}
	return ids
}

// kubectl are secrets, configmaps and jobs without what they hold.
func (c *clouds) kubectl() any {
	items := []any{}
	for _, typ := range []string{catalog.KubernetesSecret, catalog.KubernetesConfigMap, catalog.KubernetesJob} {
		for _, r := range c.all(typ) {
			items = append(items, object{
				"apiVersion": r.Outputs["apiVersion"], "kind": r.Outputs["kind"], "metadata": r.Inputs["metadata"],
			})
		}
	}
	return object{"items": items}
}
