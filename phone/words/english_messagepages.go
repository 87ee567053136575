package words

// englishMessagePages is what the pages for messages say.
const englishMessagePages = `
[messages-whom]
short Name, number or address
[messages-new-to]
short New message to
[messages-write]
short Write
[messages-enter-whom]
title Enter whom to write to.
[messages-need-account]
title Add an account first.
[messages-not-sent-line]
short Not sent: {text}
[messages-you]
short You: {text}
[messages-title]
short Messages
[messages-text]
short Message
[messages-send]
short Send
[messages-with]
short With {address}
[messages-with-as]
short With {address}, as {account}
[messages-nothing-said]
title Nothing has been said yet.
[messages-sending]
short Sending…
[messages-delivered]
short Delivered
[messages-not-sent]
short Not sent
[messages-send-again]
short Send again
[messages-call]
short Call {party}
[messages-all]
short All conversations
`
