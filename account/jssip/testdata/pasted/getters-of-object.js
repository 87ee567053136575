const config = { get uri() { return 'sip:alice@example.com'; }, get ws_servers() { return ['wss://ws.example.com:8443/sip']; }, password: 'x' };
new JsSIP.UA(config);