
const JsSIP = (await import('jssip')).default;
const ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip')], uri: new JsSIP.URI('sip', 'alice', 'example.com').toString(), password: 'secret' });
