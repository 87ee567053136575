package words

// englishCall is what is told of calls: how they end, what is wrong with them, where they go.
const englishCall = `
# Ends that somebody chose.
[hung-up-here]
short You hung up
[declined-here]
short You declined
[cancelled-here]
short You cancelled the call
[missed]
short Missed call
[hung-up-there]
short The other side hung up
[busy]
short Busy
[nobody-answered]
short No answer
[declined-there]
short Declined by the other side
[declined-there/phrase]
title The other side declined and says: {phrase}
[declined-elsewhere]
short Declined elsewhere
[answered-elsewhere]
short Answered elsewhere
[call-cancelled]
short The call was cancelled
[was-transferred]
short You were transferred to {to}

# Refusals by the other side, or by servers on the way.
[call-not-allowed]
title The phone server does not allow this call.
why   Your account may not be permitted to call {party}.
do    Ask your provider.
[no-such-address]
title There is no {address}.
why   The number or address does not exist anywhere.
do    Check what you dialled.
[not-known-or-offline]
title {address} is not known or not online.
why   The phone server finds nobody there: it may not exist, or no phone is signed in.
do    Check what you dialled, or call again later.
[no-longer-in-use]
title {party} is no longer in use.
why   The other side has left this service.
do    Find out the new number.
[not-reached-just-now]
title {party} could not be reached.
why   The other side's connection has just failed.
do    Call again in a moment.
[not-available]
title {party} is not available now.
why   Nobody is registered there, or calls are not wanted now.
do    Call again later.
[number-incomplete]
title The number is not complete.
why   Digits are missing.
do    Dial the whole number.
[phones-incompatible]
title The other side cannot talk with this phone.
why   The two have no sound format or no encryption in common.
do    Ask your provider for WebRTC (DTLS-SRTP) support.
[somebody-asked-for-password]
title Somebody else asked for your password.
why   It was not sent: whoever is called can ask for it.
do    Call again if you trust who asked, and have allowed it.
[password-refused-for-call]
title The phone server did not accept your password for this call.
why   The password may have been changed.
do    Enter the password again.
short Wrong password
[redirected]
title The call was redirected elsewhere.
why   Calla does not follow it by itself, as the other number may cost money.
do    Choose whether to call the new number.
[redirected-nowhere]
title The call was redirected elsewhere.
why   Calla does not follow it by itself, as the other number may cost money.
do    Ask the other side for the new number; the answer did not tell it.
[redirect-loop]
title The call was redirected in circles.
why   The numbers that were called name each other.
do    Tell your provider.
[payment-wanted]
title The phone server asks for payment.
why   Your credit may be used up.
do    Ask your provider.
[call-in-circles]
title The call went round in circles.
why   The service forwards this number to itself.
do    Tell your provider.
[request-too-large]
title The phone server found the call request too large.
why   It limits what a WebSocket may carry.
do    Tell your provider, or list fewer STUN and TURN servers.
[call-server-trouble]
title The phone server has a problem of its own ({status}).
do    Call again later.
[refused-everywhere]
title The other side does not take the call anywhere ({status}).
do    Call again later.
[call-refused]
title The call was refused ({status}).
why   The phone server or the other side did not take it as it is.
do    Check what you dialled, or ask your provider.

# What only the telephone network can tell (ITU-T Q.850).
[number-not-in-use]
title {address} does not exist.
why   The number is not in use.
do    Check what you dialled.
[no-route]
title {address} cannot be reached from here.
why   The telephone network knows no way there.
do    Check what you dialled, or ask your provider.
[phone-off]
title {party} is not reachable now.
why   The other side's phone is off, or has no network.
do    Call again later.
[number-changed]
title {party} has another number now.
why   The number was changed.
do    Find out the new number.
[out-of-order]
title {party} is out of order.
why   The line or phone of the other side does not work.
do    Call again later, or use another number.
[number-misformed]
title The number is not complete.
why   Digits are missing, or it is not written as the telephone network wants it.
do    Dial the whole number, with the country code.
[network-forbids]
title This call is not allowed.
why   The telephone network or your provider does not let it through.
do    Ask your provider.
[no-line-free]
title No line is free.
why   The telephone network is busy, not the other side.
do    Call again in a moment.
[network-fault]
title The telephone network has a fault.
why   The call broke on its way to the other side.
do    Call again in a moment.
[network-incompatible]
title The other side cannot talk with this phone.
why   The line there takes another kind of call.
do    Ask your provider.
[network-cut]
title The telephone network cut the call.
why   {because.why}
do    {because.do}

# Ends that nobody chose.
[call-connection-lost]
title The connection to the phone server was lost.
why   The network or the server went away.
do    Call again when the account is registered.
[lost-while-ringing]
title The connection to the phone server was lost while it rang.
why   The call could not be found again.
do    Call again.
[call-no-answer]
title The phone server does not answer the call.
why   It may be overloaded or stuck.
do    Call again later.
[call-lost-by-server]
title The phone server lost the call.
why   It no longer knows of it; it may have been restarted.
do    Call again.
[other-side-silent]
title The other side no longer answers.
why   The call's regular sign of life did not come.
do    Call again.
[not-confirmed]
title The caller did not confirm the call.
why   The connection may have broken just when you answered.
do    Call back.
[call-not-kept]
title The call could not be kept.
why   Something went wrong on the way to the other side.
do    Call again.

# The sound connection.
[no-path]
title No sound connection to {party} could be made.
why   A firewall may block it, or the two networks need a TURN server between them.
do    Check the STUN and TURN servers of the account.
short No sound connection
[no-encryption]
title Encryption with the other side could not be set up.
why   Its phone proved to be another than it had announced, or refused ours.
do    Call again; tell your provider if it lasts.
short No encryption
[encryption-not-begun]
title Encryption with the other side was not set up in time.
why   The way between the two phones works, but the other side's phone did not begin or finish the encryption (DTLS).
do    Call again; tell your provider if it lasts.
short No encryption
[path-lost]
title The sound connection broke down.
why   The network between the two phones is gone or overloaded.
do    Call again.
short No sound connection
[nothing-heard]
title Call dropped: no sound connection for a minute.
why   The network between the two phones is gone or overloaded.
do    Call again.
[description-unusable]
title What the other side's phone sent about the sound cannot be used.
why   It may not speak WebRTC (ICE and DTLS-SRTP).
do    Ask your provider for WebRTC support.
[media-no-relay]
title The sound has no way out.
why   This account sends it over TURN only, and no TURN server gave one.
do    Check the TURN servers of the account, or allow all paths.
[media-no-relay/because]
title {because.title}
why   This account sends sound over TURN only, so there is no call without it.
do    {because.do}
short No sound connection
[media-no-address]
title This computer has no network for the sound.
do    Check the network connection.
short No network
[media-not-encrypted]
title The other side's phone {sent} without encryption.
why   Calla talks over DTLS-SRTP only.
do    Ask your provider for WebRTC (ICE and DTLS-SRTP) for this number.
[media-weak-fingerprint]
title The other side's phone {sent} with an encryption that is not safe.
why   It tells its certificate by a hash that can be forged (MD5), or by none that can be read.
do    Ask your provider for SHA-256.
[media-no-codec]
title The two phones have no sound format in common.
why   The other side's phone {sent} none that this account takes.
do    Ask your provider for Opus, G.722 or G.711 (PCMU, PCMA), or take more of them in the account's form.
[media-audio-refused]
title The other side's phone refused the sound.
why   It took the call, but nothing to talk by.
do    Call again, or ask the other side.
[media-no-audio]
title The other side's phone {sent} no sound.
why   What it sent names nothing to talk by.
do    Ask your provider.
[media-no-ice]
title The other side's phone does not tell how to reach it.
why   It {sent} without ICE.
do    Ask your provider for WebRTC (ICE and DTLS-SRTP) for this number.
[media-rtcp-apart]
title The other side's phone {sent} with two ports for the sound.
why   Calla sends sound (RTP) and its reports (RTCP) over one port.
do    Ask your provider for rtcp-mux (RFC 5761) for this number.
[media-dtls-role]
title The other side's phone does not say who begins the encryption.
why   What it {sent} leaves the DTLS role open.
do    Ask your provider for WebRTC (ICE and DTLS-SRTP) for this number.
[media-unreadable]
title What the other side's phone {sent} cannot be read.
why   It is no description of a call.
do    Ask your provider for WebRTC (ICE and DTLS-SRTP) for this number.

# During a call.
[reconnecting]
title Reconnecting…
why   Nothing comes through from the other side.
do    The call is kept for a minute.
short Reconnecting
[searching-call]
title Reconnecting…
why   The connection to the phone server was lost while it rings.
do    The call is looked for again for half a minute.
short Reconnecting
[answer-told-later]
title Reconnecting…
why   The connection to the phone server was lost while it rings.
do    Answer or decline as usual: it is told as soon as the connection is back.
short Reconnecting
[hold-refused]
title The other side's phone did not take the hold.
why   Neither of you hears the other, but the phone there shows the call as going on.
do    Resume the call when you are back.
short Hold refused
[resume-refused]
title The other side's phone did not resume the call.
why   It refused the change.
do    Hold and resume again, or call again.
short Not resumed
`

