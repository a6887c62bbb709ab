package aws

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

func oneOf(property, values string) provider.Value {
	return provider.Value{Property: property, OneOf: strings.Fields(values), Source: tfAWS}
}

func cidrOf(property string) provider.Value {
	return provider.Value{Property: property, Test: cidr, Source: tfAWS}
}

func jsonOf(property string) provider.Value {
	return provider.Value{Property: property, Source: tfAWS, Test: func(text string) string {
		if !json.Valid([]byte(text)) {
			return `"` + property + `" contains an invalid JSON policy: it is not valid JSON`
		}
		return ""
	}}
}

// cidr is the form of a range: IPv4, without host bits.
func cidr(text string) string {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return fmt.Sprintf("%q is not a valid CIDR block: invalid CIDR address", text)
	}
	if p != p.Masked() {
		return fmt.Sprintf("%q is not a valid CIDR block; did you mean %q?", text, p.Masked())
	}
	return ""
}
