package eks

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// maxUserData is EC2's limit for user data before it is base64-encoded, in bytes (docs/facts.md §4).
const maxUserData = 16 << 10

// mimeDocument joins parts, each {contentType, content}, byte by byte as pulumi-eks does, in base64. It separates lines by a line
// feed alone, which cloud-init accepts. Source: pulumi-eks v3.9.1, nodejs/eks/nodes/userdata.ts, assembleNodeadmUserData.
func mimeDocument(parts []any) (string, error) {
	const boundary = "BOUNDARY"
	var document strings.Builder
	fmt.Fprintf(&document, "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=%q\n\n", boundary)
	for _, p := range parts {
		part, ok := p.(map[string]any)
		if !ok {
			return "", fmt.Errorf("nodeadmExtraOptions: %T: must be an object with contentType and content", p)
		}
		contentType, _ := part["contentType"].(string)
		content, _ := part["content"].(string)
		fmt.Fprintf(&document, "--%s\nContent-Type: %s\n\n%s\n", boundary, contentType, content)
	}
	fmt.Fprintf(&document, "--%s--\n", boundary)
	if document.Len() > maxUserData {
		return "", fmt.Errorf("InvalidUserData.Malformed: User data is limited to %d bytes, this has %d", maxUserData, document.Len())
	}
	return base64.StdEncoding.EncodeToString([]byte(document.String())), nil
}
