package words

// englishFacts is what facts of a State are called in the window.
const englishFacts = `
[act-try-now]
short Try now
[act-edit-account]
short Edit account
[act-enter-password]
short Enter password
[act-choose-device]
short Choose device
[act-call-again]
short Call again
[act-allow-login]
short Allow it
[act-start-empty]
short Start empty…
[act-allow-realm]
short Allow this name
[act-use]
short Use {text}
[server-failures]
short {count} times in a row
[server-error-at]
short at {text}
[server-next-try]
short next try at {text}
[lasts-time]
short {rounded}
[lasts-days]
short {count} days
[text-is-wrong]
title The text {reason}
[when-yesterday]
short Yesterday {text}
[status-trying-again]
short Trying again
[phase-calling]
short Calling…
[phase-ringing-sound]
short Ringing, with sound…
[phase-ringing]
short Ringing…
[phase-incoming]
short Incoming call
[phase-answering]
short Answering…
[phase-ending]
short Ending…
[phase-connected]
short Connected
[hold-begins]
short Putting on hold…
[hold-ends]
short Resuming…
[hold-both]
short On hold at both ends
[hold-ours]
short On hold
[hold-theirs]
short Held by the other side
[kept-in-keyring]
title Kept in this computer's keyring.
[kept-for-session]
title Kept until Calla is closed.
[kept-in-file]
title Kept in a file that only you can read.
[kept-nowhere]
title None is kept.
[not-in-keyring]
title Not to be had from this computer's keyring, where it is to be kept.
[not-in-session]
title Not kept: it was forgotten when Calla was closed.
[not-in-file]
title Not in the file where it is to be kept.
[to-keep-for-session]
title Will be kept until Calla is closed.
[to-keep-in-file]
title Will be kept in a file that only you can read.
[to-keep-in-keyring]
title Will be kept in this computer's keyring; where that cannot be, Calla asks.
[status-retry-in]
short Retry in {text} s
[call-recording]
short Recording
[call-recording-paused]
short Recording paused
[voicemail-new]
short {count} new voicemails
[voicemail-new/one]
short {count} new voicemail
`
