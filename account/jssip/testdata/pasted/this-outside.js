this.socket = new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip');
this.ua = new JsSIP.UA({ uri: 'sip:alice@example.com', sockets: [this.socket] });