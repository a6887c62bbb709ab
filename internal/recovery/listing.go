package recovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/bpa-on-aws/platform/internal/property"
)

// stackTag is the tag that every resource of a stack carries, where it carries any.
const stackTag = "bpa:stack"

// Found is a resource in a cloud.
type Found struct {
	// Type is Pulumi's, ID the one that `pulumi import` takes.
	Type string `json:"type"`
	ID   string `json:"id"`
	// Name is the physical name where the resource has one.
	Name string `json:"name,omitempty"`
	// Inputs are what the listing knows of its properties, by Pulumi's names.
	Inputs map[string]any `json:"inputs,omitempty"`

	// own is the id by which the provider reads the resource, where that may be another than ID, or "".
	own string
	// part says that ID is only a part of the one that `pulumi import` takes: the rest is in the program.
	part bool
}

// stack is the stack that its tags name, or "".
func (f Found) stack() string { return property.Text(f.Inputs, "tags", stackTag) }

// ReadListing reads a listing: JSON documents, one behind the other, each of them what a command of the AWS CLI, the Atlas CLI or
// kubectl prints, or a list of Found. What nothing here knows is left out, and counted. So is what the tag of another stack
// marks, where the listing of tags is about some stacks alone.
func ReadListing(listing []byte) (found []Found, unread int, err error) {
	decoder, stacks := json.NewDecoder(bytes.NewReader(listing)), map[string]bool{}
	for {
		var document json.RawMessage
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			own := ofStacks(found, stacks)
			return own, unread + len(found) - len(own), nil
		}
		if err != nil {
			return nil, 0, fmt.Errorf("reading the listing: %w", err)
		}
		more, other, isTags, err := readDocument(document)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the listing: %w", err)
		}
		found, unread = append(found, more...), unread+other
		for _, f := range more {
			if stack := f.stack(); isTags && stack != "" {
				stacks[stack] = true
			}
		}
	}
}

// ofStacks leaves out what belongs to none of the stacks, where there are any.
func ofStacks(found []Found, stacks map[string]bool) []Found {
	if len(stacks) == 0 {
		return found
	}
	var own []Found
	for _, f := range found {
		if stack := f.stack(); stack == "" || stacks[stack] {
			own = append(own, f)
		}
	}
	return own
}

func readDocument(document json.RawMessage) (found []Found, unread int, isTags bool, err error) {
	var whole any
	if err := json.Unmarshal(document, &whole); err != nil {
		return nil, 0, false, err
	}
	lists, isObject := whole.(map[string]any)
	if !isObject {
		if links := privateLinks(whole); len(links) > 0 {
			return links, 0, false, nil
		}
		err := json.Unmarshal(document, &found)
		return found, 0, false, err
	}
	for name, content := range lists {
		read, known := readers[name]
		if !known {
			continue
		}
		if entry := property.Object(content); entry != nil {
			content = []any{entry}
		}
		for _, entry := range property.Objects(content) {
			more := read(entry, lists)
			if found = append(found, more...); name == tagList && len(more) == 0 {
				unread++
			}
		}
		return found, unread, name == tagList, nil
	}
	return nil, 1, false, nil
}
