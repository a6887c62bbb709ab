// Package assume takes the role that a stack is deployed by (bpa:aws.roleArn), as its provider does.
package assume

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Role returns the same configuration with the credentials of a role, or with the caller's own where the role is "". The
// session's name is what CloudTrail shows. The role is assumed when the credentials are first needed; an error then is a
// RefusedError.
func Role(c aws.Config, role, session string) aws.Config {
	if role == "" {
		return c
	}
	client := sts.NewFromConfig(c)
	c = c.Copy()
	c.Credentials = aws.NewCredentialsCache(&provider{
		client: client, role: role,
		assume: stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = session }),
	})
	return c
}

// RefusedError is a role that could not be assumed.
type RefusedError struct {
	// Caller is the ARN of who asked, or "the caller" where STS does not tell.
	Caller, Role string
	err          error
}

// Error names who asked for which role, and ends with what STS said.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s cannot assume %s: %s", e.Caller, e.Role, e.err)
}

// Unwrap returns what STS said.
func (e *RefusedError) Unwrap() error { return e.err }

// provider adds to an error who asked.
type provider struct {
	client *sts.Client
	role   string
	assume aws.CredentialsProvider
}

// Retrieve implements aws.CredentialsProvider.
func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := p.assume.Retrieve(ctx)
	if err == nil {
		return c, nil
	}
	refused := &RefusedError{Caller: "the caller", Role: p.role, err: err}
	if who, unknown := p.client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); unknown == nil {
		refused.Caller = aws.ToString(who.Arn)
	}
	return c, refused
}
