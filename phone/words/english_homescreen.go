package words

// englishHomeScreen is what the window says where no call is.
const englishHomeScreen = `
# Of the number field.
[dial-wanted]
short Name or number
[dial-call]
short Call
[dial-write]
short Write a message
[dial-delete-last]
short Delete the last character
[dial-holds]
title The call that is up is put on hold.
[dial-no-account]
title Add an account to make calls.
[dial-account-off]
title This account is switched off.
[dial-not-connected]
title Calls can go out once the account is connected.
[dial-recalls]
short Enter brings back {text}
[dial-calls]
short Calls {text}
[dial-calls-sends]
short Calls {text}, then sends {phrase}
[dial-calls-as-before]
title Calls {text}, with the account {account}, as before.
[dial-as-before]
title Calls with the account {account}, as before.
[dial-use]
short Use {offer}
[dial-no-account-for-links]
title There is no account to call with.
why   Add an account first.
do    Then links fill the number field.
[dial-replace]
title Replace what you have typed?
why   You have typed {text}. A link, or another program, wants to call {to}.

# Of the head and its menus.
[menu-title]
short Menu
[menu-messages-button]
short Messages
[header-no-account]
short No account
[header-add-one]
short Calla works once there is one
[menu-edit-account]
short Edit {account}
[menu-how-connected]
short How it is connected…
[menu-add-account]
short Add an account…
[menu-history]
short History…
[menu-contacts]
short Contacts…
[menu-messages]
short Messages…
[menu-accounts]
short Accounts…
[menu-settings]
short Sound and look…
[menu-shortcuts]
short Keyboard shortcuts
[menu-about]
short About and diagnostics
[menu-quit]
short Quit

# Of do not disturb, and of the lists of callers.
[quiet-off]
short Off
[quiet-hour]
short For 1 hour
[quiet-tomorrow]
short Until tomorrow, 07:00
[quiet-always]
short Until switched off
[callers-blocked]
why   Their calls are refused and never ring here.
short Blocked callers
[callers-through]
why   Their calls ring all the same.
short Ring while I am not to be disturbed
[callers-busy]
short Tell blocked callers that I am busy
[callers-busy-not-saved]
title The setting could not be saved.
[callers-save]
short Save the lists
[callers-not-saved]
title The lists could not be saved.
[callers-title]
short Callers
[callers-discard]
title Discard the changes?
why   The lists of callers have changes that are not saved.
short Discard
[callers-help]
title One a line: a number, a user or an address. * stands for anything, ? for one character, anonymous for who hides.

# Of the banner.
[banner-dismiss]
short Dismiss
[banner-next]
short {count} of {of}: next
[ask-start-empty]
title Start without accounts?
why   The damaged account file stays, under another name beside it, which is told then.
do    Your accounts are not deleted from it: whoever can put it right gets them back.
short Start empty
[start-empty-failed]
title Calla could not start empty.

# Of the page of an account.
[account-connect-now]
short Connect now
[account-edit]
short Edit
[account-sign-out]
short Sign out everywhere…
[ask-sign-out]
title Sign out everywhere?
why   Every telephone registered for {address} is removed from the server.
do    No calls come in there until it registers anew; this one does so at once.
short Sign out everywhere
[account-copy]
short Copy as text
[account-copied]
short Copied
[account-connection]
short Connection
[account-servers]
short Servers
[account-devices]
short Devices of this address
[account-no-devices]
title The server has listed none yet: it does so when it confirms the registration.
[account-no-more]
short This account is no more
[account-title]
short Account
[account-none-yet]
short No account yet
[account-copied-server]
short Server {server}, weight {text}: {reason}
[account-copied-device]
short Device {address}: {text}
`
