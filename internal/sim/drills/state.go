package drills

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

// passes is how many previews and imports a state takes at most: what refers to a resource is found when that is in.
const passes = 10

// loseState: the state is empty and the clouds are not.
func loseState(o *operator) error {
	there := o.Clouds().Len()
	if err := o.LoseState(); err != nil {
		return err
	}
	o.say("the state is lost; the clouds still hold %d resources", there)
	dir, err := os.MkdirTemp("", "bpa-drill-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := o.collect(dir)
	if err != nil {
		return err
	}
	for range passes {
		var said bytes.Buffer
		summary, err := o.WriteImport(files, &said)
		if err != nil {
			return err
		}
		fmt.Fprintln(o.out, "$ bpactl import --stack … --listing there.json --passwords passwords.json")
		for line := range strings.Lines(said.String()) {
			if summary.Imported == 0 || !strings.HasPrefix(line, "open: ") { // a later pass finds it
				fmt.Fprint(o.out, "  ", strings.ReplaceAll(line, dir+string(filepath.Separator), ""))
			}
		}
		if summary.Imported == 0 {
			return o.rest(there, summary.Open)
		}
		if err := o.shell("pulumi import --file import.json", func() error { return o.Import(files.Out) }); err != nil {
			return err
		}
	}
	return fmt.Errorf("something is left to import after %d passes", passes)
}

// collect writes what the clouds tell into files of a folder, as an operator does: what there is, and the passwords.
func (o *operator) collect(dir string) (recovery.ImportFiles, error) {
	files := recovery.ImportFiles{
		Listings:  []string{filepath.Join(dir, "there.json")},
		Passwords: filepath.Join(dir, "passwords.json"), Out: filepath.Join(dir, "import.json"),
	}
	listing, err := o.Listing()
	if err != nil {
		return files, err
	}
	passwords, err := json.Marshal(o.passwords())
	return files, errors.Join(err, os.WriteFile(files.Listings[0], listing, 0o600), os.WriteFile(files.Passwords, passwords, 0o600))
}

var secretOf = regexp.MustCompile(`^PostgreSQL role (\w+) of `)

// passwords are the generated ones by logical name: those of PostgreSQL are in Secrets Manager, that of Atlas in a secret of
// Kubernetes.
func (o *operator) passwords() map[string]string {
	passwords := map[string]string{}
	for _, secret := range o.Clouds().All(catalog.SecretsManagerSecret) {
		found := secretOf.FindStringSubmatch(property.Text(secret.Inputs, "description"))
		if found == nil {
			continue
		}
		role := found[1]
		if role == o.config.Database.MasterUsername {
			role = "master"
		}
		for _, version := range o.Clouds().All(catalog.SecretsManagerSecretVersion) {
			var content struct{ Password string }
			text := []byte(property.Text(version.Inputs, "secretString"))
			if version.Inputs["secretId"] == secret.ID && json.Unmarshal(text, &content) == nil {
				passwords["database-"+role] = content.Password
			}
		}
	}
	for _, secret := range o.Clouds().All(catalog.KubernetesSecret) {
		password, err := base64.StdEncoding.DecodeString(property.Text(secret.Outputs, "data", "password"))
		if property.Text(secret.Inputs, "metadata", "name") == "bpa-mongodb" && err == nil {
			passwords["atlas-password"] = string(password)
		}
	}
	return passwords
}

// rest makes what cannot be imported, and nothing else.
func (o *operator) rest(there int, open []recovery.Open) error {
	for _, left := range open {
		if catalog.Of(string(left.URN.Type())).Identity.NoImport == "" {
			return fmt.Errorf("%s %s was not found: %s", left.URN.Type(), left.URN.Name(), left.Why)
		}
	}
	if err := o.up(); err != nil {
		return err
	}
	if now := o.Clouds().Len(); now != there {
		return fmt.Errorf("there were %d resources, and there are %d", there, now)
	}
	return nil
}
