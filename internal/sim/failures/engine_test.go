package failures

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// anyResource is a resource of any type, with the outputs that entries refer to.
type anyResource struct {
	pulumi.CustomResourceState

	Arn                 pulumi.StringOutput `pulumi:"arn"`
	Name                pulumi.StringOutput `pulumi:"name"`
	Bucket              pulumi.StringOutput `pulumi:"bucket"`
	PrivateLinkID       pulumi.StringOutput `pulumi:"privateLinkId"`
	EndpointServiceName pulumi.StringOutput `pulumi:"endpointServiceName"`
}

// output finds an output by the name that the provider gives it.
func (r *anyResource) output(name string) pulumi.Input {
	if name == "id" {
		return r.ID().ToStringOutput()
	}
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("pulumi") == name {
			return v.Field(i).Interface().(pulumi.Input)
		}
	}
	return nil
}

// program makes an entry's resources in order, each after the one before it.
func program(f Failure, workDir string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		if err := os.CopyFS(workDir, os.DirFS("testdata")); err != nil && !os.IsExist(err) {
			return err
		}
		made := map[string]*anyResource{}
		var last []pulumi.Resource
		for _, r := range f.Make {
			one := &anyResource{}
			if err := ctx.RegisterResource(r.Type, r.Name, input(r.With, made).(pulumi.Map), one, pulumi.DependsOn(last)); err != nil {
				return err
			}
			made[r.Name], last = one, []pulumi.Resource{one}
		}
		return nil
	}
}

// input turns an entry's values into inputs.
func input(v any, made map[string]*anyResource) pulumi.Input {
	switch v := v.(type) {
	case map[string]any:
		m := pulumi.Map{}
		for k, e := range v {
			m[k] = input(e, made)
		}
		return m
	case []any:
		list := pulumi.Array{}
		for _, e := range v {
			list = append(list, input(e, made))
		}
		return list
	case string:
		if m := reference.FindStringSubmatch(v); m != nil && made[m[1]] != nil {
			return made[m[1]].output(m[2])
		}
		return pulumi.ToOutput(expand(v))
	}
	return pulumi.ToOutput(v)
}

func TestSomeEntriesFailOnTheEngineToo(t *testing.T) {
	count := 0
	for _, f := range table(t) {
		if !f.Engine {
			continue
		}
		count++
		t.Run(f.Name, func(t *testing.T) {
			_, err := rehearsal.Up(context.Background(), options(t, f))
			require.Error(t, err)
			assert.Contains(t, err.Error(), f.Code)
			assert.Regexp(t, "^"+map[Moment]string{Preview: "up", Apply: "up"}[f.At]+": ", err.Error())
			assert.NotContains(t, err.Error(), "\n", "one line is enough")
			_, err = rehearsal.Preview(context.Background(), options(t, f))
			if f.At == Preview {
				assert.ErrorContains(t, err, f.Code)
			} else {
				assert.NoError(t, err, "the preview cannot know")
			}
		})
	}
	assert.Equal(t, 10, count)
}

// Both protections refuse: Pulumi's own before anything is asked of the cloud, the service's where Pulumi has none.
func TestBothProtectionsRefuse(t *testing.T) {
	for name, test := range map[string]struct {
		protect bool
		want    string
	}{
		"protect": {true, "protected"}, "deletion protection": {false, "Cannot delete protected DB Instance"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, Failure{})
			o.Program = func(string) pulumi.RunFunc {
				return func(ctx *pulumi.Context) error {
					return ctx.RegisterResource(catalog.RDSInstance, "db", pulumi.Map{
						"instanceClass": pulumi.String("db.m5d.large"), "engine": pulumi.String("postgres"),
						"deletionProtection": pulumi.Bool(true), "skipFinalSnapshot": pulumi.Bool(true),
					}, &anyResource{}, pulumi.Protect(test.protect))
				}
			}
			result, err := rehearsal.Teardown(context.Background(), o)
			require.Error(t, err)
			assert.Contains(t, err.Error()+result.Text, test.want)
			assert.Len(t, result.Resources, 1)
		})
	}
}

func options(t *testing.T, f Failure) rehearsal.Options {
	t.Helper()
	dir := t.TempDir()
	project, stack := filepath.Join(dir, "Pulumi.yaml"), filepath.Join(dir, "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(project, []byte("name: bpa\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile(stack, []byte("config: {aws:region: us-west-2}\n"), 0o600))
	return rehearsal.Options{
		Project: project, ToolsModule: "../../../tools/go.mod", StackFile: stack, Stack: "test",
		Program: func(workDir string) pulumi.RunFunc { return program(f, workDir) },
	}
}
