
import { Web } from 'sip.js';
const server = "wss://ws.example.com:8443/sip";
const options = { aor: "sip:alice@example.com", media: { remote: { audio: getAudioElement('remoteAudio') } }, userAgentOptions: { authorizationUsername: 'alice', authorizationPassword: 'secret' } };
const simpleUser = new Web.SimpleUser(server, options);
await simpleUser.connect();
