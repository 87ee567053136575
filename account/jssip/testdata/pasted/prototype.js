function Phone() {}
Phone.prototype.config = { uri: 'sip:alice@example.com', ws_servers: 'wss://ws.example.com:8443/sip' };
Phone.prototype.start = function () { this.ua = new JsSIP.UA(this.config); };
