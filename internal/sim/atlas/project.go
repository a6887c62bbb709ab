package atlas

import (
	"fmt"
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// projects are projects and the users of their databases.
var projects = provider.Code{
	catalog.AtlasProject: {
		Values: []provider.Value{{Property: "name", Source: apiDoc, Pattern: regexp.MustCompile(`^[\p{L}\p{N}_.(),:&@+'-]{1,64}$`),
			Text: "must have 1-64 letters, digits and - _ . ( ) , : & @ + '"}},
		Rules: []provider.Rule{{Code: "GROUP_ALREADY_EXISTS", Source: apiDoc, OnCreate: true, Fails: projectTaken}},
	},
	catalog.AtlasDatabaseUser: {
		Values: []provider.Value{
			{Property: "authDatabaseName", OneOf: []string{"admin", "$external"}, Source: apiDoc},
			{Property: "password", Min: 8, Max: 256, Source: apiDoc},
			{Property: "scopes.[].type", OneOf: []string{"CLUSTER", "DATA_LAKE", "STREAM"}, Source: apiDoc},
		},
	},
}

func projectTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool {
		return o.Inputs["name"] == r.Inputs["name"] && o.Inputs["orgId"] == r.Inputs["orgId"]
	}
	if r.Store.Find(catalog.AtlasProject, same) != nil {
		return fmt.Sprintf("A group with name %q already exists.", r.Str("name"))
	}
	return ""
}
