package preflight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// kubernetesVersion asks whether EKS offers the version, and in which kind of support it is on the day.
func (f *flight) kubernetesVersion(ctx context.Context) ([]Finding, error) {
	const name = "kubernetes"
	wanted := f.Config.Cluster.Version
	out, err := f.eks.DescribeClusterVersions(ctx, &eks.DescribeClusterVersionsInput{ClusterVersions: []string{wanted}})
	if err != nil && code(err) != "InvalidParameterException" {
		return nil, err
	}
	var version *ekstypes.ClusterVersionInformation
	if out != nil {
		for i := range out.ClusterVersions {
			if aws.ToString(out.ClusterVersions[i].ClusterVersion) == wanted {
				version = &out.ClusterVersions[i]
			}
		}
	}
	change := "set bpa:cluster.version to " + versions.EKS.Nearest(wanted, f.Date)
	if version == nil || version.VersionStatus == ekstypes.VersionStatusUnsupported {
		return []Finding{fail(name, change, "EKS does not offer %s in %s", wanted, f.Config.AWS.Region)}, nil
	}
	if end := version.EndOfExtendedSupportDate; end != nil && f.Date.After(*end) {
		return []Finding{fail(name, change, "%s cannot be created after %s", wanted, end.Format("2006-01-02"))}, nil
	}
	if end := version.EndOfStandardSupportDate; end != nil && f.Date.After(*end) {
		return []Finding{warn(name, "a newer bpa:cluster.version costs a sixth of it",
			"%s is in extended support since %s", wanted, end.Format("2006-01-02"))}, nil
	}
	return []Finding{pass(name, "EKS offers %s", wanted)}, nil
}

// addons asks whether every pinned add-on version is offered for the Kubernetes version.
func (f *flight) addons(ctx context.Context) ([]Finding, error) {
	const name = "add-ons"
	pinned := f.Config.Cluster.AddonVersions
	var found []Finding
	for _, addon := range slices.Sorted(maps.Keys(pinned)) {
		offered, standard, err := f.addonVersions(ctx, addon)
		if err != nil {
			return found, err
		}
		remedy := fmt.Sprintf("set bpa:cluster.addonVersions.%s to %s", addon, standard)
		switch {
		case len(offered) == 0:
			found = append(found, fail(name, "give it another name, or leave it out",
				"EKS has no add-on %s for %s", addon, f.Config.Cluster.Version))
		case !slices.Contains(offered, pinned[addon]):
			found = append(found, fail(name, remedy, "%s %s is not offered for %s", addon, pinned[addon], f.Config.Cluster.Version))
		}
	}
	if len(found) == 0 {
		found = append(found, pass(name, "all %d are offered for %s", len(pinned), f.Config.Cluster.Version))
	}
	return found, nil
}

// addonVersions lists the versions of an add-on, and the one that EKS would take.
func (f *flight) addonVersions(ctx context.Context, addon string) (offered []string, standard string, err error) {
	pages := eks.NewDescribeAddonVersionsPaginator(f.eks, &eks.DescribeAddonVersionsInput{
		AddonName: &addon, KubernetesVersion: &f.Config.Cluster.Version,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if code(err) == "ResourceNotFoundException" || code(err) == "InvalidParameterException" {
			return nil, "", nil
		}
		if err != nil {
			return nil, "", err
		}
		for _, a := range page.Addons {
			for _, v := range a.AddonVersions {
				version := aws.ToString(v.AddonVersion)
				offered = append(offered, version)
				for _, c := range v.Compatibilities {
					if c.DefaultVersion {
						standard = version
					}
				}
			}
		}
	}
	if standard == "" && len(offered) > 0 {
		standard = offered[0]
	}
	return offered, standard, nil
}

// machineImages asks whether the nodes' AMIs exist.
func (f *flight) machineImages(ctx context.Context) ([]Finding, error) {
	const name = "machine images"
	if id := f.Config.Nodes.AMIID; id != "" {
		return f.ownImage(ctx, name, id)
	}
	var found []Finding
	for _, parameter := range f.imageParameters() {
		out, err := f.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &parameter.name})
		var missing *ssmtypes.ParameterNotFound
		switch {
		case errors.As(err, &missing):
			found = append(found, fail(name, "change bpa:nodes.amiRelease: https://github.com/awslabs/amazon-eks-ami/releases",
				"no release %s for %s in %s", parameter.release, parameter.version, f.Config.AWS.Region))
		case err != nil:
			return found, err
		default:
			found = append(found, pass(name, "release %s is %s", parameter.release, aws.ToString(out.Parameter.Value)))
		}
	}
	return found, nil
}

// ownImage asks for an image that the stack file names: the account's own, or one that its owner shares.
func (f *flight) ownImage(ctx context.Context, name, id string) ([]Finding, error) {
	out, err := f.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}, IncludeDeprecated: aws.Bool(true)})
	if strings.HasPrefix(code(err), "InvalidAMIID") || err == nil && len(out.Images) == 0 {
		return []Finding{fail(name, "let its owner share it with the account in this region, and the key of its snapshots, or change "+
			"bpa:nodes.amiId", "the account sees no image %s", id)}, nil
	}
	if err != nil {
		return nil, err
	}
	image := out.Images[0]
	if image.State != "available" {
		return []Finding{fail(name, "wait until it is, or change bpa:nodes.amiId", "%s is %s, not available", id, image.State)}, nil
	}
	root := aws.ToString(image.RootDeviceName)
	if len(image.BlockDeviceMappings) == 0 || aws.ToString(image.BlockDeviceMappings[0].DeviceName) != root {
		return []Finding{fail(name, "change bpa:nodes.amiId: the size and encryption of bpa:nodes go to the first device",
			"the first device of %s is not its root device %s", id, root)}, nil
	}
	return []Finding{warn(name, "see that it is an EKS image of this Kubernetes version",
		"%s is your own: %s", id, aws.ToString(image.Name))}, nil
}

// imageParameter is where AWS publishes the image of a release.
type imageParameter struct{ name, version, release string }

// imageParameters lists the images of the nodes, each once: they differ while an upgrade goes from node to node.
func (f *flight) imageParameters() []imageParameter {
	var list []imageParameter
	for _, n := range f.Config.Nodes.Items {
		p := imageParameter{versions.AMIParameter(n.Version, n.AMIRelease), n.Version, n.AMIRelease}
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
