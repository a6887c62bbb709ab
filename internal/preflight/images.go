package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/bpa-on-aws/platform/infra/imagelist"
)

// imageList reads the stack's list of images as `up` does.
func (f *flight) imageList(context.Context) ([]Finding, error) {
	const name = "image list"
	list, err := imagelist.Of(f.Config, f.SourceDir)
	if err != nil {
		return []Finding{fail(name, "mend the list that bpa:registry.imageList names", "%s", oneLine(err.Error()))}, nil
	}
	detail := fmt.Sprintf("%s: %d images in %d repositories", list.File, len(list.Entries), len(list.Repositories()))
	if len(list.Ignored) > 0 {
		detail += fmt.Sprintf("; archives without an image: %s", some(list.Ignored))
	}
	return []Finding{pass(name, "%s", detail)}, nil
}

// releaseImages asks whether ECR holds every image of the list by its tag. Before the first `up` there is no repository: the
// stack makes them, and waits for the images.
func (f *flight) releaseImages(ctx context.Context) ([]Finding, error) {
	const name = "images"
	push := fmt.Sprintf("bpactl images push --to %s", f.Stack)
	list, readable := f.readableList()
	if !readable {
		return []Finding{warn(name, "mend the list first, then run preflight again", "not checked: the list cannot be read")}, nil
	}
	var homeless, missing []string
	for _, image := range list.Entries {
		repository := f.Config.Registry.PathPrefix + "/" + image.Repository
		_, err := f.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{
			RepositoryName: &repository, RegistryId: &f.Config.AWS.AccountID,
			ImageIds: []types.ImageIdentifier{{ImageTag: &image.Tag}},
		})
		switch code(err) {
		case "RepositoryNotFoundException":
			homeless = append(homeless, image.String())
		case "ImageNotFoundException":
			missing = append(missing, image.String())
		default:
			if err != nil {
				return nil, err
			}
		}
	}
	all := len(list.Entries)
	switch {
	case len(missing) > 0:
		return []Finding{fail(name, push, "%d of %d are not in their repositories: %s", len(missing), all, some(missing))}, nil
	case len(homeless) > 0:
		return []Finding{warn(name, "when `up` has made them and waits for BPA: "+push,
			"%d of %d have no repository yet: %s", len(homeless), all, some(homeless))}, nil
	}
	return []Finding{pass(name, "all %d are in their repositories", all)}, nil
}

// readableList is the list of images, if it can be read: what is wrong with it is imageList's to say.
func (f *flight) readableList() (imagelist.List, bool) {
	list, err := imagelist.Of(f.Config, f.SourceDir)
	return list, err == nil
}

// some names the first few of a list, and how many follow.
func some(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}
