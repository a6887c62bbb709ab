package provider_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const boxType, itemType = "toy:index:Box", "toy:index:Item"

// toy is a cloud of boxes, which hold items.
func toy() *provider.Package {
	return &provider.Package{
		Name: "toy",
		Types: map[string]*provider.Type{
			boxType: {
				ID: func(r *provider.Request) string { return r.Str("name") }, Required: []string{"size"}, Replaces: []string{"size"},
				Name: &provider.AutoName{Property: "name", Separator: "-", Digits: 4, Max: 12},
				Outputs: func(r *provider.Request) map[string]any {
					return map[string]any{"arn": "arn:box/" + r.ID, "key": "opened"}
				},
				Secrets: []string{"key"},
				Blocks: &provider.Block{Err: func(r *provider.Request, b *provider.Resource) error {
					return fmt.Errorf("BoxNotEmpty: %s holds %s", r.ID, b.ID)
				}},
				Protected: func(r *provider.Request) error {
					if r.Inputs["locked"] == true {
						return errors.New("BoxLocked")
					}
					return nil
				},
			},
			itemType: {ID: func(*provider.Request) string { return "item" }},
		},
		Refer: func(inputs map[string]any) []provider.Reference {
			if box, ok := inputs["box"].(string); ok {
				return []provider.Reference{{ID: box, Err: errors.New("NoSuchBox: " + box)}}
			}
			return nil
		},
	}
}

type client struct {
	pulumirpc.ResourceProviderClient
	t *testing.T
}

func connect(t *testing.T) (*provider.Server, client) {
	t.Helper()
	return connectTo(t, toy())
}

func connectTo(t *testing.T, p *provider.Package) (*provider.Server, client) {
	t.Helper()
	server, err := provider.NewServer(p)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	connection, err := grpc.NewClient(
		fmt.Sprintf("127.0.0.1:%d", server.Ports()["toy"]),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return server, client{pulumirpc.NewResourceProviderClient(connection), t}
}

func urn(typ, name string) string { return "urn:pulumi:test::project::" + typ + "::" + name }

var keep = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true}

// check runs Check on a box and returns the inputs or the failures.
func (c client) check(inputs resource.PropertyMap) (resource.PropertyMap, []string) {
	c.t.Helper()
	news, err := plugin.MarshalProperties(inputs, keep)
	require.NoError(c.t, err)
	response, err := c.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn(boxType, "a"), News: news, RandomSeed: []byte("seed")})
	require.NoError(c.t, err)
	var failures []string
	for _, f := range response.GetFailures() {
		failures = append(failures, f.GetProperty()+": "+f.GetReason())
	}
	checked, err := plugin.UnmarshalProperties(response.GetInputs(), keep)
	require.NoError(c.t, err)
	return checked, failures
}

func (c client) create(typ, name string, inputs resource.PropertyMap, preview bool) (string, resource.PropertyMap, error) {
	c.t.Helper()
	properties, err := plugin.MarshalProperties(inputs, keep)
	require.NoError(c.t, err)
	response, err := c.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn(typ, name), Properties: properties, Preview: preview})
	if err != nil {
		return "", nil, err
	}
	outputs, err := plugin.UnmarshalProperties(response.GetProperties(), keep)
	require.NoError(c.t, err)
	return response.GetId(), outputs, nil
}

func (c client) remove(typ, name, id string) error {
	_, err := c.Delete(context.Background(), &pulumirpc.DeleteRequest{Urn: urn(typ, name), Id: id})
	return err
}

func box() resource.PropertyMap {
	return resource.PropertyMap{"name": resource.NewProperty("b"), "size": resource.NewProperty(1.0)}
}

func TestWhatIsNotSimulatedIsRefusedByName(t *testing.T) {
	_, c := connect(t)
	_, _, err := c.create("toy:index:Lid", "l", nil, false)
	require.ErrorContains(t, err, "toy: resource type toy:index:Lid is not simulated")
	_, err = c.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "toy:index:open"})
	require.ErrorContains(t, err, "toy: function toy:index:open is not simulated")
}

