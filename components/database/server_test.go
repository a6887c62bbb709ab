package database

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/testkit/tooling"
)

// server is a real PostgreSQL server that behaves as RDS does: TLS is a must, passwords are checked as md5, and the master
// user is no superuser.
type server struct {
	t        *testing.T
	bin, dir string
	port     int
	owner    *syscall.SysProcAttr
	settings []string
	// roots are what a client verifies the server by, in PEM.
	roots string
}

const master, masterPassword = "bpaadmin", "master-password-1"

// binaries finds the server that tools/postgresql.sh installs, or the newest one of the system.
func binaries(t *testing.T) string {
	t.Helper()
	tools, err := engine.Tools()
	require.NoError(t, err)
	for _, pattern := range []string{filepath.Join(tools, "postgresql-*", "bin"), "/usr/lib/postgresql/*/bin"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for i := len(found) - 1; i >= 0; i-- {
			if _, err := os.Stat(filepath.Join(found[i], "initdb")); err == nil {
				return found[i]
			}
		}
	}
	tooling.Missing(t, "no PostgreSQL server: tools/postgresql.sh installs one")
	return ""
}

// newServer prepares a server; start starts it.
func newServer(t *testing.T, settings ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		tooling.Missing(t, "no psql: Debian's package postgresql-client has it")
	}
	s := &server{t: t, bin: binaries(t), settings: settings}
	var err error
	s.dir, err = os.MkdirTemp("", "bpa-postgresql-") //nolint:usetesting // others than root must reach it, which t.TempDir does not allow
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	s.leaveRoot()
	s.port = freePort(t)
	s.run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", filepath.Join(s.dir, "data"))
	s.configure()
	return s
}

// leaveRoot makes the server run as somebody else where the test is root, which PostgreSQL refuses. The binaries are
// copied, as root's cache is closed to others.
func (s *server) leaveRoot() {
	if os.Geteuid() != 0 {
		return
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(s.t, err)
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	require.NoError(s.t, err)
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	require.NoError(s.t, err)
	s.owner = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if !strings.HasPrefix(s.bin, "/usr/") {
		out, err := exec.Command("cp", "-a", filepath.Dir(s.bin), filepath.Join(s.dir, "server")).CombinedOutput()
		require.NoError(s.t, err, string(out))
		s.bin = filepath.Join(s.dir, "server", "bin")
	}
	require.NoError(s.t, os.Chmod(s.dir, 0o755))
	require.NoError(s.t, os.Mkdir(filepath.Join(s.dir, "data"), 0o700))
	require.NoError(s.t, os.Chown(filepath.Join(s.dir, "data"), int(uid), int(gid)))
}

func (s *server) run(name string, args ...string) {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = s.owner, s.dir
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, string(out))
}

// configure writes what RDS would have set. Connections over TCP need TLS and an md5 password; the superuser's socket
// is the test's own.
func (s *server) configure() {
	tls := httptest.NewTLSServer(nil)
	defer tls.Close()
	pair := tls.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(s.t, err)
	data := filepath.Join(s.dir, "data")
	s.roots = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})) // it signs itself
	for name, content := range map[string]string{
		"server.crt":  s.roots,
		"server.key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"pg_hba.conf": "local all all trust\nhostssl all all 127.0.0.1/32 md5\n",
		"postgresql.auto.conf": strings.Join(append([]string{
			"listen_addresses = '127.0.0.1'", fmt.Sprintf("port = %d", s.port), "unix_socket_directories = '" + data + "'",
			"ssl = on", "password_encryption = md5", "fsync = off", "log_min_error_statement = error", "log_statement = ddl",
		}, s.settings...), "\n"),
	} {
		path := filepath.Join(data, name)
		require.NoError(s.t, os.WriteFile(path, []byte(content), 0o600))
		if s.owner != nil {
			require.NoError(s.t, os.Chown(path, int(s.owner.Credential.Uid), int(s.owner.Credential.Gid)))
		}
	}
}

// start runs the server until the test ends, and makes the master user.
func (s *server) start() {
	s.t.Helper()
	s.run("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-w", "-l", filepath.Join(s.dir, "data", "log"), "start")
	s.t.Cleanup(func() { s.run("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-m", "immediate", "stop") })
	s.super(fmt.Sprintf("CREATE ROLE %s LOGIN CREATEDB CREATEROLE PASSWORD '%s'", master, masterPassword))
}

// super runs SQL as superuser and returns what it prints.
func (s *server) super(sql string) string {
	s.t.Helper()
	return s.in("postgres", sql)
}

// in does so in one of the databases.
func (s *server) in(database, sql string) string {
	s.t.Helper()
	cmd := exec.Command("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", filepath.Join(s.dir, "data"), "-p", strconv.Itoa(s.port),
		"-U", "postgres", "-d", database, "-c", sql)
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, string(out))
	return strings.TrimSpace(string(out))
}

// as runs SQL over TCP as somebody with a password.
func (s *server) as(role, password, database, sslmode, sql string) (string, error) {
	cmd := exec.Command("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql)
	cmd.Env = append(os.Environ(), "PGHOST=127.0.0.1", fmt.Sprintf("PGPORT=%d", s.port), "PGUSER="+role, "PGPASSWORD="+password,
		"PGDATABASE="+database, "PGSSLMODE="+sslmode)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// log is the server's own log.
func (s *server) log() string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "data", "log"))
	require.NoError(s.t, err)
	return string(b)
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
