package aws

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// zoneLetters are the zones of a region. In us-east-1, us-west-1 and ap-northeast-1 the letters differ by account; the
// simulated account sees them all. Source: AWS Regions and Availability Zones guide.
func zoneLetters(region string) string {
	letters := map[string]string{
		"us-east-1": "abcdef", "us-west-2": "abcd", "ap-northeast-1": "abcd", "ap-northeast-2": "abcd", "ca-central-1": "abd",
	}[region]
	if letters == "" {
		return "abc"
	}
	return letters
}

func invokes() map[string]provider.Invoke {
	return map[string]provider.Invoke{
		"aws:index/getPartition:getPartition": func(r *provider.Request) (map[string]any, error) {
			return map[string]any{
				"id": partition(region(r)), "partition": partition(region(r)), "dnsSuffix": dnsSuffix(region(r)),
				"reverseDnsPrefix": "com.amazonaws",
			}, nil
		},
		"aws:index/getCallerIdentity:getCallerIdentity": func(r *provider.Request) (map[string]any, error) {
			return map[string]any{
				"id": account(r), "accountId": account(r), "arn": globalARN(r, "user/rehearsal"), "userId": "AIDAREHEARSAL",
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
		"aws:ssm/getParameter:getParameter": getParameter,
		"aws:ec2/getAmi:getAmi":             getAmi,
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
	"aws:ssm/getParameter:getParameter":                   {"name", "withDecryption"},
	"aws:ec2/getAmi:getAmi":                               {"filters", "owners", "mostRecent"},
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

// getParameter knows the public parameters of machine images only.
func getParameter(r *provider.Request) (map[string]any, error) {
	name := r.Str("name")
	if !strings.HasPrefix(name, "/aws/service/") {
		return nil, fmt.Errorf("ParameterNotFound: %s", name)
	}
	image := imageID(region(r) + name)
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

// getAmi finds an image by id, as pulumi-eks asks for it.
func getAmi(r *provider.Request) (map[string]any, error) {
	image := ""
	filters, _ := r.Inputs["filters"].([]any)
	for _, f := range filters {
		if filter, ok := f.(map[string]any); ok && filter["name"] == "image-id" {
			if values, ok := filter["values"].([]any); ok && len(values) == 1 {
				image, _ = values[0].(string)
			}
		}
	}
	if image == "" {
		return nil, fmt.Errorf("rehearsal: aws: getAmi is simulated for the filter image-id only")
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
