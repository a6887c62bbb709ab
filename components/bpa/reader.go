package bpa

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
)

// reader reads templates as Helm's engine parses them, for what they read of the chart's files. It changes what may read
// environment.txt: `.Files.Get $path` becomes `list . $path | include "bpaFiles.get"`. No line moves.
type reader struct {
	// file is environment.txt; "" changes nothing.
	file string
	// count is how often it may be read. Rendered says that the chart passes it through tpl.
	count    int
	rendered bool
	// names and patterns are what templates read. Computed is the first place that reads what no look at it tells.
	names, patterns []string
	computed        string

	template, text string
	edits          []edit
	problem        error
}

// edit puts a text in the place of what is from one offset to another.
type edit struct {
	from, to int
	text     string
}

// call is `.Files.Get "name"`: a method of the files of a chart, which the template calls root.
type call struct {
	root, method string
	// from and to are the offsets of root and method, end is where the command ends.
	from, to, end int
	// argument is nil where it is piped in.
	argument parse.Node
}

// rewrite returns a template that reads environment.txt rendered.
func (r *reader) rewrite(name, text string) (string, error) {
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	r.template, r.text, r.edits, r.problem = name, text, nil, nil
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		return "", err
	}
	trees[name] = tree
	for _, defined := range slices.Sorted(maps.Keys(trees)) {
		r.node(trees[defined].Root)
	}
	slices.SortFunc(r.edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var b strings.Builder
	done := 0
	for _, e := range r.edits {
		b.WriteString(text[done:e.from] + e.text)
		done = e.to
	}
	return b.String() + text[done:], r.problem
}

// node looks at a node of a template and all below it.
func (r *reader) node(node parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, inner := range n.Nodes {
				r.node(inner)
			}
		}
	case *parse.ActionNode:
		r.pipe(n.Pipe)
	case *parse.TemplateNode:
		r.pipe(n.Pipe)
	case *parse.IfNode:
		r.branch(&n.BranchNode)
	case *parse.RangeNode:
		r.branch(&n.BranchNode)
	case *parse.WithNode:
		r.branch(&n.BranchNode)
	case *parse.PipeNode:
		r.pipe(n)
	case *parse.ChainNode:
		if slices.Contains(n.Field, "Files") {
			r.unknown(n)
		}
		r.node(n.Node)
	case *parse.FieldNode:
		r.passed(n, n.Ident)
	case *parse.VariableNode:
		r.passed(n, n.Ident)
	}
}

func (r *reader) branch(n *parse.BranchNode) {
	r.pipe(n.Pipe)
	r.node(n.List)
	r.node(n.ElseList)
}

// passed: files that are handed on may be read anywhere.
func (r *reader) passed(n parse.Node, path []string) {
	if slices.Contains(path, "Files") {
		r.unknown(n)
	}
}

func (r *reader) unknown(n parse.Node) {
	if r.computed == "" {
		r.computed = fmt.Sprintf("%s:%d", r.template, r.line(n))
	}
}

func (r *reader) line(n parse.Node) int {
	return 1 + strings.Count(r.text[:min(int(n.Position()), len(r.text))], "\n")
}

func (r *reader) pipe(pipe *parse.PipeNode) {
	if pipe == nil {
		return
	}
	for i, command := range pipe.Cmds {
		before := r.count
		r.command(command)
		rest := pipe.Cmds[i+1:]
		if r.count > before && slices.ContainsFunc(rest, func(c *parse.CommandNode) bool { return calls(c, "tpl") }) {
			r.unclear(command)
		}
	}
}

// unclear: rendered twice, a password that looks like a template would be one.
func (r *reader) unclear(n parse.Node) {
	r.problem = errors.Join(r.problem, fmt.Errorf("%s:%d: passes it through tpl in a way that would render a password; "+
		"write `tpl (.Files.Get %q) .`", r.template, r.line(n), r.file))
}

// calls reports whether a command calls a function.
func calls(command *parse.CommandNode, function string) bool {
	name, ok := command.Args[0].(*parse.IdentifierNode)
	return ok && name.Ident == function
}

