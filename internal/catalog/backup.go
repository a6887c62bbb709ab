package catalog

// The types of backup.
const (
	BackupVault = "aws:backup/vault:Vault"
)

var backupTypes = []Type{
	{
		Token: BackupVault,
		Loss: Loss{
			Stateful: true,
			Lost:     "every backup in the vault",
		},
	},
}
