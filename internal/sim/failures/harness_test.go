package failures

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/bpa-on-aws/platform/internal/sim/atlas"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/kubernetes"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/random"
)

// clouds are the simulated clouds without an engine: a test talks to the providers itself.
type clouds struct {
	server  *provider.Server
	clients map[string]pulumirpc.ResourceProviderClient
	made    map[string]*made
}

// made is a resource that exists.
type made struct {
	Resource
	id      string
	outputs resource.PropertyMap
}

func newClouds(t *testing.T) *clouds {
	t.Helper()
	return serve(t, aws.Package(), kubernetes.Package(), atlas.Package(), random.Package())
}

func serve(t *testing.T, packages ...*provider.Package) *clouds {
	t.Helper()
	server, err := provider.NewServer(packages...)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	work, err := filepath.Abs("testdata")
	require.NoError(t, err)
	server.SetWorkDir(work)
	c := &clouds{server: server, clients: map[string]pulumirpc.ResourceProviderClient{}, made: map[string]*made{}}
	for name, port := range server.Ports() {
		conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		c.clients[name] = pulumirpc.NewResourceProviderClient(conn)
		c.configure(t, name, "us-west-2")
	}
	return c
}

func (c *clouds) configure(t *testing.T, name, region string) {
	t.Helper()
	settings, err := structpb.NewStruct(map[string]any{"region": region})
	require.NoError(t, err)
	_, err = c.clients[name].Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: settings})
	require.NoError(t, err)
}

func (c *clouds) client(typ string) pulumirpc.ResourceProviderClient {
	name, _, _ := strings.Cut(typ, ":")
	return c.clients[name]
}

func urn(r Resource) string { return fmt.Sprintf("urn:pulumi:test::bpa::%s::%s", r.Type, r.Name) }

// errPreview marks what fails before anything is asked of a service.
var errPreview = errors.New("preview")

// create checks and makes a resource, as the engine does.
func (c *clouds) create(r Resource) error {
	inputs, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(c.resolve(r.With).(map[string]any)), plugin.MarshalOptions{})
	if err != nil {
		return err
	}
	checked, err := c.client(r.Type).
		Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn(r), News: inputs, RandomSeed: []byte(r.Name)})
	if err != nil {
		return fmt.Errorf("%w: %w", errPreview, err)
	}
	if failures := checked.GetFailures(); len(failures) > 0 {
		return fmt.Errorf("%w: %s: %s", errPreview, failures[0].GetProperty(), failures[0].GetReason())
	}
	created, err := c.client(r.Type).Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn(r), Properties: checked.GetInputs()})
	if err != nil {
		return err
	}
	outputs, err := plugin.UnmarshalProperties(created.GetProperties(), plugin.MarshalOptions{})
	c.made[r.Name] = &made{Resource: r, id: created.GetId(), outputs: outputs}
	return err
}

// change checks and updates a resource, which keeps what is not changed.
func (c *clouds) change(name string, with map[string]any) error {
	m := c.made[name]
	if m == nil {
		return fmt.Errorf("%s was not made", name)
	}
	whole := maps.Clone(m.With)
	maps.Copy(whole, with)
	news, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(c.resolve(whole).(map[string]any)), plugin.MarshalOptions{})
	if err != nil {
		return err
	}
	olds, err := plugin.MarshalProperties(m.outputs, plugin.MarshalOptions{})
	if err != nil {
		return err
	}
	_, err = c.client(m.Type).Update(context.Background(), &pulumirpc.UpdateRequest{
		Urn: urn(m.Resource), Id: m.id, News: news, Olds: olds, OldInputs: olds,
	})
	return err
}

func (c *clouds) delete(name string) error {
	m := c.made[name]
	if m == nil {
		return fmt.Errorf("%s was not made", name)
	}
	_, err := c.client(m.Type).Delete(context.Background(), &pulumirpc.DeleteRequest{Urn: urn(m.Resource), Id: m.id})
	return err
}

var (
	reference = regexp.MustCompile(`^\$\{([\w-]+)\.(\w+)\}$`)
	// inside finds an id in the middle of a text, such as a JSON document.
	inside = regexp.MustCompile(`\$\{(\w+)\.id\}`)
	macro  = regexp.MustCompile(`^\$\{(cidrs|base64|text|policy|trust):(\d+)\}$`)
)

// resolve replaces references to what was made, and macros.
func (c *clouds) resolve(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = c.resolve(e)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, c.resolve(e))
		}
		return out
	case string:
		if m := reference.FindStringSubmatch(v); m != nil && c.made[m[1]] != nil {
			if m[2] == "id" {
				return c.made[m[1]].id
			}
			return c.made[m[1]].outputs[resource.PropertyKey(m[2])].StringValue()
		}
		return expand(inside.ReplaceAllStringFunc(v, func(id string) string {
			if made := c.made[inside.FindStringSubmatch(id)[1]]; made != nil {
				return made.id
			}
			return id
		}))
	}
	return v
}

// expand replaces ${cidrs:n}, ${base64:n}, ${policy:n}, ${trust:n} and ${text:n}: what would be too long to write down. A
// policy has n resources, a trust policy n principals.
func expand(v string) any {
	m := macro.FindStringSubmatch(v)
	if m == nil {
		return v
	}
	n, _ := strconv.Atoi(m[2]) // digits
	switch m[1] {
	case "cidrs":
		var list []any
		for i := range n {
			list = append(list, fmt.Sprintf("10.%d.0.0/16", i))
		}
		return list
	case "policy":
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":[%s]}]}`,
			strings.TrimSuffix(strings.Repeat(`"arn:aws:s3:::bpa-files/*",`, n), ","))
	case "trust":
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":[%s]}}]}`,
			strings.TrimSuffix(strings.Repeat(`"arn:aws:iam::111122223333:role/nodes",`, n), ","))
	case "base64":
		return base64.StdEncoding.EncodeToString(make([]byte, n))
	}
	return strings.Repeat("x", n)
}

// run runs an entry and returns the error of the step that should fail. Every other step must succeed.
func (c *clouds) run(t *testing.T, f Failure) error {
	t.Helper()
	if f.Region != "" {
		c.configure(t, "aws", f.Region)
	}
	if f.Date != "" {
		day, err := time.Parse(time.DateOnly, f.Date)
		require.NoError(t, err)
		c.server.SetDate(day)
	}
	for i, r := range f.Make {
		err := c.create(r)
		if i == len(f.Make)-1 && f.At != Destroy && f.Change == nil {
			return err
		}
		require.NoError(t, err, r.Name)
	}
	for name, change := range f.Earlier {
		require.NoError(t, c.change(name, change), name)
	}
	if f.Change != nil {
		return c.change(f.Make[len(f.Make)-1].Name, f.Change)
	}
	for _, name := range f.First {
		require.NoError(t, c.delete(name), name)
	}
	return c.delete(f.Delete)
}
