package stacks

import (
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/components/database"
)

// environmentLogins says under which keys of environment.txt each database login stands (R10, R11).
var environmentLogins = map[string]struct{ database, user, password string }{
	"admin":   {"PG_ROOT_DATABASE", "PG_INITDB_ROOT_USERNAME", "PG_INITDB_ROOT_PASSWORD"},
	"kong":    {"AUTH_DB_NAME", "AUTH_DB_USER", "AUTH_DB_PASSWORD"},
	"camunda": {"WFE_DB_NAME", "WFE_DB_USER", "WFE_DB_PASSWORD"},
}

// Beside the paper's keys, the program tells BPA where the database is.
const (
	hostKey = "PG_HOST"
	portKey = "PG_PORT"
)

// environmentKeys are the keys of environment.txt that the program fills, sorted.
func environmentKeys() []string {
	keys := []string{hostKey, portKey}
	for _, l := range environmentLogins {
		keys = append(keys, l.database, l.user, l.password)
	}
	slices.Sort(keys)
	return keys
}

// environment returns the value of each key of environment.txt. Passwords are secret.
func (p *platform) environment() map[string]pulumi.StringInput {
	values := map[string]pulumi.StringInput{
		hostKey: p.database.Endpoint,
		portKey: pulumi.String(strconv.Itoa(p.database.Port)),
	}
	for _, login := range p.database.Logins {
		maps.Copy(values, loginEnvironment(login))
	}
	return values
}

func loginEnvironment(login database.ResolvedLogin) map[string]pulumi.StringInput {
	keys := environmentLogins[login.Role]
	return map[string]pulumi.StringInput{
		keys.database: pulumi.String(login.Database),
		keys.user:     pulumi.String(login.User),
		keys.password: login.Password,
	}
}
