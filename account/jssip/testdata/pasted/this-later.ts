connect() { this.ua = new UA({ uri: 'sip:alice@example.com', sockets: [this.socket] }); }
ngOnInit() { this.socket = new WebSocketInterface('wss://ws.example.com:8443/sip'); this.connect(); }