const env = process.env;
const { SIP_USER, SIP_PASS: pass = 'secret' } = process.env;
new JsSIP.UA({ uri: `sip:${SIP_USER || 'alice'}@example.com`, password: pass, authorization_user: env.AUTH_USER, ws_servers: [env.WS ? env.WS : 'wss://ws.example.com:8443/sip'] });
