package recovery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// keepNames tells the bridges which of the imported resources they had named themselves. An import notes nothing, so that a name which
// the program does not give would be made anew, and the resource replaced. Source: pulumi-terraform-bridge pkg/tfbridge/schema.go,
// extractSchemaInputsObject and applyDefaults.
func keepNames(ctx context.Context, stack auto.Stack) error {
	deployment, err := stack.Export(ctx)
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	settled, changed, err := noteNames(deployment.Deployment)
	if err != nil || !changed {
		return err
	}
	deployment.Deployment = settled
	if err := stack.Import(ctx, deployment); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return nil
}

// noteNames adds the names that look generated to the notes of a state's bridged resources, where those are empty. All else of the
// document stays as it is.
func noteNames(deployment json.RawMessage) (settled json.RawMessage, changed bool, err error) {
	var state map[string]any
	decoder := json.NewDecoder(bytes.NewReader(deployment))
	decoder.UseNumber() // a number keeps its digits
	if err := decoder.Decode(&state); err != nil {
		return nil, false, fmt.Errorf("reading the state: %w", err)
	}
	resources, _ := state["resources"].([]any)
	for _, r := range resources {
		entry, _ := r.(map[string]any)
		inputs, _ := entry["inputs"].(map[string]any)
		urn, _ := entry["urn"].(string)
		notes, noted := inputs[stackdoc.BridgeNotes].([]any)
		if !noted || len(notes) > 0 || !catalog.Of(string(resource.URN(urn).Type())).Bridged() {
			continue
		}
		for _, property := range namedBy(resource.URN(urn)) {
			if name, ok := inputs[property].(string); ok && isGenerated(name, resource.URN(urn).Name()) {
				inputs[stackdoc.BridgeNotes], changed = append(notes, property), true
			}
		}
	}
	if !changed {
		return deployment, false, nil
	}
	settled, err = json.Marshal(state)
	return settled, true, err
}
