package preflight

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"go.mongodb.org/atlas-sdk/v20241113004/admin"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// creators are the roles of an API key that may make a project.
// Source: mongodb.com/docs/atlas/reference/user-roles.
var creators = []string{"ORG_OWNER", "ORG_GROUP_CREATOR"}

// owners are the roles in a project that may make clusters and private endpoints.
var owners = []string{"GROUP_OWNER"}

// atlas asks MongoDB Atlas for the key, the project, the versions of its API, the tier and the version.
func (f *flight) atlas(ctx context.Context) ([]Finding, error) {
	const name = "atlas key"
	c := f.Config.Atlas
	public, private := c.PublicKey, c.PrivateKey.Reveal()
	if public == "" {
		public = f.Getenv("MONGODB_ATLAS_PUBLIC_KEY")
	}
	if private == "" {
		private = f.Getenv("MONGODB_ATLAS_PRIVATE_KEY")
	}
	if c.PrivateKey.Set() && private == "" {
		return []Finding{warn(name, "set MONGODB_ATLAS_PRIVATE_KEY for preflight too",
			"not checked: bpa:atlas.privateKey is encrypted, and preflight does not decrypt")}, nil
	}
	if public == "" || private == "" {
		return []Finding{fail(name, "set MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY", "there is no API key")}, nil
	}
	use := []admin.ClientModifier{admin.UseDigestAuth(public, private)}
	if base := f.Getenv("MONGODB_ATLAS_BASE_URL"); base != "" { // as the provider reads it
		use = append(use, admin.UseBaseURL(strings.TrimSuffix(base, "/")))
	}
	client, err := admin.NewClient(use...)
	if err != nil {
		return nil, err
	}
	status, _, err := client.RootApi.GetSystemStatus(ctx).Execute()
	if answer := refused(err); answer != "" {
		return []Finding{fail(name, "check the key, and add this machine to its API access list", "Atlas refuses it: %s", answer)}, nil
	}
	if err != nil {
		return nil, err
	}
	found := []Finding{f.atlasRoles(status.ApiKey.GetRoles())}
	project, finding, err := f.atlasProject(ctx, client)
	if err != nil {
		return found, err
	}
	found = append(found, finding)
	if finding.Status == Fail {
		return found, nil
	}
	served, err := f.atlasVersions(ctx, client, project)
	if err != nil {
		return found, err
	}
	found = append(found, served)
	if project == "" {
		return append(found, f.atlasCalendar()), nil
	}
	offers, err := f.atlasOffers(ctx, client, project)
	return append(found, offers...), err
}

// atlasRoles judges what the key may do.
func (f *flight) atlasRoles(roles []admin.CloudAccessRoleAssignment) Finding {
	const name = "atlas key"
	c := f.Config.Atlas
	var here []string
	for _, r := range roles {
		if c.OrgID != "" && r.GetOrgId() == c.OrgID || c.ProjectID != "" && r.GetGroupId() == c.ProjectID {
			here = append(here, r.GetRoleName())
		}
	}
	may := func(role string) bool { return slices.Contains(here, role) }
	switch {
	case c.ProjectID == "" && !slices.ContainsFunc(creators, may):
		return fail(name, "give it the role Organization Project Creator",
			"it may not make a project in %s; its roles there: %s", c.OrgID, list(here))
	case c.ProjectID != "" && !slices.ContainsFunc(owners, may) && !may("ORG_OWNER"):
		return warn(name, "give it the role Project Owner", "no role of an owner in project %s; its roles: %s", c.ProjectID, list(here))
	}
	return pass(name, "its roles: %s", list(here))
}

// atlasProject returns the id of the project to use for questions, or "" where there is none yet.
func (f *flight) atlasProject(ctx context.Context, client *admin.APIClient) (string, Finding, error) {
	const name = "atlas project"
	if id := f.Config.Atlas.ProjectID; id != "" {
		project, _, err := client.ProjectsApi.GetProject(ctx, id).Execute()
		if answer := refused(err); answer != "" {
			return "", fail(name, "change bpa:atlas.projectId, or give the key access to it", "%s: %s", id, answer), nil
		}
		if err != nil {
			return "", Finding{}, err
		}
		return id, pass(name, "%s is %s", id, project.GetName()), nil
	}
	wanted := naming.New(f.Config.Name, f.Config.AWS.AccountID, f.Config.AWS.Region).AtlasProject()
	project, _, err := client.ProjectsApi.GetProjectByName(ctx, wanted).Execute()
	switch {
	case err == nil:
		return project.GetId(), warn(name, "harmless where this stack made it; else remove or rename it",
			"%s exists already, in organisation %s", wanted, project.GetOrgId()), nil
	case refused(err) == "":
		return "", Finding{}, err
	}
	return "", pass(name, "%s is free", wanted), nil
}

// atlasOffers asks for the tier in the region, and for the version on the tier.
func (f *flight) atlasOffers(ctx context.Context, client *admin.APIClient, project string) ([]Finding, error) {
	c := f.Config.Atlas
	region := strings.ToUpper(strings.ReplaceAll(f.Config.AWS.Region, "-", "_"))
	out, _, err := client.ClustersApi.ListCloudProviderRegions(ctx, project).Providers([]string{"AWS"}).Tier(c.InstanceSize).Execute()
	if err != nil {
		return nil, err
	}
	offered := false
	for _, provider := range out.GetResults() {
		for _, size := range provider.GetInstanceSizes() {
			for _, r := range size.GetAvailableRegions() {
				offered = offered || size.GetName() == c.InstanceSize && r.GetName() == region
			}
		}
	}
	tier := pass("atlas tier", "%s is offered in %s", c.InstanceSize, region)
	if !offered {
		tier = fail("atlas tier", "choose another bpa:atlas.instanceSize", "%s is not offered in %s", c.InstanceSize, region)
	}
	lts, _, err := client.ProjectsApi.GetProjectLtsVersions(ctx, project).CloudProvider("AWS").InstanceSize(c.InstanceSize).Execute()
	if err != nil {
		return []Finding{tier}, err
	}
	var known []string
	for _, v := range lts.GetResults() {
		known = append(known, v.GetVersion())
	}
	version := pass("atlas version", "%s is offered", c.Version)
	if !slices.Contains(known, c.Version) {
		version = fail("atlas version", "set bpa:atlas.version to one of these", "%s is not offered; %s are", c.Version, list(known))
	}
	return []Finding{tier, version}, nil
}

// atlasCalendar says what is known before there is a project to ask for.
func (f *flight) atlasCalendar() Finding {
	if err := versions.MongoDB.Check(f.Config.Atlas.Version, f.Date); err != nil {
		return fail("atlas version", "set bpa:atlas.version to "+versions.MongoDB.Nearest(f.Config.Atlas.Version, f.Date),
			"%s %s", f.Config.Atlas.Version, err)
	}
	return warn("atlas version", "none: Atlas answers only for a project, and `up` makes it",
		"by the calendar alone %s can be created; tier %s was not checked", f.Config.Atlas.Version, f.Config.Atlas.InstanceSize)
}

// refused returns Atlas's words where it says no: not known, not allowed, or not there.
func refused(err error) string {
	api, ok := admin.AsError(err)
	if !ok {
		return ""
	}
	if !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, api.GetError()) {
		return ""
	}
	if api.GetDetail() != "" {
		return oneLine(api.GetDetail())
	}
	return oneLine(errors.Unwrap(err).Error())
}
