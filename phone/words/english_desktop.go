package words

// englishDesktop is what the desktop tells beside the windows, and what can be pressed there.
const englishDesktop = `
[call-rings]
title {party} is calling.
why   For {account}.
short Incoming call
[missed-from]
title You missed a call from {party}.
why   For {account}.
short Missed call
[missed-from/several]
title You missed {count} calls from {party}.
short Missed calls
[deed-open]
short Show
[deed-answer]
short Answer
[deed-decline]
short Decline
[deed-call-back]
short Call back

# Choices of how Calla lives on the desktop: short is the label, why is said under it.
[setting-desktop]
short Desktop
[setting-notifications]
why   A call that rings and one that was missed are told by the desktop, too, where other programs tell of news.
short Tell of calls by notifications
[setting-not-saved]
title The choice could not be saved.
short Not saved
`
