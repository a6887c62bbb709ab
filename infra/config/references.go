package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/reference"
	"github.com/bpa-on-aws/platform/infra/reserved"
)

// Reference is what a text of application.environment or application.values may name: `${database.host}`.
type Reference struct {
	Name, Doc string
	// Secret marks the text that names it as secret. Number keeps a Helm value that is nothing else a number.
	Secret, Number bool
	// Lines marks what is more than one line: application.environment cannot name it.
	Lines bool
	// Image says that NAME at the end of Name stands for a repository of the stack's list of images.
	Image bool
}

// means reports whether a name is that of the reference.
func (r Reference) means(name string) bool {
	if !r.Image {
		return name == r.Name
	}
	repository, found := strings.CutPrefix(name, strings.TrimSuffix(r.Name, "NAME"))
	return found && formats["repository"].wrongText(repository) == ""
}

// ImageNamed returns the repository that a reference names, as kafka of tag.kafka and of image.kafka.
func ImageNamed(name string) (repository string, ok bool) {
	for _, r := range References() {
		if r.Image && r.means(name) {
			return strings.TrimPrefix(name, strings.TrimSuffix(r.Name, "NAME")), true
		}
	}
	return "", false
}

// ReferenceImages are the images of the reference chart.
func ReferenceImages() []string {
	return strings.Fields("camunda elasticsearch grafana ingress-controller kafka kong prometheus sase-service zookeeper")
}

// References are all that can be named, sorted.
func References() []Reference {
	references := []Reference{
		{Name: "atlas.checksum", Doc: "Changes with the way to MongoDB", Secret: true},
		{Name: "atlas.host", Doc: "Host of MongoDB's SRV record"},
		{Name: "atlas.password", Doc: "Password of BPA's MongoDB user", Secret: true},
		{Name: "atlas.secret", Doc: "Kubernetes secret with url, username, password"},
		{Name: "atlas.url", Doc: "mongodb+srv://… over PrivateLink, no credentials"},
		{Name: "atlas.user", Doc: "BPA's MongoDB user"},
		{Name: "aws.accountId", Doc: "AWS account"},
		{Name: "aws.region", Doc: "AWS region"},
		{Name: "bpa.namespace", Doc: "Kubernetes namespace of the release"},
		{Name: "bpa.release", Doc: "BPA release"},
		{Name: "cluster.name", Doc: "Name of the EKS cluster"},
		{Name: "database.host", Doc: "Host of PostgreSQL"},
		{Name: "database.port", Doc: "Port of PostgreSQL", Number: true},
		{Name: "database.roots", Doc: "Roots of its certificate, PEM; values alone", Lines: true},
		{Name: "image.NAME", Doc: "Image NAME of the list of images, in ECR", Image: true},
		{Name: "tag.NAME", Doc: "Tag of image NAME in that list", Image: true},
		{Name: "ingress.certificateChecksum", Doc: "SHA-256 of the certificate"},
		{Name: "ingress.certificateSecret", Doc: "Kubernetes TLS secret (R22)"},
		{Name: "ingress.hostname", Doc: "The name that users type"},
		{Name: "ingress.httpsNodePort", Doc: "Node port behind listener 443", Number: true},
		{Name: "ingress.portalNodePort", Doc: "Node port behind listener 30101", Number: true},
		{Name: "registry.host", Doc: "Host of the stack's ECR registry"},
		{Name: "registry.url", Doc: "Host and path before the name of an image"},
	}
	for _, role := range reserved.Roles {
		references = append(
			references,
			Reference{Name: "database." + role + ".name", Doc: "Database of role " + role},
			Reference{Name: "database." + role + ".user", Doc: "User who logs in as role " + role},
			Reference{Name: "database." + role + ".password", Doc: "Password of that user", Secret: true},
		)
	}
	slices.SortFunc(references, func(a, b Reference) int { return strings.Compare(a.Name, b.Name) })
	return references
}

