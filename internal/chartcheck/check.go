// Package chartcheck says of the chart of a stack, before anything exists, what `up` would make of it: what of the stack reaches its
// objects, and what the API server, the nodes and the registry would refuse. It renders with Helm's own engine what the program
// would install, with samples in the place of what only a deployment knows.
package chartcheck

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/infra/reserved"
	"github.com/bpa-on-aws/platform/internal/apiserver"
	"github.com/bpa-on-aws/platform/internal/chart"
)

// Report is what was found.
type Report struct {
	// Chart is its folder as the stack file has it, "" for the reference chart.
	Chart string `json:"chart"`
	// Objects are those that the chart renders, Stored and Limit the bytes that Helm stores of the release, and may.
	Objects []chart.Object `json:"-"`
	Stored  int            `json:"stored"`
	Limit   int            `json:"limit"`
	// LeftOut are files that the program leaves out of the release. Idle are private keys and large files that stay in it, as the
	// way that templates read files does not tell, and that no object changes without.
	LeftOut []bpa.LeftOut `json:"leftOut,omitempty"`
	Idle    []string      `json:"idle,omitempty"`
	// Environment and Values are what the stack gives, in the order of their names; Own are keys that environment.txt has and the
	// stack does not give.
	Environment []Given  `json:"environment"`
	Values      []Given  `json:"values"`
	Own         []string `json:"own,omitempty"`
	// Images are those of the containers.
	Images []Image `json:"images"`
	// Problems are what `up` would fail for.
	Problems []chart.Problem `json:"problems,omitempty"`
	// Advice is what the chart shows of things that only a deployment proves. `up` does not fail for it.
	Advice []chart.Problem `json:"advice,omitempty"`
}

// Given is what a stack gives to its chart: a key of environment.txt or a Helm value, and the objects that it reaches.
type Given struct {
	Name string `json:"name"`
	// References are what it names.
	References []string `json:"references,omitempty"`
	Reaches    []string `json:"reaches,omitempty"`
	// Breaks says that the chart does not render with another value, so it is read.
	Breaks bool `json:"breaks,omitempty"`
}

