package words

// englishFigures is what figures are called.
const englishFigures = `
# Of an account.
[figure-status]
short Status
[figure-name]
short Name
[figure-address]
short Address
[figure-server]
short Server
[figure-connected-since]
short Connected since
[figure-left-last]
short Left last
[figure-because]
short Because
[figure-next-try]
short Next try
[figure-tries]
short Tries in vain
[figure-registered-in]
short Registered in
[figure-renewed]
short Renewed within
[figure-seconds]
short {plain} s
[figure-mailbox]
short Mailbox
[figure-mailbox-has]
short {count} new, {of} old
[figure-password]
short Password
[figure-detail]
short Detail
[figure-temporary-gruu]
short Temporary GRUU
[figure-service-route]
short Service route
[figure-service-route-of]
short Service route {count}

# Of a call.
[figure-this-call]
short This call
[figure-quality]
short Quality
[figure-with]
short With
[figure-state]
short State
[figure-signalling]
short Signalling
[figure-sound]
short Sound
[figure-no-wss]
short not encrypted (ws)
[figure-wss]
short encrypted (wss)
[figure-no-srtp]
short not yet encrypted
[figure-srtp]
short encrypted (DTLS-SRTP)
[figure-invite]
short INVITE sent after
[figure-connected-after]
short Connected after
[figure-first-sound]
short First sound after
[figure-sent]
short Packets sent
[figure-received]
short Packets received
[figure-buffer]
short Jitter buffer
[figure-delay]
short Delay to you
[figure-lost-there]
short Lost at the other end
[figure-mos-there]
short MOS at the other end

# Of devices.
[figure-microphone]
short Microphone
[figure-loudspeaker]
short Loudspeaker
[figure-ringer]
short Ringer
[figure-no-device]
short none
[figure-opus]
short found
[figure-no-opus]
short not found: calls use G.722 and G.711
`
