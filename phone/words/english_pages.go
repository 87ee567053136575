package words

// englishPages is what the lists of accounts, of figures and of keys say, and the questions above them.
const englishPages = `
[accounts-add]
short Add an account
[accounts-add-by-form]
short Add by the form with all settings
[accounts-empty]
title Your accounts will be listed here, each with how it stands.
[accounts-title]
short Accounts
[about-copy]
short Copy as text
[about-calla]
title A telephone for SIP over WebSocket.
[about-diagnostics]
short Diagnostics
[about-no-password]
title The copied text holds no password. It names your accounts and servers.
[about-development]
short (development)
[about-version]
short Version
[about-system]
short System
[about-go]
short Go
[about-problem]
short Problem
[about-copied]
short Copied
[about-title]
short About and diagnostics
[about-name]
short Calla {text}
[about-server]
short Server, weight {text}
[sheet-close]
short Close
[sheet-cancel]
short Cancel
[sheet-ok]
short OK
[sheet-password]
short Password
[sheet-in-keyring]
short In the keyring
[sheet-this-session]
short For this session only
[sheet-in-file]
short In a file of yours
[sheet-where]
short Where to keep it
[sheet-password-missing]
title Enter the password.
[sheet-enter-password]
short Enter the password
[sheet-save-and-register]
short Save and register
[sheet-password-not-saved]
title The password could not be saved.
[sheet-this-keyring]
short In this computer's keyring
[sheet-keyring-again]
short Try the keyring again
[sheet-readable-file]
short Store in a file readable by this user
[sheet-ask-place]
title Where should the password be kept?
[sheet-password-of]
short Password of {account}
[sheet-not-kept-yet]
title The password is not kept yet.
[sheet-session-means]
title For this session only: it is forgotten when Calla is closed, and asked for at the next start.
[sheet-file-means]
title In a file: it stays, readable by your user on this computer and by whoever gets hold of the disk or a backup.
[file-not-opened]
title The file cannot be opened.
[file-not-written]
title The file cannot be written.
`
