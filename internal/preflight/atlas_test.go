package preflight_test

import (
	"crypto/md5" //nolint:gosec // digest authentication as Atlas's API has it is defined with MD5
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/preflight"
)

const orgID, projectID = "0123456789abcdef01234567", "aaaaaaaaaaaaaaaaaaaaaaaa"

// atlasAPI is MongoDB Atlas's Administration API as far as preflight asks it: digest authentication (RFC 7616 with MD5),
// versioned media types, and its error format. Source: mongodb.com/docs/atlas/reference/api-resources-spec/v2.
type atlasAPI struct {
	t             *testing.T
	public, token string
	// roles of the key, project that exists, and what it is offered.
	roles, project, tier, version string
	methods                       []string
	// gone is a version of the API that is served no longer, known another project than the stack's.
	gone, known string
}

// newAtlas serves an Atlas in which the key may make projects.
func newAtlas(t *testing.T, w *world) *atlasAPI {
	t.Helper()
	api := &atlasAPI{t: t, public: "abcdefgh", token: "11111111-2222-3333-4444-555555555555", roles: fmt.Sprintf(
		`{"orgId":%q,"roleName":"ORG_GROUP_CREATOR"}`, orgID), tier: "M10", version: "7.0"}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	w.environ["MONGODB_ATLAS_BASE_URL"] = server.URL + "/"
	w.environ["MONGODB_ATLAS_PUBLIC_KEY"], w.environ["MONGODB_ATLAS_PRIVATE_KEY"] = api.public, api.token
	return api
}

var digestPart = regexp.MustCompile(`(\w+)="?([^",]*)"?`)

func hash(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, ":"))) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// authorised checks the digest of a request.
func (a *atlasAPI) authorised(r *http.Request) bool {
	d := map[string]string{}
	for _, m := range digestPart.FindAllStringSubmatch(strings.TrimPrefix(r.Header.Get("Authorization"), "Digest "), -1) {
		d[m[1]] = m[2]
	}
	secret := hash(a.public, "MMS Public API", a.token)
	request := hash(r.Method, d["uri"])
	return d["username"] == a.public && d["uri"] == r.URL.RequestURI() &&
		d["response"] == hash(secret, d["nonce"], d["nc"], d["cnonce"], d["qop"], request)
}

func (a *atlasAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.methods = append(a.methods, r.Method)
	if !a.authorised(r) {
		w.Header().
			Set("WWW-Authenticate", `Digest realm="MMS Public API", domain="", nonce="n0nce", algorithm=MD5, qop="auth", stale=false`)
		a.answer(w, r, http.StatusUnauthorized, problem(http.StatusUnauthorized, "You are not authorized for this resource."))
		return
	}
	if a.gone != "" && strings.Contains(r.URL.Path, "/clusters/bpa-") && strings.Contains(r.Header.Get("Accept"), a.gone) {
		a.answer(w, r, http.StatusGone, `{"detail":"The version is gone.","error":410,"errorCode":"VERSION_GONE","reason":"Gone"}`)
		return
	}
	switch path := r.URL.Path; {
	case path == "/api/atlas/v2/groups":
		results := ""
		if a.known != "" {
			results = fmt.Sprintf(`{"id":%q,"name":"other","orgId":%q,"clusterCount":0,"created":"2026-01-01T00:00:00Z"}`, a.known, orgID)
		}
		a.answer(w, r, http.StatusOK, `{"results":[`+results+`],"totalCount":0}`)
	case path == "/api/atlas/v2":
		a.answer(w, r, http.StatusOK, fmt.Sprintf(`{"appName":"MongoDB Atlas","build":"0","throttling":false,"apiKey":`+
			`{"id":"bbbbbbbbbbbbbbbbbbbbbbbb","publicKey":%q,"roles":[%s]}}`, a.public, a.roles))
	case path == "/api/atlas/v2/groups/"+a.project, strings.HasPrefix(path, "/api/atlas/v2/groups/byName/") && a.project != "":
		a.answer(w, r, http.StatusOK, fmt.Sprintf(`{"id":%q,"name":"bpa","orgId":%q,"clusterCount":0,"created":"2026-01-01T00:00:00Z"}`,
			a.project, orgID))
	case strings.HasPrefix(path, "/api/atlas/v2/groups/byName/"):
		a.answer(
			w,
			r,
			http.StatusNotFound,
			problem(http.StatusNotFound, "The current user is not in the group, or the group does not exist."),
		)
	case path == "/api/atlas/v2/groups/"+a.project+"/clusters/provider/regions":
		a.answer(w, r, http.StatusOK, fmt.Sprintf(`{"results":[{"provider":"AWS","instanceSizes":[{"name":%q,"availableRegions":`+
			`[{"default":false,"name":"US_WEST_2"}]}]}],"totalCount":1}`, a.tier))
	case path == "/api/atlas/v2/groups/"+a.project+"/mongoDBVersions":
		a.answer(w, r, http.StatusOK, fmt.Sprintf(`{"results":[{"cloudProvider":"AWS","defaultStatus":"DEFAULT","instanceSize":%q,`+
			`"version":%q}],"totalCount":1}`, r.URL.Query().Get("instanceSize"), a.version))
	default:
		a.answer(w, r, http.StatusNotFound, problem(http.StatusNotFound, "Cannot find resource "+path+"."))
	}
}

