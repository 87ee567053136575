package words

// englishCheckList is what the list of the connection checks says.
const englishCheckList = `
[checks-title]
short Check
[checks-change]
short Change it
[checks-not-used]
short not used
[checks-failed]
short failed
[checks-skipped]
short skipped
[checks-change-password]
short Change the password
`
