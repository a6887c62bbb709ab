package provider_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// together runs f n times at once.
func together(n int, f func()) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for range n {
		all.Go(func() {
			<-start
			f()
		})
	}
	close(start)
	all.Wait()
}

func TestOfManyThatCreateOneNameOneSucceeds(t *testing.T) {
	server, c := connect(t)
	var made, refused atomic.Int64
	together(32, func() {
		_, _, err := c.create(boxType, "a", box(), false)
		if err == nil {
			made.Add(1)
			return
		}
		assert.ErrorContains(t, err, `toy:index:Box "b" already exists`)
		refused.Add(1)
	})
	assert.EqualValues(t, 1, made.Load())
	assert.EqualValues(t, 31, refused.Load())
	assert.Equal(t, 1, server.Store().Len())
}

func TestARuleThatCountsHoldsForAllThatComeAtOnce(t *testing.T) {
	limited := toy()
	limited.Types[boxType].Rules = []provider.Rule{{Code: "BoxQuotaExceeded", OnCreate: true, Fails: func(r *provider.Request) string {
		if len(r.Store.All(boxType)) >= 3 {
			return "no more than 3"
		}
		return ""
	}}}
	limited.Types[boxType].ID = func(r *provider.Request) string { return string(rune('a' + r.Store.Serial())) }
	server, c := connectTo(t, limited)
	var refused atomic.Int64
	together(16, func() {
		if _, _, err := c.create(boxType, "a", box(), false); err != nil {
			refused.Add(1)
		}
	})
	assert.EqualValues(t, 13, refused.Load())
	assert.Equal(t, 3, server.Store().Len())
}

func TestWhatIsReferredToIsNotDeletedMeanwhile(t *testing.T) {
	server, c := connect(t)
	item := resource.PropertyMap{"box": resource.NewProperty("arn:box/b")}
	for range 20 {
		_, _, err := c.create(boxType, "a", box(), false)
		require.NoError(t, err)
		var turn, done atomic.Int64
		together(2, func() {
			var err error
			if turn.Add(1) == 1 {
				_, _, err = c.create(itemType, "i", item, false)
			} else {
				err = c.remove(boxType, "a", "b")
			}
			if err == nil {
				done.Add(1)
			}
		})
		assert.EqualValues(t, 1, done.Load(), "the item has its box, or there is neither")
		_ = c.remove(itemType, "i", "item")
		require.NoError(t, c.remove(boxType, "a", "b"))
	}
	assert.Zero(t, server.Store().Len())
}

func TestWhatTheStoreHandsOutIsACopy(t *testing.T) {
	server, c := connect(t)
	inputs := box()
	inputs["labels"] = resource.NewObjectProperty(resource.PropertyMap{"colour": resource.NewProperty("red")})
	inputs["sides"] = resource.NewArrayProperty([]resource.PropertyValue{
		resource.NewObjectProperty(resource.PropertyMap{"length": resource.NewProperty(1.0)}),
	})
	_, _, err := c.create(boxType, "a", inputs, false)
	require.NoError(t, err)
	store := server.Store()
	spoil := func(r *provider.Resource) {
		for _, properties := range []map[string]any{r.Inputs, r.Outputs} {
			properties["labels"].(map[string]any)["colour"] = "blue"
			properties["sides"].([]any)[0].(map[string]any)["length"] = 2.0
			properties["sides"].([]any)[0] = nil
			delete(properties, "size")
		}
		r.ID, r.URN = "another", "another"
	}
	there := store.Get(boxType, "b")
	for _, r := range []*provider.Resource{
		store.List()[0], store.All(boxType)[0], store.Get(boxType, "b"), store.ByURN(resource.URN(urn(boxType, "a")))[0],
		store.Find(boxType, func(r *provider.Resource) bool { spoil(store.Get(r.Type, r.ID)); return true }),
	} {
		spoil(r)
		assert.Equal(t, there, store.Get(boxType, "b"))
	}
	require.True(t, store.Change(there, map[string]any{"size": 3.0}))
	assert.EqualValues(t, 3, store.Get(boxType, "b").Inputs["size"])
	store.Remove(there)
	assert.False(t, store.Change(there, nil), "what is gone cannot be changed")
}

func TestARuleCannotChangeWhatExists(t *testing.T) {
	reaching := toy()
	reaching.Types[itemType].Rules = []provider.Rule{{Code: "Never", Fails: func(r *provider.Request) string {
		found := r.Store.Find(boxType, func(b *provider.Resource) bool { b.Inputs["size"] = 5.0; return true })
		for _, b := range append(r.Store.List(), found, r.Store.Get(boxType, "b"), r.Store.All(boxType)[0]) {
			b.Inputs["size"] = 7.0
		}
		r.Inputs["box"] = "changed"
		return ""
	}}}
	server, c := connectTo(t, reaching)
	_, _, err := c.create(boxType, "a", box(), false)
	require.NoError(t, err)
	_, _, err = c.create(itemType, "i", nil, false)
	require.NoError(t, err)
	assert.EqualValues(t, 1, server.Store().Get(boxType, "b").Inputs["size"])
}
