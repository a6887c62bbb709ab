package images

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// State says what became of an image.
type State int

// What becomes of an image.
const (
	// Pushed means that it was sent, and has the source's digest.
	Pushed State = iota
	// There means that the target had it.
	There
	// Missing means that a dry run would push it.
	Missing
	// Failed means that Result.Err says why not.
	Failed
)

// String returns what a list of results says of an image.
func (s State) String() string {
	return [...]string{"pushed", "already there", "to push", "failed"}[s]
}

// Result is what became of an image.
type Result struct {
	Image
	State State
	// Digest of the manifest at the target, for what was pushed or is there.
	Digest string
	// Advice says what the image would do on the stack's nodes that nothing else tells.
	Advice []string
	// Err begins with the place in the list and the source, and is set for Failed only.
	Err error
}

// Options say how to push. The zero value pushes one image at a time, without credentials.
type Options struct {
	// Jobs is how many images are pushed at once, at least 1.
	Jobs int
	// DryRun asks the registries and changes nothing.
	DryRun bool
	// PathPrefix is the target's, to say what a missing repository is called in the configuration.
	PathPrefix string
	// RepositoriesExist says that the target makes no repositories when something is pushed, as ECR does not; a missing
	// one is reported before anything is sent.
	RepositoriesExist bool
	// Keychain has the credentials. None means anonymous access.
	Keychain authn.Keychain
	// Wait is how long the first retry of an image waits, 2 s when zero; each further one waits twice as long.
	Wait time.Duration
	// Silence is how long a registry may neither send nor take a byte, a minute when zero.
	Silence time.Duration
	// Sent is told of bytes as they go to the target, and Done of every finished image. Both may be nil; Done is called
	// by one goroutine at a time, Sent by several.
	Sent func(bytes int)
	Done func(Result)
}

// attempts is how often an image is tried.
const attempts = 4

// Summary counts what became of images.
type Summary struct {
	// Pushed counts what a dry run would push, too.
	Pushed, There, Failed int
	DryRun                bool
}

// String returns the last line of a push, or of a dry run.
func (s Summary) String() string {
	verb := Pushed
	if s.DryRun {
		verb = Missing
	}
	return fmt.Sprintf("images: %d %s, %d %s, %d %s", s.Pushed, verb, s.There, There, s.Failed, Failed)
}

func (s *Summary) count(state State) {
	switch state {
	case There:
		s.There++
	case Failed:
		s.Failed++
	default:
		s.Pushed++
	}
}

// Push mirrors images, several at a time, and counts what became of them. One image's failure does not stop the others.
// Cancelling the context does; a later call goes on where it stopped, as layers that the target has are not sent again.
func Push(ctx context.Context, images []Image, o Options) Summary {
	summary := Summary{DryRun: o.DryRun}
	refused := refusals{}
	w := work{Options: o, unpacked: newUnpacker(images), silent: map[string]bool{}}
	queue := make(chan Image)
	var lock sync.Mutex
	var workers sync.WaitGroup
	for range max(1, min(o.Jobs, len(images))) {
		workers.Go(func() {
			for image := range queue {
				result := w.try(ctx, image)
				w.unpacked.done(image.Source)
				lock.Lock()
				refused.shorten(&result)
				summary.count(result.State)
				if o.Done != nil {
					o.Done(result)
				}
				lock.Unlock()
			}
		})
	}
	for _, image := range images {
		queue <- image
	}
	close(queue)
	workers.Wait()
	return summary
}

// work is a push, and what its images share.
type work struct {
	Options
	unpacked *unpacker
	// silent are the registries that were silent at every attempt for an image. No other image waits for one as long.
	silent map[string]bool
	lock   sync.Mutex
}

// try mirrors an image, again after what may pass.
func (w *work) try(ctx context.Context, image Image) Result {
	wait := w.firstWait()
	for attempt := 1; ; attempt++ {
		result, err := copier{w.Options, image, w.unpacked}.run(ctx)
		if err == nil {
			return result
		}
		if attempt < attempts && passing(err) && !w.given(err) && pause(ctx, wait) {
			wait *= 2
			continue
		}
		if ctx.Err() != nil {
			err = errInterrupted
		} else if passing(err) {
			w.giveUp(err, attempt)
			err = fmt.Errorf("after %d attempt%s: %w", attempt, plural(attempt), err)
		}
		err = fmt.Errorf("%s: %s: %w", image.Place(), image.Source, explain(err, image, w.PathPrefix))
		return Result{Image: image, State: Failed, Err: err}
	}
}

// given reports whether the registry of an error has been given up for another image.
func (w *work) given(err error) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.silent[silentHost(err)]
}

// giveUp remembers a registry that was silent at the last attempt.
func (w *work) giveUp(err error, attempt int) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if host := silentHost(err); host != "" && attempt == attempts {
		w.silent[host] = true
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func (o Options) firstWait() time.Duration {
	if o.Wait == 0 {
		return 2 * time.Second
	}
	return o.Wait
}

// pause waits, and reports false where the context ended first.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
