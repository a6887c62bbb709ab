package preflight

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/internal/chartcheck"
	"github.com/bpa-on-aws/platform/internal/images"
)

// chart asks whether the chart can be had, as a folder or in a registry, and whether what a folder's renders would be taken.
func (f *flight) chart(ctx context.Context) ([]Finding, error) {
	const check = "chart"
	app := f.Config.Application
	if app.Chart == "" {
		return []Finding{warn(check, "set bpa:application.chart to Cisco's chart",
			"the reference chart, which deploys stand-ins for BPA's services")}, nil
	}
	if reference, ok := strings.CutPrefix(app.Chart, "oci://"); ok {
		return f.chartReference(ctx, reference+":"+app.ChartVersion)
	}
	dir := f.path(app.Chart)
	b, err := os.ReadFile(filepath.Join(dir, "Chart.yaml"))
	var problem *fs.PathError
	if errors.As(err, &problem) {
		return []Finding{fail(check, "point bpa:application.chart at the folder of Chart.yaml",
			"%s/Chart.yaml: %s", app.Chart, problem.Err)}, nil
	}
	var head struct{ Name, Version string }
	if err := yaml.Unmarshal(b, &head); err != nil {
		return []Finding{fail(check, "mend Chart.yaml", "%s: %s", app.Chart, oneLine(err.Error()))}, nil
	}
	report, err := chartcheck.Check(f.Config, f.SourceDir)
	if err != nil {
		return []Finding{fail(check, "mend it: docs/chart.md says what a chart needs", "%s", oneLine(err.Error()))}, nil
	}
	var findings []Finding
	for _, p := range report.Problems {
		findings = append(findings, fail(check, "mend the chart, and try: bpactl chart check --stack "+f.Stack, "%s", oneLine(p.String())))
	}
	if unread := report.Unread(); len(unread) > 0 {
		findings = append(findings, warn(check, "bpactl chart check --stack "+f.Stack+" says what reaches which object",
			"no object shows %s", some(unread)))
	}
	for _, a := range report.Advice {
		findings = append(findings, warn(check, "look at it: only a deployment proves it", "%s", oneLine(a.String())))
	}
	if report.Failed() {
		return findings, nil
	}
	return append(
		[]Finding{pass(check, "%s %s in %s, %d objects", head.Name, head.Version, app.Chart, len(report.Objects))},
		findings...), nil
}

// chartReference asks the registry for the chart's manifest.
func (f *flight) chartReference(ctx context.Context, reference string) ([]Finding, error) {
	const check = "chart"
	parsed, err := name.ParseReference(reference)
	if err != nil {
		return []Finding{
			fail(check, "set bpa:application.chart to oci://HOST/PATH and chartVersion to its tag", "%s", oneLine(err.Error())),
		}, nil
	}
	head, err := remote.Head(parsed, remote.WithContext(ctx), remote.WithAuthFromKeychain(images.NewKeychain(images.Caller{})))
	if err != nil {
		return []Finding{fail(check, "helm registry login "+parsed.Context().RegistryStr()+", and check the version",
			"%s: %s", reference, oneLine(err.Error()))}, nil
	}
	return []Finding{pass(check, "%s is %s", reference, head.Digest)}, nil
}
