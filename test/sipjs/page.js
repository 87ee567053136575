// The page under test: one SIP.js user agent with a tone generator for a microphone and instruments on what it hears.
// The driver calls the functions of window.peer, which are those of the page with JsSIP as far as SIP.js can do them.
const SIP = require('sip.js');
const instruments = require('../jssip/instruments');

// session is the call that was made or came in last; sessions are all, by the order they came.
const peer = { ua: null, session: null, sessions: [], incoming: null, ctx: null, gain: null };
window.peer = peer;
const tell = (event, detail = {}) => window.tell(JSON.stringify({ event, at: performance.timeOrigin + performance.now(), ...detail }));
const { microphone, hear } = instruments(peer, tell);

const handling = { constraints: { audio: true, video: false }, iceGatheringTimeout: 1000 };
const uriOf = (text) => SIP.UserAgent.makeURI(text);

peer.register = async ({ urls, uri, password, options }) => {
  const address = uriOf(uri);
  const ua = new SIP.UserAgent({
    uri: address,
    transportOptions: { server: urls[0] },
    authorizationUsername: address.user,
    authorizationPassword: password,
    sipExtension100rel: SIP.SIPExtension.Supported,
    sipExtensionReplaces: SIP.SIPExtension.Supported,
    logBuiltinEnabled: false,
    logConfiguration: false,
    sessionDescriptionHandlerFactory: SIP.Web.defaultSessionDescriptionHandlerFactory(async () => microphone(peer.hz)),
    sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: 1000, peerConnectionConfiguration: { iceServers: [] } },
    ...(options || {}),
    delegate: {
      onInvite: (invitation) => {
        watch(invitation);
        const from = invitation.remoteIdentity;
        if (invitation.replacee) {
          // RFC 3891: it takes the place of a call that is up, and rings nobody.
          tell('replaces');
          peer.incoming = invitation;
          invitation.accept({ sessionDescriptionHandlerOptions: handling });
          return;
        }
        peer.incoming = invitation;
        if (peer.reliable) invitation.progress({ rel100: true, statusCode: 183 });
        else invitation.progress();
        tell('incoming', { from: from.uri.toString(), name: from.displayName });
      },
    },
  });
  peer.ua = ua;
  peer.registerer = new SIP.Registerer(ua);
  peer.registerer.stateChange.addListener((state) => tell(state === SIP.RegistererState.Registered ? 'registered' : 'unregistered'));
  await ua.start();
  await peer.registerer.register();
};

function watch(session) {
  peer.session = session;
  peer.sessions.push(session);
  let up = false;
  session.stateChange.addListener((state) => {
    if (state === SIP.SessionState.Established) {
      up = true;
      tell('confirmed');
    }
    if (state === SIP.SessionState.Terminated) tell(up ? 'ended' : 'failed');
  });
  session.delegate = {
    onSessionDescriptionHandler: (handler) => handler.peerConnection.addEventListener('track',
      (e) => hear(e.streams[0] || new MediaStream([e.track]))),
    onInvite: (request) => tell('reinvite', { text: request.body }),
    onInfo: (info) => {
      const signal = /Signal=\s*(\S)/.exec(info.request.body || '');
      info.accept();
      if (signal) tell('dtmf', { tone: signal[1] });
    },
    onRefer: (referral) => {
      tell('refer', { target: referral.referTo.uri.clone().toString() });
      referral.accept().then(() => {
        const inviter = referral.makeInviter({ sessionDescriptionHandlerOptions: handling });
        watch(inviter);
        return inviter.invite();
      });
    },
  };
}

peer.call = ({ target, hz, late }) => {
  peer.hz = hz;
  const inviter = new SIP.Inviter(peer.ua, uriOf(target),
    { sessionDescriptionHandlerOptions: handling, inviteWithoutSdp: !!late });
  watch(inviter);
  return inviter.invite({ requestDelegate: { onProgress: () => tell('progress') } }).then(() => undefined);
};
peer.answer = ({ hz }) => {
  peer.hz = hz;
  return peer.incoming.accept({ sessionDescriptionHandlerOptions: handling });
};
peer.answerReliably = ({ hz }) => { peer.reliable = true; peer.hz = hz; }; // its sound begins before the answer
peer.decline = ({ code }) => peer.incoming.reject({ statusCode: code || 603 });
peer.hangup = () => (peer.session.state === SIP.SessionState.Established ? peer.session.bye() : peer.session.cancel()).then(() => undefined);
peer.leave = () => (peer.session.state === SIP.SessionState.Established ? peer.session.bye().then(() => undefined) : undefined);
peer.select = ({ index }) => { peer.session = peer.sessions[index]; };

// again sends a re-INVITE with a new offer; true once it was sent.
async function again(session, more, event) {
  const options = { ...handling, ...more };
  session.sessionDescriptionHandlerOptionsReInvite = options;
  await session.invite({
    sessionDescriptionHandlerOptions: options,
    requestDelegate: { onAccept: () => tell(event), onReject: () => tell(`${event}Refused`) },
  });
  return true;
}

function silence(session, on) {
  const connection = session.sessionDescriptionHandler.peerConnection;
  connection.getSenders().forEach((s) => { if (s.track) s.track.enabled = !on; });
  connection.getReceivers().forEach((r) => { if (r.track) r.track.enabled = !on; });
}
peer.hold = async () => {
  silence(peer.session, true);
  return again(peer.session, { hold: true }, 'holding');
};
peer.unhold = async () => {
  silence(peer.session, false);
  return again(peer.session, { hold: false }, 'resumed');
};
peer.renegotiate = ({ iceRestart }) => again(peer.session, { offerOptions: { iceRestart: !!iceRestart } }, 'renegotiated');

// refer transfers the present call to target, or to the far end of another call of this phone.
peer.refer = ({ target, index }) => peer.session.refer(index === undefined ? uriOf(target) : peer.sessions[index], {
  requestDelegate: { onAccept: () => tell('referTaken'), onReject: () => tell('referRefused') },
  onNotify: (notification) => {
    notification.accept();
    const status = /^SIP\/2.0 (\d+)/.exec(notification.request.body || '');
    if (status && status[1][0] === '2') tell('referAccepted');
    if (status && status[1] >= '300') tell('referFailed', { status: Number(status[1]) });
  },
}).then(() => undefined);

peer.dtmf = async ({ tones, transport }) => {
  if (transport !== 'INFO') return peer.session.sessionDescriptionHandler.sendDtmf(tones, { duration: 160, interToneGap: 120 });
  for (const tone of tones) {
    await peer.session.info({ requestOptions: { body: {
      contentDisposition: 'render', contentType: 'application/dtmf-relay', content: `Signal=${tone}\r\nDuration=160`,
    } } });
  }
  return true;
};
peer.stop = () => peer.ua.stop();
