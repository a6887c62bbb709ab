package deployer

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MaxSize is the most characters that a managed policy may have, white space not counted.
// Source: IAM User Guide, "IAM and AWS STS quotas".
const MaxSize = 6144

// MaxAttached is how many managed policies a role may have, unless the quota of the account is raised.
// Source: as above, "Managed policies attached to an IAM role".
const MaxAttached = 10

// Document is a managed policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Size counts as IAM does.
func (d Document) Size() int {
	b, err := json.Marshal(d)
	if err != nil {
		return 0 // strings, lists and maps always marshal
	}
	return len(b)
}

// JSON is the document as it is read by people and by IAM, with a line's end.
func (d Document) JSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return out.Bytes(), err
}

// Documents packs the statements of a purpose into as few documents as their order allows: the same graph gives the same
// documents.
func Documents(g Graph, purpose Purpose) ([]Document, error) {
	statements, err := Statements(g, purpose)
	if err != nil {
		return nil, err
	}
	var list []Document
	for _, s := range statements {
		alone := Document{Version: "2012-10-17", Statement: []Statement{s}}
		if alone.Size() > MaxSize {
			return nil, fmt.Errorf("deployer: statement %s has %d characters, and a policy may have %d", s.Sid, alone.Size(), MaxSize)
		}
		if last := len(list) - 1; last >= 0 {
			joined := list[last]
			joined.Statement = append(joined.Statement[:len(joined.Statement):len(joined.Statement)], s)
			if joined.Size() <= MaxSize {
				list[last] = joined
				continue
			}
		}
		list = append(list, alone)
	}
	if len(list) > MaxAttached {
		return nil, fmt.Errorf("deployer: %d policies, and a role may have %d", len(list), MaxAttached)
	}
	return list, nil
}
