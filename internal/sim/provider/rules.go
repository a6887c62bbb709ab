package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Value is a provider's own rule for one input. It fails in a preview already, where the value is known by then.
type Value struct {
	// Property as a path; [] stands for every element of a list: "rules.[].port".
	Property string
	// OneOf lists the documented values, nil is no such list.
	OneOf []string
	// Numbers lists the documented values of a number.
	Numbers []float64
	// Min and Max bound the length of a text, or a number. Max 0 is no bound.
	Min, Max float64
	// Pattern must match, or with Not must not; Text is what the provider says where it does not.
	Pattern *regexp.Regexp
	Not     bool
	Text    string
	// Test says what is wrong with a text, or "".
	Test func(string) string
	// Source is the document or the issue that the rule comes from.
	Source string
}

// refuse says what is wrong with a value, or "".
func (v *Value) refuse(value resource.PropertyValue) string {
	value = bareOne(value)
	switch {
	case value.IsNumber() && v.Max > 0 && (value.NumberValue() < v.Min || value.NumberValue() > v.Max):
		return fmt.Sprintf("expected %s to be in the range (%v - %v), got %v", v.Property, v.Min, v.Max, value.NumberValue())
	case value.IsNumber() && v.Numbers != nil && !slices.Contains(v.Numbers, value.NumberValue()):
		return fmt.Sprintf("expected %s to be one of %v, got %v", v.Property, v.Numbers, value.NumberValue())
	case !value.IsString():
		return ""
	}
	text := value.StringValue()
	switch {
	case v.OneOf != nil && !slices.Contains(v.OneOf, text):
		return fmt.Sprintf("expected %s to be one of [%q], got %s", v.Property, v.OneOf, text)
	case v.OneOf == nil && v.Max > 0 && (float64(len(text)) < v.Min || float64(len(text)) > v.Max):
		return fmt.Sprintf("expected length of %s to be in the range (%v - %v), got %s", v.Property, v.Min, v.Max, text)
	case v.Pattern != nil && v.Pattern.MatchString(text) == v.Not:
		return fmt.Sprintf("invalid value for %s (%s)", v.Property, v.Text)
	case v.Test != nil:
		return v.Test(text)
	}
	return ""
}

// Rule is a rule of a service, applied when a resource is made, changed or deleted.
type Rule struct {
	// Code is the service's error code.
	Code string
	// Source is the document or the issue that the code comes from.
	Source string
	// Fails says what is wrong in the service's words, or "" where nothing is.
	Fails func(*Request) string
	// OnCreate: an update is not asked.
	OnCreate bool
	// Takes is how long the service tries before it gives up.
	Takes time.Duration
	// Plain: the service's message comes without its code in front.
	Plain bool
}

// Failure is what a service answers where a rule is broken.
type Failure struct {
	Code, Message string
	// Takes is how long the service tried before it gave up.
	Takes time.Duration
	plain bool
}

// Error is the service's code and message.
func (f *Failure) Error() string {
	if f.plain {
		return f.Message
	}
	return f.Code + ": " + f.Message
}

// apply returns the first failure.
func apply(rules []Rule, r *Request) error {
	for _, rule := range rules {
		if rule.OnCreate && r.Old != nil {
			continue
		}
		if message := rule.Fails(r); message != "" {
			return &Failure{Code: rule.Code, Message: message, Takes: rule.Takes, plain: rule.Plain}
		}
	}
	return nil
}

// place is a value and where it was found.
type place struct {
	path  string
	value resource.PropertyValue
}

// collect finds the values at a path.
func collect(v resource.PropertyValue, path []string, at string) []place {
	v = bareOne(v)
	if len(path) == 0 {
		return []place{{strings.TrimPrefix(at, "."), v}}
	}
	switch {
	case path[0] == "[]" && v.IsArray():
		var found []place
		for i, e := range v.ArrayValue() {
			found = append(found, collect(e, path[1:], fmt.Sprintf("%s[%d]", at, i))...)
		}
		return found
	case v.IsObject():
		if inner, ok := v.ObjectValue()[resource.PropertyKey(path[0])]; ok {
			return collect(inner, path[1:], at+"."+path[0])
		}
	}
	return nil
}

// SetDate makes a day the rehearsal's today. Versions that cannot be created on it are refused.
func (s *Server) SetDate(day time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.date = day
}

// Date is the rehearsal's today.
func (s *Server) Date() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.date.IsZero() {
		return time.Now()
	}
	return s.date
}

// SetWorkDir names the folder that relative paths of the program start from.
func (s *Server) SetWorkDir(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workDir = dir
}

// SetInside says that the machine which runs the program reaches the private addresses of every VPC.
func (s *Server) SetInside(inside bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside = inside
}

// Inside reports whether the machine which runs the program reaches the private addresses of every VPC.
func (s *Server) Inside() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inside
}

// SetRegistry names a registry that holds what the stack's ECR would.
func (s *Server) SetRegistry(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registry = host
}

// Registry is the registry that holds what the stack's ECR would, or "".
func (s *Server) Registry() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registry
}

// WorkDir is the folder that relative paths of the program start from, or "".
func (s *Server) WorkDir() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.workDir
}

// taken is the error where the id of a new resource exists.
func (t *Type) taken(r *Request) error {
	if t.Taken == "" {
		return fmt.Errorf("%s %q already exists", r.Type, r.ID)
	}
	return &Failure{Code: t.Taken, Message: fmt.Sprintf("%s with name %s already exists.", r.URN.Type().Name(), r.ID)}
}
