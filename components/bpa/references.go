package bpa

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/reference"
)

// references are all that texts may name: those of the arguments, and what this component makes.
func (b *BPA) references() (map[string]pulumi.Input, error) {
	all := map[string]pulumi.Input{
		"atlas.checksum": b.args.Mongo.checksum(), "atlas.secret": pulumi.String(mongoSecret),
		"atlas.url": b.args.Mongo.URL, "atlas.user": b.args.Mongo.Username, "atlas.password": b.args.Mongo.Password,
		"bpa.namespace": pulumi.String(b.args.Namespace), "bpa.release": pulumi.String(b.args.Release),
		"ingress.certificateSecret":   pulumi.String(certificateSecret),
		"ingress.certificateChecksum": pulumi.String(Fingerprint(b.args.CertificatePEM)),
	}
	maps.Copy(all, b.args.References)
	for _, r := range config.References() {
		if all[r.Name] == nil && !r.Image {
			return nil, fmt.Errorf("references: %s must be given", r.Name)
		}
	}
	return all, nil
}

// expand puts inputs in the place of the references in a value. A text that names nothing stays plain, and one that is a
// reference alone keeps its kind: a port is a number.
func expand(value any, references map[string]pulumi.Input) pulumi.Input {
	switch v := value.(type) {
	case string:
		return expandText(v, references)
	case []any:
		list := make(pulumi.Array, len(v))
		for i, item := range v {
			list[i] = expand(item, references)
		}
		return list
	case map[string]any:
		object := pulumi.Map{}
		for key, item := range v {
			object[key] = expand(item, references)
		}
		return object
	}
	return pulumi.Any(value)
}

// expandText joins the parts of a text, which package config has parsed without an error.
func expandText(text string, references map[string]pulumi.Input) pulumi.Input {
	parts, err := reference.Parse(text)
	if err != nil {
		panic(fmt.Sprintf("bpa: an unchecked reference: %s", err))
	}
	pieces := make([]any, len(parts))
	for i, part := range parts {
		if pieces[i] = pulumi.String(part.Text); part.Name == "" {
			continue
		}
		if pieces[i] = references[part.Name]; references[part.Name] == nil {
			panic(fmt.Sprintf("bpa: an unchecked reference: %s", part.Name))
		}
	}
	switch {
	case len(parts) == 0:
		return pulumi.String("")
	case len(parts) == 1:
		return pieces[0].(pulumi.Input)
	}
	return pulumi.All(pieces...).ApplyT(func(values []any) string {
		var b strings.Builder
		for _, v := range values {
			fmt.Fprint(&b, v)
		}
		return b.String()
	}).(pulumi.StringOutput)
}