func TestNamesAreFilledInWithinTheirLimitFromTheSeedAlone(t *testing.T) {
	_, c := connect(t)
	first, failures := c.check(resource.PropertyMap{"size": resource.NewProperty(1.0)})
	assert.Empty(t, failures)
	again, _ := c.check(resource.PropertyMap{"size": resource.NewProperty(1.0)})
	assert.Equal(t, first, again)
	assert.Regexp(t, `^a-[0-9a-f]{4}$`, first["name"].StringValue())
	given, _ := c.check(box())
	assert.Equal(t, "b", given["name"].StringValue())
	_, failures = c.check(nil)
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], `size: Missing required argument. The argument "size" is required`)
}

func TestAPreviewMakesNothingAndKnowsNoOutputs(t *testing.T) {
	server, c := connect(t)
	id, outputs, err := c.create(boxType, "a", box(), true)
	require.NoError(t, err)
	assert.Empty(t, id)
	assert.True(t, outputs["arn"].IsComputed())
	assert.Zero(t, server.Store().Len())
}

func TestSecretsStaySecretInOutputs(t *testing.T) {
	_, c := connect(t)
	inputs := box()
	inputs["label"] = resource.MakeSecret(resource.NewProperty("hidden"))
	_, outputs, err := c.create(boxType, "a", inputs, false)
	require.NoError(t, err)
	assert.True(t, outputs["label"].IsSecret(), "what was secret as an input")
	assert.True(t, outputs["key"].IsSecret(), "what the service always hides")
	assert.False(t, outputs["arn"].IsSecret())
}

func TestReferencesMustExistAndBlockDeletion(t *testing.T) {
	server, c := connect(t)
	item := resource.PropertyMap{"box": resource.NewProperty("arn:box/b")}
	_, _, err := c.create(itemType, "i", item, false)
	require.ErrorContains(t, err, "NoSuchBox: arn:box/b")
	id, _, err := c.create(boxType, "a", box(), false)
	require.NoError(t, err)
	_, _, err = c.create(boxType, "other", box(), false)
	require.ErrorContains(t, err, `toy:index:Box "b" already exists`)
	_, _, err = c.create(itemType, "i", item, false)
	require.NoError(t, err)
	require.ErrorContains(t, c.remove(boxType, "a", id), "BoxNotEmpty: b holds item")
	require.NoError(t, c.remove(itemType, "i", "item"))
	require.NoError(t, c.remove(boxType, "a", id))
	require.NoError(t, c.remove(boxType, "a", id), "what is gone is gone")
	assert.Zero(t, server.Store().Len())
}

func TestDeletionProtectionHoldsUntilTheRehearsalLiftsIt(t *testing.T) {
	server, c := connect(t)
	inputs := box()
	inputs["locked"] = resource.NewProperty(true)
	id, _, err := c.create(boxType, "a", inputs, false)
	require.NoError(t, err)
	require.ErrorContains(t, c.remove(boxType, "a", id), "BoxLocked")
	server.LiftProtection()
	require.NoError(t, c.remove(boxType, "a", id))
}

func TestAChangedPropertySaysWhetherItReplaces(t *testing.T) {
	_, c := connect(t)
	diff := func(change string, value resource.PropertyValue) *pulumirpc.DiffResponse {
		olds, err := plugin.MarshalProperties(box(), keep)
		require.NoError(t, err)
		changed := box()
		changed[resource.PropertyKey(change)] = value
		news, err := plugin.MarshalProperties(changed, keep)
		require.NoError(t, err)
		response, err := c.Diff(context.Background(), &pulumirpc.DiffRequest{
			Urn: urn(boxType, "a"), Id: "b", OldInputs: olds, Olds: olds, News: news,
		})
		require.NoError(t, err)
		return response
	}
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff("size", resource.NewProperty(1.0)).GetChanges())
	assert.Equal(t, []string{"size"}, diff("size", resource.NewProperty(2.0)).GetReplaces())
	update := diff("label", resource.NewProperty("x"))
	assert.Equal(t, []string{"label"}, update.GetDiffs())
	assert.Empty(t, update.GetReplaces())
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff("size", resource.MakeSecret(resource.NewProperty(1.0))).GetChanges(),
		"the same value, now secret, is no difference")
}

