package words

// englishDigits is why digits are not sent in a call.
const englishDigits = `
[no-digits]
title There is no digit to send.
do    Enter digits from 0 to 9, *, #, or letters from A to D.
short No digits
[digits-before-answer]
title The digits were not sent.
why   The call has not been answered yet.
do    Send them once it is.
short Not answered yet
[digits-on-hold]
title The digits were not sent.
why   You have put the call on hold.
do    Resume the call to send digits.
short On hold
[digits-too-many]
title The digits were not sent.
why   There are more than {of}, the most that can wait to be sent.
do    Send them in parts.
short Too many digits
[digits-waiting]
title The digits were not sent.
why   With those that wait to be sent there would be more than {of}.
do    Wait until those have been sent.
short Too many wait
[digits-several-lines]
title The digits were not sent.
why   They stand in several lines.
do    Send one line alone.
short Several lines
`
