package database

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/rdsca"
)

// login is a role with its password, as the job gets it.
type login struct {
	role, database, password string
	// second says that it is the turn of the role's other user.
	second bool
}

func (l login) user() string {
	if l.second {
		return users(l.role)[1]
	}
	return l.role
}

var paper = []login{
	{role: "admin", database: "admin", password: "admin-password-1"},
	{role: "kong", database: "kong", password: "kong-password-1"},
	{role: "camunda", database: "process-engine", password: "camunda-password-1"},
}

// job prepares the script as the cluster's job runs it.
func (s *server) job(task string, logins []login, environment ...string) *exec.Cmd {
	s.t.Helper()
	dir := s.t.TempDir()
	for name, text := range map[string]string{
		"bootstrap.sh": bootstrapScript, "bootstrap.sql": bootstrapSQL, "retire.sql": retireSQL, rootsFile: s.roots,
	} {
		require.NoError(s.t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.Command("bash", filepath.Join(dir, "bootstrap.sh"), task)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "PGHOST=127.0.0.1", fmt.Sprintf("PGPORT=%d", s.port), "PGUSER=" + master,
		"PGPASSWORD=" + masterPassword, "PGSSLMODE=verify-full", "PGSSLROOTCERT=" + filepath.Join(dir, rootsFile),
		fmt.Sprintf("LOGINS=%d", len(logins)), "WAIT=0.1", "LIMIT=2",
	}
	cmd.Env = append(cmd.Env, environment...)
	for i, l := range logins {
		cmd.Env = append(cmd.Env, fmt.Sprintf("USER_%d=%s", i, l.user()))
		if task == "bootstrap" {
			cmd.Env = append(cmd.Env, fmt.Sprintf("ROLE_%d=%s", i, l.role), fmt.Sprintf("DATABASE_%d=%s", i, l.database),
				fmt.Sprintf("PASSWORD_%d=%s", i, l.password))
		}
	}
	return cmd
}

// bootstrap runs the job, which must never print a password.
func (s *server) bootstrap(logins []login) (string, error) {
	s.t.Helper()
	out, err := s.job("bootstrap", logins).CombinedOutput()
	for _, l := range append([]login{{password: masterPassword}}, logins...) {
		assert.NotContains(s.t, string(out), l.password, "the job's log shows a password")
	}
	return string(out), err
}

// catalog is everything that the job may change.
func (s *server) catalog() string {
	s.t.Helper()
	return s.super("SELECT r.* FROM pg_authid r ORDER BY rolname") + "\n" +
		s.super("SELECT datname, datdba, datacl FROM pg_database ORDER BY 1") + "\n" +
		s.super("SELECT roleid, member, grantor, admin_option FROM pg_auth_members ORDER BY 1, 2, 3")
}

func TestR10DatabasesAndRolesOnARealServer(t *testing.T) {
	s := newServer(t)
	s.start()
	out, err := s.bootstrap(paper)
	require.NoError(t, err, out)
	for _, l := range paper {
		assert.Equal(t, l.role, s.super("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '"+l.database+"'"))
		assert.Equal(t, "f|f|f|t", s.super(
			"SELECT rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles WHERE rolname = '"+l.role+"'"), "least privilege")
		_, err := s.as(l.role, l.password, l.database, "require", "CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
		require.NoError(t, err, "%s works in its database", l.role)
	}
	denied, err := s.as("kong", "kong-password-1", "process-engine", "require", "SELECT 1")
	require.Error(t, err)
	assert.Contains(t, denied, "permission denied for database", "and in no other")

	t.Run("a second run changes nothing", func(t *testing.T) {
		before := s.catalog()
		out, err := s.bootstrap(paper)
		require.NoError(t, err, out)
		assert.Equal(t, before, s.catalog())
	})
	t.Run("a changed password is the new one, and data stays", func(t *testing.T) {
		changed := append([]login{}, paper...)
		changed[1].password = "kong-password-2"
		out, err := s.bootstrap(changed)
		require.NoError(t, err, out)
		rows, err := s.as("kong", "kong-password-2", "kong", "require", "SELECT a FROM t")
		require.NoError(t, err)
		assert.Equal(t, "1", rows)
		_, err = s.as("kong", "kong-password-1", "kong", "require", "SELECT 1")
		require.Error(t, err, "the old password is refused")
	})
	t.Run("no log of the server holds a password", func(t *testing.T) {
		for _, l := range append(paper, login{password: "kong-password-2"}) {
			assert.NotContains(t, s.log(), l.password)
		}
		assert.Contains(t, s.log(), `ALTER ROLE kong`, "statements are logged here, so one with a password would be")
	})
}

// While BPA rolls, the old login works and so does the new one. Afterwards the old one opens nothing.
func TestR11D04TwoUsersTakeTurnsAtLoggingInAsARole(t *testing.T) {
	s := newServer(t)
	s.start()
	turns := []login{
		{"kong", "kong", "kong-password-1", false}, {"kong", "kong", "kong-password-2", true}, {"kong", "kong", "kong-password-3", false},
	}
	for i, now := range turns {
		out, err := s.bootstrap([]login{now})
		require.NoError(t, err, out)
		working := []login{now}
		if i > 0 {
			working = append(working, turns[i-1])
		}
		for _, l := range working {
			table := fmt.Sprintf("t%d_%s", i, l.user())
			_, err := s.as(l.user(), l.password, l.database, "require", "CREATE TABLE "+table+" (a int); INSERT INTO "+table+" VALUES (1)")
			require.NoError(t, err, "turn %d: %s", i, l.user())
			assert.Equal(t, "kong", s.in("kong", "SELECT tableowner FROM pg_tables WHERE tablename = '"+table+"'"),
				"what one of them makes is the role's")
			_, err = s.as(l.user(), l.password, l.database, "require", "ALTER TABLE t0_kong ADD COLUMN IF NOT EXISTS b int")
			require.NoError(t, err, "and the other may change it")
		}
		assert.Equal(t, "f|f|f", s.super("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = '"+now.user()+"'"))

		over := login{role: "kong", second: !now.second}
		log, err := s.job("retire", []login{over}).CombinedOutput()
		require.NoError(t, err, string(log))
		if i > 0 {
			out, err := s.as(over.user(), turns[i-1].password, "kong", "require", "SELECT 1")
			require.Error(t, err, "turn %d: %s", i, over.user())
			assert.NotContains(t, out, "timeout")
		}
		rows, err := s.as(now.user(), now.password, "kong", "require", "SELECT a FROM t0_kong")
		require.NoError(t, err, "turn %d", i)
		assert.Equal(t, "1", rows)

		before := s.catalog()
		out, err = s.bootstrap([]login{now})
		require.NoError(t, err, out)
		log, err = s.job("retire", []login{over}).CombinedOutput()
		require.NoError(t, err, string(log))
		assert.Equal(t, before, s.catalog(), "turn %d: a second run changes nothing", i)
	}
}

func TestR09PasswordsAreKeptAsMD5(t *testing.T) {
	s := newServer(t)
	s.start()
	out, err := s.bootstrap(paper)
	require.NoError(t, err, out)
	for _, l := range paper {
		want := s.super(fmt.Sprintf("SELECT 'md5' || md5('%s%s')", l.password, l.role))
		assert.Equal(t, want, s.super("SELECT rolpassword FROM pg_authid WHERE rolname = '"+l.role+"'"))
	}
	_, err = s.as("camunda", "camunda-password-1", "process-engine", "disable", "SELECT 1")
	require.Error(t, err, "without TLS nobody gets in")
}

func TestR09NothingIsMadeWhereTheParameterGroupIsMissing(t *testing.T) {
	s := newServer(t, "password_encryption = 'scram-sha-256'")
	s.start()
	before := s.catalog()
	out, err := s.bootstrap(paper)
	require.Error(t, err)
	assert.Contains(t, out, "password_encryption must be md5 before a role is made: is the parameter group attached?")
	assert.Equal(t, before, s.catalog())
}

func TestR10RolesAndDatabasesThatExistAreBroughtToTheirRights(t *testing.T) {
	s := newServer(t)
	s.start()
	for _, sql := range []string{
		"CREATE ROLE kong NOLOGIN CREATEDB CREATEROLE NOINHERIT CONNECTION LIMIT 1 VALID UNTIL '2001-01-01'", "CREATE DATABASE kong",
	} {
		_, err := s.as(master, masterPassword, "postgres", "require", sql)
		require.NoError(t, err, sql)
	}
	out, err := s.bootstrap(paper)
	require.NoError(t, err, out)
	assert.Equal(t, "f|f|t|t|-1|infinity", s.super(
		"SELECT rolcreaterole, rolcreatedb, rolcanlogin, rolinherit, rolconnlimit, rolvaliduntil FROM pg_roles WHERE rolname = 'kong'"))
	_, err = s.as("kong", "kong-password-1", "kong", "require", "CREATE TABLE t (a int)")
	require.NoError(t, err)
}

func TestR10EveryLegalCharacterMayStandInAPassword(t *testing.T) {
	var all strings.Builder
	for c := byte('!'); c <= '~'; c++ {
		if !strings.ContainsRune(`/"@'`, rune(c)) {
			all.WriteByte(c)
		}
	}
	s := newServer(t)
	s.start()
	for _, second := range []bool{false, true} {
		odd := []login{{"admin", "admin", all.String(), second}, {"o-d.d", "Data Base", `%s$(false)\n`, second}}
		out, err := s.bootstrap(odd)
		require.NoError(t, err, out)
		for _, l := range odd {
			_, err := s.as(l.user(), l.password, l.database, "require", "SELECT 1")
			require.NoError(t, err, l.user())
		}
	}
}

func TestR10TheJobWaitsForAServerThatIsNotReady(t *testing.T) {
	s := newServer(t)
	job := s.job("bootstrap", paper, "LIMIT=600")
	stdout, err := job.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, job.Start())
	lines := bufio.NewScanner(stdout)
	require.True(t, lines.Scan())
	assert.Contains(t, lines.Text(), "waiting for 127.0.0.1:")
	s.start()
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	require.NoError(t, job.Wait())
	assert.Equal(t, "databases and roles are in place", last)
}

// RDS says that an instance is available before a new master password, or a parameter of its group, is in force.
func TestR10TheJobWaitsForWhatIsNotInForceYet(t *testing.T) {
	wrong := fmt.Sprintf("ALTER ROLE %s PASSWORD 'another one'", master)
	right := fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", master, masterPassword)
	for waits, sql := range map[string][2]string{
		"to let " + master + " in: ": {wrong, right},
		"password_encryption to become": {
			"ALTER SYSTEM SET password_encryption = 'scram-sha-256'", "ALTER SYSTEM SET password_encryption = 'md5'",
		},
	} {
		t.Run(waits, func(t *testing.T) {
			s := newServer(t)
			s.start()
			s.super(sql[0])
			s.super("SELECT pg_reload_conf()")
			job := s.job("bootstrap", paper, "LIMIT=600")
			stdout, err := job.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, job.Start())
			lines := bufio.NewScanner(stdout)
			require.True(t, lines.Scan())
			assert.Contains(t, lines.Text(), waits)
			assert.NotContains(t, lines.Text(), masterPassword)
			s.super(sql[1])
			s.super("SELECT pg_reload_conf()")
			last := ""
			for lines.Scan() {
				last = lines.Text()
			}
			require.NoError(t, job.Wait())
			assert.Equal(t, "databases and roles are in place", last)
		})
	}
}

func TestAFailureShowsNoPassword(t *testing.T) {
	s := newServer(t)
	s.start()
	s.super("CREATE ROLE kong LOGIN SUPERUSER") // the master may not touch it
	out, err := s.bootstrap(paper)              // checks the output
	require.Error(t, err)
	assert.Contains(t, out, "ERROR:")
	assert.NotContains(t, s.log(), "kong-password-1")
}

// A server that cannot prove who it is gets no password.
func TestR09TheJobTrustsNoOtherServer(t *testing.T) {
	s := newServer(t)
	s.start()
	s.roots = rdsca.Bundle("us-west-2")
	out, err := s.bootstrap(paper)
	require.Error(t, err, out)
	assert.Contains(t, out, "certificate verify failed")
	assert.Equal(t, "0", s.super("SELECT count(*) FROM pg_roles WHERE rolname = 'kong'"))
}
