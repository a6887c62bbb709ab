package config

import (
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/reserved"
)

// Application describes BPA's Helm release.
type Application struct {
	Release         string            `json:"release" default:"4.0.3-6" doc:"BPA release, and the tag of images that registry.images names without one. Default 4.0.3-6 (R16)."`
	Namespace       string            `json:"namespace" default:"bpa-ns" is:"kubernetesName" doc:"Default bpa-ns (R20)."`
	ReleaseName     string            `json:"releaseName" default:"bpa-rel" is:"kubernetesName" doc:"Helm release name. Default bpa-rel (R20)."`
	Chart           string            `json:"chart" doc:"Chart directory relative to the stack file, or oci://…. Default: the reference chart."`
	ChartVersion    string            `json:"chartVersion" doc:"Version of an oci:// chart, required there."`
	EnvironmentFile string            `json:"environmentFile" default:"bpa/env/environment.txt" doc:"Where the chart keeps environment.txt, or none: then it is configured by application.values alone. Default bpa/env/environment.txt (R11)."`
	IngressTemplate string            `json:"ingressTemplate" default:"templates/ingress-controller.yaml" doc:"The chart's ingress controller template, or none: then the chart itself takes the certificate from ${ingress.certificateSecret}. Default templates/ingress-controller.yaml (R23)."`
	Environment     map[string]string `json:"environment" names:"references" doc:"Keys of environment.txt, over the chart's own lines. A text may name what the stack makes, such as ${database.host}: bpactl config references. Default: the paper's nine keys (R11)."`
	Values          map[string]any    `json:"values" names:"references" doc:"Further Helm values, over the chart's own. Texts may name what the stack makes, as in application.environment. null takes a default of the chart away."`
	OnFailure       string            `json:"onFailure" default:"keep" oneOf:"keep rollBack" doc:"What becomes of a release that fails: keep (it stays as it is, so that its pods tell why; the next up upgrades over it) or rollBack (Helm's atomic: an upgrade goes back to what ran before, and a first installation is removed with every trace). Default keep."`
	TimeoutSeconds  int               `json:"timeoutSeconds" default:"1800" from:"60" to:"7200" doc:"How long Helm waits for the release, 60-7200. Default 1800."`
}

// None says that a chart has no such file.
const None = "none"

func (a *Application) complete(d *defaults) { a.completeMaps(d) }

func (a Application) check(p *problem.List) {
	a.checkMaps(p)
	p.Require(len(a.ReleaseName) <= 53, "releaseName", a.ReleaseName, "must have at most 53 characters")
	for _, own := range []string{reserved.EnvironmentValue, reserved.ChecksumValue} {
		_, clash := a.Values[own]
		p.Require(!clash, "values."+own, "…", "is set by the program")
	}
	oci := a.FromRegistry()
	p.Require(!oci || a.ChartVersion != "", "chartVersion", nil, "must be given with an oci:// chart")
	p.Require(
		!oci || !hasNull(a.Values),
		"values",
		"…",
		"must have no null with an oci:// chart: only from a copy of it can the default be taken",
	)
	p.Require(a.EnvironmentFile != None || len(a.Environment) == 0, "environment", "…", "has nowhere to go with environmentFile none")
	p.Require(oci || a.ChartVersion == "", "chartVersion", a.ChartVersion, "belongs to an oci:// chart only")
}

func hasNull(value any) bool {
	object, ok := value.(map[string]any)
	if !ok {
		return value == nil
	}
	for _, inner := range object {
		if hasNull(inner) {
			return true
		}
	}
	return false
}

// FromRegistry reports whether the chart comes from a registry.
func (a Application) FromRegistry() bool { return strings.HasPrefix(a.Chart, "oci://") }

var _ = define(map[string]Format{"kubernetesName": {Pattern: "^" + label + "$", Must: "must be a Kubernetes name"}})
