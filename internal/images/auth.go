package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
)

// ecrHost matches the registry of an account, with its region.
var ecrHost = regexp.MustCompile(`^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$`)

// Keychain returns the credentials of the docker configuration, and for an ECR registry that it has none for, a token
// that the AWS CLI gets with the credentials of its environment. The token is asked for once a registry.
func Keychain() authn.Keychain {
	return authn.NewMultiKeychain(authn.DefaultKeychain, &ecrKeychain{tokens: map[string]func() (authn.Authenticator, error){}})
}

// ecrKeychain asks the AWS CLI, where it is on PATH.
type ecrKeychain struct {
	lock   sync.Mutex
	tokens map[string]func() (authn.Authenticator, error)
}

// Resolve implements authn.Keychain.
func (k *ecrKeychain) Resolve(target authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), target)
}

// ResolveContext implements authn.ContextKeychain.
func (k *ecrKeychain) ResolveContext(ctx context.Context, target authn.Resource) (authn.Authenticator, error) {
	host := target.RegistryStr()
	match := ecrHost.FindStringSubmatch(host)
	if match == nil {
		return authn.Anonymous, nil
	}
	k.lock.Lock()
	token, asked := k.tokens[host]
	if !asked {
		token = sync.OnceValues(func() (authn.Authenticator, error) { return askCLI(ctx, host, match[1]) })
		k.tokens[host] = token
	}
	k.lock.Unlock()
	return token()
}

// askCLI gets a token of an ECR registry. Without the CLI there is none, and no error.
func askCLI(ctx context.Context, host, region string) (authn.Authenticator, error) {
	cli, err := exec.LookPath("aws")
	if err != nil {
		return authn.Anonymous, nil //nolint:nilerr // the registry's answer says how to log in
	}
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, cli, "ecr", "get-login-password", "--region", region)
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		said := strings.Join(strings.Fields(complaint.String()), " ")
		return nil, &loginError{host: host, err: fmt.Errorf("aws ecr get-login-password: %w: %s", err, said)}
	}
	return &authn.Basic{Username: "AWS", Password: strings.TrimSpace(string(out))}, nil
}

// loginError is a refusal of a registry, or of the AWS CLI on its behalf.
type loginError struct {
	host string
	err  error
}

// Error names the registry, says how to log in, and ends with what the registry said.
func (e *loginError) Error() string {
	return fmt.Sprintf("%s refuses access; log in with `%s`, or with an account that may (%s)", e.host, login(e.host), e.err)
}

// Unwrap returns what the registry said.
func (e *loginError) Unwrap() error { return e.err }

// refusals are the registries that refused access. The same advice for every image would hide all else.
type refusals map[string]bool

// shorten leaves the advice out where it has been given.
func (r refusals) shorten(result *Result) {
	var refused *loginError
	if !errors.As(result.Err, &refused) {
		return
	}
	if r[refused.host] {
		result.Err = fmt.Errorf("%s: %s: %s refuses access, as above", result.Place, result.Source(), refused.host)
	}
	r[refused.host] = true
}

// login is the command that stores a registry's credentials.
func login(host string) string {
	if match := ecrHost.FindStringSubmatch(host); match != nil {
		return fmt.Sprintf("aws ecr get-login-password --region %s | docker login --username AWS --password-stdin %s", match[1], host)
	}
	return "docker login " + host
}

// isLogin reports whether a registry, or the CLI, refused access.
func isLogin(err error) bool {
	var refused *loginError
	return errors.As(err, &refused)
}
