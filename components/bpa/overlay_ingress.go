package bpa

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	argsLine     = regexp.MustCompile(`^(\s*)(?:- )?args:\s*$`)
	commandLine  = regexp.MustCompile(`^(\s*)-\s+"?/nginx-ingress-controller"?\s*$`)
	templateLine = regexp.MustCompile(`^(\s*)template:\s*$`)
	metadataLine = regexp.MustCompile(`^(\s*)metadata:\s*$`)
	annotations  = regexp.MustCompile(`^(\s*)annotations:(.*)$`)
	// paperLine is the argument as the paper prints it: in quotes, and with a dash that is no hyphen.
	paperLine = regexp.MustCompile(`(?m)^([ \t]*)["']?-[ \t]+["']?[\x{2010}-\x{2015}]+-?default-ssl-certificate=.*$`)
	opens     = regexp.MustCompile(`\{\{-?\s*(?:if|with|range)\b`)
	closes    = regexp.MustCompile(`\{\{-?\s*end\b`)
)

const (
	certificateFlag     = "--default-ssl-certificate="
	certificateArgument = "- " + certificateFlag + "$(POD_NAMESPACE)/" + certificateSecret
)

// overlayIngress adds the default certificate to the ingress controller's arguments (R23), where it is not there yet,
// and the certificate's checksum to its pods, so that a new certificate rolls them (R24).
func overlayIngress(files map[string][]byte, file string) error {
	content, ok := files[file]
	if !ok {
		return fmt.Errorf("application.ingressTemplate: %q: the chart has no such file", file)
	}
	if !strings.HasPrefix(file, "templates/") {
		return fmt.Errorf("application.ingressTemplate: %q: must be a template of the chart itself, below templates/", file)
	}
	text := paperLine.ReplaceAllString(string(content), "${1}"+strings.ReplaceAll(certificateArgument, "$", "$$"))
	lines, at, err := defaultCertificate(strings.Split(text, "\n"))
	if err == nil {
		lines, err = addAnnotation(lines, at, fmt.Sprintf("bpa/certificate-checksum: {{ $.Values.%s | quote }}", checksumValue))
	}
	if err != nil {
		return fmt.Errorf("application.ingressTemplate: %q: %w", file, err)
	}
	files[file] = []byte(strings.Join(lines, "\n"))
	return nil
}

// defaultCertificate returns the lines with the argument among them, and its place.
func defaultCertificate(lines []string) ([]string, int, error) {
	for i, line := range lines {
		if strings.Contains(line, certificateFlag) && !comment(line) {
			return lines, i, nil
		}
	}
	for i, line := range lines {
		if m := commandLine.FindStringSubmatch(line); m != nil {
			return after(lines, i, m[1]+certificateArgument), i, nil
		}
	}
	var places []int
	for i, line := range lines {
		if argsLine.MatchString(line) {
			places = append(places, i+1)
		}
	}
	switch len(places) {
	case 0:
		return nil, 0, errors.New("no container arguments found (a line `args:`, with one argument a line below it)")
	case 1:
		at := places[0]
		return after(lines, at-1, argumentIndent(lines, at)+certificateArgument), at, nil
	default:
		return nil, 0, errors.New("several containers have arguments, and none begins with `- /nginx-ingress-controller`")
	}
}

// argumentIndent is what stands before the argument at a line, or would.
func argumentIndent(lines []string, at int) string {
	if at < len(lines) {
		if before, _, isList := strings.Cut(lines[at], "- "); isList && strings.TrimSpace(before) == "" {
			return before
		}
	}
	return strings.Repeat(" ", strings.Index(lines[at-1], "args:")+2)
}

// addAnnotation adds a line to the annotations of the pod template that the given line belongs to.
func addAnnotation(lines []string, of int, annotation string) ([]string, error) {
	start, indent := -1, ""
	for i, line := range lines[:of] {
		if templateLine.MatchString(line) {
			if m := metadataLine.FindStringSubmatch(lines[i+1]); m != nil {
				start, indent = i+1, m[1]
			}
		}
	}
	if start < 0 {
		return nil, errors.New("no pod template found (a line `template:`, then `metadata:`, before the container's arguments)")
	}
	depth := 0
	for i := start + 1; i < len(lines) && belongs(lines[i], indent); i++ {
		depth += len(opens.FindAllString(lines[i], -1)) - len(closes.FindAllString(lines[i], -1))
		m := annotations.FindStringSubmatch(lines[i])
		switch {
		case m == nil || comment(lines[i]):
			continue
		case depth != 0 || strings.TrimSpace(m[2]) != "":
			return nil, fmt.Errorf("line %d: the annotations of the pod template must be a block, outside if, with and range", i+1)
		}
		return after(lines, i, m[1]+"  "+annotation), nil
	}
	return after(lines, start, indent+"  annotations:", indent+"    "+annotation), nil
}

// after puts lines behind a line and no line break into the template, so that Helm's errors name the lines of the chart's author.
func after(lines []string, at int, more ...string) []string {
	lines = slices.Clone(lines)
	for _, line := range more {
		lines[at] = strings.TrimRight(lines[at], " \t\r") + `{{ "\n" }}` + line
	}
	return lines
}

// belongs says whether a line is inside a block: it is further in, or not YAML of its own.
func belongs(line, indent string) bool {
	trimmed := strings.TrimSpace(line)
	return trimmed == "" || strings.HasPrefix(line, indent+" ") || strings.HasPrefix(trimmed, "{{") || comment(line)
}

func comment(line string) bool {
	trimmed := strings.TrimSpace(line)
	return strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "{{/*") || strings.HasPrefix(trimmed, "{{- /*")
}
