package words

// englishCallScreen is what the screens of calls say.
const englishCallScreen = `
# Of the call that is shown.
[call-quality]
short Quality in figures
[call-your-level]
short Your level
[call-their-level]
short Their level
[call-you]
short You
[call-them]
short Them
[call-mute]
short Mute
[call-muted]
short Muted
[call-unmute]
short Unmute
[muted-talking]
title You are muted and talking.
do    Unmute to be heard.
short You are muted
[call-hold]
short Hold
[call-resume]
short Resume
[call-keypad]
short Keypad
[call-sound]
short Sound
[call-transfer]
short Transfer
[call-add]
short Add call
[call-end]
short End
[call-no-srtp]
short No SRTP yet
[call-no-digits]
short Type or press digits
[call-digits-by-info]
short {text} · by INFO
[call-choose-device]
short Choose

# Of digits for after the answer: Text.
[digits-ask-send]
title Send {text}?
[digits-on-resume]
title Sends {text} when the call is resumed.
[digits-after-answer]
title Sends {text} after the answer.
[digits-sending]
short Sending {text}
[digits-send]
short Send
[digits-cancel]
short Cancel

# Of a recording.
[record-begin]
short Record
[record-goes-on]
short Recording
[record-paused]
short Paused
[record-pause]
short Pause the recording
[record-resume]
short Go on recording
[record-end]
short End the recording
[record-folder]
why   Where recordings of calls go.
do    Empty: the folder Calla Recordings in your home. An account can record every call: see its settings.
short Folder
[record-folder-example]
short A folder of yours
[record-folder-not-saved]
title The folder could not be saved.
[record-title]
short Recordings

# Of a call that rings.
[incoming-window]
short Incoming call
[incoming-calls]
short {party} is calling
[incoming-for]
short for {account}
[incoming-by-itself]
short answered by itself
[incoming-answer]
short Answer
[incoming-hold-answer]
short Hold & answer
[incoming-end-answer]
short End & answer
[incoming-decline]
short Decline
[incoming-ignore]
short Ignore

# Ways to decline.
[decline-other-ways]
short Other ways to decline
[decline-with-text]
short Decline with a text
[decline-call-back]
title I will call you back.
[decline-meeting]
title I am in a meeting.
[decline-write]
title Please write to me.
[decline-own-text]
short Write a text…
[decline-busy]
short Busy: other phones ring on
[decline-forward]
short Forward to…
[decline-ignore]
short Ignore: the caller hears it ring
[forward-call]
short Forward {party}
[forward-to]
short To
[forward-do]
short Forward
[forward-means]
title The caller is told to call there. It stops ringing here.
[forward-nobody]
title Enter whom the caller is to call.
[decline-call]
short Decline {party}
[decline-text]
short Text
[decline-text-example]
short Why, in a line
[decline-text-means]
title Told with the refusal, and sent as a message where that can be. No other phone of the address rings on.

# Of a call that has ended.
[ended-call-again]
short Call again
[ended-call-back]
short Call back
[ended-close]
short Close
[ended-add-contact]
short Add to contacts
[ended-edit-account]
short Edit account
[ended-sends-again]
title Call again also sends {text} after the answer.
[ended-sends]
short Then send {text}
[ended-instead]
short Call {party} instead
[ended-instead-of]
short Instead of {party}
[ended-call]
short Call

# Of several calls.
[others-connect]
short Connect these two
[others-back]
short Back
[others-swap]
short Swap
[conference-title]
short Conference
[conference-of]
short Conference of {count} with you
[conference-add]
short Add to the conference
[conference-split]
short Split
[conference-drop]
short Drop
[conference-end]
short End all
[conference-leave]
short Leave them

# Of handing a call over.
[hand-over]
short Transfer {party}
[hand-over-to]
short To
[hand-over-means]
title Transfer now hands the call over at once. Ask first calls them while {party} waits.
[hand-over-now]
short Transfer now
[hand-over-ask]
short Ask first
[hand-over-connect]
short Connect
[hand-over-nobody]
title Enter whom to transfer the call to.
[consult-waits]
title {party} waits while you ask {to}.
[consult-connect]
title {party} waits. Connect {party} and {to}?
[consult-connect-them]
short Connect them
[consult-back]
short Back
[consult-back-to]
short Back to {party}

# Of a far end that wants somebody else called.
[referral-asks]
short {party} asks you to call
[referral-call]
short Call
[referral-call-whom]
short Call {party}
[referral-no]
short No
`
