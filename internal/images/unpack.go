package images

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/bpa-on-aws/platform/infra/imagelist"
)

// unpacker unpacks archives that cannot be read as they are: layers are read one by one and in any order, and neither gzip nor the
// library of layouts lets one. What no further image needs is removed.
type unpacker struct {
	lock  sync.Mutex
	files map[string]*unpackedFile
}

// unpackedFile is one archive, unpacked by the first image that needs it.
type unpackedFile struct {
	images int // which are still to be pushed
	once   sync.Once
	at     string
	err    error
}

// newUnpacker counts the images of each archive.
func newUnpacker(images []Image) *unpacker {
	u := &unpacker{files: map[string]*unpackedFile{}}
	for _, image := range images {
		if u.files[image.Source.Path] == nil {
			u.files[image.Source.Path] = &unpackedFile{}
		}
		u.files[image.Source.Path].images++
	}
	return u
}

func (u *unpacker) of(source imagelist.Source) *unpackedFile {
	u.lock.Lock()
	defer u.lock.Unlock()
	return u.files[source.Path]
}

// file returns the archive of a source in a form that can be read: itself, its unpacked copy, or the folder of its layout.
func (u *unpacker) file(source imagelist.Source) (string, error) {
	if source.Kind == imagelist.DockerArchive {
		if packed, err := imagelist.Packed(source.Path); err != nil || !packed {
			return source.Path, err
		}
	}
	f := u.of(source)
	f.once.Do(func() { f.at, f.err = unpack(source) })
	if f.err != nil {
		return "", fmt.Errorf("cannot be unpacked in %s: %w", os.TempDir(), f.err)
	}
	return f.at, nil
}

// done says that an image needs its archive no longer.
func (u *unpacker) done(source imagelist.Source) {
	f := u.of(source)
	u.lock.Lock()
	defer u.lock.Unlock()
	if f.images--; f.images == 0 && f.at != "" {
		os.RemoveAll(f.at)
	}
}

// unpack returns the unpacked copy of a docker archive, or the folder of an OCI archive's layout. After an error nothing is left.
func unpack(source imagelist.Source) (string, error) {
	in, err := imagelist.Unpacked(source.Path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	if source.Kind == imagelist.DockerArchive {
		out, err := os.CreateTemp("", "bpactl-images-")
		if err != nil {
			return "", err
		}
		_, err = io.Copy(out, in)
		if err = errors.Join(err, out.Close()); err != nil {
			os.Remove(out.Name())
			return "", err
		}
		return out.Name(), nil
	}
	dir, err := os.MkdirTemp("", "bpactl-images-")
	if err != nil {
		return "", err
	}
	if err := layOut(in, dir); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return dir, nil
}

// laidOut matches the files of an OCI layout; nothing else of an archive is written to the disk.
var laidOut = regexp.MustCompile(`^(?:oci-layout|index\.json|blobs/[a-z0-9]+/[0-9a-f]+)$`)

// layOut writes the layout in an archive into a folder.
func layOut(in io.Reader, dir string) error {
	for entries := tar.NewReader(in); ; {
		head, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := path.Clean(head.Name)
		if head.Typeflag != tar.TypeReg || !laidOut.MatchString(name) {
			continue
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, entries)
		if err = errors.Join(err, out.Close()); err != nil {
			return err
		}
	}
}
