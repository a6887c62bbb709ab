package preflight

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/bpa-on-aws/platform/infra/config"
)

// Options says what to check, and as who.
type Options struct {
	// Stack names the stack, StackFile is its file, and SourceDir the folder that its relative paths begin at.
	Stack, StackFile, SourceDir string
	// Project is the path of Pulumi.yaml, which may name the backend.
	Project string
	Config  *config.Config
	// Only names the checks to make, beside the identity. Empty: all.
	Only []string
	// Date is the day of the deployment: versions and certificates must be good on it.
	Date time.Time
	// Endpoint is the URL of an AWS emulator, or "" for AWS itself. AWS are further options of the SDK.
	Endpoint string
	AWS      []func(*awsconfig.LoadOptions) error
	// Getenv reads the environment.
	Getenv func(string) string
	// Dial opens the connection that tries the way to the Kubernetes API, and AddressURL answers with the address that this machine
	// has on the internet. Default: the machine's own, and AWS's.
	Dial       func(ctx context.Context, network, address string) (net.Conn, error)
	AddressURL string
	// Jobs bounds how many checks run at once, Timeout how long one may take. Zero: 8, and 30 seconds.
	Jobs    int
	Timeout time.Duration
}

// flight is one preflight: the options, the clients, and what several checks need.
type flight struct {
	Options
	*clouds
	// zones are the chosen availability zones, asked for once where the stack file names none.
	zones func(context.Context) ([]string, error)
}

// Run asks everything and returns the report. It fails only where the AWS configuration of this machine cannot be read, or
// Only names no check.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Jobs == 0 {
		o.Jobs = 8
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	if o.AddressURL == "" {
		o.AddressURL = "https://checkip.amazonaws.com"
	}
	clients, err := open(ctx, o)
	if err != nil {
		return Report{}, err
	}
	f := &flight{Options: o, clouds: clients}
	f.zones = once(f.findZones)
	r := runner{jobs: o.Jobs, timeout: o.Timeout}
	checks, err := f.chosen()
	if err != nil {
		return Report{}, err
	}
	report := Report{Stack: o.Stack, Findings: r.one(ctx, check{name: "identity", run: f.identity})}
	if report.Failed() {
		// Quotas and offers of another account would mislead.
		var skipped int
		checks, skipped = withoutCloud(checks)
		if skipped > 0 {
			report.Findings = append(report.Findings, warn("aws", "mend the identity first, then run preflight again",
				"%d checks were not made, as the identity is not the stack's", skipped))
		}
	}
	report.Findings = append(report.Findings, r.all(ctx, checks)...)
	return report, nil
}

// chosen returns the checks that Only names, or all.
func (f *flight) chosen() ([]check, error) {
	all := f.checks()
	var names []string
	for _, c := range all {
		names = append(names, c.name)
	}
	for _, name := range f.Only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("no check %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	if len(f.Only) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(all, func(c check) bool { return !slices.Contains(f.Only, c.name) }), nil
}

// checks lists every question in the order of the report.
func (f *flight) checks() []check {
	return []check{
		{"zones", true, f.zoneNames},
		{"network", true, f.existingNetwork},
		{"quotas", true, f.serviceQuotas},
		{"instance types", true, f.instanceTypes},
		{"database", true, f.databaseOffers},
		{defaultKey, true, f.accountKey},
		{volumeKey, true, f.givenKey},
		{"kubernetes", true, f.kubernetesVersion},
		{"add-ons", true, f.addons},
		{"access entries", true, f.accessEntries},
		{"access", true, f.access},
		{"machine images", true, f.machineImages},
		{"image list", false, f.imageList},
		{"images", true, f.releaseImages},
		{"certificate", f.Config.Ingress.Certificate.ARN != "", f.certificate},
		{"hosted zone", true, f.hostedZone},
		{"atlas", false, f.atlas},
		{"chart", false, f.chart},
		{"state", f.backend().scheme == schemeS3, f.state},
		{"secrets", f.secretsProvider().scheme == schemeKMS, f.secrets},
	}
}

func withoutCloud(checks []check) (kept []check, skipped int) {
	for _, c := range checks {
		if c.cloud {
			skipped++
			continue
		}
		kept = append(kept, c)
	}
	return kept, skipped
}

// once remembers the first answer that is not an error.
func once[T any](ask func(context.Context) (T, error)) func(context.Context) (T, error) {
	var mu sync.Mutex
	var answer T
	var known bool
	return func(ctx context.Context) (T, error) {
		mu.Lock()
		defer mu.Unlock()
		if known {
			return answer, nil
		}
		got, err := ask(ctx)
		if err == nil {
			answer, known = got, true
		}
		return got, err
	}
}

func pass(check, format string, args ...any) Finding {
	return Finding{Check: check, Status: Pass, Detail: fmt.Sprintf(format, args...)}
}

func warn(check, remedy, format string, args ...any) Finding {
	return Finding{Check: check, Status: Warn, Detail: fmt.Sprintf(format, args...), Remedy: remedy}
}

func fail(check, remedy, format string, args ...any) Finding {
	return Finding{Check: check, Status: Fail, Detail: fmt.Sprintf(format, args...), Remedy: remedy}
}