func (r *reader) command(command *parse.CommandNode) {
	if calls(command, "tpl") && len(command.Args) == 3 {
		if files, as, ok := r.whole(command.Args[1]); ok {
			r.node(command.Args[2])
			if r.read(files) {
				r.rendered = true
				from := int(command.Args[0].Position())
				r.replace(from, from+len("tpl"), "list")
				name := "bpaFiles.tpl" + as
				r.into(files, as, r.end(from), fmt.Sprintf(" | include %q", name))
			}
			return
		}
	}
	if files, ok := r.files(command); ok {
		for _, argument := range command.Args[1:] {
			r.node(argument)
		}
		if r.read(files) {
			r.into(files, "", files.end, map[string]string{
				"Get": ` | include "bpaFiles.get"`, "GetBytes": ` | include "bpaFiles.get"`,
				"Lines": ` | include "bpaFiles.get" | trimSuffix "\n" | splitList "\n"`,
				"Glob":  fmt.Sprintf(` | include "bpaFiles.glob" | list %s.bpaGlob | first`, strings.TrimSuffix(files.root, ".")),
			}[files.method])
		}
		return
	}
	before := r.count
	for _, argument := range command.Args {
		if files, as, ok := r.whole(argument); ok && as != "" {
			if r.read(files) {
				r.into(files, as, files.end, fmt.Sprintf(" | include %q", "bpaFiles."+as))
			}
			continue
		}
		r.node(argument)
	}
	if r.count > before && calls(command, "tpl") {
		r.unclear(command)
	}
}

// whole recognises `(.Files.Get "name")` and `(.Files.Glob "pattern").AsConfig`.
func (r *reader) whole(argument parse.Node) (files call, as string, ok bool) {
	if chain, isChain := argument.(*parse.ChainNode); isChain && len(chain.Field) == 1 {
		argument, as = chain.Node, chain.Field[0]
	}
	pipe, isPipe := argument.(*parse.PipeNode)
	if !isPipe || len(pipe.Cmds) != 1 || len(pipe.Decl) > 0 {
		return call{}, "", false
	}
	files, ok = r.files(pipe.Cmds[0])
	switch {
	case !ok:
	case as != "":
		ok = files.method == "Glob" && (as == "AsConfig" || as == "AsSecrets")
	default:
		ok = strings.HasPrefix(files.method, "Get")
	}
	return files, as, ok
}

// files recognises a call of a method of .Files.
func (r *reader) files(command *parse.CommandNode) (call, bool) {
	var path []string
	first := ""
	switch n := command.Args[0].(type) {
	case *parse.FieldNode:
		path, first = n.Ident, "."+n.Ident[0]
	case *parse.VariableNode:
		path, first = n.Ident, n.Ident[0]
	default:
		return call{}, false
	}
	last := len(path) - 1
	if last < 1 || path[last-1] != "Files" || !slices.Contains([]string{"Get", "GetBytes", "Lines", "Glob"}, path[last]) {
		return call{}, false
	}
	text := command.Args[0].String()
	from := int(command.Args[0].Position()) - len(first) // a node of several names has the position of the second
	if from < 0 || !strings.HasPrefix(r.text[from:], text) {
		return call{}, false
	}
	c := call{root: strings.TrimSuffix(text, ".Files."+path[last]), method: path[last], from: from, to: from + len(text), end: r.end(from)}
	if c.root == "" {
		c.root = "."
	}
	if len(command.Args) > 1 {
		c.argument = command.Args[1]
	}
	return c, true
}

// read notes what a call reads, and reports whether environment.txt may be among it.
func (r *reader) read(c call) bool {
	literal, ok := c.argument.(*parse.StringNode)
	may := true
	switch {
	case !ok:
		if r.computed == "" {
			r.computed = fmt.Sprintf("%s:%d", r.template, 1+strings.Count(r.text[:c.from], "\n"))
		}
	case c.method == "Glob":
		r.patterns = append(r.patterns, literal.Text)
		may = matches(literal.Text, r.file)
	default:
		r.names = append(r.names, literal.Text)
		may = literal.Text == r.file
	}
	if may = may && r.file != ""; may {
		r.count++
	}
	return may
}

