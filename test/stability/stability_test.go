// Package stability proves that a preview depends on the commit and the stack file alone: not on who runs it, where and
// when.
package stability_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/stacks"
)

// The variables that turn this test program into somebody who previews.
const (
	project = "BPA_STABILITY_PROJECT" // the folder of the project
	today   = "BPA_STABILITY_TODAY"
	deploy  = "BPA_STABILITY_STATE" // preview on this state, or a first deployment
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(project); dir != "" {
		text, err := previewAs(dir, os.Getenv(today), os.Getenv(deploy))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Print(text)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// previewAs previews the dev stack of a project, and writes what the preview says in one order.
func previewAs(dir, on, state string) (string, error) {
	day, err := time.Parse(time.DateOnly, on)
	if err != nil {
		return "", err
	}
	o, err := platform.Options(filepath.Join(dir, "Pulumi.dev.yaml"), "dev", io.Discard)
	if err != nil {
		return "", err
	}
	certificate, key, err := rehearsal.StandIn("bpa.dev.example.com")
	if err != nil {
		return "", err
	}
	o.Date, o.Passphrase = day, "rehearsal"
	o.Program = func(workDir string) pulumi.RunFunc {
		return stacks.Program(stacks.Options{
			SourceDir: dir, WorkDir: workDir, Today: day,
			Certificate: &stacks.StandInCertificate{CertificatePEM: certificate, PrivateKeyPEM: key},
		})
	}
	base := rehearsal.Base{}
	if state != "" {
		if base.State, err = unzip(state); err != nil {
			return "", err
		}
	}
	result, err := rehearsal.Digest(context.Background(), base, o)
	if err != nil {
		return "", err
	}
	return canonical(result.Digest)
}

func unzip(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, f.Close())
}

// suffix is what the engine draws for the name of a resource that is made for the first time: seven digits, or eight of Kubernetes.
var suffix = regexp.MustCompile(`-[0-9a-f]{7,8}\b`)

// drawn are the names that the provider draws for the bootstrap job, and for what it reads, where others take their places.
var drawn = regexp.MustCompile(`\b(bootstrap-(?:job|script|credentials))-[0-9a-f]{8}\b`)

// withoutDrawnNames leaves the drawn names out of the new state of the job, its script and its credentials, where they are
// replaced.
func withoutDrawnNames(step map[string]any) error {
	urn, _ := step["urn"].(string)
	if op := step["op"]; op != "replace" && op != "create-replacement" || !strings.Contains(urn, "bpa:database:Bootstrap$kubernetes:") {
		return nil
	}
	b, err := json.Marshal(step["newState"])
	if err != nil {
		return err
	}
	var state map[string]any
	if err := json.Unmarshal(drawn.ReplaceAll(b, []byte("$1-xxxxxxxx")), &state); err != nil {
		return err
	}
	step["newState"] = state
	return nil
}

// canonical sorts the steps and the dependencies, which race, and leaves out the clock and where on this machine the source lies.
func canonical(digest []byte) (string, error) {
	var preview struct{ Steps []map[string]any }
	if err := json.Unmarshal(digest, &preview); err != nil {
		return "", err
	}
	lines := make([]string, 0, len(preview.Steps))
	for _, s := range preview.Steps {
		for _, key := range []string{"oldState", "newState"} {
			if state, ok := s[key].(map[string]any); ok {
				for _, own := range []string{"created", "modified", "sourcePosition", "stackTrace"} {
					delete(state, own)
				}
				sortTexts(state["dependencies"])
				properties, _ := state["propertyDependencies"].(map[string]any)
				for _, dependencies := range properties {
					sortTexts(dependencies)
				}
			}
		}
		sortTexts(s["replaceReasons"]) // the engine's own order is that of a map
		if err := withoutDrawnNames(s); err != nil {
			return "", err
		}
		b, err := json.Marshal(s)
		if err != nil {
			return "", err
		}
		line := string(b)
		if s["op"] == "create" {
			line = suffix.ReplaceAllString(line, "-xxxxxxx")
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n", nil
}

func sortTexts(v any) {
	list, _ := v.([]any)
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
}

// person is somebody's laptop.
type person struct {
	env []string
	// copied puts the project into another folder, cwd elsewhere.
	copied bool
	day    string
}

// copyProject puts what a preview reads into another folder.
func copyProject(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "some where", "else")
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "tools/go.mod"} {
		b, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(to, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(to, name), b, 0o600))
	}
	return to
}

func TestTheSameCommitGivesTheSamePreviewEverywhere(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	state, err := filepath.Abs("../upgrades/testdata/0.1.0/dev.json.gz")
	require.NoError(t, err)
	people := map[string]person{
		"somebody else": {env: []string{"USER=mallory", "LOGNAME=mallory", "HOSTNAME=elsewhere", "USERNAME=mallory"}},
		"another profile and region": {env: []string{
			"AWS_PROFILE=customer", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1", "KUBECONFIG=/nowhere",
		}},
		"another time zone and language": {env: []string{"TZ=Pacific/Kiritimati", "LANG=ja_JP.UTF-8", "LC_ALL=tr_TR.UTF-8"}},
		"another folder":                 {copied: true},
		"another day":                    {day: "2027-02-28"},
	}
	for _, base := range []string{"", state} {
		want := preview(t, root, root, "2026-11-23", base, nil)
		require.Greater(t, strings.Count(want, "\n"), 200)
		for name, p := range people {
			t.Run(name+map[string]string{"": ", first deployment"}[base], func(t *testing.T) {
				dir, cwd, day := root, root, "2026-11-23"
				if p.copied {
					dir, cwd = copyProject(t, root), t.TempDir()
				}
				if p.day != "" {
					day = p.day
				}
				got := preview(t, dir, cwd, day, base, p.env)
				if want != got {
					a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
					for i := range min(len(a), len(b)) {
						require.Equal(t, a[i], b[i], "the first line that differs")
					}
					assert.Len(t, b, len(a))
				}
			})
		}
	}
}

// preview lets another process preview. Where the project is the root, the tools are found as everywhere.
func preview(t *testing.T, dir, cwd, day, state string, env []string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Dir = cwd
	cmd.Env = append(os.Environ(), append(env, project+"="+dir, today+"="+day, deploy+"="+state)...)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, problems.String())
	return string(out)
}
