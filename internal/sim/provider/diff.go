package provider

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/bpa-on-aws/platform/internal/property"
)

// settled removes the differences that mean nothing to the provider: the order of sets, a default that is written out,
// a computed property that the program no longer gives, and one that it now gives as the outputs have it already.
func (s *Schemas) settled(token string, olds, news, outputs resource.PropertyMap) (before, after resource.PropertyMap) {
	before, after = bareMap(olds), bareMap(news)
	if s == nil {
		return before, after
	}
	s.settle(s.Types[token], before, after, bareMap(outputs))
	return before, after
}

// settle does so for the properties at one place, and for those of the blocks that are there before and after.
func (s *Schemas) settle(properties map[string]*Property, before, after, outputs resource.PropertyMap) {
	for name, p := range properties {
		key := resource.PropertyKey(name)
		if _, still := after[key]; p.Computed && !still {
			delete(before, key)
		}
		if _, given := before[key]; p.Computed && !given && outputs.HasValue(key) {
			if _, now := after[key]; now {
				before[key] = outputs[key]
			}
		}
		for _, m := range []resource.PropertyMap{before, after} {
			if _, ok := m[key]; !ok && p.Default != "" {
				var value any
				if json.Unmarshal([]byte(p.Default), &value) == nil {
					m[key] = resource.NewPropertyValue(value)
				}
			}
			if v, ok := m[key]; ok && p.Set && v.IsArray() && !v.ContainsUnknowns() {
				m[key] = sorted(v)
			}
		}
		if members := s.Objects[p.Holds()]; members != nil && !s.Whole {
			old, now, made := blocks(before[key]), blocks(after[key]), blocks(outputs[key])
			for i := 0; len(old) == len(now) && i < len(old); i++ {
				var output resource.PropertyMap
				if len(made) == len(now) {
					output = made[i]
				}
				s.settle(members, old[i], now[i], output)
			}
		}
	}
}

// blocks are the objects of a block, those of a list in its order.
func blocks(v resource.PropertyValue) (all []resource.PropertyMap) {
	switch {
	case v.IsObject():
		return []resource.PropertyMap{v.ObjectValue()}
	case v.IsArray():
		for _, e := range v.ArrayValue() {
			if e.IsObject() {
				all = append(all, e.ObjectValue())
			}
		}
	}
	return all
}

// sorted orders the elements of a set.
func sorted(v resource.PropertyValue) resource.PropertyValue {
	list := append([]resource.PropertyValue{}, v.ArrayValue()...)
	text := func(v resource.PropertyValue) string {
		b, _ := json.Marshal(v.Mappable()) // plain data
		return string(b)
	}
	sort.SliceStable(list, func(i, j int) bool { return text(list[i]) < text(list[j]) })
	return resource.NewArrayProperty(list)
}

// replacing lists the top-level properties of a type whose change from one set of inputs to another makes a new resource. A
// block is judged by the count of its elements alone. Source: terraform-plugin-sdk v2 helper/schema/schema.go, diffList and
// diffSet, which give ForceNew to the count, and each member its own.
func (s *Schemas) replacing(token string, before, after resource.PropertyMap) []string {
	return slices.DeleteFunc(s.replaces(token), func(name string) bool {
		key := resource.PropertyKey(name)
		return !s.Whole && s.Types[token][name].block() && elements(before[key]) == elements(after[key])
	})
}

// elements counts those of a block: one of what is no list, and a count of its own where it is not known.
func elements(v resource.PropertyValue) int {
	switch {
	case v.IsNull():
		return 0
	case v.IsComputed():
		return -1
	case v.IsArray():
		return len(v.ArrayValue())
	}
	return 1
}

// insideForceNew reports whether a path leads to, or through, a nested property whose change makes a new resource.
func (s *Schemas) insideForceNew(token string, path []any) bool {
	for n := 2; n <= len(path); n++ {
		p := s.at(token, path[:n])
		if p != nil && p.ForceNew && (s.Whole || !p.block() || n == len(path) || n == len(path)-1 && isIndex(path[n])) {
			return true
		}
	}
	return false
}

func isIndex(step any) bool {
	_, index := step.(int)
	return index
}

// gives reports whether a block that comes or goes has a member whose change makes a new resource.
func (s *Schemas) gives(p *Property, v resource.PropertyValue) bool {
	if p == nil || !p.block() {
		return false
	}
	if v.IsArray() {
		return slices.ContainsFunc(v.ArrayValue(), func(e resource.PropertyValue) bool { return s.gives(p.elem(), e) })
	}
	if v.IsObject() {
		for name, value := range v.ObjectValue() {
			member := s.Objects[p.object()][string(name)]
			if member != nil && (member.ForceNew || s.gives(member, value)) {
				return true
			}
		}
	}
	return false
}

// nestedReplaces adds to a difference the changes inside a property that make a new resource.
func (s *Schemas) nestedReplaces(token string, before, after resource.PropertyMap, result *plugin.DiffResult) {
	for path, d := range result.DetailedDiff {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil || d.Kind.IsReplace() {
			continue
		}
		p := s.at(token, parsed)
		old, _ := parsed.Get(resource.NewObjectProperty(before))
		added, _ := parsed.Get(resource.NewObjectProperty(after))
		if s.insideForceNew(token, parsed) || s.gives(p, old) || s.gives(p, added) {
			result.DetailedDiff[path] = d.ToReplace()
			result.ReplaceKeys = append(result.ReplaceKeys, resource.PropertyKey(path))
		}
	}
	slices.Sort(result.ReplaceKeys)
}

// difference compares two sets of inputs. A change of one of the replaces properties makes a new resource.
func difference(olds, news resource.PropertyMap, replaces []string) plugin.DiffResult {
	diff := bareMap(olds).Diff(bareMap(news))
	if diff == nil || !diff.AnyChanges() {
		return plugin.DiffResult{Changes: plugin.DiffNone}
	}
	result := plugin.DiffResult{
		Changes: plugin.DiffSome, ChangedKeys: diff.ChangedKeys(), DetailedDiff: plugin.NewDetailedDiffFromObjectDiff(diff, true),
	}
	for _, key := range result.ChangedKeys {
		if slices.Contains(replaces, string(key)) {
			result.ReplaceKeys = append(result.ReplaceKeys, key)
		}
	}
	for path, d := range result.DetailedDiff {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil || len(parsed) == 0 {
			continue
		}
		if top, ok := parsed[0].(string); ok && slices.Contains(replaces, top) {
			result.DetailedDiff[path] = d.ToReplace()
		}
	}
	return result
}

// planned lists the top-level properties in which a change lies that the provider's own rules make a new resource of.
func (t *Type) planned(before, after map[string]any) (replaces []string) {
	for _, plan := range t.Plans {
		old, _ := property.At(before, plan.Property)
		now, _ := property.At(after, plan.Property)
		if plan.Replaces(old, now) {
			top, _, _ := strings.Cut(plan.Property, ".")
			replaces = append(replaces, top)
		}
	}
	return replaces
}