// englishTransfer is what is told of transfers and messages.
const englishTransfer = `
# How a transfer goes.
[transfer-asking]
short Asking {to}…
[transfer-calling]
short Calling {to}…
[transfer-ringing]
short {to} rings…
[transferred]
short Transferred to {to}

# Why it came to nothing.
[transfer-connection-lost]
short Not transferred: the connection to the phone server was lost
[transfer-no-answer]
short Not transferred: the other side's phone does not answer
[transfer-not-told]
short The other side's phone does not tell whether {to} was reached
[transfer-failed]
short Not transferred
[transfer-busy]
short {to} is busy
[transfer-not-known]
short {to} is not known or not online
[transfer-no-such-address]
short There is no {to}
[transfer-not-answered]
short {to} does not answer
[transfer-declined]
short The transfer to {to} was declined
[transfer-declined-there]
short {to} declined
[transfer-not-allowed-there]
short {to} may not be called from there
[transfer-not-reached]
short {to} was not reached ({status})
[transfer-not-supported]
short Not transferred: the other side's phone cannot be transferred
[transfer-not-wanted]
short {party} declined to be transferred
[transfer-not-allowed]
short Not transferred: the phone server does not allow it
[transfer-call-unknown]
short Not transferred: the phone server does not know the call any more
[transfer-refused]
short Not transferred: {party}'s phone refused ({status})

# Why a message did not arrive.
[message-too-long]
short The message is too long
[message-no-target]
short This address cannot be written to: it {reason}
[message-not-connected]
short There is no connection to the phone server
[message-no-answer]
short The phone server does not answer
[message-password-asked]
short Somebody else asked for your password, and did not get it
[message-not-sent]
short The message could not be sent
[messages-none]
title Your conversations will be listed here.
short No conversations
[messages-older]
short Show older ones
[messages-newest]
short Back to the newest
[messages-unreadable]
title The messages cannot be read now.
short Messages not read
[messages-delete]
title Delete all messages?
why   All conversations go, from this computer's disk too.
short Delete all messages
[messages-not-deleted]
short The messages could not be deleted
[conversation-delete]
title Delete the conversation with {to}?
why   All messages of it go, from this computer's disk too.
short Delete the conversation
[message-unknown]
short Not known whether it arrived
[message-not-kept]
short Not kept on this computer yet
[message-password-refused]
short The phone server did not accept your password
[message-not-allowed]
short Messages to {to} are not allowed
[message-not-known]
short {to} is not known or not online
[message-no-such-address]
short There is no {to}
[message-not-supported]
short The phone of {to} takes no messages
[message-not-reached]
short {to} cannot be reached now
[message-busy]
short {to} is busy
[message-refused]
short The message was refused ({status})
`
