package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// Rendering is what a chart renders: the text of every template by its path, and which line of the template each line is of.
type Rendering struct {
	Texts map[string]string
	lines map[string][]int
	chart string
}

// Object is a Kubernetes object of a rendering.
type Object struct {
	// Manifest is the object as Helm hands it to the API server.
	Manifest map[string]any
	// File is the template below the chart's folder: templates/workloads.yaml.
	File string

	text  string
	first int
	lines []int
}

// Problem is what is wrong with a chart, at a line of a template; File is empty where it has no place, Line 0 where it is unknown.
type Problem struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
	// Object is the one that it is in, nil where it is in none.
	Object map[string]any `json:"-"`
}

// String is the place and the problem: templates/web.yaml:8: Service "web": spec.ports[1].name: Required value.
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Text
	case p.Line == 0:
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// RenderPlain renders without the lines of templates, in half the time.
func (c *Chart) RenderPlain(release Release, values map[string]any) (*Rendering, error) {
	texts, err := c.Render(release, values)
	return &Rendering{Texts: texts, lines: map[string][]int{}, chart: c.name}, err
}

// RenderLines renders, and knows for each line of what was rendered which line of the template it is of.
func (c *Chart) RenderLines(release Release, values map[string]any) (*Rendering, error) {
	r, err := c.RenderPlain(release, values)
	if err != nil {
		return nil, err
	}
	withMarks := &Chart{files: marked(c.files), name: c.name}
	marks, err := withMarks.Render(release, values)
	if err != nil {
		return r, nil //nolint:nilerr // a chart that reads its own text may refuse the marks; it has no lines then
	}
	for name, text := range marks {
		plain, lines := linesOf(text)
		if strings.Count(plain, "\n") == strings.Count(r.Texts[name], "\n") {
			r.lines[name] = lines
		}
	}
	return r, nil
}

var (
	separator = regexp.MustCompile(`^---(\s|$)`)
	yamlLine  = regexp.MustCompile(`yaml: line (\d+): `)
)

// Objects are the objects of all templates, in the order of files, and what is no object.
func (r *Rendering) Objects() ([]Object, []Problem) {
	var objects []Object
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(r.Texts)) {
		if path.Base(name) == "NOTES.txt" || strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		file := strings.TrimPrefix(name, r.chart+"/")
		var document []string
		first := 0
		end := func(next int) {
			object := Object{File: file, first: first, lines: r.lines[name]}
			switch at, err := object.read(strings.Join(document, "\n")); {
			case err != nil:
				problems = append(problems, Problem{File: file, Line: object.source(at), Text: err.Error()})
			case object.Manifest != nil:
				objects = append(objects, object)
			}
			document, first = nil, next
		}
		lines := strings.Split(r.Texts[name], "\n")
		for i, line := range lines {
			if separator.MatchString(line) {
				end(i + 1)
				continue
			}
			document = append(document, line)
		}
		end(len(lines))
	}
	return objects, problems
}

// read reads one document, and returns the line of a problem in it, counted from 1.
func (o *Object) read(text string) (int, error) {
	inJSON, err := yaml.YAMLToJSON([]byte(text)) // YAML as Helm reads it
	if err != nil {
		line := 1
		message := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
		if m := yamlLine.FindStringSubmatch(message); m != nil {
			line, _ = strconv.Atoi(m[1])
			message = strings.Replace(message, m[0], "no YAML: ", 1)
		}
		return line, errors.New(message)
	}
	var value any
	if err := json.Unmarshal(inJSON, &value); err != nil {
		return 1, err
	}
	if value == nil {
		return 0, nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return 1, errors.New("must be a Kubernetes object, and is no map")
	}
	if len(object) == 0 {
		return 0, nil
	}
	o.text = text
	if err := headed(object); err != nil {
		at := 1
		if node := o.node(); node != nil {
			at = node.Line
		}
		return at, err
	}
	o.Manifest = object
	return 0, nil
}

// node is the object with the lines of its parts, nil where the reader that keeps lines does not read it.
func (o *Object) node() *yaml3.Node {
	var document yaml3.Node
	if err := yaml3.Unmarshal([]byte(o.text), &document); err != nil || len(document.Content) == 0 {
		return nil
	}
	return document.Content[0]
}

// source is the line of the template for a line of the object's document, which count from 1, or 0.
func (o *Object) source(line int) int {
	if at := o.first + line - 1; at >= 0 && at < len(o.lines) {
		return o.lines[at]
	}
	return 0
}

// Name is the kind and the name: Service "web".
func (o *Object) Name() string {
	metadata, _ := o.Manifest["metadata"].(map[string]any)
	return fmt.Sprintf("%v %q", o.Manifest["kind"], fmt.Sprint(metadata["name"]))
}

var step = regexp.MustCompile(`\[([^\]]*)\]|[^.\[]+`)

// Line is the line of the template that a path such as spec.ports[1].name is on, or what is next above it; 0 where nobody knows.
func (o *Object) Line(path string) int {
	node := o.node()
	if node == nil {
		return 0
	}
	line := node.Line
	for _, m := range step.FindAllStringSubmatch(path, -1) {
		key := m[0]
		if m[1] != "" {
			key = m[1]
		}
		var inner *yaml3.Node
		switch node.Kind {
		case yaml3.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == key {
					inner, line = node.Content[i+1], node.Content[i].Line
				}
			}
		case yaml3.SequenceNode:
			if i, err := strconv.Atoi(key); err == nil && i < len(node.Content) {
				inner, line = node.Content[i], node.Content[i].Line
			}
		}
		if inner == nil {
			break
		}
		node = inner
	}
	return o.source(line)
}
