package bpa

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// overlayEnvironment makes environment.txt take its values from Helm (R11), and the templates that read it render it.
func overlayEnvironment(files map[string][]byte, file string, keys []string) error {
	content, ok := files[file]
	if !ok {
		return fmt.Errorf("application.environmentFile: %q: the chart has no such file", file)
	}
	files[file] = []byte(environmentTemplate(string(content), keys))
	readers := 0
	for _, name := range names(files) {
		if !strings.HasPrefix(name, "templates/") {
			continue
		}
		text, n := renderEnvironment(string(files[name]), file)
		files[name] = []byte(text)
		readers += n
	}
	if readers == 0 {
		return fmt.Errorf(
			"application.environmentFile: %q: no template of the chart reads it with .Files.Get, .Files.Lines or .Files.Glob",
			file,
		)
	}
	return nil
}

// environmentTemplate replaces the values of the given keys, keeps all other lines, and appends keys that are missing.
func environmentTemplate(content string, keys []string) string {
	reference := func(key string) string {
		return fmt.Sprintf("%s={{ index .Values.%s %q }}", key, environmentValue, key)
	}
	var lines []string
	var done []string
	for _, line := range strings.Split(strings.TrimRight(content, "\n"), "\n") {
		key, _, assigned := strings.Cut(strings.TrimSpace(line), "=")
		key = strings.TrimSpace(key)
		if assigned && slices.Contains(keys, key) {
			line = reference(key)
			done = append(done, key)
		} else {
			line = strings.ReplaceAll(line, "{{", `{{ "{{" }}`) // the user's own text stays text
		}
		lines = append(lines, line)
	}
	for _, key := range keys {
		if !slices.Contains(done, key) {
			lines = append(lines, reference(key))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// renderEnvironment passes what a template reads of the file through tpl, and says how often it did.
func renderEnvironment(text, file string) (string, int) {
	count := 0
	quoted := regexp.QuoteMeta(fmt.Sprintf("%q", file))
	replace := func(pattern, with string) {
		re := regexp.MustCompile(pattern)
		count += len(re.FindAllString(text, -1))
		text = re.ReplaceAllString(text, with)
	}
	replace(`(?:\$?\.)Files\.Get\s+`+quoted, fmt.Sprintf(`(tpl ($$.Files.Get %q) $$)`, file))
	replace(`(?:\$?\.)Files\.Lines\s+`+quoted, fmt.Sprintf(`(splitList "\n" (tpl ($$.Files.Get %q) $$))`, file))
	dir := regexp.QuoteMeta(file[:strings.LastIndex(file, "/")+1])
	replace(`\(\$?\.Files\.Glob\s+("`+dir+`[^"/]*")\)\.AsConfig`, `(tpl ($$.Files.Glob $1).AsConfig $$)`)
	return text, count
}

var (
	argsLine     = regexp.MustCompile(`^(\s*)args:\s*$`)
	commandLine  = regexp.MustCompile(`^(\s*)-\s+/nginx-ingress-controller\s*$`)
	templateLine = regexp.MustCompile(`^(\s*)template:\s*$`)
	// certificateLine is the argument of the paper (R23), also as the paper prints it: in quotes, and with a dash that is
	// none.
	certificateLine = regexp.MustCompile(`(?m)^([ \t]*)["']?-[ \t]+["']?[\x{2010}-\x{2015}]+-?default-ssl-certificate=.*$`)
	metadataLine    = regexp.MustCompile(`^(\s*)metadata:\s*$`)
	annotations     = regexp.MustCompile(`^(\s*)annotations:\s*$`)
)

// overlayIngress adds the default certificate to the ingress controller's arguments (R23), where it is not there yet,
// and the certificate's checksum to its pods, so that a new certificate rolls them (R24).
func overlayIngress(files map[string][]byte, file string) error {
	content, ok := files[file]
	if !ok {
		return fmt.Errorf("application.ingressTemplate: %q: the chart has no such file", file)
	}
	const argument = "- --default-ssl-certificate=$(POD_NAMESPACE)/" + certificateSecret
	text := certificateLine.ReplaceAllString(string(content), "${1}"+strings.ReplaceAll(argument, "$", "$$"))
	lines := strings.Split(text, "\n")
	if !strings.Contains(text, "--default-ssl-certificate=") {
		var found bool
		if lines, found = addArgument(lines, argument); !found {
			return fmt.Errorf("application.ingressTemplate: %q: no container arguments found (a line `args:`)", file)
		}
	}
	lines, found := addAnnotation(lines, fmt.Sprintf("bpa/certificate-checksum: {{ .Values.%s | quote }}", checksumValue))
	if !found {
		return fmt.Errorf("application.ingressTemplate: %q: no pod template found (a line `template:`, then `metadata:`)", file)
	}
	files[file] = []byte(strings.Join(lines, "\n"))
	return nil
}

func addArgument(lines []string, argument string) ([]string, bool) {
	for i, line := range lines {
		if m := commandLine.FindStringSubmatch(line); m != nil {
			return slices.Insert(slices.Clone(lines), i+1, m[1]+argument), true
		}
	}
	for i, line := range lines {
		if m := argsLine.FindStringSubmatch(line); m != nil {
			indent := m[1] + "  "
			if i+1 < len(lines) {
				if before, _, isList := strings.Cut(lines[i+1], "- "); isList && strings.TrimSpace(before) == "" {
					indent = before
				}
			}
			return slices.Insert(slices.Clone(lines), i+1, indent+argument), true
		}
	}
	return lines, false
}

// addAnnotation adds a line to the annotations of the first pod template.
func addAnnotation(lines []string, annotation string) ([]string, bool) {
	for i, line := range lines {
		if !templateLine.MatchString(line) || i+1 >= len(lines) {
			continue
		}
		m := metadataLine.FindStringSubmatch(lines[i+1])
		if m == nil {
			continue
		}
		for j := i + 2; j < len(lines) && strings.HasPrefix(lines[j], m[1]+" "); j++ {
			if a := annotations.FindStringSubmatch(lines[j]); a != nil {
				return slices.Insert(slices.Clone(lines), j+1, a[1]+"  "+annotation), true
			}
		}
		return slices.Insert(slices.Clone(lines), i+2, m[1]+"  annotations:", m[1]+"    "+annotation), true
	}
	return lines, false
}
