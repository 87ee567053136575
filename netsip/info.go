package netsip

import (
	"slices"

	"calla/netsip/sip"
)

// infoReceived answers an INFO and tells of it (RFC 6086; DTMF in application/dtmf-relay).
func (s *Session) infoReceived(tx *serverTx) {
	mediaType, _ := tx.req.ContentType()
	if len(tx.req.Body) > 0 && mediaType == "" {
		tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"},
			sip.Header{Name: "Accept", Value: "application/dtmf-relay"})
		return
	}
	tx.reply(200, "")
	s.logInfo("received", mediaType)
	if s.onInfo != nil && s.state != SessionEnded {
		s.onInfo(mediaType, slices.Clone(tx.req.Body))
	}
}

// SendInfo sends an INFO in an established call, such as DTMF for a far end without telephone-event. It is not
// told whether the far end made anything of it; 481 ends the call.
func (s *Session) SendInfo(contentType string, body []byte) {
	if s.state != SessionEstablished || sip.CheckText(contentType) != nil {
		return
	}
	s.logInfo("sending", contentType)
	s.dialog.send("INFO", []sip.Header{{Name: "Content-Type", Value: contentType}}, slices.Clone(body),
		func(resp *sip.Message, err error) {
			if resp.StatusCode == 481 && s.state != SessionEnded {
				s.dialogLost(statusError("INFO", resp, err))
			}
		}, func(error) {})
}
