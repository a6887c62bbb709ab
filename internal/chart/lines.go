package chart

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	helm "helm.sh/helm/v3/pkg/chart"
)

// A mark stands in a template's text and says its line. Its characters are of Unicode's private use, so no chart has them.
const (
	markOpens  = "\uE0B0"
	markCloses = "\uE0B1"
)

var mark = regexp.MustCompile(markOpens + `(\d+)` + markCloses)

// marked returns a chart's files with their lines marked in the text of templates. What a template defines for others is left
// alone: there a mark could end inside a quotation or a checksum.
func marked(files []*helm.File) []*helm.File {
	out := slices.Clone(files)
	for i, f := range files {
		folder := path.Dir(f.Name)
		if !strings.HasPrefix(folder+"/", "templates/") && !strings.Contains(folder+"/", "/templates/") ||
			strings.HasPrefix(path.Base(f.Name), "_") {
			continue
		}
		out[i] = &helm.File{Name: f.Name, Data: []byte(markLines(string(f.Data)))}
	}
	return out
}

// markLines marks the beginning of each text, and of each line in it.
func markLines(source string) string {
	tree := parse.New("template")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(source, "", "", map[string]*parse.Tree{}); err != nil {
		return source // Helm says so, with its line
	}
	var places []int
	visit(tree.Root, func(text *parse.TextNode) {
		from := int(text.Pos)
		if from+len(text.Text) > len(source) || source[from:from+len(text.Text)] != string(text.Text) {
			return
		}
		places = append(places, from)
		for i, c := range text.Text {
			if c == '\n' {
				places = append(places, from+i+1)
			}
		}
	})
	slices.Sort(places)
	var b strings.Builder
	done, line := 0, 1
	for _, at := range slices.Compact(places) {
		line += strings.Count(source[done:at], "\n")
		b.WriteString(source[done:at] + markOpens + strconv.Itoa(line) + markCloses)
		done = at
	}
	return b.String() + source[done:]
}

// visit calls back for every text of a template.
func visit(node parse.Node, text func(*parse.TextNode)) {
	list := func(lists ...*parse.ListNode) {
		for _, l := range lists {
			if l != nil {
				visit(l, text)
			}
		}
	}
	switch n := node.(type) {
	case *parse.TextNode:
		text(n)
	case *parse.ListNode:
		for _, inner := range n.Nodes {
			visit(inner, text)
		}
	case *parse.IfNode:
		list(n.List, n.ElseList)
	case *parse.RangeNode:
		list(n.List, n.ElseList)
	case *parse.WithNode:
		list(n.List, n.ElseList)
	}
}

// linesOf takes the marks out of a rendered text, and returns the line of the template for each of its lines.
func linesOf(text string) (string, []int) {
	var lines []int
	last := 1
	for _, line := range strings.Split(text, "\n") {
		begins := len(line)
		if rest := mark.ReplaceAllString(line, ""); strings.TrimSpace(rest) != "" {
			begins = strings.Index(line, strings.TrimSpace(rest)[:1])
		}
		own := 0
		for _, m := range mark.FindAllStringSubmatchIndex(line, -1) {
			number, _ := strconv.Atoi(line[m[2]:m[3]])
			if m[0] < begins || own == 0 {
				own = number
			}
			last = number
		}
		if own == 0 {
			own = last
		}
		lines = append(lines, own)
	}
	return mark.ReplaceAllString(text, ""), lines
}
