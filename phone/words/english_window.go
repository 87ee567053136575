package words

// englishWindow is what the window says of accounts, numbers and devices.
const englishWindow = `
[accounts-trouble]
short {count} of {of} accounts has trouble
[accounts-trouble/several]
short {count} of {of} accounts have trouble
[account-of-call]
short Account {account}
[call-with]
short Call with
[name-last-time]
short Last time: {party}
[follow-system]
short Follow the system
[follow-device]
short Follow the system ({text})
[for-engineers]
short For engineers
[form-search]
short Search the settings
[form-find]
short Search
[form-changed-only]
short Changed only
[form-nothing-found]
short No setting is called so
[more-accounts]
short All accounts…
`
