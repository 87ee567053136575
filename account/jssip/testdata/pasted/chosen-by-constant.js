
const PRODUCTION = true, TLS = !0;
const host = PRODUCTION ? 'ws.example.com' : 'localhost';
const ua = new JsSIP.UA({ uri: 'sip:alice@example.com', password: PRODUCTION && 'secret', ws_servers: (TLS ? 'wss' : 'ws') + '://' + host + ':8443/sip' });
