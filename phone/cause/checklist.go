package cause

// What the list of the connection checks says.
const (
	ChecksTitle          Kind = "checks-title"
	ChecksChange         Kind = "checks-change"
	ChecksNotUsed        Kind = "checks-not-used"
	ChecksFailed         Kind = "checks-failed"
	ChecksSkipped        Kind = "checks-skipped"
	ChecksChangePassword Kind = "checks-change-password"
)
