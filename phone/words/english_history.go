package words

// englishHistory is what is told of calls that are over: in short, what became of one, and what happened in it; then
// the page of the history, where short is a label.
const englishHistory = `
[call-talked]
short Answered
[call-missed]
short Missed
[call-elsewhere]
short Taken by another phone
[call-declined]
short Declined
[call-blocked]
short Blocked
[call-unwanted]
short Busy or declined
[call-unanswered]
short No answer
[call-taken-back]
short Cancelled
[call-failed]
short Failed

[moment-began]
short Called
[moment-rang]
short Rang
[moment-answered]
short Answered
[moment-held]
short Put on hold
[moment-resumed]
short Resumed
[moment-held-there]
short Put on hold by the other side
[moment-resumed-there]
short Resumed by the other side
[moment-transferring]
short Transfer begun
[moment-transferring/to]
short Transfer to {to} begun
[moment-transferred]
short Transferred
[moment-transferred/to]
short Transferred to {to}
[moment-not-transferred]
short Transfer failed
[moment-not-transferred/to]
short Transfer to {to} failed
[moment-joined]
short Brought together with other calls
[moment-recording]
short Recording begun
[moment-recording-stopped]
short Recording ended
[moment-ended]
short Ended

[missed-calls]
short {count} missed call
[missed-calls/several]
short {count} missed calls
[setting-kept]
why   What is older is deleted from this computer, calls with their notes. Contacts and recordings stay.
short Keep calls and messages
[kept-days]
short For a day
[kept-days/several]
short For {count} days
[kept-for-ever]
short For ever
[kept-shorter]
title Delete what is older than {count} days?
why   Older calls and messages are deleted now, and from then on day by day. They cannot be brought back.
short Delete them
[history-recent]
short Last calls

[history-title]
short History
[history-search]
short Name, number or note
[history-empty]
title No calls yet.
why   Each call will be listed here once it is over.
[history-not-found]
title No call like this is found.
do    Try fewer letters, or another filter.
[history-unreadable]
title The history cannot be read just now.
do    Try again in a moment.
[history-all]
short All
[history-missed]
short Missed
[history-in]
short In
[history-out]
short Out
[history-recorded]
short Recorded
[history-details]
short Details
[history-call-back]
short Call back
[history-call-again]
short Call again
[history-message]
short Message
[history-copy]
short Copy number
[history-copied]
short Copied
[history-block]
title Block {party}?
why   Their calls are refused and never ring here.
do    To take it back, edit the blocked callers in Sound and look.
short Block
[history-blocked]
short Blocked
[history-not-blocked]
title This caller cannot be blocked.
short Not blocked
[history-add-contact]
short Add to contacts
[history-in-contacts]
short In your contacts as {party}
[history-moments]
short What happened
[history-quality]
short Quality
[history-codec]
short Codec
[history-lost]
short Lost
[history-made-up]
short Made up
[history-jitter]
short Jitter
[history-round-trip]
short Round trip
[history-more]
short More
[history-recording]
short Recording
[history-open]
short Open
[history-not-opened]
title The recording cannot be opened.
why   It was kept as {file}.
short Not opened
[history-note]
short Note
[history-note-not-kept]
title The note could not be kept.
short Not kept
[history-delete]
title Delete this call?
why   It is removed from the history, with its note. A recording of it stays in its folder.
short Delete
[history-delete-all]
title Delete all calls?
why   The whole history is removed from this computer, with its notes. It cannot be brought back.
do    Contacts, messages and recordings stay.
short Delete all calls
[history-not-deleted]
title It could not be deleted.
short Not deleted
[history-export-table]
short Export as a table (CSV)
[history-export-json]
short Export as JSON
[history-exported]
title {count} calls have been written.
why   They are in {file}.
short Exported
[history-not-exported]
title The calls could not be exported.
short Not exported
[history-hidden]
title This caller told no number.
short Hidden
[history-gone]
title This call is not in the history any more.
short Gone
`