// Image is an image of a container, and the first place that names it.
type Image struct {
	Name string `json:"name"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// subject is a chart that is checked.
type subject struct {
	config *config.Config
	copied *chart.Chart
	sample map[string]any
	there  []map[string]any
}

// Check checks the chart of a stack whose file lies in source. The error is one of the configuration of the chart, or Helm's where
// it does not render.
func Check(c *config.Config, source string) (*Report, error) {
	app := c.Application
	if app.FromRegistry() {
		return nil, fmt.Errorf(
			"application.chart: %s: a chart in a registry is not read here: helm pull %s --version %s --untar, and name "+
				"the folder",
			app.Chart,
			app.Chart,
			app.ChartVersion,
		)
	}
	listed, err := imagelist.Of(c, source)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "bpa-chart-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	copied, err := bpa.Overlay(source, work, app)
	if err != nil {
		return nil, err
	}
	s := &subject{config: c, sample: sample(c, listed), there: objects(app.Namespace)}
	if s.copied, err = chart.Load(filepath.Join(work, copied.Path)); err != nil {
		return nil, err
	}
	checked, err := s.copied.Check(s.release(), s.values(s.sample), s.cluster())
	if err != nil {
		return nil, err
	}
	report := &Report{
		Chart: app.Chart, Objects: checked.Objects, Stored: checked.Stored, Limit: chart.Limit, LeftOut: copied.LeftOut,
		Problems: checked.Problems, Images: images(checked.Objects),
	}
	host := account.Of(c.AWS.AccountID, c.AWS.Region).RegistryHost()
	for _, i := range report.Images {
		if problem := listed.Problem(c.Registry, host, i.Name); problem != "" {
			report.Problems = append(report.Problems, chart.Problem{File: i.File, Line: i.Line, Text: "image " + i.Name + ": " + problem})
		}
	}
	s.reaches(report)
	report.Idle = s.idle(checked.Objects)
	report.Own = s.own()
	report.Advice = advise(c, checked.Objects)
	return report, nil
}

func (s *subject) release() chart.Release {
	app := s.config.Application
	return chart.Release{
		Name: app.ReleaseName, Namespace: app.Namespace, Revision: 1, KubeVersion: "v" + s.config.Cluster.Version + ".0", There: s.there,
	}
}

// values are what the program sends to Helm.
func (s *subject) values(with map[string]any) map[string]any {
	app := s.config.Application
	values := expand(app.Values, with).(map[string]any)
	environment := map[string]any{}
	for key, text := range app.Environment {
		environment[key] = fmt.Sprint(expand(text, with))
	}
	values[reserved.EnvironmentValue] = environment
	values[reserved.ChecksumValue] = bpa.Fingerprint("sample")
	return values
}

// cluster is what the stack makes for the release.
func (s *subject) cluster() apiserver.Cluster {
	c := s.config
	cluster := apiserver.Cluster{
		Minor: apiserver.MinorOf(c.Cluster.Version), Namespaces: []string{c.Application.Namespace}, Kinds: apiserver.OfEKS(),
	}
	for _, node := range c.Nodes.Items {
		cluster.Nodes = append(cluster.Nodes, apiserver.NodeLabels(map[string]string{"name": node.Name}))
	}
	return cluster
}

// objects are those that the program puts into the namespace before the release.
func objects(namespace string) []map[string]any {
	secret := func(name, kind string, keys ...string) map[string]any {
		data := map[string]any{}
		for _, key := range keys {
			data[key] = "c2FtcGxl"
		}
		return map[string]any{
			"apiVersion": "v1",
			"kind":       "Secret",
			"type":       kind,
			"data":       data,
			"metadata":   map[string]any{"name": name, "namespace": namespace},
		}
	}
	return []map[string]any{
		{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespace}},
		secret("bpa-certificate-ingress", "kubernetes.io/tls", "tls.crt", "tls.key"),
		secret("bpa-mongodb", "Opaque", "url", "username", "password"),
	}
}

// rendered are the objects for values, nil where the chart does not render with them.
func (s *subject) rendered(of *chart.Chart, values map[string]any) []chart.Object {
	rendering, err := of.RenderPlain(s.release(), values)
	if err != nil {
		return nil
	}
	list, _ := rendering.Objects()
	return list
}

// reaches renders with another value for each thing that the stack gives, and notes what changes.
func (s *subject) reaches(report *Report) {
	base := s.rendered(s.copied, s.values(s.sample))
	note := func(name string, names []string, values map[string]any) Given {
		list := s.rendered(s.copied, values)
		return Given{Name: name, References: names, Reaches: changed(base, list), Breaks: list == nil}
	}
	for _, key := range slices.Sorted(maps.Keys(s.config.Application.Environment)) {
		values := s.values(s.sample)
		environment := values[reserved.EnvironmentValue].(map[string]any)
		environment[key] = another(environment[key])
		report.Environment = append(report.Environment, note(key, named(s.config.Application.Environment[key]), values))
	}
	leaves := map[string]any{}
	collect("", s.config.Application.Values, leaves)
	for _, path := range slices.Sorted(maps.Keys(leaves)) {
		values := s.values(s.sample)
		alter(values, strings.Split(path, "\x00"))
		report.Values = append(report.Values, note(strings.ReplaceAll(path, "\x00", "."), named(leaves[path]), values))
	}
}

// collect finds the values that are no objects, by their keys with a NUL between.
func collect(path string, value any, into map[string]any) {
	object, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			into[path] = value
		}
		return
	}
	for key, inner := range object {
		collect(strings.TrimPrefix(path+"\x00"+key, "\x00"), inner, into)
	}
}

// alter changes one value.
func alter(object map[string]any, path []string) {
	value := object[path[0]]
	if inner, ok := value.(map[string]any); ok && len(path) > 1 {
		alter(inner, path[1:])
		return
	}
	switch v := value.(type) {
	case bool:
		object[path[0]] = !v
	case float64:
		object[path[0]] = v + 1
	case []any:
		object[path[0]] = []any{}
	default:
		object[path[0]] = another(v)
	}
}

// changed names the objects of one list that are not the same in another, and those that only one has.
func changed(before, after []chart.Object) []string {
	if after == nil {
		return nil
	}
	index := func(list []chart.Object) map[string]map[string]any {
		all := map[string]map[string]any{}
		for _, o := range list {
			all[o.Name()] = o.Manifest
		}
		return all
	}
	old, now := index(before), index(after)
	names := maps.Clone(old)
	maps.Copy(names, now)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !reflect.DeepEqual(old[name], now[name]) {
			list = append(list, name)
		}
	}
	return list
}
