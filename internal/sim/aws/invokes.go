package aws

import (
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// zoneLetters are the zones of a region. In us-east-1, us-west-1 and ap-northeast-1 the letters differ by account; the
// simulated account sees them all. Source: AWS Regions and Availability Zones guide.
func zoneLetters(region string) string {
	letters := map[string]string{
		"us-east-1": "abcdef", "us-west-2": "abcd", "ap-northeast-1": "abcd", "ap-northeast-2": "abcd", "ca-central-1": "abd",
		"us-west-1": "ac", // two of three
	}[region]
	if letters == "" {
		return "abc"
	}
	return letters
}

func invokes() map[string]provider.Invoke {
	images := &images{released: map[string]time.Time{}}
	return map[string]provider.Invoke{
		"aws:index/getPartition:getPartition": func(r *provider.Request) (map[string]any, error) {
			return map[string]any{
				"id": partition(region(r)), "partition": partition(region(r)), "dnsSuffix": dnsSuffix(region(r)),
				"reverseDnsPrefix": "com.amazonaws",
			}, nil
		},
		"aws:index/getCallerIdentity:getCallerIdentity": func(r *provider.Request) (map[string]any, error) {
			return map[string]any{
				"id": account(r), "accountId": account(r), "arn": session(r), "userId": "AIDAREHEARSAL",
			}, nil
		},
		"aws:index/getRegion:getRegion": func(r *provider.Request) (map[string]any, error) {
			return map[string]any{"id": region(r), "name": region(r), "endpoint": "ec2." + region(r) + ".amazonaws.com"}, nil
		},
		"aws:index/getAvailabilityZones:getAvailabilityZones": func(r *provider.Request) (map[string]any, error) {
			if err := zonesOffered(r); err != nil {
				return nil, err
			}
			var names, ids []any
			for _, letter := range zoneLetters(region(r)) {
				names = append(names, region(r)+string(letter))
				ids = append(ids, zoneID(region(r)+string(letter)))
			}
			return map[string]any{"id": region(r), "names": names, "zoneIds": ids, "groupNames": []any{region(r)}}, nil
		},
		"aws:iam/getSessionContext:getSessionContext": getSessionContext,
		"aws:eks/getClusters:getClusters":             getClusters,
		"aws:eks/getAccessEntry:getAccessEntry":       getAccessEntry,
		"aws:cloudwatch/getLogGroups:getLogGroups":    getLogGroups,
		"aws:ssm/getParameter:getParameter":           images.getParameter,
		"aws:ec2/getAmi:getAmi":                       images.getAmi,
		"aws:rds/getInstance:getInstance":             getInstance,
		"aws:rds/getSnapshot:getSnapshot":             getSnapshot,
		"aws:ec2/getSubnet:getSubnet":                 getSubnet,
		"aws:ec2/getSubnets:getSubnets":               getSubnets,

		"aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": getInstanceTypeOfferings,
		"aws:rds/getOrderableDbInstance:getOrderableDbInstance":     getOrderableDBInstance,

		"aws:ec2/getVpcEndpointService:getVpcEndpointService": getEndpointService,

		"aws:eks/getAddonVersion:getAddonVersion": func(r *provider.Request) (map[string]any, error) {
			v := fmt.Sprintf("v%s.0-eksbuild.1", r.Str("kubernetesVersion"))
			return map[string]any{"id": r.Str("addonName"), "addonName": r.Str("addonName"), "version": v,
				"kubernetesVersion": r.Str("kubernetesVersion")}, nil
		},
	}
}

// invokeArgs are the arguments that each function heeds.
var invokeArgs = map[string][]string{
	"aws:index/getAvailabilityZones:getAvailabilityZones": {"state", "filters"},
	"aws:iam/getSessionContext:getSessionContext":         {"arn"},
	"aws:eks/getAccessEntry:getAccessEntry":               {"clusterName", "principalArn"},
	"aws:cloudwatch/getLogGroups:getLogGroups":            {"logGroupNamePrefix"},
	"aws:ssm/getParameter:getParameter":                   {"name", "withDecryption"},
	"aws:ec2/getAmi:getAmi":                               {"filters", "owners", "mostRecent", "includeDeprecated"},
	"aws:rds/getInstance:getInstance":                     {"dbInstanceIdentifier"},
	"aws:rds/getSnapshot:getSnapshot":                     {"dbSnapshotIdentifier"},
	"aws:ec2/getSubnet:getSubnet":                         {"id"},
	"aws:ec2/getSubnets:getSubnets":                       {"filters"},

	"aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {"filters", "locationType"},
	"aws:rds/getOrderableDbInstance:getOrderableDbInstance": {
		"engine", "engineVersion", "instanceClass", "preferredInstanceClasses", "vpc",
	},
	"aws:ec2/getVpcEndpointService:getVpcEndpointService": {"serviceName"},
	"aws:eks/getAddonVersion:getAddonVersion":             {"addonName", "kubernetesVersion", "mostRecent"},
}

// zonesOffered refuses a question whose answer is not simply every zone.
func zonesOffered(r *provider.Request) error {
	if state := r.Str("state"); state != "" && state != "available" {
		return fmt.Errorf("rehearsal: aws: getAvailabilityZones is simulated for the state available only")
	}
	for _, filter := range objects(r.Inputs["filters"]) {
		if filter["name"] != "opt-in-status" || !slices.Contains(texts(filter["values"]), "opt-in-not-required") {
			return fmt.Errorf("rehearsal: aws: getAvailabilityZones is simulated for the filter opt-in-status=opt-in-not-required only")
		}
	}
	return nil
}

// images are those that were asked for, with the day on which Amazon released each.
type images struct {
	mu       sync.Mutex
	released map[string]time.Time
}

// noImage is what the provider says where a query finds nothing: terraform-provider-aws, dataSourceAMIRead.
const noImage = "Your query returned no results. Please change your search criteria and try again."

// release is the date in the name of an image of EKS.
var release = regexp.MustCompile(`-v(\d{8})/`)

// getParameter knows the public parameters of machine images only.
func (i *images) getParameter(r *provider.Request) (map[string]any, error) {
	name := r.Str("name")
	if !strings.HasPrefix(name, "/aws/service/") {
		return nil, fmt.Errorf("ParameterNotFound: %s", name)
	}
	image := imageID(region(r) + name)
	if m := release.FindStringSubmatch(name); m != nil {
		if day, err := time.Parse("20060102", m[1]); err == nil {
			i.mu.Lock()
			i.released[image] = day
			i.mu.Unlock()
		}
	}
	return map[string]any{
		"id":            name,
		"arn":           arn(r, "ssm", "parameter"+name),
		"name":          name,
		"type":          "String",
		"value":         image,
		"insecureValue": image,
		"version":       1.0,
	}, nil
}

// getAmi finds an image by id, as pulumi-eks asks for it. An image that the stack file names is another account's, shared with this
// one, and one of Amazon's is deprecated two years after its release; what is hidden so is not found.
// Source: EC2 user guide, "Deprecate an Amazon EC2 AMI"; EC2 API reference, DescribeImages, Owner and IncludeDeprecated.
func (i *images) getAmi(r *provider.Request) (map[string]any, error) {
	image := ""
	for _, filter := range objects(r.Inputs["filters"]) {
		if values := texts(filter["values"]); filter["name"] == "image-id" && len(values) == 1 {
			image = values[0]
		}
	}
	if image == "" {
		return nil, fmt.Errorf("rehearsal: aws: getAmi is simulated for the filter image-id only")
	}
	i.mu.Lock()
	released, ofAmazon := i.released[image]
	i.mu.Unlock()
	shared := r.Store.External(image) && len(texts(r.Inputs["owners"])) > 0
	deprecated := ofAmazon && !released.AddDate(2, 0, 0).After(r.Today) && r.Inputs["includeDeprecated"] != true
	if shared || deprecated {
		return nil, errors.New(noImage) //nolint:staticcheck // the provider's own words
	}
	return map[string]any{
		"id":             image,
		"imageId":        image,
		"architecture":   "x86_64",
		"rootDeviceName": "/dev/xvda",
		"rootDeviceType": "ebs",
		"blockDeviceMappings": []any{
			map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{"volumeSize": "20"}, "noDevice": "", "virtualName": ""},
		},
	}, nil
}

// imageID makes a stable image id for a name: the same release is the same image on every run.
func imageID(name string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("ami-0%016x", h.Sum64())
}
