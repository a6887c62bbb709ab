package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
)

// ImportFiles are the files of `bpactl import`.
type ImportFiles struct {
	// Listings say what there is, as ReadListing reads them.
	Listings []string
	// Passwords holds the generated passwords by logical name, as a JSON object; or it is "".
	Passwords string
	// Out is the file to write. It holds the passwords in clear text.
	Out string
}

// Import previews a stack with the state that is left, finds what it would create in the listings, and writes the file for
// `pulumi import --file`. It imports nothing, and changes nothing in a cloud; in the state it tells the bridges which names of
// resources that were imported earlier they had made. What it has read, found and left open goes to out, what
// the engine has to complain of to problems.
func Import(ctx context.Context, stack auto.Stack, files ImportFiles, out, problems io.Writer) (Summary, error) {
	found, passwords, err := files.read(out)
	if err != nil {
		return Summary{}, err
	}
	importFile, plan, err := previewImport(ctx, stack, problems)
	if err != nil {
		return Summary{}, err
	}
	filled, summary, err := Fill(importFile, plan, found, passwords)
	if err != nil {
		return Summary{}, err
	}
	if err := os.WriteFile(files.Out, filled, 0o600); err != nil {
		return Summary{}, err
	}
	for _, o := range summary.Open {
		fmt.Fprintf(out, "open: %s %s: %s\n", o.URN.Type(), o.URN.Name(), o.Why)
	}
	fmt.Fprintf(out, "%s: %d to import, %d left for later\n", files.Out, summary.Imported, summary.Left)
	return summary, nil
}

func (f ImportFiles) read(out io.Writer) (found []Found, passwords map[string]string, err error) {
	for _, path := range f.Listings {
		listing, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		more, unread, err := ReadListing(listing)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		fmt.Fprintf(out, "%s: %d resources, %d of other kinds\n", path, len(more), unread)
		found = append(found, more...)
	}
	if f.Passwords == "" {
		return found, nil, nil
	}
	b, err := os.ReadFile(f.Passwords)
	if err == nil {
		err = json.Unmarshal(b, &passwords)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.Passwords, err)
	}
	return found, passwords, nil
}

// previewImport keeps the names of what was imported earlier, runs `pulumi preview --import-file`, and returns the file, and what
// would be created.
func previewImport(ctx context.Context, stack auto.Stack, problems io.Writer) (importFile []byte, plan *Plan, err error) {
	if err := keepNames(ctx, stack); err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "bpa-import-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "import.json")
	channel := make(chan events.EngineEvent)
	plan, done := ReadPlan(channel)
	_, err = stack.Preview(ctx, optpreview.ImportFile(path), optpreview.EventStreams(channel), optpreview.ErrorProgressStreams(problems))
	if err != nil {
		return nil, nil, err
	}
	<-done
	importFile, err = os.ReadFile(path)
	return importFile, plan, err
}
