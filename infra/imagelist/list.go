// Package imagelist reads the one list of a stack's images: which repositories and tags the release has, and where each image
// comes from. The registry's repositories, `bpactl images push`, preflight and the check of a rendered chart all read it.
//
// The list is a file with one image a line, a bundle's folder of archives, or, where the stack file names neither, the names in
// registry.images or the reference chart's. Nothing here asks a registry.
package imagelist

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/reference"
)

// Entry is an image of a release.
type Entry struct {
	// Repository is what the image is called behind registry.pathPrefix, and Tag its tag: kafka and 3.1.0-690.
	Repository, Tag string
	// File and Line say where it is listed. Line is 0 where no line does: File is the archive in a bundle's folder then, or the
	// setting.
	File string
	Line int
	// Source is where the image comes from. The zero value: somebody else puts it into the registry.
	Source Source
}

// String returns repository and tag, as kafka:3.1.0-690.
func (e Entry) String() string { return e.Repository + ":" + e.Tag }

// Place returns the file and the line, as release/images.txt:3.
func (e Entry) Place() string {
	if e.Line == 0 {
		return e.File
	}
	return fmt.Sprintf("%s:%d", e.File, e.Line)
}

// List is the images of a release, in the order in which they are listed, each repository and tag once.
type List struct {
	// File is what was read: a list, an archive, a bundle's folder, or the name of the setting.
	File    string
	Entries []Entry
	// Ignored are the archives of a bundle's folder that hold no image, such as a packed chart.
	Ignored []string
}

// Of returns the list of a stack. A relative registry.imageList begins at dir, the folder of the stack file. The error has a line
// for every problem, with file and line of each; texts of application.environment and application.values that name an image that the
// list lacks are among them.
func Of(c *config.Config, dir string) (List, error) {
	list, err := listOf(c, dir)
	if err != nil {
		return List{}, err
	}
	problems := list.fit(c.Registry)
	if lacks := list.lacks(config.ReferenceImages()); c.Application.Chart == "" && len(lacks) > 0 {
		problems.Add("application.chart", nil, "must be the release's own chart: the reference chart runs %s, and %s has none of that name",
			strings.Join(lacks, ", "), list.File)
	} else {
		problems.Append(list.named(c.Application))
	}
	return list, problems.Err("")
}

// lacks are the repositories among some that the list does not have.
func (l List) lacks(repositories []string) []string {
	return slices.DeleteFunc(slices.Clone(repositories), func(name string) bool { return len(l.Tags(name)) > 0 })
}

func listOf(c *config.Config, dir string) (List, error) {
	r := c.Registry
	switch {
	case r.ImageList != "":
		at := r.ImageList
		if !filepath.IsAbs(at) {
			at = filepath.Join(dir, at)
		}
		list, err := read(at, r.ImageList, nil)
		if err != nil {
			return List{}, fmt.Errorf("registry.imageList: %w", err)
		}
		return list, nil
	case len(r.Images) > 0:
		list := List{File: "registry.images"}
		for i, text := range r.Images {
			repository, tag, tagged := strings.Cut(text, ":")
			if !tagged {
				tag = c.Application.Release
			}
			list.Entries = append(list.Entries, Entry{Repository: repository, Tag: tag, File: fmt.Sprintf("registry.images[%d]", i)})
		}
		return list, nil
	}
	return Reference(c.Application.Release), nil
}

// Reference is the list of the reference chart for a release of BPA.
func Reference(release string) List {
	list := List{File: "the reference chart"}
	for _, name := range config.ReferenceImages() {
		e := Entry{Repository: name, Tag: release, File: list.File}
		if name == "sase-service" {
			e.Tag = "4.0.3-522" // the paper's own, in its example of release 4.0.3-6 (R14)
		}
		list.Entries = append(list.Entries, e)
	}
	return list
}

