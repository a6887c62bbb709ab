package database

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// RetirementArgs are the arguments of NewRetirement.
type RetirementArgs struct {
	Bootstrap *Bootstrap
	// After is what no longer logs in as who is retired: the application, rolled.
	After []pulumi.Resource
}

// Retirement is the component.
type Retirement struct{ pulumi.ResourceState }

// NewRetirement takes the login from the users whose turn is over, once nothing uses them any more: a password that was
// replaced opens nothing. It makes nothing, and returns nil, as long as no login has been rotated.
func NewRetirement(ctx *pulumi.Context, name string, args *RetirementArgs, opts ...pulumi.ResourceOption) (*Retirement, error) {
	var p problem.List
	p.Require(args.Bootstrap != nil, "Bootstrap", nil, "must be the bootstrap of the logins")
	p.Require(len(args.After) > 0, "After", nil, "must be what logs in")
	if err := p.Err("retirement: "); err != nil {
		return nil, err
	}
	b := args.Bootstrap
	if !slices.ContainsFunc(b.args.Database.args.Logins, func(l Login) bool { return l.Generation > 0 }) {
		return nil, nil
	}
	r := &Retirement{}
	if err := ctx.RegisterComponentResource("bpa:database:Retirement", name, r, opts...); err != nil {
		return nil, fmt.Errorf("retirement: %w", err)
	}
	environment := b.connection()
	for i, login := range b.args.Database.Logins {
		pair := users(login.Role)
		retired := pair[0]
		if login.User == pair[0] {
			retired = pair[1]
		}
		environment["USER_"+strconv.Itoa(i)] = pulumi.String(retired)
	}
	if _, err := b.newJob(ctx, name, "retire", environment, r, args.After); err != nil {
		return nil, fmt.Errorf("retirement: %w", err)
	}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{})
}
