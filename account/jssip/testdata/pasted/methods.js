const Phone = { server: 'wss://ws.example.com:8443/sip', user: 'alice', domain: 'example.com',
  init: function() { this.socket = new JsSIP.WebSocketInterface(this.server); this.ua = new JsSIP.UA({ sockets: [this.socket], uri: 'sip:' + this.user + '@' + this.domain, password: this.getPassword() }); },
  getPassword() { return 'secret'; } };
Phone.init();
