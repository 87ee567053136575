package words

// englishKeyList is what the keys of the window do, as the list of them says.
const englishKeyList = `
[key-answer]
short Answer; yes to a request to call somebody
[key-decline]
short Decline; no to such a request
[key-hang-up]
short Hang up
[key-mute]
short Mute the microphone, in a call
[key-hold]
short Hold or resume, in a call
[key-swap]
short Swap to the call on hold
[key-nth-call]
short To the first, second… call
[key-transfer]
short Transfer now; Enter confirms
[key-ask-first]
short Ask first, then transfer
[key-connect]
short Connect the two calls and leave
[key-conference]
short Bring the calls together in a conference
[key-record]
short Record the call, or end its recording
[key-keypad]
short Keypad, in a call
[key-middle-button]
short The middle mouse button
[key-paste]
short Paste what was selected last, on X11
[key-typing]
short Typing
[key-typed]
short A name or number; in a call, 0–9 ∗ # are sent
[key-arrows]
short ↓ ↑, then Enter
[key-suggestions]
short Whom a name or number may mean; Tab takes it into the field
[key-number]
short To the number field; in a call, to add another
[key-call]
short Call; in an empty field bring back the last number
[key-last]
short Bring back the last number
[key-history]
short History
[key-contacts]
short Contacts
[key-messages]
short Messages
[key-details]
short The account in detail
[key-settings]
short Sound and look
[key-text-size]
short Larger text, smaller text, the usual size
[key-accounts]
short Accounts
[key-save]
short Save the account or contact that is edited
[key-this-list]
short This list
[key-close]
short Close a menu or page; never ends a call
[key-quit]
short Quit; asks during a call
[keys-title]
short Keyboard shortcuts
[key-ctrl]
short Ctrl
[key-enter]
short Enter
[key-esc]
short Esc
[key-or]
short {text} or {to}
[key-ctrl-tab]
short Ctrl+Tab
[key-alt]
short Alt+1 … 4
`
