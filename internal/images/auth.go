package images

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/bpa-on-aws/platform/internal/assume"
)

// ecrHost matches the registry of an account, with its region.
var ecrHost = regexp.MustCompile(`^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$`)

// Caller says who asks ECR for a token. The zero value is whoever the AWS CLI would find.
type Caller struct {
	// Registry is the host of the stack's ECR, and RoleARN the role that the stack is deployed by (bpa:aws.roleArn), or "".
	// The role is for that registry alone: another account's asks for the caller's own credentials.
	Registry, RoleARN string
	// Silence is how long AWS may take for an answer, a minute when zero.
	Silence time.Duration
}

// Keychain has the credentials of docker's configuration, and for an ECR that it has none for, a token. The token is asked
// for once a registry.
type Keychain struct {
	caller Caller
	lock   sync.Mutex
	tokens map[string]func() (token, error)
}

// NewKeychain returns the keychain of a caller.
func NewKeychain(caller Caller) *Keychain {
	return &Keychain{caller: caller, tokens: map[string]func() (token, error){}}
}

// token is what ECR gave, and to whom.
type token struct {
	authn.Authenticator
	identity string
}

// Resolve implements authn.Keychain.
func (k *Keychain) Resolve(target authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), target)
}

// ResolveContext implements authn.ContextKeychain.
func (k *Keychain) ResolveContext(ctx context.Context, target authn.Resource) (authn.Authenticator, error) {
	found, err := k.find(ctx, target)
	return found.Authenticator, err
}

// Identity says in words who a registry is asked as: docker's credentials, the ARN that ECR gave a token to, or nobody.
// An error says how to log in.
func (k *Keychain) Identity(ctx context.Context, registry name.Registry) (string, error) {
	found, err := k.find(ctx, registry)
	return found.identity, err
}

func (k *Keychain) find(ctx context.Context, target authn.Resource) (token, error) {
	docker, err := authn.DefaultKeychain.Resolve(target)
	if err != nil || docker != authn.Anonymous {
		return token{docker, "the credentials of docker's configuration"}, err
	}
	host := target.RegistryStr()
	match := ecrHost.FindStringSubmatch(host)
	if match == nil {
		return token{authn.Anonymous, "nobody: docker's configuration has no credentials"}, nil
	}
	k.lock.Lock()
	ask, asked := k.tokens[host]
	if !asked {
		ask = sync.OnceValues(func() (token, error) { return k.caller.askECR(ctx, host, match[1]) })
		k.tokens[host] = ask
	}
	k.lock.Unlock()
	return ask()
}

// askECR gets a token of an ECR registry, with the credentials that the AWS CLI would find.
func (c Caller) askECR(ctx context.Context, host, region string) (token, error) {
	limit := cmp.Or(c.Silence, silenceLimit)
	config, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(limit)))
	if err != nil {
		return token{}, &loginError{host: host, err: fmt.Errorf("reading the AWS configuration: %w", err)}
	}
	if host == c.Registry {
		config = assume.Role(config, c.RoleARN, "bpactl-images")
	}
	out, err := ecr.NewFromConfig(config).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return token{}, fmt.Errorf("a token of %s: AWS does not answer within %s: %w", host, limit, err)
	}
	if err != nil {
		return token{}, &loginError{host: host, err: err}
	}
	if len(out.AuthorizationData) == 0 {
		return token{}, &loginError{host: host, err: errors.New("ECR gave no token")}
	}
	basic, err := base64.StdEncoding.DecodeString(aws.ToString(out.AuthorizationData[0].AuthorizationToken))
	user, password, found := strings.Cut(string(basic), ":")
	if err != nil || !found {
		return token{}, &loginError{host: host, err: errors.New("ECR's token is not USER:PASSWORD in base64")}
	}
	identity := "the caller's AWS credentials" // where STS is out of reach, the token is good nevertheless
	if who, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err == nil {
		identity = aws.ToString(who.Arn)
	}
	return token{&authn.Basic{Username: user, Password: password}, identity}, nil
}

// loginError is a refusal of a registry, or of AWS on its behalf.
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
		result.Err = fmt.Errorf("%s: %s: %s refuses access, as above", result.Place(), result.Source, refused.host)
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

// isLogin reports whether a registry, or AWS, refused access.
func isLogin(err error) bool {
	var refused *loginError
	return errors.As(err, &refused)
}
