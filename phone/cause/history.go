package cause

// What became of a call that is over.
const (
	CallTalked     Kind = "call-talked"
	CallMissed     Kind = "call-missed"
	CallElsewhere  Kind = "call-elsewhere"
	CallDeclined   Kind = "call-declined"
	CallBlocked    Kind = "call-blocked"
	CallUnwanted   Kind = "call-unwanted" // by the far end
	CallUnanswered Kind = "call-unanswered"
	CallTakenBack  Kind = "call-taken-back"
	CallFailed     Kind = "call-failed"
)

// What happened in a call that is over.
const (
	MomentBegan        Kind = "moment-began"
	MomentRang         Kind = "moment-rang"
	MomentAnswered     Kind = "moment-answered"
	MomentHeld         Kind = "moment-held"
	MomentResumed      Kind = "moment-resumed"
	MomentHeldThere    Kind = "moment-held-there"
	MomentResumedThere Kind = "moment-resumed-there"
	MomentTransferring Kind = "moment-transferring" // To, if that is known, as in the two that follow
	MomentTransferred  Kind = "moment-transferred"
	MomentNotHandedOn  Kind = "moment-not-transferred"
	MomentJoined       Kind = "moment-joined"
	MomentRecording    Kind = "moment-recording"
	MomentRecorded     Kind = "moment-recording-stopped"
	MomentEnded        Kind = "moment-ended"
)

// How many missed calls nobody has looked at (Count).
const MissedCalls Kind = "missed-calls"

// The page of the history, and what it asks and tells.
const (
	HistoryTitle        Kind = "history-title"
	HistorySearch       Kind = "history-search"
	HistoryEmpty        Kind = "history-empty"
	HistoryNotFound     Kind = "history-not-found"
	HistoryUnreadable   Kind = "history-unreadable"
	HistoryAll          Kind = "history-all"
	HistoryMissed       Kind = "history-missed"
	HistoryIn           Kind = "history-in"
	HistoryOut          Kind = "history-out"
	HistoryRecorded     Kind = "history-recorded"
	HistoryDetails      Kind = "history-details"
	HistoryCallBack     Kind = "history-call-back"
	HistoryCallAgain    Kind = "history-call-again"
	HistoryMessage      Kind = "history-message"
	HistoryCopy         Kind = "history-copy"
	HistoryCopied       Kind = "history-copied"
	HistoryBlock        Kind = "history-block" // Party
	HistoryBlocked      Kind = "history-blocked"
	HistoryNotBlocked   Kind = "history-not-blocked"
	HistoryAddContact   Kind = "history-add-contact"
	HistoryInContacts   Kind = "history-in-contacts" // Party
	HistoryMoments      Kind = "history-moments"
	HistoryQuality      Kind = "history-quality"
	HistoryCodec        Kind = "history-codec"
	HistoryLost         Kind = "history-lost"
	HistoryMadeUp       Kind = "history-made-up" // sound that was lost, and covered up
	HistoryJitter       Kind = "history-jitter"
	HistoryRoundTrip    Kind = "history-round-trip"
	HistoryMore         Kind = "history-more"
	HistoryRecording    Kind = "history-recording"
	HistoryOpen         Kind = "history-open"
	HistoryNotOpened    Kind = "history-not-opened" // File
	HistoryNote         Kind = "history-note"
	HistoryNoteNotKept  Kind = "history-note-not-kept"
	HistoryDelete       Kind = "history-delete"
	HistoryDeleteAll    Kind = "history-delete-all"
	HistoryNotDeleted   Kind = "history-not-deleted"
	HistoryExportTable  Kind = "history-export-table"
	HistoryExportJSON   Kind = "history-export-json"
	HistoryExported     Kind = "history-exported" // Count, File
	HistoryNotExported  Kind = "history-not-exported"
	HistoryNoSuchNumber Kind = "history-hidden"
	HistoryGone         Kind = "history-gone"
	SettingKept         Kind = "setting-kept"
	KeptDays            Kind = "kept-days" // Count
	KeptForEver         Kind = "kept-for-ever"
	KeptShorter         Kind = "kept-shorter" // Count
	HistoryRecent       Kind = "history-recent"
)
