package config

// Observability describes what watches the stack, and whom it tells.
type Observability struct {
	Enabled          bool       `json:"enabled" doc:"Alarms, their SNS topic, a dashboard and Container Insights. Default: true in production."`
	Notify           []string   `json:"notify" is:"contact" doc:"Who is told: e-mail addresses and https:// URLs. Each has to confirm once. Default: nobody, the topic is there to subscribe to."`
	AgentVersion     string     `json:"agentVersion" is:"addonVersion" doc:"Version of the EKS add-on amazon-cloudwatch-observability, such as v6.4.0-eksbuild.1 (default)."`
	LogRetentionDays int        `json:"logRetentionDays" is:"logDays" doc:"Days that Container Insights' performance logs are kept. Default 14."`
	Thresholds       Thresholds `json:"thresholds" doc:"When an alarm rings."`
	NoticeDays       []int      `json:"noticeDays" doc:"How many days before a version leaves support a notice is sent, 1-365. Default 90, 30 and 7."`
}

// Thresholds say when an alarm rings.
type Thresholds struct {
	DatabaseFreePercent int `json:"databaseFreePercent" from:"1" to:"50" doc:"Free storage of the database in percent of storageGiB, 1-50. Default 8: below the 10 at which storage grows by itself."`
	DatabaseCPUPercent  int `json:"databaseCpuPercent" from:"1" to:"100" doc:"CPU of the database over 15 minutes, 1-100. Default 90."`
	DatabaseConnections int `json:"databaseConnections" from:"1" to:"100000" doc:"Connections to the database. Default: three quarters of what its class allows, or 300 where the class is not known."`
	LoadBalancerErrors  int `json:"loadBalancerErrors" from:"1" to:"1000000" doc:"Answers 5xx in 5 minutes, of the load balancer or of BPA. Default 10."`
	UnhealthyHosts      int `json:"unhealthyHosts" doc:"Unhealthy nodes of one target group over 10 minutes. Default 1."`
	VolumeUsedPercent   int `json:"volumeUsedPercent" from:"1" to:"99" doc:"The fullest filesystem of any node, in percent. Default 85."`
	CertificateDays     int `json:"certificateDays" from:"1" to:"365" doc:"Days that the load balancer's certificate is still in force. Default 30."`
}

// Backup describes the snapshots of the nodes' volumes. The database's and Atlas's own backups are theirs.
type Backup struct {
	Enabled       bool   `json:"enabled" doc:"Snapshots of the nodes' volumes on a schedule. Default: true in production."`
	IntervalHours int    `json:"intervalHours" is:"snapshotHours" doc:"Hours between snapshots: 1, 2, 3, 4, 6, 8, 12 or 24. Default 24."`
	Time          string `json:"time" is:"clock" doc:"When the first of a day begins, UTC, such as 05:00 (default)."`
	Keep          int    `json:"keep" from:"1" to:"1000" doc:"How many snapshots of a volume are kept, 1-1000. Default 14."`
}

// DatabaseRestore names what the database is made from: a snapshot, or a moment of another instance.
type DatabaseRestore struct {
	Snapshot    string               `json:"snapshot" is:"databaseSnapshot" doc:"Name or ARN of an RDS snapshot."`
	PointInTime *DatabasePointInTime `json:"pointInTime" doc:"A moment of an instance."`
}

// DatabasePointInTime is a moment of an instance that RDS keeps backups of.
type DatabasePointInTime struct {
	Instance string `json:"instance" required:"true" is:"databaseIdentifier" doc:"Identifier of the instance."`
	Time     string `json:"time" doc:"Moment in UTC, such as 2026-11-23T10:00:00Z. Default: the latest that can be restored."`
}

// AtlasRestore names what the cluster's data is replaced with. Unlike an RDS restore, Atlas restores into the cluster
// that is there.
type AtlasRestore struct {
	SnapshotID string `json:"snapshotId" is:"atlasId" doc:"Atlas snapshot, 24 hexadecimal digits."`
	Time       string `json:"time" doc:"Moment in UTC, such as 2026-11-23T10:00:00Z; needs pointInTimeRecovery."`
	Cluster    string `json:"cluster" doc:"Cluster of this project that the backup is of. Default: the stack's own."`
}

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