// problem is an error as Atlas writes it.
func problem(status int, detail string) string {
	return fmt.Sprintf(`{"detail":%q,"error":%d,"errorCode":"NO","reason":%q}`, detail, status, http.StatusText(status))
}

// answer replies in the media type that was asked for, which must name a version of the API.
func (a *atlasAPI) answer(w http.ResponseWriter, r *http.Request, status int, text string) {
	kind := r.Header.Get("Accept")
	assert.Regexp(a.t, `^application/vnd\.atlas\.\d{4}-\d{2}-\d{2}\+json$`, kind)
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func TestD01AtlasIsAskedForKeyProjectTierAndVersion(t *testing.T) {
	with := func(change func(*world, *atlasAPI)) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { change(w, newAtlas(t, w)) }
	}
	existing := func(change func(*world, *atlasAPI)) func(*testing.T, *world) {
		return with(func(w *world, a *atlasAPI) {
			w.config.Atlas.ProjectID, a.project = projectID, projectID
			a.roles = fmt.Sprintf(`{"groupId":%q,"roleName":"GROUP_OWNER"}`, projectID)
			change(w, a)
		})
	}
	nothing := func(*world, *atlasAPI) {}
	try(t, []example{
		{"may make projects", "atlas key", with(nothing), passes, "ORG_GROUP_CREATOR"},
		{"may not", "atlas key", with(func(_ *world, a *atlasAPI) { a.roles = fmt.Sprintf(`{"orgId":%q,"roleName":"ORG_MEMBER"}`, orgID) }),
			fails, "may not make a project in " + orgID + "; its roles there: ORG_MEMBER"},
		{"of another organisation", "atlas key", with(func(w *world, _ *atlasAPI) { w.config.Atlas.OrgID = projectID }), fails,
			"its roles there: none"},
		{"unknown", "atlas key", with(func(w *world, _ *atlasAPI) { w.environ["MONGODB_ATLAS_PRIVATE_KEY"] = "wrong" }), fails,
			"Atlas refuses it: You are not authorized for this resource."},
		{"none", "atlas key", nil, fails, "there is no API key"},
		{"encrypted", "atlas key", func(_ *testing.T, w *world) { w.config.Atlas.PrivateKey = config.SealedSecret() }, warns,
			"bpa:atlas.privateKey is encrypted"},
		{"no owner of the project", "atlas key", existing(func(_ *world, a *atlasAPI) {
			a.roles = fmt.Sprintf(`{"groupId":%q,"roleName":"GROUP_READ_ONLY"}`, projectID)
		}), warns, "no role of an owner in project"},
		{"free", "atlas project", with(nothing), passes, "bpa-dev-111122223333-us-west-2 is free"},
		{"taken", "atlas project", with(func(_ *world, a *atlasAPI) { a.project = projectID }), warns, "exists already"},
		{"existing", "atlas project", existing(nothing), passes, projectID + " is bpa"},
		{"no such", "atlas project", existing(func(w *world, _ *atlasAPI) { w.config.Atlas.ProjectID = orgID }), fails,
			"Cannot find resource"},
		{"served", "atlas api", existing(nothing), passes, "versions 2023-02-01 and 2023-01-01 are served"},
		{"gone", "atlas api", existing(func(_ *world, a *atlasAPI) { a.gone = "2023-01-01" }), fails,
			"Atlas serves version 2023-01-01 no longer, by which provider v3.38.0 reads every cluster: VERSION_GONE"},
		{"another of them gone", "atlas api", existing(func(_ *world, a *atlasAPI) { a.gone = "2023-02-01" }), fails, "2023-02-01"},
		{"without a project", "atlas api", with(nothing), warns, "the key sees none"},
		{"by another project", "atlas api", with(func(_ *world, a *atlasAPI) { a.known, a.gone = projectID, "2023-01-01" }), fails,
			"2023-01-01"},
		{"offered", "atlas tier", existing(nothing), passes, "M10 is offered in US_WEST_2"},
		{"not offered", "atlas tier", existing(func(_ *world, a *atlasAPI) { a.tier = "M400" }), fails, "M10 is not offered in US_WEST_2"},
		{"offered", "atlas version", existing(nothing), passes, "7.0 is offered"},
		{"not offered", "atlas version", existing(func(_ *world, a *atlasAPI) { a.version = "8.0" }), fails, "7.0 is not offered; 8.0 are"},
		{"before there is a project", "atlas version", with(nothing), warns, "by the calendar alone 7.0 can be created; tier M10 was not"},
		{"ended", "atlas version", with(func(w *world, _ *atlasAPI) { w.config.Atlas.Version = "6.0" }), fails,
			"6.0 cannot be created since 2025-07-31"},
	})
}

func TestD01AtlasIsOnlyRead(t *testing.T) {
	w := newWorld(t)
	api := newAtlas(t, w)
	w.config.Atlas.ProjectID, api.project = projectID, projectID
	w.run()
	assert.NotEmpty(t, api.methods)
	for _, m := range api.methods {
		assert.Equal(t, http.MethodGet, m)
	}
}

// Another release of the provider reads clusters by other versions of Atlas's API.
func TestD01TheVersionsOfAtlasAreThoseOfThePinnedProvider(t *testing.T) {
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(module), "github.com/pulumi/pulumi-mongodbatlas/sdk/v3 "+preflight.PinnedAtlas+"\n",
		"read its resourceRead, then change atlasReads and pinnedAtlas together")
}
