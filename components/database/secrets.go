package database

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/rotation"
)

// newPasswords takes the given passwords, and generates the others.
func (d *Database) newPasswords(ctx *pulumi.Context) (err error) {
	if d.MasterPassword, err = d.password(ctx, "master", d.args.MasterPassword.Input(), d.args.MasterGeneration); err != nil {
		return err
	}
	for _, login := range d.args.Logins {
		password, err := d.password(ctx, login.Role, login.Password, login.Generation)
		if err != nil {
			return fmt.Errorf("%s: %w", login.Role, err)
		}
		d.Logins = append(d.Logins, ResolvedLogin{
			Role: login.Role, Database: login.Database, User: users(login.Role)[login.Generation%2], Password: password,
		})
	}
	return nil
}

func (d *Database) password(ctx *pulumi.Context, role string, given pulumi.StringInput, generation int) (pulumi.StringOutput, error) {
	if given != nil {
		return pulumi.ToSecret(given).(pulumi.StringOutput), nil
	}
	// Only characters that are legal for RDS and mean nothing to a shell, a URL or an environment file.
	generated, err := random.NewRandomPassword(ctx, d.name+"-"+role, &random.RandomPasswordArgs{
		Length:          pulumi.Int(32),
		OverrideSpecial: pulumi.String("-_."),
		MinLower:        pulumi.Int(2),
		MinUpper:        pulumi.Int(2),
		MinNumeric:      pulumi.Int(2),
		Keepers:         rotation.Keepers(generation),
	}, pulumi.Parent(d), pulumi.AdditionalSecretOutputs([]string{"result", "bcryptHash"}))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return generated.Result, nil
}

// newSecrets keeps the credentials in Secrets Manager, for people and tools that need them.
func (d *Database) newSecrets(ctx *pulumi.Context) error {
	all := append([]ResolvedLogin{{
		Role: d.MasterUsername, Database: "postgres", User: d.MasterUsername, Password: d.MasterPassword,
	}}, d.Logins...)
	window := 0
	if d.args.FinalSnapshot {
		window = 30
	}
	for _, login := range all {
		secret, err := secretsmanager.NewSecret(ctx, d.name+"-"+login.Role, &secretsmanager.SecretArgs{
			Description:          pulumi.String("PostgreSQL role " + login.Role + " of " + d.args.Identifier),
			RecoveryWindowInDays: pulumi.Int(window),
		}, pulumi.Parent(d))
		if err != nil {
			return fmt.Errorf("%s: %w", login.Role, err)
		}
		content := pulumi.All(d.Endpoint, login.Password).ApplyT(func(v []any) (string, error) {
			b, err := json.Marshal(map[string]any{
				"engine": "postgres", "host": v[0], "port": port, "dbname": login.Database, "username": login.User, "password": v[1],
			})
			return string(b), err
		}).(pulumi.StringOutput)
		if _, err := secretsmanager.NewSecretVersion(ctx, d.name+"-"+login.Role, &secretsmanager.SecretVersionArgs{
			SecretId: secret.ID(), SecretString: pulumi.ToSecret(content).(pulumi.StringOutput).ToStringPtrOutput(),
		}, pulumi.Parent(d)); err != nil {
			return fmt.Errorf("%s: %w", login.Role, err)
		}
	}
	return nil
}