// paperEnvironment are the keys of environment.txt that the paper fills by hand (R11).
var paperEnvironment = map[string]string{
	"PG_ROOT_DATABASE":        "${database.admin.name}",
	"PG_INITDB_ROOT_USERNAME": "${database.admin.user}",
	"PG_INITDB_ROOT_PASSWORD": "${database.admin.password}",
	"AUTH_DB_NAME":            "${database.kong.name}",
	"AUTH_DB_USER":            "${database.kong.user}",
	"AUTH_DB_PASSWORD":        "${database.kong.password}",
	"WFE_DB_NAME":             "${database.camunda.name}",
	"WFE_DB_USER":             "${database.camunda.user}",
	"WFE_DB_PASSWORD":         "${database.camunda.password}",
}

// What the reference chart reads beside it. Nobody but the authors of that chart knows these names.
var (
	referenceEnvironment = map[string]string{"PG_HOST": "${database.host}", "PG_PORT": "${database.port}"}
	referenceValues      = map[string]any{"bpaPlatform": map[string]any{
		"imageRegistry": "${registry.url}", "release": "${bpa.release}", "tags": referenceTags(),
		"httpsNodePort": "${ingress.httpsNodePort}", "portalNodePort": "${ingress.portalNodePort}",
		"certificateSecret": "${ingress.certificateSecret}", "mongoSecret": "${atlas.secret}", "mongoChecksum": "${atlas.checksum}",
	}}
	// paperValues are set in the paper's values.yaml (R21).
	paperValues = map[string]any{"ingress_controller": map[string]any{"create": true}}
)

// referenceTags are the tags of the reference chart's images, as the stack's list has them.
func referenceTags() map[string]any {
	tags := map[string]any{}
	for _, image := range ReferenceImages() {
		tags[image] = "${tag." + image + "}"
	}
	return tags
}

// completeMaps fills in what the stack file leaves out of environment and values, key by key.
func (a *Application) completeMaps(d *defaults) {
	environment, values, origin := maps.Clone(paperEnvironment), below(nil, paperValues), FromDefault
	if a.Chart == "" {
		maps.Copy(environment, referenceEnvironment)
		values = below(values, referenceValues)
	}
	if a.EnvironmentFile == None {
		environment = map[string]string{}
	}
	for key := range environment {
		if _, given := a.Environment[key]; !given {
			d.Origins["application.environment."+key] = origin
		}
	}
	for key := range values {
		if _, given := a.Values[key]; !given {
			d.Origins["application.values."+key] = origin
		}
	}
	maps.Copy(environment, a.Environment)
	a.Environment, a.Values = environment, below(a.Values, values)
}

// below lays values over others, object by object, and changes neither.
func below(above, values map[string]any) map[string]any {
	merged := maps.Clone(values)
	for key, value := range above {
		upper, isObject := value.(map[string]any)
		if lower, both := values[key].(map[string]any); both && isObject {
			value = below(upper, lower)
		}
		merged[key] = value
	}
	return merged
}

// environmentKey is a name that a shell can read.
var environmentKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkMaps checks the keys of environment, and every reference. A text that is wrong may hold a password: it is not shown.
func (a Application) checkMaps(p *problem.List) {
	var known, long []string
	for _, r := range References() {
		known = append(known, r.Name)
		if r.Lines {
			long = append(long, r.Name)
		}
	}
	check := func(path, text string) {
		parts, err := reference.Parse(text)
		if err != nil {
			p.Add(path, "…", "%s", err)
		}
		for _, part := range parts {
			named := slices.ContainsFunc(References(), func(r Reference) bool { return r.means(part.Name) })
			p.Require(part.Name == "" || named, path, "${"+part.Name+"}",
				"must name what the stack has%s: bpactl config references lists it; the characters themselves are $${",
				problem.DidYouMean(part.Name, known))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a.Environment)) {
		path := "environment." + key
		p.Require(environmentKey.MatchString(key), path, "…", "must be letters, digits and underscores, first no digit")
		p.Require(!strings.ContainsAny(a.Environment[key], "\r\n"), path, "…", "must be one line, as environment.txt has a line a key")
		check(path, a.Environment[key])
		for _, name := range long {
			p.Require(!strings.Contains(a.Environment[key], "${"+name+"}"), path, "${"+name+"}",
				"must be one line, and this is several: name it in application.values")
		}
	}
	reference.Visit("values", a.Values, check)
}
