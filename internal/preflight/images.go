package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// releaseImages asks whether ECR holds every image of the BPA release. Before the first `up` there is no repository: the
// stack makes them, and waits for the images.
func (f *flight) releaseImages(ctx context.Context) ([]Finding, error) {
	const name = "images"
	push := fmt.Sprintf("bpactl images push --list FILE --to %s", f.Stack)
	release := f.Config.Application.Release
	var homeless, missing []string
	for _, image := range f.Images {
		repository := f.Config.Registry.PathPrefix + "/" + image
		_, err := f.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{
			RepositoryName: &repository, RegistryId: &f.Config.AWS.AccountID,
			ImageIds: []types.ImageIdentifier{{ImageTag: &release}},
		})
		switch code(err) {
		case "RepositoryNotFoundException":
			homeless = append(homeless, image)
		case "ImageNotFoundException":
			missing = append(missing, image)
		default:
			if err != nil {
				return nil, err
			}
		}
	}
	switch {
	case len(missing) > 0:
		return []Finding{fail(name, push, "%d of %d lack the tag %s: %s", len(missing), len(f.Images), release, some(missing))}, nil
	case len(homeless) > 0:
		return []Finding{warn(name, "when `up` has made them and waits for BPA: "+push,
			"%d of %d repositories do not exist yet: %s", len(homeless), len(f.Images), some(homeless))}, nil
	}
	return []Finding{pass(name, "all %d have the tag %s", len(f.Images), release)}, nil
}

// some names the first few of a list, and how many follow.
func some(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}
