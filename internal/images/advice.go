package images

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/match"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// nodes are what the stack's nodes can run: their machine images are for x86_64 alone.
var nodes = v1.Platform{OS: "linux", Architecture: "amd64"}

// advice says what an image would do on the stack's nodes that its pods do not show at first. It asks for no layer; an image whose
// configuration cannot be read is pushed, or fails, as any other.
func (c content) advice() []string {
	image, err := c.onNodes()
	if err != nil {
		return nil
	}
	if image == nil {
		return []string{fmt.Sprintf("has no image for %s: its pods would end with `exec format error`", nodes.String())}
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil
	}
	var advice []string
	if config.Architecture != "" && config.Architecture != nodes.Architecture {
		advice = append(advice, fmt.Sprintf("is for %s, and the nodes are %s: its pods would end with `exec format error`",
			config.Architecture, nodes.String()))
	}
	for _, variable := range config.Config.Env {
		if version, found := strings.CutPrefix(variable, "JAVA_VERSION="); found && oldJava(version) {
			advice = append(advice, fmt.Sprintf("has Java %s, which reads no limits of cgroup v2, and Amazon Linux 2023 has no other: it "+
				"sizes heap and threads by the whole node. Give it -Xmx and -XX:ActiveProcessorCount, or Java 8u372, 11.0.16, 15 or "+
				"later", version))
		}
	}
	return advice
}

// onNodes is the image that the nodes would pull, nil where an index has none for them.
func (c content) onNodes() (v1.Image, error) {
	switch found := c.Taggable.(type) {
	case v1.Image:
		return found, nil
	case v1.ImageIndex:
		list, err := partial.FindImages(found, match.Platforms(nodes))
		if err != nil || len(list) == 0 {
			return nil, err
		}
		return list[0], nil
	case *remote.Descriptor:
		if !found.MediaType.IsIndex() {
			return found.Image()
		}
		index, err := found.ImageIndex()
		if err != nil {
			return nil, err
		}
		return content{Taggable: index}.onNodes()
	}
	return nil, fmt.Errorf("%T is no image", c.Taggable)
}

// javaVersion matches how images say it: 8u312, jdk8u372-b07, 1.8.0_312, 11.0.15, jdk-17.0.1+12.
var javaVersion = regexp.MustCompile(`^(?:jdk-?)?(?:1\.)?(\d+)(?:u|\.0_|\.0\.)(\d+)`)

// oldJava reports whether a version of Java cannot read the limits of cgroup v2. The support came with 15 (JDK-8230305) and was
// brought back to 11.0.16 and 8u372: developers.redhat.com/articles/2023/04/19/openjdk-8u372-feature-cgroup-v2-support and
// …/2022/04/19/java-17-whats-new-openjdks-container-awareness.
func oldJava(version string) bool {
	m := javaVersion.FindStringSubmatch(version)
	if m == nil {
		return false
	}
	major, _ := strconv.Atoi(m[1]) // digits
	update, _ := strconv.Atoi(m[2])
	switch major {
	case 8:
		return update < 372
	case 11:
		return update < 16
	}
	return major < 15
}
