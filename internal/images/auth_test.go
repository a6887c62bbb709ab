package images_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/images"
)

const (
	ecr  = "111122223333.dkr.ecr.us-west-2.amazonaws.com"
	role = "arn:aws:iam::111122223333:role/deployer"
	// eve calls, and her key becomes the role's.
	eve, eveKey, roleKey = "arn:aws:iam::111122223333:user/eve", "AKIAEVE", "ASIAROLE"
)

// account answers for STS and ECR, and writes down who asked for what, as KEY OPERATION.
type account struct {
	calls []string
	// refuses is the operation that nobody may do.
	refuses string
}

var keyOf = regexp.MustCompile(`Credential=(\w+)/`)

// ServeHTTP answers as the protocols of the services have it: query for STS, JSON for ECR.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	operation := form.Get("Action")
	if operation == "" {
		_, operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	}
	key := ""
	if match := keyOf.FindStringSubmatch(r.Header.Get("Authorization")); match != nil {
		key = match[1]
	}
	a.calls = append(a.calls, key+" "+operation)
	switch operation {
	case a.refuses:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to %s</Message></Error></ErrorResponse>",
			operation)
	case "AssumeRole":
		fmt.Fprintf(w, "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId>"+
			"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"+
			"</Credentials></AssumeRoleResult></AssumeRoleResponse>", roleKey)
	case "GetCallerIdentity":
		arn := map[string]string{eveKey: eve, roleKey: "arn:aws:sts::111122223333:assumed-role/deployer/bpactl-images"}[key]
		fmt.Fprintf(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn></GetCallerIdentityResult>"+
			"</GetCallerIdentityResponse>", arn)
	case "GetAuthorizationToken":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprintf(w, `{"authorizationData":[{"authorizationToken":%q}]}`, base64.StdEncoding.EncodeToString([]byte("AWS:secret of "+key)))
	}
}

// asEve lets eve call an account, without credentials in docker's configuration. The folder is docker's.
func asEve(t *testing.T, a *account) (docker string) {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	docker = t.TempDir()
	for variable, value := range map[string]string{
		"HOME": docker, "DOCKER_CONFIG": docker, "XDG_RUNTIME_DIR": docker, "REGISTRY_AUTH_FILE": "",
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": eveKey, "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": filepath.Join(docker, "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(docker, "none"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(variable, value)
	}
	return docker
}

func registryNamed(t *testing.T, host string) name.Registry {
	t.Helper()
	r, err := name.NewRegistry(host)
	require.NoError(t, err)
	return r
}

// password is what a keychain has for a registry, and who that is.
func password(t *testing.T, k *images.Keychain, host string) (password, identity string) {
	t.Helper()
	auth, err := k.Resolve(registryNamed(t, host))
	require.NoError(t, err)
	got, err := auth.Authorization()
	require.NoError(t, err)
	identity, err = k.Identity(t.Context(), registryNamed(t, host))
	require.NoError(t, err)
	return got.Password, identity
}

func TestR14TheStacksRoleGetsTheTokenOfItsRegistryAndOfNoOther(t *testing.T) {
	a := &account{}
	asEve(t, a)
	k := images.NewKeychain(images.Caller{Registry: ecr, RoleARN: role})
	secret, who := password(t, k, ecr)
	assert.Equal(t, "secret of "+roleKey, secret)
	assert.Equal(t, "arn:aws:sts::111122223333:assumed-role/deployer/bpactl-images", who)
	assert.Equal(t, []string{
		eveKey + " AssumeRole", roleKey + " GetAuthorizationToken", roleKey + " GetCallerIdentity",
	}, a.calls, "once a registry")

	secret, who = password(t, k, "444455556666.dkr.ecr.us-west-2.amazonaws.com")
	assert.Equal(t, "secret of "+eveKey, secret)
	assert.Equal(t, eve, who)
}

func TestR14WithoutARoleTheCallerGetsTheToken(t *testing.T) {
	a := &account{}
	asEve(t, a)
	k := images.NewKeychain(images.Caller{Registry: ecr})
	secret, who := password(t, k, ecr)
	assert.Equal(t, "secret of "+eveKey, secret)
	assert.Equal(t, eve, who)
	other, err := k.Resolve(registryNamed(t, "containers.cisco.com"))
	require.NoError(t, err)
	assert.Equal(t, authn.Anonymous, other)
	assert.Equal(t, []string{eveKey + " GetAuthorizationToken", eveKey + " GetCallerIdentity"}, a.calls, "ECR alone is asked")
}

func TestR14PrefersDockersCredentials(t *testing.T) {
	a := &account{}
	config := `{"auths":{"` + ecr + `":{"auth":"QVdTOmRvY2tlcg=="}}}` // AWS:docker
	require.NoError(t, os.WriteFile(filepath.Join(asEve(t, a), "config.json"), []byte(config), 0o600))
	secret, who := password(t, images.NewKeychain(images.Caller{Registry: ecr, RoleARN: role}), ecr)
	assert.Equal(t, "docker", secret)
	assert.Equal(t, "the credentials of docker's configuration", who)
	assert.Empty(t, a.calls)
}

func TestR14SaysWhoMayNotAssumeWhichRole(t *testing.T) {
	asEve(t, &account{refuses: "AssumeRole"})
	_, err := images.NewKeychain(images.Caller{Registry: ecr, RoleARN: role}).Resolve(registryNamed(t, ecr))
	assert.ErrorContains(t, err, eve+" cannot assume "+role)
	assert.ErrorContains(t, err, "AccessDenied: not authorized to AssumeRole")
}

func TestR14SaysWhyThereIsNoToken(t *testing.T) {
	asEve(t, &account{})
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	_, err := images.NewKeychain(images.Caller{Registry: ecr}).Resolve(registryNamed(t, ecr))
	assert.ErrorContains(t, err, "aws ecr get-login-password --region us-west-2 | docker login --username AWS --password-stdin "+ecr)
	assert.ErrorContains(t, err, "credentials")
}

func TestR14TheTokenOfAnIdentityThatSTSDoesNotTellIsGood(t *testing.T) {
	asEve(t, &account{refuses: "GetCallerIdentity"})
	secret, who := password(t, images.NewKeychain(images.Caller{Registry: ecr}), ecr)
	assert.Equal(t, "secret of "+eveKey, secret)
	assert.Equal(t, "the caller's AWS credentials", who)
}

func TestR14AWSThatDoesNotAnswerIsNoRefusal(t *testing.T) {
	asEve(t, &account{})
	over := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(over) })
	t.Setenv("AWS_ENDPOINT_URL", silent.URL)
	_, err := images.NewKeychain(images.Caller{Silence: 200 * time.Millisecond}).Identity(t.Context(), registryNamed(t, ecr))
	require.ErrorContains(t, err, "a token of "+ecr+": AWS does not answer within 200ms")
	assert.NotContains(t, err.Error(), "docker login")
}
