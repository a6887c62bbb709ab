package catalog

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/bpa-on-aws/platform/internal/property"
)

// Identity says by which ids a type is known. Source of the ids: the import section of each resource's documentation.
type Identity struct {
	// ImportID makes the id that `pulumi import` takes, and StateID the one by which the provider reads the resource. Each is nil
	// where the service invents it. Where the provider reads by the inputs alone, any StateID does.
	ImportID, StateID ID
	// ARN is the form of the resource's ARN, or "".
	ARN ARN
	// Listing is the command that tells more of the type's resources than ARNs and tags.
	Listing Listing
	// NoImport says what becomes of the resource where its provider cannot import the type, or "".
	NoImport string
}

// ID makes an id of a resource's properties. It reports false where one that it takes is not known.
type ID func(properties map[string]any) (id string, known bool)

// Of makes the id, and reports false where the service invents it.
func (id ID) Of(properties map[string]any) (string, bool) {
	if id == nil {
		return "", false
	}
	return id(properties)
}

// Listing is a command that prints the resources of a type, and List the list that they are in, or "" where the whole document
// is one. A `{property}` of the command is one of the resource that is looked for.
type Listing struct {
	Command, List string
}

// placeholder is a `{property}` of a form, `{metadata.name}` one inside another.
var placeholder = regexp.MustCompile(`\{([\w.]+?)(\.\.\.)?\}`)

// Expand puts properties, which must be texts, in the place of a form's placeholders. It reports false where one is not known.
func Expand(form string, properties map[string]any) (expanded string, known bool) {
	known = true
	expanded = placeholder.ReplaceAllStringFunc(form, func(match string) string {
		path := placeholder.FindStringSubmatch(match)[1]
		value := property.Text(properties, strings.Split(path, ".")...)
		known = known && value != ""
		return value
	})
	return expanded, known
}

// form is an id that consists of properties.
func form(form string) ID {
	return func(properties map[string]any) (string, bool) { return Expand(form, properties) }
}

// atlasID is an id of Atlas's provider: `key:value` pairs in base64, joined with hyphens, sorted by key. It maps keys to
// properties. The provider reads by these alone; what else an id holds, it finds.
func atlasID(keys map[string]string) ID {
	return func(properties map[string]any) (string, bool) {
		encode := base64.StdEncoding.EncodeToString
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			value := property.Text(properties, keys[key])
			if value == "" {
				return "", false
			}
			pairs = append(pairs, encode([]byte(key))+":"+encode([]byte(value)))
		}
		return strings.Join(pairs, "-"), true
	}
}

// routeID is the provider's own: the table, and a checksum of the destination.
func routeID(properties map[string]any) (string, bool) {
	table, destination := property.Text(properties, "routeTableId"), property.Text(properties, "destinationCidrBlock")
	return fmt.Sprintf("r-%s%d", table, crc32.ChecksumIEEE([]byte(destination))), table != "" && destination != ""
}

// securityGroupRuleID joins group, type, protocol, ports and sources, as the rules of pulumi-eks have them.
func securityGroupRuleID(properties map[string]any) (string, bool) {
	protocol := property.Text(properties, "protocol")
	from, hasFrom := property.Number(properties, "fromPort")
	to, hasTo := property.Number(properties, "toPort")
	if protocol == "-1" {
		protocol = "all"
	}
	var sources []string
	if property.True(properties, "self") {
		sources = append(sources, "self")
	}
	sources = append(sources, property.Texts(properties, "cidrBlocks")...)
	if source := property.Text(properties, "sourceSecurityGroupId"); source != "" {
		sources = append(sources, source)
	}
	group, kind := property.Text(properties, "securityGroupId"), property.Text(properties, "type")
	if group == "" || kind == "" || protocol == "" || !hasFrom || !hasTo || len(sources) == 0 {
		return "", false
	}
	return fmt.Sprintf("%s_%s_%s_%v_%v_%s", group, kind, protocol, from, to, strings.Join(sources, "_")), true
}

// ARN is a form of ARNs. {partition}, {region} and {account} are the stack's, {id} is what the service invents, {suffix} what
// Secrets Manager adds, {path} that of IAM, "/" where there is none; anything else is a property of the resource, and one like
// {name...} may hold slashes and colons.
type ARN string

// Of makes the ARN.
func (a ARN) Of(parts map[string]any) (arn string, known bool) { return Expand(string(a), parts) }

// pattern is what an ARN of the form matches, a group a placeholder. The groups are named by their places.
func (a ARN) pattern() *regexp.Regexp {
	parts := map[string]string{
		"{partition}": `[^:]+`, "{region}": `[^:]*`, "{account}": `[^:]*`, "{path}": `/(?:.*/)?`, "{suffix}": `\w{6}`,
	}
	var b strings.Builder
	rest := string(a)
	for _, match := range placeholder.FindAllString(rest, -1) {
		before, after, _ := strings.Cut(rest, match)
		part, special := parts[match]
		switch {
		case special:
		case strings.HasSuffix(match, "...}"):
			part = `.+`
		default:
			part = `[^/:]+`
		}
		b.WriteString(regexp.QuoteMeta(before) + "(" + part + ")")
		rest = after
	}
	return regexp.MustCompile("^" + b.String() + regexp.QuoteMeta(rest) + "$")
}

// arnForms are the types that have an ARN, with what their ARNs match. By its ARN, a VPC's own security group is one like any
// other.
var arnForms = sync.OnceValue(func() map[*Type]*regexp.Regexp {
	forms := map[*Type]*regexp.Regexp{}
	for token, t := range byToken {
		if t.Identity.ARN != "" && token != EC2DefaultSecurityGroup {
			forms[t] = t.Identity.ARN.pattern()
		}
	}
	return forms
})

// Named is what an ARN says of the resource that it names.
type Named struct {
	Type *Type
	// ID is the one that `pulumi import` takes, and StateID the one by which the provider reads the resource.
	ID, StateID string
	// Name is the physical name, or "" where its service invents an id. Properties are the inputs that the ARN holds.
	Name       string
	Properties map[string]any
}

// ByARN reads an ARN, and reports false where no form matches it. That of a log group may end with a star.
func ByARN(arn string) (Named, bool) {
	for t, pattern := range arnForms() {
		if found := pattern.FindStringSubmatch(strings.TrimSuffix(arn, ":*")); found != nil {
			return t.named(arn, found[1:]), true
		}
	}
	return Named{}, false
}

func (t *Type) named(arn string, values []string) Named {
	n := Named{Type: t, ID: arn, Properties: map[string]any{}}
	parts := map[string]any{"arn": arn}
	for i, match := range placeholder.FindAllStringSubmatch(string(t.Identity.ARN), -1) {
		parts[match[1]] = values[i]
		switch match[1] {
		case "partition", "region", "account", "id", "suffix", "path":
		default:
			n.Name, n.Properties[match[1]] = values[i], values[i]
		}
	}
	for _, id := range []ID{t.Identity.ImportID, t.Identity.StateID, form("{id}")} {
		if made, known := id.Of(parts); known {
			n.ID = made
			break
		}
	}
	n.StateID = n.ID
	if own, known := form("{id}").Of(parts); known && t.Identity.StateID == nil {
		n.StateID = own
	}
	return n
}
