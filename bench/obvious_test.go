package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// sdkPackages are the packages of the cloud SDKs that the program in a folder imports, directly or through others.
func sdkPackages(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", dir, err)
	}
	var found []string
	for _, path := range strings.Fields(string(out)) {
		if strings.HasPrefix(path, "github.com/pulumi/pulumi-") {
			found = append(found, path)
		}
	}
	return found
}

func TestTheObviousProgramImportsEverySDKPackageOfOurs(t *testing.T) {
	obvious := sdkPackages(t, "obvious")
	for _, path := range sdkPackages(t, "..") {
		if !slices.Contains(obvious, path) {
			t.Errorf("bench/obvious lacks %s: the build would be compared with less than the program needs", path)
		}
	}
	const helm = "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3"
	if !slices.Contains(obvious, helm) {
		t.Errorf("bench/obvious lacks %s, which makes it the obvious one", helm)
	}
}

func TestAFifthAboveTheRecordIsARegression(t *testing.T) {
	recorded := Record{Figures: []Figure{{Name: "build", Ratio: 0.5}, {Name: "preview", Ratio: 2}}}
	for name, c := range map[string]struct {
		figures []Figure
		want    string
	}{
		"within a fifth":    {[]Figure{{Name: "build", Ratio: 0.59}, {Name: "preview", Ratio: 2.39}}, ""},
		"above a fifth":     {[]Figure{{Name: "build", Ratio: 0.61}, {Name: "preview", Ratio: 2}}, "build: 0.61, recorded 0.50"},
		"faster":            {[]Figure{{Name: "build", Ratio: 0.1}}, ""},
		"not recorded yet":  {[]Figure{{Name: "review", Ratio: 9}}, ""},
		"every one is told": {[]Figure{{Name: "build", Ratio: 1}, {Name: "preview", Ratio: 4}}, "preview: 4.00, recorded 2.00"},
	} {
		t.Run(name, func(t *testing.T) {
			err := compare(c.figures, recorded)
			if c.want == "" {
				if err != nil {
					t.Fatalf("fails: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("says %v, want %q", err, c.want)
			}
		})
	}
}
