let cfg = {};
switch (process.env.NODE_ENV) { case 'production': cfg = { uri: 'sip:alice@example.com', ws_servers: 'wss://ws.example.com:8443/sip' }; break; default: cfg = { uri: 'sip:dev@localhost', ws_servers: 'ws://localhost' } }
new JsSIP.UA(cfg);
