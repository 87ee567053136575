package config

// wireEffect says what a parameter does on the wire, or, where it does nothing there, what it does else.
func wireEffect(name string) string {
	switch name {
	case "uri":
		return "From and To of REGISTER and From of all else; its domain is the Request-URI of REGISTER, its user that of Digest, and calls to it are ours."
	case "ws_servers":
		return "The WebSocket is dialled to the heaviest that answers, equals by chance; its scheme is the transport of Via, WS or WSS; a failed one is passed over at once."
	case "authorization_user":
		return "`username` of Digest; From, To and Contact stay as they are."
	case "connection_recovery_max_interval":
		return "When all servers have failed, no attempt waits for longer than this, and up to 1 s of jitter."
	case "connection_recovery_min_interval":
		return "When all servers have failed, the next attempt waits for k times this, k by chance from 1 to 2ⁿ after n attempts, and up to 1 s of jitter."
	case "display_name":
		return "Before the address in From, quoted, in UTF-8, with `\"` and `\\` escaped; not in an anonymous call."
	case "hack_ip_in_contact":
		return "One address 192.0.2.1 to 192.0.2.254, drawn once, in Contact and in Via."
	case "hack_via_tcp":
		return "`SIP/2.0/TCP` in the Via of our requests; Contact and the WebSocket stay as they are."
	case "hack_via_ws":
		return "`SIP/2.0/WS` in the Via of our requests also over wss; `hack_via_tcp` goes before it."
	case "instance_id":
		return "`+sip.instance=\"<urn:uuid:…>\"` in the Contact of REGISTER."
	case "log.builtinEnabled":
		return "Nothing on the wire: off keeps the account's lines out of the program's log; connector, file and command get them still."
	case "log.level":
		return "Nothing on the wire: lines above the level are not written anywhere, save what `trace_sip` asks for; labels come at debug."
	case "log.connector":
		return "Nothing on the wire: it gets level, category, label and content of each line that the level lets through."
	case "no_answer_timeout":
		return "An incoming call that nobody answers for so long is refused with 408."
	case "password":
		return "Challenges of the registrar, and of realms that it asked in or that the user names, are answered with a Digest made of it; it is never sent. Without one, and without `ha1` and `authorization_jwt`, none is answered."
	case "register":
		return "off: the WebSocket is connected, but no REGISTER is sent."
	case "register_expires":
		return "`expires` in the Contact of REGISTER, and Expires."
	case "registrar_server":
		return "Request-URI of REGISTER and `uri` of its Digest; To and From stay the address."
	case "stun_servers":
		return "Each is sent Binding requests when a call begins; the address it tells is a candidate (`typ srflx`) of the offer."
	case "trace_sip":
		return "Nothing on the wire: each message sent and received is logged whole, whatever the level, secrets masked."
	case "turn_servers":
		return "An allocation is made at each when a call begins; the relayed address is a candidate (`typ relay`) of the offer."
	case "use_preloaded_route":
		return "`Route: <sip:HOST[:PORT];transport=ws;lr>` of the connected server is the first header field of every request outside a dialog."
	}
	return laterEffect(name)
}

func laterEffect(name string) string {
	switch name {
	case "authorization_jwt":
		return "The whole value of Authorization in every request to our own domain outside dialogs, and in those of calls we began to it, without a challenge; to another domain where `realm` asks for it."
	case "contact_uri":
		return "Contact of REGISTER and, until there is a GRUU, of calls; its host, without port, is that of Via."
	case "extra_headers":
		return "In every request but CANCEL and the ACK of a refusal, and in every response but 100, as given."
	case "ha1":
		return "Challenges of `realm` are answered with a Digest made of it instead of the password."
	case "realm":
		return "The realm whose challenges `ha1` answers; a challenge of another realm is not answered with it. With a password, challenges of this realm are answered beside those of the registrar's."
	case "session_timers":
		return "`Session-Expires: 1800` and `timer` in Supported of an INVITE (RFC 4028); off: neither, and the far end's are not agreed to."
	case "session_timers_force_refresher":
		return "`;refresher=uac` in the Session-Expires of our INVITE, `uas` in our answer where the caller leaves it open."
	case "session_timers_refresh_method":
		return "A call is refreshed by UPDATE, where the far end has it, or by a re-INVITE."
	case "user_agent":
		return "User-Agent of every request."
	case "calla.keep_alive_interval":
		return "A WebSocket Ping so long after the last; at most 5 s while a call is up. Without an answer in 10 s, 3 s in a call, the connection is given up."
	case "calla.fail_back":
		return "While a lighter server is used and no call is up, the heavier ones are dialled again after 30 to 60 s, later up to 5 min, and registered at before the other is left."
	case "calla.origin":
		return "Origin in the HTTP request of the WebSocket handshake."
	case "calla.client_certificate":
		return "The certificate that TLS presents to a server that asks for one (wss)."
	case "calla.client_key":
		return "The key that TLS proves the certificate with."
	case "calla.tls_ca":
		return "A server whose certificate one of them vouches for is accepted, beside those of the system's (wss)."
	case "calla.proxy_password":
		return "In the Proxy-Authorization (Basic) of CONNECT, with the user name in `calla.proxy`."
	case "calla.proxy":
		return "The WebSocket goes through a tunnel that is asked for with CONNECT; never on the way to this computer itself."
	case "calla.ice_gathering_timeout":
		return "The INVITE, or the answer to one, leaves after so long with the candidates there are."
	case "calla.ice_transport_policy":
		return "relay: only relayed candidates, no STUN server is asked, and no address of this computer stands in SDP."
	case "calla.reliable_provisional":
		return "supported: `100rel` in Supported; required: in Require; off: in neither, and no PRACK (RFC 3262)."
	case "calla.force_rport":
		return "`;rport` at the end of the Via of our requests (RFC 3581)."
	case "calla.log_file":
		return "Nothing on the wire: a JSON object a line, for this user alone (0600), rotated at 10 MB, five older files kept."
	case "calla.log_command":
		return "Nothing on the wire: started without a shell, gets a JSON object a line, is started again when it ends, and ends with the account."
	}
	return ""
}
