package kubernetes

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// helm are the releases of Helm.
var helm = provider.Code{
	catalog.HelmRelease: {
		Outputs: releaseOutputs,
		Rules: []provider.Rule{
			{Code: "invalid name", Source: "helm.sh/docs/helm/helm_install", Fails: releaseName, Plain: true},
			{Code: "chart", Source: helmDoc, Fails: chartRenders, Plain: true},
		},
		Check:   releasePending,
		Undoes:  func(inputs map[string]any) bool { return inputs["atomic"] == true },
		Leaving: []provider.Rule{{Code: "uninstallation failed", Source: hookDoc, Fails: uninstalls}},
	},
}

var securityGroup = regexp.MustCompile(`sg-[0-9a-f]{17}`)

// releasePending: of a release on which another Helm works, or has died, no upgrade begins. Source: helm/helm v3.20.2
// pkg/action/upgrade.go prepareUpgrade.
func releasePending(r *provider.Request) error {
	there := r.Store.Get(r.Type, r.ID)
	if there == nil {
		return nil
	}
	if status, _ := inner(there.Outputs["status"])["status"].(string); strings.HasPrefix(status, "pending-") {
		return errors.New("another operation (install/upgrade/rollback) is in progress")
	}
	return nil
}

// releaseStatus is Helm's word for how an operation on a release ends.
func releaseStatus(r *provider.Request) string {
	switch {
	case r.Outcome == provider.Unready:
		return "failed"
	case r.Outcome == provider.Killed && r.Old == nil:
		return "pending-install"
	case r.Outcome == provider.Killed:
		return "pending-upgrade"
	}
	return "deployed"
}

func releaseOutputs(r *provider.Request) map[string]any {
	revision := 1.0
	if before, ok := r.Old["status"].(map[string]any); ok {
		if n, ok := before["revision"].(float64); ok {
			revision = n + 1
		}
	}
	return map[string]any{"status": map[string]any{
		"name": r.Str("name"), "namespace": r.Str("namespace"), "status": releaseStatus(r), "revision": revision,
		"chart": r.Str("chart"), "version": r.Str("version"), "appVersion": "",
	}, "resourceNames": map[string]any{}}
}

// releaseLimit is how long Helm lets the name of a release be: what it names may add ten characters to a label.
const releaseLimit = 53

func releaseName(r *provider.Request) string {
	name := r.Str("name")
	if name == "" || subdomain.MatchString(name) && len(name) <= releaseLimit {
		return ""
	}
	return fmt.Sprintf("release name is invalid: %s: invalid release name, must match regex %s and the length must not be longer than %d",
		name, subdomain, releaseLimit)
}
