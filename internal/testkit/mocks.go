package testkit

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// mocks answers the SDK and records what it is told.
type mocks struct {
	graph   *Graph
	dryRun  bool
	outputs map[string]Outputs
	calls   map[string]Call

	config     map[string]string
	secretKeys []string
	dir        string
}

func newMocks(g *Graph, dryRun bool) *mocks {
	m := &mocks{graph: g, dryRun: dryRun, outputs: map[string]Outputs{}, calls: map[string]Call{}}
	fixed := func(values map[string]any) Call {
		return func(resource.PropertyMap) (resource.PropertyMap, error) {
			return resource.NewPropertyMapFromMap(values), nil
		}
	}
	m.calls["aws:index/getPartition:getPartition"] = fixed(map[string]any{
		"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws",
	})
	m.calls["aws:index/getCallerIdentity:getCallerIdentity"] = fixed(map[string]any{
		"id": "111122223333", "accountId": "111122223333", "arn": "arn:aws:iam::111122223333:user/test", "userId": "AIDATEST",
	})
	m.calls["aws:index/getRegion:getRegion"] = fixed(map[string]any{"id": "us-west-2", "name": "us-west-2"})
	m.calls["aws:index/getAvailabilityZones:getAvailabilityZones"] = fixed(map[string]any{
		"id": "us-west-2", "names": []any{"us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"},
	})
	m.calls["aws:rds/getInstance:getInstance"] = func(resource.PropertyMap) (resource.PropertyMap, error) {
		return nil, errors.New("no matching RDS DB Instance found")
	}
	m.calls["aws:rds/getSnapshot:getSnapshot"] = func(resource.PropertyMap) (resource.PropertyMap, error) {
		return nil, errors.New("no matching RDS DB Snapshot found")
	}
	m.calls["aws:ec2/getVpcEndpointService:getVpcEndpointService"] = fixed(map[string]any{
		"id": "service", "availabilityZones": []any{"us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"},
	})
	m.calls["aws:ssm/getParameter:getParameter"] = func(args resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{
			"id": "parameter", "name": args["name"].V, "value": "ami-0123456789abcdef0", "insecureValue": "ami-0123456789abcdef0",
		}), nil
	}
	return m
}

// NewResource implements pulumi.MockResourceMonitor.
func (m *mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	m.record(args)
	if m.dryRun {
		return "", args.Inputs, nil
	}
	outputs := args.Inputs.Copy()
	id := args.Name + "-id"
	if args.ID != "" {
		id = args.ID
	}
	if strings.HasPrefix(args.TypeToken, "aws:") {
		service := strings.SplitN(strings.TrimPrefix(args.TypeToken, "aws:"), "/", 2)[0]
		outputs["arn"] = resource.NewStringProperty(fmt.Sprintf("arn:aws:%s:us-west-2:111122223333:%s", service, args.Name))
	}
	if f := m.outputs[args.TypeToken]; f != nil {
		for k, v := range f(args.Name, args.Inputs) {
			outputs[k] = v
		}
	}
	if args.TypeToken == catalog.RandomPassword {
		h := fnv.New64a()
		_, _ = h.Write([]byte(args.Name))
		outputs["result"] = resource.MakeSecret(resource.NewStringProperty(fmt.Sprintf("generated-%x", h.Sum64())))
	}
	return id, outputs, nil
}

func (m *mocks) record(args pulumi.MockResourceArgs) {
	r := &Resource{
		Type: args.TypeToken, Name: args.Name, Provider: args.Provider, Custom: args.Custom, Inputs: args.Inputs,
	}
	if rpc := args.RegisterRPC; rpc != nil {
		r.Parent, r.Protect = rpc.GetParent(), rpc.GetProtect()
		r.Dependencies = slices.Sorted(slices.Values(rpc.GetDependencies()))
		r.IgnoreChanges, r.ReplaceOnChanges = rpc.GetIgnoreChanges(), rpc.GetReplaceOnChanges()
		r.DeleteBeforeReplace, r.RetainOnDelete = rpc.GetDeleteBeforeReplace(), rpc.GetRetainOnDelete()
		for _, a := range rpc.GetAliases() {
			if urn := a.GetUrn(); urn != "" {
				r.Aliases = append(r.Aliases, urn)
			} else {
				r.Aliases = append(r.Aliases, a.GetSpec().GetName())
			}
		}
		r.Aliases = append(r.Aliases, rpc.GetAliasURNs()...)
	}
	r.URN = urn(r.Parent, r.Type, r.Name)
	m.graph.mu.Lock()
	defer m.graph.mu.Unlock()
	m.graph.resources = append(m.graph.resources, r)
}

// urn builds the URN as the SDK's own mock monitor does.
func urn(parent, typ, name string) string {
	qualified := typ
	if parent != "" {
		if p := resource.URN(parent); p.QualifiedType() != resource.RootStackType {
			qualified = string(p.QualifiedType()) + "$" + typ
		}
	}
	return fmt.Sprintf("urn:pulumi:%s::%s::%s::%s", Stack, Project, qualified, name)
}

// Call implements pulumi.MockResourceMonitor.
func (m *mocks) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	f := m.calls[args.Token]
	if f == nil {
		return nil, fmt.Errorf("testkit: no answer to invoke %s: give one with WithCall", args.Token)
	}
	return f(args.Args)
}
