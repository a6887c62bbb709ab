package eks

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/textproto"
)

// maxUserData is EC2's limit for user data before it is base64-encoded, in bytes (docs/facts.md §4).
const maxUserData = 16 << 10

// mimeDocument joins parts, each {contentType, content}, as cloud-init reads them, in base64.
func mimeDocument(parts []any) (string, error) {
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	if err := writer.SetBoundary("//"); err != nil {
		return "", err
	}
	fmt.Fprintf(&buffer, "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"//\"\n\n")
	for _, p := range parts {
		part, ok := p.(map[string]any)
		if !ok {
			return "", fmt.Errorf("nodeadmExtraOptions: %T: must be an object with contentType and content", p)
		}
		contentType, _ := part["contentType"].(string)
		content, _ := part["content"].(string)
		w, err := writer.CreatePart(textproto.MIMEHeader{"Content-Type": {contentType}})
		if err != nil {
			return "", err
		}
		if _, err := w.Write([]byte(content)); err != nil {
			return "", err
		}
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	if buffer.Len() > maxUserData {
		return "", fmt.Errorf("InvalidUserData.Malformed: User data is limited to %d bytes, this has %d", maxUserData, buffer.Len())
	}
	return base64.StdEncoding.EncodeToString(buffer.Bytes()), nil
}
