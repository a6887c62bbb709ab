package timeline

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// box is a component with what it holds and what it waits for.
type box struct {
	name      string
	resources int
	end       time.Duration
	after     map[string]bool
	layer     int
}

// boxes joins the resources of each component. Providers and the stack itself are left out.
func (t *Timeline) boxes() map[string]*box {
	boxes, home := map[string]*box{}, map[resource.URN]string{}
	for _, s := range t.Spans {
		name := s.Resource.Component()
		if name == "stack" {
			continue
		}
		home[s.Resource.URN] = name
		if boxes[name] == nil {
			boxes[name] = &box{name: name, after: map[string]bool{}}
		}
		if s.Resource.Custom {
			boxes[name].resources++
		}
		boxes[name].end = max(boxes[name].end, s.End)
	}
	for _, s := range t.Spans {
		from := home[s.Resource.URN]
		for _, d := range append(slices.Clone(s.Resource.Dependencies), s.Resource.ProviderURN()) {
			if to := home[d]; from != "" && to != "" && to != from {
				boxes[from].after[to] = true
			}
		}
	}
	reduce(boxes)
	return boxes
}

// reduce drops an arrow where a longer way says the same, and gives each box the layer that its longest way leads to.
func reduce(boxes map[string]*box) {
	var reaches func(from, to string, direct bool) bool
	reaches = func(from, to string, direct bool) bool {
		for next := range boxes[from].after {
			if next == to && !direct || next != to && reaches(next, to, false) {
				return true
			}
		}
		return false
	}
	for _, name := range sortedKeys(boxes) {
		for _, to := range sortedKeys(boxes[name].after) {
			if reaches(name, to, true) {
				delete(boxes[name].after, to)
			}
		}
	}
	var depth func(name string) int
	depth = func(name string) int {
		layer := 0
		for to := range boxes[name].after {
			layer = max(layer, depth(to)+1)
		}
		return layer
	}
	for name, b := range boxes {
		b.layer = depth(name)
	}
}

const boxWidth, boxHeight, gapX, gapY = 196, 52, 56, 24

// slot is a place in a layer: of a box, or of an arrow that passes by.
type slot struct {
	key    string
	box    *box
	before []string
	x, y   int
}

// layout gives every box a layer, and every arrow that passes a layer a slot in it, so that none crosses a box.
func layout(boxes map[string]*box) (layers [][]*slot) {
	add := func(layer int, s *slot) {
		for len(layers) <= layer {
			layers = append(layers, nil)
		}
		layers[layer] = append(layers[layer], s)
	}
	for _, name := range sortedKeys(boxes) {
		b := boxes[name]
		own := &slot{key: name, box: b}
		for _, before := range sortedKeys(b.after) {
			last := before
			for layer := boxes[before].layer + 1; layer < b.layer; layer++ {
				passing := &slot{key: fmt.Sprintf("%s>%s@%d", before, name, layer), before: []string{last}}
				add(layer, passing)
				last = passing.key
			}
			own.before = append(own.before, last)
		}
		add(b.layer, own)
	}
	arrange(layers)
	return layers
}

// arrange orders each layer by the middle of what comes before each slot, and places the slots.
func arrange(layers [][]*slot) {
	tallest := 0
	for _, l := range layers {
		tallest = max(tallest, len(l))
	}
	place := map[string]int{}
	for i, l := range layers {
		middle := func(s *slot) int {
			sum := 0
			for _, b := range s.before {
				sum += place[b]
			}
			return sum / max(len(s.before), 1)
		}
		slices.SortStableFunc(l, func(a, b *slot) int { return middle(a) - middle(b) })
		for j, s := range l {
			s.x = margin + i*(boxWidth+gapX)
			s.y = 50 + (tallest-len(l))*(boxHeight+gapY)/2 + j*(boxHeight+gapY)
			place[s.key] = s.y
		}
	}
}

// Graph draws the components as boxes, from left to right in the order of an `up`.
func (t *Timeline) Graph(title string) string {
	layers := layout(t.boxes())
	slots, bottom := map[string]*slot{}, 0
	for _, l := range layers {
		for _, s := range l {
			slots[s.key] = s
			bottom = max(bottom, s.y+boxHeight)
		}
	}
	width, height := 2*margin+len(layers)*(boxWidth+gapX)-gapX, bottom+margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif">`+"\n",
		width, height, width, height)
	b.WriteString(`<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
		`<path d="M0 0L8 4L0 8z" fill="#64748b"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="26" font-size="16" font-weight="bold" fill="#1f2937">%s</text>`+"\n", margin, html.EscapeString(title))
	for _, key := range sortedKeys(slots) {
		arrows(&b, slots, slots[key])
	}
	for _, key := range sortedKeys(slots) {
		if s := slots[key]; s.box != nil {
			fmt.Fprintf(
				&b,
				`<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="#eaf1fb" stroke="#3b6ea8"/>`+"\n",
				s.x,
				s.y,
				boxWidth,
				boxHeight,
			)
			fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="13" font-weight="bold" text-anchor="middle" fill="#1f2937">%s</text>`+"\n",
				s.x+boxWidth/2, s.y+21, s.box.name)
			fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="11" text-anchor="middle" fill="#4b5563">%d resources, there at %s</text>`+"\n",
				s.x+boxWidth/2, s.y+39, s.box.resources, clock(s.box.end))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// arrows draws what leads to a slot, and straight through it where it belongs to an arrow.
func arrows(b *strings.Builder, slots map[string]*slot, s *slot) {
	marker := ""
	if s.box != nil {
		marker = ` marker-end="url(#to)"`
	}
	for _, key := range s.before {
		from := slots[key]
		x1, y1, x2, y2 := from.x+boxWidth, from.y+boxHeight/2, s.x, s.y+boxHeight/2
		fmt.Fprintf(b, `<path d="M%d %d C%d %d %d %d %d %d" fill="none" stroke="#64748b"%s/>`+"\n",
			x1, y1, x1+gapX/2, y1, x2-gapX/2, y2, x2, y2, marker)
	}
	if s.box == nil {
		fmt.Fprintf(b, `<path d="M%d %d h%d" stroke="#64748b"/>`+"\n", s.x, s.y+boxHeight/2, boxWidth)
	}
}
