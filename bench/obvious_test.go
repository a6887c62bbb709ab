package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTheObviousProgramImportsEverySDKPackageOfOurs(t *testing.T) {
	obvious, err := sdkPackages(t.Context(), "obvious")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := sdkPackages(t.Context(), "..")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range ours {
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
