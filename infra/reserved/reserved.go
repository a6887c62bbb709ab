// Package reserved holds the names that a service, or this program, keeps for itself.
package reserved

import (
	"slices"
	"strings"
)

// Roles are the PostgreSQL roles that the program makes (R10). No other user may have their names.
var Roles = []string{"admin", "kong", "camunda"}

// Parameters are those of the parameter group that the program sets (R09).
var Parameters = []string{"password_encryption", "rds.force_ssl"}

// The program's own Helm values, which the configuration's cannot replace.
const (
	EnvironmentValue = "bpaEnvironment"
	ChecksumValue    = "bpaCertificateChecksum"
)

// masters are master users that RDS for PostgreSQL refuses (docs/facts.md §2): the paper's own `admin` is one of them.
var masters = strings.Fields(
	"admin administrator user rdsadmin rdsrepladmin rds_superuser postgres_fdw public pg_monitor root",
)

// MasterUser reports whether RDS refuses a name for the master user.
func MasterUser(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(masters, name) || strings.HasPrefix(name, "pg_")
}

// Role reports whether a name is that of a role that the program makes.
func Role(name string) bool { return slices.Contains(Roles, strings.ToLower(name)) }