// fit checks the list against what the names become in the stack's registry.
func (l List) fit(r config.Registry) problem.List {
	var p problem.List
	logical := map[string]Entry{}
	for _, e := range l.Entries {
		if wrong := r.WrongName(e.Repository); wrong != "" {
			p.Add(e.Place(), e.Repository, "%s", wrong)
		}
		// Resources are named with hyphens for slashes: a/b and a-b would be one.
		flat := strings.ReplaceAll(e.Repository, "/", "-")
		if other, taken := logical[flat]; taken && other.Repository != e.Repository {
			p.Add(e.Place(), e.Repository, "must differ from %s of %s by more than / and -", other.Repository, other.Place())
			continue
		}
		logical[flat] = e
	}
	return p
}

// named checks the images that texts name: ${image.kafka} and ${tag.kafka} stand for one image.
func (l List) named(a config.Application) problem.List {
	var p problem.List
	check := func(path, text string) {
		parts, _ := reference.Parse(text) // config has checked it
		for _, part := range parts {
			repository, ok := config.ImageNamed(part.Name)
			if !ok {
				continue
			}
			switch tags := l.Tags(repository); len(tags) {
			case 0:
				p.Add(path, "${"+part.Name+"}", "must name an image of %s%s", l.File, problem.DidYouMean(repository, l.Repositories()))
			case 1:
			default:
				p.Add(path, "${"+part.Name+"}", "must name one image, and %s has %s with the tags %s",
					l.File, repository, strings.Join(tags, ", "))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a.Environment)) {
		check("application.environment."+key, a.Environment[key])
	}
	reference.Visit("application.values", a.Values, check)
	return p
}

// Repositories are the names of all repositories, sorted, each once.
func (l List) Repositories() []string {
	var names []string
	for _, e := range l.Entries {
		names = append(names, e.Repository)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Tags are the tags of a repository, in the order of the list; none where the list lacks it.
func (l List) Tags(repository string) []string {
	var tags []string
	for _, e := range l.Entries {
		if e.Repository == repository {
			tags = append(tags, e.Tag)
		}
	}
	return tags
}

// References are what ${tag.NAME} and ${image.NAME} stand for, by the names in the braces: of every repository with one tag, in the
// registry at url, which is host and path prefix.
func (l List) References(url string) map[string]string {
	all := map[string]string{}
	for _, repository := range l.Repositories() {
		if tags := l.Tags(repository); len(tags) == 1 { // Of refuses to name another
			all["tag."+repository], all["image."+repository] = tags[0], url+"/"+repository+":"+tags[0]
		}
	}
	return all
}

// cached reports whether a repository is one of the caches of public registries.
func cached(r config.Registry, repository string) bool {
	return slices.ContainsFunc(r.PullThrough, func(upstream string) bool {
		prefix, known := naming.CachePrefix(r.PathPrefix, upstream)
		return known && strings.HasPrefix(repository, prefix+"/")
	})
}

// Problem says why a node would not find an image, written as a chart writes it, in the stack's registry at host, or "". An image
// of another registry, and one that comes through the registry's caches, is not the list's affair.
func (l List) Problem(r config.Registry, host, image string) string {
	rest, ours := strings.CutPrefix(image, host+"/")
	if !ours || cached(r, rest) {
		return ""
	}
	name, under := strings.CutPrefix(rest, r.PathPrefix+"/")
	if !under {
		return fmt.Sprintf("is not below %s/%s, where the stack's repositories are", host, r.PathPrefix)
	}
	name, digest, pinned := strings.Cut(name, "@")
	repository, tag, tagged := strings.Cut(name, ":")
	tags := l.Tags(repository)
	switch {
	case len(tags) == 0:
		return fmt.Sprintf("%s lists no %s%s", l.File, repository, problem.DidYouMean(repository, l.Repositories()))
	case pinned && digest != "":
		return "" // what a digest is the digest of, only the registry knows
	case !tagged:
		return fmt.Sprintf("has no tag, and latest is none that %s lists: %s", l.File, strings.Join(tags, ", "))
	case !slices.Contains(tags, tag):
		return fmt.Sprintf("%s lists %s with the tag %s, and not %s", l.File, repository, strings.Join(tags, ", "), tag)
	}
	return ""
}
