package failures

import (
	"fmt"
	"strings"
)

// Document renders the table as Markdown, a section a service.
func Document(table []Failure) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# What fails in a rehearsal, and why\n\n"+
		"%d programs that the simulated clouds refuse as the real ones do. Each is an entry of\n"+
		"[internal/sim/failures/table](../internal/sim/failures/table), and a test runs every one. \"When\" is the moment\n"+
		"of the failure: what a provider checks itself fails in the preview, what a service refuses fails at apply.\n", len(table))
	service := ""
	for _, f := range table {
		if f.Service != service {
			service = f.Service
			fmt.Fprintf(&out, "\n## %s\n\n%s", strings.ToUpper(service[:1])+service[1:], head)
		}
		out.WriteString(f.row())
	}
	return out.String()
}

// Rows renders the entries of one kind, for the README.
func Rows(table []Failure, kind func(Failure) bool) string {
	var out strings.Builder
	out.WriteString(head)
	for _, f := range table {
		if kind(f) {
			out.WriteString(f.row())
		}
	}
	return out.String()
}

// OnTheEngine are run on the real engine, too.
func OnTheEngine(f Failure) bool { return f.Engine }

// Reported fail at apply, and somebody whom they met has reported them in public.
func Reported(f Failure) bool {
	return !f.Engine && f.At == Apply && (strings.Contains(f.Source, "/issues/") || strings.Contains(f.Source, "/pull/"))
}

const head = "| what the program does | when | message | source |\n|---|---|---|---|\n"

func (f *Failure) row() string {
	source := f.Source
	if host, _, ok := strings.Cut(source, "/"); ok && strings.Contains(host, ".") && !strings.HasPrefix(source, ".") {
		source = fmt.Sprintf("[%s](https://%s)", shorten(source), source)
	}
	return fmt.Sprintf("| %s | %s | `%s` | %s |\n", f.Name, f.At, strings.ReplaceAll(f.Code, "|", `\|`), source)
}

// shorten names an issue by repository and number, and a document by its host and last part.
func shorten(source string) string {
	parts := strings.Split(source, "/")
	if len(parts) >= 5 && parts[0] == "github.com" && (parts[3] == "issues" || parts[3] == "pull") {
		return parts[1] + "/" + parts[2] + "#" + parts[4]
	}
	return parts[0] + " " + strings.TrimSuffix(parts[len(parts)-1], ".html")
}
