
const a = { register_expires: 60 }, b = { ...a, password: 'secret' };
const ua = new JsSIP.UA({ ...b, ...(true && { uri: 'sip:alice@example.com' }), ...(window.dev ? { trace_sip: true } : {}), ws_servers: ['wss://ws.example.com:8443/sip'] });
