package testkit

import (
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Captured is the value of an output, to be read when the program has ended.
type Captured struct {
	mu    sync.Mutex
	value any
	known bool
}

// Capture keeps the value of an output for the test that runs the program. It is exported too, because a program waits for
// its exports: an output that comes from no resource could otherwise be computed after the program's end.
func (c *Captured) Capture(ctx *pulumi.Context, output pulumi.Output) {
	ctx.Export(fmt.Sprintf("captured-%p", c), pulumi.All(output).ApplyT(func(v []any) any {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.value, c.known = v[0], true
		return v[0]
	}))
}

// Value returns what was captured, and false where the output was unknown, as in a preview.
func (c *Captured) Value() (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.known
}
