package provider

import (
	"encoding/json"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
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

// nestedReplaces adds to a response the changes inside a property that make a new resource.
func (s *Schemas) nestedReplaces(token string, response *pulumirpc.DiffResponse) {
	for path, d := range response.GetDetailedDiff() {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil || len(parsed) < 2 {
			continue
		}
		if !s.insideForceNew(token, parsed) {
			continue
		}
		switch d.GetKind() {
		case pulumirpc.PropertyDiff_ADD:
			d.Kind = pulumirpc.PropertyDiff_ADD_REPLACE
		case pulumirpc.PropertyDiff_DELETE:
			d.Kind = pulumirpc.PropertyDiff_DELETE_REPLACE
		case pulumirpc.PropertyDiff_UPDATE:
			d.Kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
		default:
			continue
		}
		response.Replaces = append(response.Replaces, path)
	}
	sort.Strings(response.Replaces)
}
