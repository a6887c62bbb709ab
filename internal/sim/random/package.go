// Package random is the simulated random provider of the rehearsal. Its values look random and depend on nothing but
// the resource and the run.
package random

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-random that the tables were made for.
const version = "4.18.0"

const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
	special = "!@#$%&*()-_=+[]{}<>:?"
)

// passwords are random passwords.
var passwords = provider.Code{
	catalog.RandomPassword: {
		Values: []provider.Value{
			{Property: "length", Min: 1, Max: 1 << 20, Source: "terraform-provider-random, resource random_password"},
		},
		Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{
				"result":     r.Kept("result", func() any { return password(r.Inputs) }),
				"bcryptHash": r.Kept("bcryptHash", func() any { return "$2a$10$" + pick(lower+upper+digits, 53) }),
			}
		},
	},
}

// Package returns the simulated provider.
func Package() *provider.Package {
	cloud := provider.Description{Package: "random", Code: []provider.Code{passwords}}
	return &provider.Package{Name: "random", Version: version, Schemas: provider.MustSchemas(schemaFile), Types: cloud.Types()}
}

// password draws from the alphabet that the inputs allow, and meets their minimums.
func password(inputs map[string]any) string {
	length := 0
	if n, ok := inputs["length"].(float64); ok {
		length = int(n)
	}
	specials := special
	if s, ok := inputs["overrideSpecial"].(string); ok {
		specials = s
	}
	alphabet, out := "", ""
	for _, class := range []struct{ flag, minimum, characters string }{
		{"lower", "minLower", lower}, {"upper", "minUpper", upper}, {"numeric", "minNumeric", digits}, {"special", "minSpecial", specials},
	} {
		if inputs[class.flag] == false {
			continue
		}
		alphabet += class.characters
		if n, ok := inputs[class.minimum].(float64); ok {
			out += pick(class.characters, int(n))
		}
	}
	return out + pick(alphabet, length-len(out))
}

func pick(alphabet string, n int) string {
	out := make([]byte, 0, max(n, 0))
	for range n {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(fmt.Sprintf("the system has no randomness: %v", err))
		}
		out = append(out, alphabet[i.Int64()])
	}
	return string(out)
}
