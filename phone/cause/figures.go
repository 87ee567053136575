package cause

// What figures are called.
const (
	// of an account
	FigureStatus         Kind = "figure-status"
	FigureName           Kind = "figure-name"
	FigureAddress        Kind = "figure-address"
	FigureServer         Kind = "figure-server"
	FigureConnectedSince Kind = "figure-connected-since"
	FigureLeftLast       Kind = "figure-left-last" // the server that was left
	FigureBecause        Kind = "figure-because"
	FigureNextTry        Kind = "figure-next-try"
	FigureTries          Kind = "figure-tries"
	FigureRegisteredIn   Kind = "figure-registered-in"
	FigureRenewed        Kind = "figure-renewed"
	FigureSeconds        Kind = "figure-seconds" // Count
	FigureMailbox        Kind = "figure-mailbox"
	FigureMailboxHas     Kind = "figure-mailbox-has" // Count, Of
	FigurePassword       Kind = "figure-password"
	FigureDetail         Kind = "figure-detail" // small print
	FigureTemporaryGRUU  Kind = "figure-temporary-gruu"
	FigureServiceRoute   Kind = "figure-service-route"
	FigureServiceRouteOf Kind = "figure-service-route-of" // Count: which
	// of a call
	FigureThisCall       Kind = "figure-this-call"
	FigureQuality        Kind = "figure-quality"
	FigureWith           Kind = "figure-with"
	FigureState          Kind = "figure-state"
	FigureSignalling     Kind = "figure-signalling"
	FigureSound          Kind = "figure-sound"
	FigureNoWSS          Kind = "figure-no-wss"
	FigureWSS            Kind = "figure-wss"
	FigureNoSRTP         Kind = "figure-no-srtp"
	FigureSRTP           Kind = "figure-srtp"
	FigureInvite         Kind = "figure-invite"
	FigureConnectedAfter Kind = "figure-connected-after"
	FigureFirstSound     Kind = "figure-first-sound"
	FigureSent           Kind = "figure-sent"
	FigureReceived       Kind = "figure-received"
	FigureBuffer         Kind = "figure-buffer"
	FigureDelay          Kind = "figure-delay"
	FigureLostThere      Kind = "figure-lost-there"
	FigureMOSThere       Kind = "figure-mos-there"
	// of devices
	FigureMicrophone  Kind = "figure-microphone"
	FigureLoudspeaker Kind = "figure-loudspeaker"
	FigureRinger      Kind = "figure-ringer"
	FigureNoDevice    Kind = "figure-no-device"
	FigureOpus        Kind = "figure-opus"
	FigureNoOpus      Kind = "figure-no-opus"
)
