package words

// englishIncoming is what is told of calls that come in and that nobody answers.
const englishIncoming = `
[busy-here]
short You answered busy
[forwarded-here]
short You sent the call to {to}
[blocked]
short Blocked call
[forwarded-here/forward-always]
short Forwarded to {to}
[forwarded-here/forward-busy]
short Forwarded to {to}, as you had a call
[missed/forward-no-answer]
short Missed call, forwarded to {to}
[forward-always]
short Forwards all calls to {to}
[forward-busy]
short Forwards calls to {to} when busy
[forward-no-answer]
short Forwards calls to {to} after {after}
[answers-itself]
short Answers calls by itself after {after}
[do-not-disturb]
short Do not disturb
[do-not-disturb/at]
short Do not disturb until {until}
[missed/do-not-disturb]
short Missed call, as you were not to be disturbed
[no-line-here]
short No room for another call
[missed/no-line-here]
short Missed call, as there were too many at once

# Why an entry does not go on a list of callers.
[caller-unusable]
title “{text}” means no caller.
do    Enter a number, a user or an address; * stands for anything and ? for one character.
short Not in the list
[callers-too-many]
title “{text}” does not go on the list.
why   {count} entries are on it, and that is as many as there can be.
do    Take one off, or use * for several.
short The list is full

# Why a call cannot be forwarded.
[forward-nowhere]
title The call cannot be forwarded to {to}.
why   It is no SIP address.
do    Enter a number or an address.
short Not forwarded
[forward-to-itself]
title The call cannot be forwarded to {to}.
why   Calls to that address come here again.
do    Enter another number.
short Not forwarded
[forward-to-caller]
title The call cannot be forwarded to {to}.
why   {party} is the caller.
do    Enter another number.
short Not forwarded
`
