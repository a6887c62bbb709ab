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

	"github.com/bpa-on-aws/platform/internal/images"
)

// chart asks whether the chart can be had: a folder with the files that the configuration names, or a reference in a
// registry.
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
	for key, file := range map[string]string{"environmentFile": app.EnvironmentFile, "ingressTemplate": app.IngressTemplate} {
		if _, err := os.Stat(filepath.Join(dir, file)); errors.Is(err, fs.ErrNotExist) {
			return []Finding{fail(check, "set bpa:application."+key, "the chart has no %s", file)}, nil
		}
	}
	return []Finding{pass(check, "%s %s in %s", head.Name, head.Version, app.Chart)}, nil
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
