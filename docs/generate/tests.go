package main

// proof is a test that proves what a parameter does.
type proof struct {
	file string // from the project's top folder
	test string // the function, with the name of the subtest after a slash where there is one
}

func (p proof) String() string { return "`" + p.test + "` in " + p.file }

// testsOf names the tests of a parameter's effect.
func testsOf(name string) []proof {
	const (
		register = "test/parameters_test.go"
		calls    = "test/parameters_calls_test.go"
		way      = "test/parameters_way_test.go"
		logging  = "phone/logging_test.go"
		logs     = "phone/logs/logs_test.go"
		lines    = "netsip/log_test.go"
	)
	inRegister := proof{register, "TestRegisterShowsTheParameters/" + name}
	inInvite := proof{calls, "TestInviteShowsTheParameters/" + name}
	switch name {
	case "uri", "authorization_user", "password", "instance_id", "register_expires", "registrar_server",
		"authorization_jwt", "ha1",
		"hack_via_ws", "calla.force_rport", "user_agent":
		return []proof{inRegister}
	case "calla.record_calls":
		return []proof{{"phone/recording_test.go", "TestRecordEveryCallOfAnAccount"}}
	case "realm":
		return []proof{{register, "TestRegisterShowsTheParameters/ha1"}}
	case "display_name", "hack_ip_in_contact", "hack_via_tcp", "use_preloaded_route", "contact_uri", "extra_headers":
		return []proof{inRegister, inInvite}
	case "session_timers", "session_timers_force_refresher", "calla.reliable_provisional":
		return []proof{inInvite}
	case "session_timers_refresh_method":
		return []proof{{calls, "TestRefreshMethodAtKamailio"}}
	case "ws_servers":
		return []proof{
			inRegister,
			{way, "TestServersByWeightWithFailoverAndRecovery"},
			{way, "TestEqualWeightsShareTheServers"},
		}
	case "connection_recovery_min_interval", "connection_recovery_max_interval":
		return []proof{{way, "TestRecoveryIntervalsAtKamailio"}}
	case "register":
		return []proof{{register, "TestRegisterOff"}}
	case "no_answer_timeout":
		return []proof{{calls, "TestNoAnswerTimeoutIs408"}}
	case "stun_servers":
		return []proof{{calls, "TestSTUNServersGiveTheReflexiveCandidate"}}
	case "turn_servers", "calla.ice_transport_policy":
		return []proof{{calls, "TestTURNServersGiveTheRelayedCandidate"}}
	case "calla.ice_gathering_timeout":
		return []proof{{calls, "TestGatheringTimeoutSendsTheInvite"}}
	case "calla.keep_alive_interval":
		return []proof{{way, "TestKeepAliveAtKamailio"}}
	case "calla.fail_back":
		return []proof{{way, "TestServersByWeightWithFailoverAndRecovery"}}
	case "calla.origin":
		return []proof{{way, "TestOriginReachesKamailio"}}
	case "calla.client_certificate", "calla.client_key", "calla.tls_ca":
		return []proof{{way, "TestCertificatesAtKamailio"}}
	case "calla.proxy", "calla.proxy_password":
		return []proof{{way, "TestProxyLeadsToKamailio"}}
	case "trace_sip":
		return []proof{{way, "TestTraceShowsWhatKamailioReceived"}}
	case "log.builtinEnabled":
		return []proof{{lines, "TestConnectorHearsWhatTheProgramsLogDoesNot"}}
	case "log.level":
		return []proof{{lines, "TestLogLevelFiltersBothWays"}}
	case "log.connector":
		return []proof{{lines, "TestLogCategoriesAndLabels"}}
	case "calla.dial_rules":
		return []proof{{"phone/dialrules_test.go", "TestNumbersAreDialledByTheAccountsRules"}}
	case "calla.forward_always", "calla.forward_busy", "calla.forward_no_answer", "calla.forward_after":
		return []proof{{"phone/forwarding_test.go", "TestCallsAreForwarded"}}
	case "calla.codecs":
		return []proof{{"phone/codecs_test.go", "TestAccountsChooseTheirCodecs"}}
	case "calla.dtx":
		return []proof{{"phone/dtx_test.go", "TestPausesAreLeftOutWhereBothEndsWantIt"}}
	case "calla.auto_answer":
		return []proof{{"phone/autoanswer_test.go", "TestCallsAreAnsweredByThemselves"}}
	case "calla.auto_answer_domains":
		return []proof{{"phone/autoanswer_test.go", "TestOnlyNamedDomainsMayHaveCallsAnswered"}}
	case "calla.ringtone":
		return []proof{{"phone/ringtone_test.go", "TestCallsRingWithTheToneThatIsChosen"}}
	case "calla.hold_music":
		return []proof{{"phone/holdmusic_test.go", "TestWhoIsOnHoldHearsTheMusicThatIsChosen"}}
	case "calla.log_file":
		return []proof{{logging, "TestLogFileAndCommandGetTheLinesOfTheAccount"}, {logs, "TestLogFileIsRotated"}}
	case "calla.log_command":
		return []proof{
			{logging, "TestLogFileAndCommandGetTheLinesOfTheAccount"},
			{logs, "TestLogCommandIsStartedAgain"},
		}
	}
	return nil
}
