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
[robots-title]
short Robots of the try-out server
[robot-echo]
short Lets you hear yourself, and your digits
[robot-tone]
short Plays a steady tone
[robot-busy]
short Is always busy
[robot-noanswer]
short Rings, and never answers
[robot-hold]
short Puts you on hold for two seconds
[robot-transfer]
short Asks you to call the echo instead
[robot-forward]
short Sends you on to the echo at once
[robot-message]
short Answers every message you write to it
[hear-yourself]
short Speak: you hear yourself
[hear-tone]
short You hear a steady tone
[more-accounts]
short All accounts…
[window-back]
short Back
[back-to-call]
short To the call
[ask-quit]
title Quit and end the call?
why   You are in a call with {party}.
short End the call and quit
[ask-quit-calling]
title Quit and end the call?
why   You are calling {party}.
short End the call and quit
[ask-quit-ringing]
title Quit while somebody is calling?
why   {party} is calling, and will not ring here any more.
short Quit
[ask-quit-unsaved]
title Quit without saving?
why   What you have typed and not saved or sent is lost then.
short Quit
[ask-quit-several]
title Quit and end {count} calls?
why   All of them are hung up.
short End the calls and quit
`
