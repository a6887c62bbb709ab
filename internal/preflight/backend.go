package preflight

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"go.yaml.in/yaml/v3"
)

// Schemes of backends and secrets providers that AWS keeps.
const (
	schemeS3  = "s3"
	schemeKMS = "awskms"
)

// location is a backend or secrets provider: a URL in parts. The zero value: none is configured.
type location struct{ scheme, host, path, region, text string }

func locate(text string) location {
	u, err := url.Parse(text)
	if text == "" || err != nil {
		return location{text: text}
	}
	return location{
		scheme: u.Scheme, host: u.Host, path: strings.Trim(u.Path, "/"), region: u.Query().Get("region"), text: text,
	}
}

// backend finds the state as Pulumi does: the environment, the project, the last login.
func (f *flight) backend() location {
	if u := f.Getenv("PULUMI_BACKEND_URL"); u != "" {
		return locate(u)
	}
	var project struct{ Backend struct{ URL string } }
	if b, err := os.ReadFile(f.Project); err == nil && yaml.Unmarshal(b, &project) == nil && project.Backend.URL != "" {
		return locate(project.Backend.URL)
	}
	credentials, err := workspace.GetStoredCredentials()
	if err != nil {
		return location{}
	}
	return locate(credentials.Current)
}

// state asks whether the backend can be read, and keeps old states.
func (f *flight) state(ctx context.Context) ([]Finding, error) {
	const name = "state"
	switch at := f.backend(); at.scheme {
	case "":
		return []Finding{
			fail(name, "pulumi login 's3://BUCKET?region="+f.Config.AWS.Region+"'", "Pulumi is not logged in to a backend"),
		}, nil
	case schemeS3:
		return f.stateBucket(ctx, at)
	case "https", "http":
		return f.pulumiCloud(ctx, at)
	case "file":
		return []Finding{warn(name, "keep it where a colleague and a CI job reach it: s3://…", "%s is on this machine alone", at.text)}, nil
	default:
		return []Finding{warn(name, "check it by hand", "not checked: preflight does not know %s", at.scheme)}, nil
	}
}

func (f *flight) stateBucket(ctx context.Context, at location) ([]Finding, error) {
	const name = "state"
	client := f.bucket(at.region)
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &at.host})
	if c := code(err); c == "NotFound" || c == "NoSuchBucket" {
		return []Finding{fail(name, "make the bucket, with versioning, before `pulumi login`", "there is no bucket %s", at.host)}, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &at.host})
	if err != nil {
		return nil, err
	}
	if out.Status != s3types.BucketVersioningStatusEnabled {
		return []Finding{warn(name, "aws s3api put-bucket-versioning --bucket "+at.host+" --versioning-configuration Status=Enabled",
			"%s keeps no old states: a lost one could not be restored", at.host)}, nil
	}
	return []Finding{pass(name, "bucket %s is readable and versioned", at.host)}, nil
}

// pulumiCloud asks the service who the token belongs to.
func (f *flight) pulumiCloud(ctx context.Context, at location) ([]Finding, error) {
	const name = "state"
	login := "pulumi login " + at.text
	token := f.Getenv("PULUMI_ACCESS_TOKEN")
	if token == "" {
		if credentials, err := workspace.GetStoredCredentials(); err == nil {
			token = credentials.AccessTokens[at.text]
		}
	}
	if token == "" {
		return []Finding{fail(name, login, "there is no token for %s", at.text)}, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(at.text, "/")+"/api/user", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "token "+token)
	request.Header.Set("Accept", "application/vnd.pulumi+8")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return []Finding{pass(name, "logged in to %s", at.text)}, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return []Finding{fail(name, login, "%s refuses the token", at.text)}, nil
	}
	return nil, fmt.Errorf("%s answers %s", at.text, answer.Status)
}

// stackSettings are what the engine keeps in a stack file beside the configuration.
type stackSettings struct {
	SecretsProvider string `yaml:"secretsprovider"`
	EncryptionSalt  string `yaml:"encryptionsalt"`
}

func (f *flight) secretsProvider() location {
	return locate(f.settings().SecretsProvider)
}

func (f *flight) settings() stackSettings {
	var s stackSettings
	if b, err := os.ReadFile(f.StackFile); err == nil && yaml.Unmarshal(b, &s) != nil {
		return stackSettings{}
	}
	return s
}

// secrets asks whether the stack's secrets can be encrypted.
func (f *flight) secrets(ctx context.Context) ([]Finding, error) {
	const name = "secrets"
	settings, at := f.settings(), f.secretsProvider()
	switch {
	case at.scheme == schemeKMS:
		return f.secretsKey(ctx, at)
	case settings.EncryptionSalt != "" || settings.SecretsProvider == "passphrase":
		if f.Getenv("PULUMI_CONFIG_PASSPHRASE") == "" && f.Getenv("PULUMI_CONFIG_PASSPHRASE_FILE") == "" {
			return []Finding{fail(name, "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE", "the passphrase is not set")}, nil
		}
		return []Finding{warn(name, "pulumi stack change-secrets-provider 'awskms://alias/KEY?region="+f.Config.AWS.Region+"'",
			"a passphrase, which everybody who deploys must know")}, nil
	case settings.SecretsProvider != "" && settings.SecretsProvider != "default":
		return []Finding{warn(name, "check it by hand", "not checked: preflight does not know %s", settings.SecretsProvider)}, nil
	case strings.HasPrefix(f.backend().scheme, "http"):
		return []Finding{pass(name, "Pulumi Cloud encrypts them")}, nil
	}
	return []Finding{warn(name, "pulumi stack init "+f.Stack+" --secrets-provider 'awskms://alias/KEY?region="+f.Config.AWS.Region+"'",
		"%s names no secrets provider yet", f.StackFile)}, nil
}

func (f *flight) secretsKey(ctx context.Context, at location) ([]Finding, error) {
	const name = "secrets"
	id := at.host // awskms://1234abcd-…
	if at.path != "" {
		id = strings.Trim(at.host+"/"+at.path, "/") // awskms://alias/… and awskms:///arn:aws:kms:…
	}
	out, err := f.key(at.region).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if code(err) == "NotFoundException" {
		return []Finding{fail(name, "make the key, or change the stack's secrets provider", "there is no key %s", id)}, nil
	}
	if err != nil {
		return nil, err
	}
	key := out.KeyMetadata
	if key.KeyState != kmstypes.KeyStateEnabled || key.KeyUsage != kmstypes.KeyUsageTypeEncryptDecrypt {
		return []Finding{fail(name, "enable it, or change the stack's secrets provider",
			"key %s is %s, for %s", id, key.KeyState, key.KeyUsage)}, nil
	}
	return []Finding{pass(name, "key %s is enabled", id)}, nil
}
