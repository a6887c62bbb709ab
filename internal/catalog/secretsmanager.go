package catalog

// The types of secretsmanager.
const (
	SecretsManagerSecret        = "aws:secretsmanager/secret:Secret"
	SecretsManagerSecretVersion = "aws:secretsmanager/secretVersion:SecretVersion"
)

var secretsmanagerTypes = []Type{
	{
		Token: SecretsManagerSecret,
		Loss: Loss{
			Stateful: true,
			Lost:     "the secret; its name stays taken for the recovery window",
			Downtime: "what reads the secret by its ARN fails",
			Kept:     recoverable("secret", "recoveryWindowInDays"),
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"secretsmanager:CreateSecret", "secretsmanager:TagResource"}, On: OnSecret, If: Made},
			},
			Read: []Grant{
				{Actions: []string{"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"}, On: OnSecret},
			},
			Update: []Grant{
				{Actions: []string{"secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret"}, On: OnSecret, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"secretsmanager:DeleteSecret"}, On: OnSecret, If: Own},
			},
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
		Loss: Loss{
			Unfelt: Always,
		},
		Price: Price{Free: "a part of the secret, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"secretsmanager:PutSecretValue"}, On: OnSecret, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}, On: OnSecret, If: Own},
			},
			Update: []Grant{
				{Actions: []string{"secretsmanager:UpdateSecretVersionStage"}, On: OnSecret, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"secretsmanager:UpdateSecretVersionStage"}, On: OnSecret, If: Own},
			},
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
