package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/images"
)

// maxJobs bounds --jobs: more gain nothing, and ECR answers with 429.
const maxJobs = 32

func newImagesCommand() *cobra.Command {
	command := &cobra.Command{Use: "images", Short: "List the images of a BPA release, and mirror them to a stack's registry"}
	command.AddCommand(newPushCommand(), newListCommand())
	return command
}

// pushFlags are the flags of images push.
type pushFlags struct {
	to             stackFile
	list, registry string
	dryRun         bool
	jobs           int
	silence        time.Duration
}

func newPushCommand() *cobra.Command {
	var flags pushFlags
	cmd := &cobra.Command{
		Use:   "push --to STACK",
		Short: "Push the images of the stack's list to its ECR",
		Long: "Push the images of the stack's list (bpa:registry.imageList), or of another one, to its ECR, as\n" +
			"<registry>/<registry.pathPrefix>/<image>:<tag>.\n\n" +
			"A list is a bundle's folder, an archive, or a file with one image a line; empty lines and what follows # are\n" +
			"skipped, paths are relative to the list:\n\n" +
			"  containers.cisco.com/bpa/sase-service:4.0.3-522   of a registry; docker:// may stand before it\n" +
			"  docker-archive:FILE, docker-archive:FILE:NAME:TAG all tagged images that docker save wrote, or one\n" +
			"  oci:DIR, oci:DIR:NAME                             all images of an OCI layout directory, or one\n" +
			"  oci-archive:FILE, oci-archive:FILE:NAME           the same, in an archive\n\n" +
			"An image is called as the last part of its path; NAME:TAG behind a source gives it another name. Archives may be\n" +
			"packed with gzip; those, and OCI archives, are unpacked in TMPDIR while they are pushed.\n\n" +
			"What the registry has is not sent again, so an interrupted push is simply repeated. Credentials are docker's;\n" +
			"for an ECR that docker has none for, a token is asked for: for the stack's as bpa:aws.roleArn, for others as the\n" +
			"caller. A line says who it was.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.push(cmd) },
	}
	cmd.Flags().StringVar(&flags.list, "list", "", "file with one image a line, archive or bundle's folder (default: the stack's list)")
	cmd.Flags().StringVar(&flags.to.stack, "to", "", "stack (default: from the stack file's name)")
	cmd.Flags().StringVarP(&flags.to.file, "file", "f", "", "stack file (default: Pulumi.<stack>.yaml)")
	cmd.Flags().StringVar(&flags.registry, "registry", "", "HOST[:PORT] of a private mirror to push to instead of ECR")
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be pushed, and change nothing")
	cmd.Flags().DurationVar(&flags.silence, "silence", time.Minute, "how long a registry may neither send nor take a byte")
	cmd.Flags().IntVar(&flags.jobs, "jobs", 4, "images to push at once, 1-32")
	return cmd
}

func (f *pushFlags) push(cmd *cobra.Command) error {
	target, caller, listed, err := f.read()
	if err != nil {
		return err
	}
	list, err := images.Of(listed, target)
	if err != nil {
		return err
	}
	keychain := images.NewKeychain(caller)
	if target.Registry == caller.Registry && len(list) > 0 {
		if err := introduce(cmd, keychain, target.Registry); err != nil {
			return err
		}
	}
	progress := newProgress(cmd.OutOrStdout(), len(list), f.dryRun)
	summary := images.Push(cmd.Context(), list, images.Options{
		Jobs: f.jobs, DryRun: f.dryRun, PathPrefix: target.PathPrefix, RepositoriesExist: f.registry == "",
		Keychain: keychain, Silence: f.silence, Sent: progress.sent, Done: progress.done,
	})
	progress.finish()
	fmt.Fprintln(cmd.OutOrStdout(), summary)
	if summary.Failed > 0 {
		return errReported
	}
	return nil
}

// introduce says who the stack's ECR is asked as, before anything is sent.
func introduce(cmd *cobra.Command, keychain *images.Keychain, host string) error {
	registry, err := name.NewRegistry(host)
	if err != nil {
		return err
	}
	who, err := keychain.Identity(cmd.Context(), registry)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s as %s\n", host, who)
	return nil
}

// read checks the flags, and says where the stack's images go, as whom, and which they are: those of --list, otherwise the stack's.
func (f *pushFlags) read() (images.Target, images.Caller, imagelist.List, error) {
	target, caller, c, err := f.target()
	if err != nil {
		return target, caller, imagelist.List{}, err
	}
	list, err := imagelist.Of(c, filepath.Dir(f.to.file))
	if f.list != "" {
		// The stack's own list says how much of a path is the name, where it can be read.
		list, err = imagelist.Read(f.list, list.Repositories()...)
	}
	return target, caller, list, err
}

// target checks the flags, and says where the stack's images go, and as whom.
func (f *pushFlags) target() (images.Target, images.Caller, *config.Config, error) {
	if f.to.stack == "" && f.to.file == "" {
		return images.Target{}, images.Caller{}, nil, fmt.Errorf("give --to STACK, the stack whose registry gets the images")
	}
	if f.silence <= 0 {
		return images.Target{}, images.Caller{}, nil, fmt.Errorf("--silence: %s: must be positive, such as 1m", f.silence)
	}
	if f.jobs < 1 || f.jobs > maxJobs {
		return images.Target{}, images.Caller{}, nil, fmt.Errorf("--jobs: %d: must be 1-%d", f.jobs, maxJobs)
	}
	if err := f.to.resolve(); err != nil {
		return images.Target{}, images.Caller{}, nil, err
	}
	loaded, err := stackfile.LoadFile(f.to.file, f.to.stack)
	if err != nil {
		return images.Target{}, images.Caller{}, nil, fmt.Errorf("%s:\n%w", f.to.file, err)
	}
	c := loaded.Config
	caller := images.Caller{
		Registry: account.Of(c.AWS.AccountID, c.AWS.Region).RegistryHost(), RoleARN: c.AWS.RoleARN, Silence: f.silence,
	}
	host := cmp.Or(f.registry, caller.Registry)
	target := images.Target{Registry: host, PathPrefix: c.Registry.PathPrefix}
	if _, err := target.Tag("image", "tag"); err != nil || strings.Contains(host, "/") {
		return images.Target{}, images.Caller{}, nil, fmt.Errorf("--registry: %q: must be HOST:PORT, or HOST with its domain", host)
	}
	return target, caller, c, nil
}

// newProgress shows a bar on a terminal, and a line an image elsewhere and for a dry run.
func newProgress(out io.Writer, total int, dryRun bool) progress {
	if terminal := asTerminal(out); terminal != nil && !dryRun {
		return newBar(terminal, total)
	}
	return lines{out}
}
