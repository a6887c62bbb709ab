package catalog

// The types of secretsmanager.
const (
	SecretsManagerSecret        = "aws:secretsmanager/secret:Secret"
	SecretsManagerSecretVersion = "aws:secretsmanager/secretVersion:SecretVersion"
)

var secretsmanagerTypes = []Type{
	{
		Token: SecretsManagerSecret,
		Identity: Identity{
			StateID: form("{arn}"),
			ARN:     "arn:{partition}:secretsmanager:{region}:{account}:secret:{name...}-{suffix}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "the secret; its name stays taken for the recovery window",
			Downtime: "what reads the secret by its ARN fails",
			Kept:     recoverable("secret", "recoveryWindowInDays"),
		},
		Price: Price{Rule: paysEach("secrets.secret", "secrets.calls")},
		Permissions: Permissions{
			Create: []Grant{onSecret.when(Made, "secretsmanager:CreateSecret", "secretsmanager:TagResource")},
			Read:   []Grant{onSecret.allow("secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy")},
			Update: []Grant{
				onSecret.when(Own, "secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret"),
			},
			Delete: []Grant{onSecret.when(Own, "secretsmanager:DeleteSecret")},
		},
		Simulation: Simulation{
			ID:   "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{hex:6}",
			Name: Naming{"name", 512, []string{"namePrefix"}}, Outputs: map[string]any{"arn": "{id}"},
		},
		Failures: idBeforeWait("secretsmanager/secret.go resourceSecretCreate"),
		None:     none(quiet, closed, plain, instant, None{Credential: "its versions hold the values"}),
	},
	{
		Token: SecretsManagerSecretVersion,
		Identity: Identity{
			Listing: Listing{"aws secretsmanager list-secret-version-ids --secret-id {secretId}", "Versions"},
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Price: Price{Free: "a part of the secret, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{onSecret.when(Own, "secretsmanager:PutSecretValue")},
			Read:   []Grant{onSecret.when(Own, "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")},
			Update: []Grant{onSecret.when(Own, "secretsmanager:UpdateSecretVersionStage")},
			Delete: []Grant{onSecret.when(Own, "secretsmanager:UpdateSecretVersionStage")},
		},
		Simulation: Simulation{
			ID:      "{secretId}|{uuid}",
			Outputs: map[string]any{"arn": "{secretId}", "versionId": "{uuid}", "versionStages": []any{"AWSCURRENT"}},
			Secrets: []string{"secretString"},
		},
		Failures: idBeforeWait("secretsmanager/secret_version.go resourceSecretVersionCreate"),
		None:     none(quiet, closed, plain, instant, None{Credential: maskedInputs}),
	},
}
