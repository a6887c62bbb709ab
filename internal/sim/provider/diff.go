package provider

import (
	"encoding/json"
	"slices"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// settled removes the differences that mean nothing to the provider: the order of sets, a default that is written out,
// and a computed property that the program no longer gives.
func (s *Schemas) settled(token string, olds, news resource.PropertyMap) (before, after resource.PropertyMap) {
	before, after = bareMap(olds), bareMap(news)
	if s == nil {
		return before, after
	}
	for name, p := range s.Types[token] {
		key := resource.PropertyKey(name)
		if _, still := after[key]; p.Computed && !still {
			delete(before, key)
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
	}
	return before, after
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

// insideForceNew reports whether a path leads to, or through, a nested property whose change makes a new resource.
func (s *Schemas) insideForceNew(token string, path []any) bool {
	for n := 2; n <= len(path); n++ {
		if p := s.at(token, path[:n]); p != nil && p.ForceNew {
			return true
		}
	}
	return false
}

// nestedReplaces adds to a difference the changes inside a property that make a new resource.
func (s *Schemas) nestedReplaces(token string, result *plugin.DiffResult) {
	for path, d := range result.DetailedDiff {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil || len(parsed) < 2 || d.Kind.IsReplace() || !s.insideForceNew(token, parsed) {
			continue
		}
		result.DetailedDiff[path] = d.ToReplace()
		result.ReplaceKeys = append(result.ReplaceKeys, resource.PropertyKey(path))
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
