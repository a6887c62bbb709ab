package config

// Rotation counts how often each login was replaced (docs/rotation.md): another count is another user with another
// password, and for the master user another password. `bpactl rotate` counts.
type Rotation struct {
	Database DatabaseRotation `json:"database" doc:"Logins of PostgreSQL."`
	Atlas    int              `json:"atlas" from:"0" to:"1000000" doc:"The user of Atlas. Default 0."`
}

// DatabaseRotation counts the logins of PostgreSQL.
type DatabaseRotation struct {
	Master  int `json:"master" from:"0" to:"1000000" doc:"Generated password of the master user. Default 0."`
	Admin   int `json:"admin" from:"0" to:"1000000" doc:"Login of role admin. Default 0."`
	Kong    int `json:"kong" from:"0" to:"1000000" doc:"Login of role kong. Default 0."`
	Camunda int `json:"camunda" from:"0" to:"1000000" doc:"Login of role camunda. Default 0."`
}

// fit: the master user keeps its name, so its counter is of use only to a password that is generated.
func (r Rotation) fit(k *checks) {
	count := r.Database.Master
	k.Require(count == 0 || !k.config.Database.MasterPassword.Set(), "rotation.database.master", count,
		"counts generated passwords, and database.masterPassword is given: replace it with pulumi config set --secret --path "+
			"'bpa:database.masterPassword'")
}
