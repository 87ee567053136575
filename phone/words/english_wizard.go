package words

// englishWizard is what the ways to the first account say.
const englishWizard = `
[wizard-password]
short Password
[wizard-name-example]
short Alice
[wizard-address]
short SIP address
[wizard-address-help]
title As your provider wrote it.
[wizard-name]
short Your name
[wizard-name-help]
title What people you call see. May be left out.
[wizard-server]
short WebSocket server
[wizard-server-help]
title More servers and their weights can be added later.
[wizard-continue]
short Continue
[wizard-back]
short Back
[wizard-begin]
title How do you want to begin?
[wizard-who]
title Who are you?
[wizard-where]
title Where is the server?
[wizard-common]
short Common addresses
[wizard-check]
title Does it work?
[wizard-sound]
title Can you hear and be heard?
[wizard-done]
short Done
[account-not-made]
title No account can be made.
[wizard-whole-address]
title Write the whole address, with the domain: alice@example.com.
[wizard-save-anyway]
short Save anyway
[wizard-title]
short Set up an account
[wizard-step]
short {count} of {of}
[wizard-call-now]
title You can call now. Type a number anywhere and press Enter.
[wizard-ready]
short Ready
[wizard-almost-ready]
short Almost ready
[wizard-not-connected]
short Not connected yet
[wizard-no-password]
short The password is missing
[wizard-off]
short Switched off
[wizard-not-ready]
short Not ready
[wizard-rejected]
title The server rejected the one that was entered.
[wizard-try-again]
short Try again
[wizard-edit-account]
short Edit account
[wizard-stands-in]
short {text} in {phrase}
[welcome-title]
short Welcome to Calla
[welcome-keypad]
title The keypad will be here once there is an account to call with.
[welcome-try]
short Try it now
[welcome-try-help]
title Calls an echo inside this computer: no account, no network.
[welcome-paste]
short Paste a JsSIP configuration
[welcome-enter]
short Enter address and password
[welcome-no-try]
title The try-out could not start.
`