// into makes a call of a helper of the call of a method: `(.Files.Glob "pattern").AsConfig` has as after it.
func (r *reader) into(c call, as string, end int, helper string) {
	r.replace(c.from, c.to, "list "+c.root)
	if as != "" {
		at := c.end + strings.Index(r.text[c.end:], "."+as)
		r.replace(at, at+len("."+as), "")
	}
	r.replace(end, end, helper)
}

func (r *reader) replace(from, to int, text string) { r.edits = append(r.edits, edit{from, to, text}) }

// end is where the command ends that begins at an offset: before the next pipe, the parenthesis around it, or the end of the action.
func (r *reader) end(from int) int {
	depth, at := 0, from
	for at < len(r.text) {
		rest := r.text[at:]
		switch c := rest[0]; {
		case c == '"' || c == '\'' || c == '`':
			at += quoted(rest)
			continue
		case c == '(':
			depth++
		case depth == 0 && (c == ')' || c == '|' || strings.HasPrefix(rest, "}}") || strings.HasPrefix(rest, "-}}")):
			return from + len(strings.TrimRight(r.text[from:at], " \t\r\n"))
		case c == ')':
			depth--
		}
		at++
	}
	return at
}

// quoted is the length of the constant that a text begins with.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && text[0] != '`':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return len(text)
}

// matches reports whether a pattern of .Files.Glob may match a name: `*` stays in a folder, `**` does not. What has brackets may.
func matches(pattern, name string) bool {
	if strings.ContainsAny(pattern, `[]{}\`) {
		return true
	}
	expression := regexp.QuoteMeta(pattern)
	for _, wildcard := range [][2]string{{`\*\*`, `.*`}, {`\*`, `[^/]*`}, {`\?`, `[^/]`}} {
		expression = strings.ReplaceAll(expression, wildcard[0], wildcard[1])
	}
	matched, err := regexp.MatchString("^"+expression+"$", name)
	return err != nil || matched
}

// large is the size in bytes from which a file that nothing reads is left out: Helm keeps a release in a Secret of 1 MiB.
const large = 64 << 10

// LeftOut is a file of a chart that its copy does not have, and why.
type LeftOut struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// leaveOut removes what would only be in the way of the release: private keys, and what is large, where no template can read them.
func leaveOut(files map[string][]byte, values map[string]any) ([]LeftOut, error) {
	all := reader{}
	for _, name := range names(files) {
		switch {
		case strings.HasPrefix(name, "templates/"):
			if _, err := all.rewrite(name, string(files[name])); err != nil {
				return nil, err
			}
		case bytes.Contains(files[name], []byte(".Files")), strings.HasPrefix(name, "charts/") && strings.HasSuffix(name, ".tgz"):
			all.computed = cmp.Or(all.computed, name) // a chart of its own, or a text for tpl
		}
	}
	if all.computed != "" || strings.Contains(fmt.Sprint(values), ".Files") {
		return nil, nil
	}
	var left []LeftOut
	for _, name := range names(files) {
		why := ""
		if len(files[name]) >= large {
			why = fmt.Sprintf("%d KiB", len(files[name])>>10)
		}
		if bytes.Contains(files[name], []byte("PRIVATE KEY-----")) {
			why = "a private key"
		}
		if why == "" || structural(name) || slices.Contains(all.names, name) ||
			slices.ContainsFunc(all.patterns, func(pattern string) bool { return matches(pattern, name) }) {
			continue
		}
		left = append(left, LeftOut{File: name, Why: why + " that no template reads"})
		delete(files, name)
	}
	return left, nil
}

// structural reports whether Helm itself reads a file.
func structural(name string) bool {
	for _, folder := range []string{"templates/", "crds/", "charts/"} {
		if strings.HasPrefix(name, folder) {
			return true
		}
	}
	return !strings.Contains(name, "/") && (strings.HasPrefix(name, "Chart.") || strings.HasPrefix(name, "values.") ||
		strings.HasPrefix(name, "requirements.") || name == ".helmignore")
}
