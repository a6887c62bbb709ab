package preflight

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"go.mongodb.org/atlas-sdk/v20241113004/admin"

	"github.com/bpa-on-aws/platform/infra/naming"
)

// pinnedAtlas is the release of pulumi-mongodbatlas that atlasReads was read for.
const pinnedAtlas = "v3.38.0"

// atlasReads are the questions with which the pinned provider reads a cluster on every `up` and refresh, by version of Atlas's
// API. Source: terraform-provider-mongodbatlas v1.41.0, internal/service/advancedcluster/resource_advanced_cluster.go,
// resourceRead, and go.mongodb.org/atlas-sdk of its go.mod.
var atlasReads = []struct{ version, path string }{
	{"2023-02-01", "/api/atlas/v2/groups/%s/clusters/%s"},
	{"2023-01-01", "/api/atlas/v2/groups/%s/clusters/%s/processArgs"},
}

// atlasVersions asks whether Atlas still serves the versions of its API that the provider reads clusters by. On 2026-03-02 it
// answered 410 VERSION_GONE to the second one (terraform-provider-mongodbatlas#4251). Any project will do, and one without the
// cluster: it is not found, in a version that is served.
func (f *flight) atlasVersions(ctx context.Context, client *admin.APIClient, project string) (Finding, error) {
	const name = "atlas api"
	if project == "" {
		page, _, err := client.ProjectsApi.ListProjects(ctx).ItemsPerPage(1).Execute()
		if err != nil && refused(err) == "" {
			return Finding{}, err
		}
		if len(page.GetResults()) == 0 {
			return warn(name, "none: run preflight again when there is a project",
				"not checked: Atlas answers only for a project, and the key sees none"), nil
		}
		project = page.GetResults()[0].GetId()
	}
	cluster := naming.New(f.Config.Name, f.Config.AWS.AccountID, f.Config.AWS.Region).AtlasCluster()
	var served []string
	for _, read := range atlasReads {
		path := fmt.Sprintf(read.path, url.PathEscape(project), url.PathEscape(cluster))
		gone, err := versionGone(ctx, client, path, read.version)
		if err != nil {
			return Finding{}, err
		}
		if gone != "" {
			return fail(name, "do not deploy: docs/decisions/0021 has the way to a provider that reads newer versions",
				"Atlas serves version %s no longer, by which provider %s reads every cluster: %s", read.version, pinnedAtlas, gone), nil
		}
		served = append(served, read.version)
	}
	return pass(name, "versions %s are served, by which the provider reads clusters", strings.Join(served, " and ")), nil
}

// versionGone returns Atlas's words where it serves a version no longer.
func versionGone(ctx context.Context, client *admin.APIClient, path, version string) (string, error) {
	c := client.GetConfig()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Servers[0].URL, "/")+path, http.NoBody)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept", "application/vnd.atlas."+version+"+json")
	request.Header.Set("User-Agent", c.UserAgent)
	response, err := c.HTTPClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	// A version that is not served is gone, or cannot be answered in the media type that was asked for.
	if response.StatusCode != http.StatusGone && response.StatusCode != http.StatusNotAcceptable {
		return "", nil
	}
	var answer struct{ Detail, ErrorCode string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return response.Status, nil
	}
	return oneLine(strings.TrimSpace(answer.ErrorCode + " " + answer.Detail)), nil
}