func TestMiddlewareSurroundsEachOperation(t *testing.T) {
	server, c := connect(t)
	var seen []string
	server.Use(func(_ context.Context, op *provider.Operation, next func() error) error {
		err := next()
		seen = append(seen, fmt.Sprintf("%s %s %s", op.Verb, op.Type, op.ID))
		return err
	})
	server.Use(func(_ context.Context, op *provider.Operation, next func() error) error {
		if op.Verb == provider.Delete {
			return errors.New("Throttling")
		}
		return next()
	})
	id, _, err := c.create(boxType, "a", box(), false)
	require.NoError(t, err)
	require.ErrorContains(t, c.remove(boxType, "a", id), "Throttling")
	assert.Equal(t, []string{"create toy:index:Box b"}, seen, "the outer one decides whether the inner ones run")
	assert.Equal(t, 1, server.Store().Len())
}

func TestWhatTheProviderHasNamedIsMarked(t *testing.T) {
	marking := toy()
	marking.Types[boxType].Name.Mark = []string{"labels", "made.by/provider"}
	_, c := connectTo(t, marking)
	made, _ := c.check(resource.PropertyMap{"size": resource.NewProperty(1.0)})
	mark := resource.NewObjectProperty(resource.PropertyMap{"made.by/provider": resource.NewProperty("true")})
	assert.Equal(t, mark, made["labels"])
	own, _ := c.check(box())
	assert.NotContains(t, own, resource.PropertyKey("labels"))
}

func TestAProviderHasTheSettingsOfItsSDKAndNoOthers(t *testing.T) {
	settings := toy()
	settings.Schemas = &provider.Schemas{
		Settings: map[string]*provider.Property{
			"region": {Kind: "string"}, "note": {Kind: "string"}, "accounts": {Kind: "[]string", Conflicts: []string{"strangers"}},
			"strangers": {Kind: "[]string"}, "strict": {Kind: "bool"}, "role": {Kind: "{Role}"},
		},
		Objects: map[string]map[string]*provider.Property{"Role": {"arn": {Kind: "string", Required: true}}},
	}
	settings.Settings = []provider.Value{{Property: "accounts.[]", Pattern: regexp.MustCompile(`^\d{12}$`), Text: "must be an account"}}
	_, c := connectTo(t, settings)
	check := func(given resource.PropertyMap) []string {
		news, err := plugin.MarshalProperties(given, keep)
		require.NoError(t, err)
		response, err := c.CheckConfig(context.Background(), &pulumirpc.CheckRequest{Urn: urn("pulumi:providers:toy", "p"), News: news})
		require.NoError(t, err)
		var failures []string
		for _, f := range response.GetFailures() {
			failures = append(failures, f.GetProperty()+": "+f.GetReason())
		}
		return failures
	}
	text := resource.NewProperty[string]
	assert.Empty(t, check(resource.PropertyMap{
		"version": text("6.0.0"), "region": text("us-west-2"), "note": text(`{"not": "an object"}`), "strict": text("true"),
		"accounts": text(`["111122223333"]`), "role": resource.MakeSecret(text(`{"arn": "a"}`)),
		"strangers": resource.NewNullProperty(),
	}))
	assert.Equal(t, []string{
		"accounts: Conflicting configuration arguments. \"accounts\": conflicts with strangers. Examine values at 'p.accounts'.",
		"accounts[0]: invalid value for accounts.[] (must be an account). Examine values at 'p.accounts[0]'.",
		"regoin: Invalid or unknown key. Examine values at 'p.regoin'.",
		"role.arn: Missing required argument. The argument \"role.arn\" is required, but no definition was found. " +
			"Examine values at 'p.role.arn'.",
		"role.name: Invalid or unknown key. Examine values at 'p.role.name'.",
		"strict: Incorrect attribute value type. Inappropriate value for attribute \"strict\": bool required, got string. " +
			"Examine values at 'p.strict'.",
	}, check(resource.PropertyMap{
		"regoin": text("us-west-2"), "strict": text("perhaps"), "accounts": text(`["1"]`), "strangers": text(`["2"]`),
		"role": text(`{"name": "a"}`),
	}))
}
