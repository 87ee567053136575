const sockets = []; for (const s of ['wss://ws.example.com:8443/sip']) { sockets.push(new JsSIP.WebSocketInterface(s)); } new JsSIP.UA({ uri: 'sip:alice@example.com', sockets });
