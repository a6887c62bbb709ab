package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/cidr"
)

// Format is what a single value must look like; a field names its format in the tag `is`.
type Format struct {
	// Must says what is allowed, as an error does.
	Must string
	// Pattern matches every allowed text; it is written in the part of the syntax that Go and JavaScript share. For a
	// format with a check of its own it is only a first sieve, and empty where text cannot be told by a pattern.
	Pattern string
	// Words or Numbers are the only allowed values, where there are any.
	Words   []string
	Numbers []int

	pattern *regexp.Regexp
	// check returns what is wrong with a text, or "". It replaces the pattern.
	check func(text string) string
}

const (
	label  = `[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?`
	host   = `(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}`
	octets = `(?:[0-9]{1,3}\.){3}[0-9]{1,3}`
	// repository paths as ECR accepts them (docs/facts.md §4).
	repository = `(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*`
)

// formats are all that there are, by name: those of several sections here, and each other one beside the section that has it.
var formats = map[string]Format{}

// define adds formats. It returns something, so that a declaration can call it.
//
//nolint:unparam // the result is never read
func define(more map[string]Format) struct{} {
	for name, f := range more {
		if _, taken := formats[name]; taken {
			panic("two formats are called " + name) // a test of any kind finds it
		}
		if f.Pattern != "" {
			f.pattern = regexp.MustCompile(f.Pattern)
		}
		formats[name] = f
	}
	return struct{}{}
}

var _ = define(map[string]Format{
	"cidr":    {Pattern: "^" + octets + `/[0-9]{1,2}$`, check: cidr.Wrong},
	"logDays": {Numbers: logDays, Must: fmt.Sprintf("must be a period that CloudWatch offers: %v", logDays)},
	"name": {
		Pattern: `^[a-z](?:-?[a-z0-9]){1,19}$`,
		Must:    "must be 2-20 lower-case letters, digits and single hyphens, first a letter",
	},
	"password": {check: checkPassword},
	"stack": {
		Pattern: `^[A-Za-z0-9_.-]{1,100}$`,
		Must:    "must be the stack name of a file beside this one, such as prod for Pulumi.prod.yaml",
	},
})

var logDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// WrongStack returns what is wrong with the name of a stack, or "".
func WrongStack(name string) string { return formats["stack"].wrongText(name) }

// wrongText returns what is wrong with a text, or "".
func (f Format) wrongText(text string) string {
	switch {
	case f.check != nil:
		return f.check(text)
	case f.Words != nil && !slices.Contains(f.Words, text), f.pattern != nil && !f.pattern.MatchString(text):
		return f.Must
	}
	return ""
}

// wrongNumber returns what is wrong with a number, or "".
func (f Format) wrongNumber(n int) string {
	if slices.Contains(f.Numbers, n) {
		return ""
	}
	return f.Must
}

var printable = regexp.MustCompile(`^[!-~]{8,128}$`)

// checkPassword: what RDS accepts (docs/facts.md §2).
func checkPassword(text string) string {
	if !printable.MatchString(text) || strings.ContainsAny(text, `/"@' `) {
		return `must be 8-128 printable ASCII characters without / " @ ' and space`
	}
	return ""
}
