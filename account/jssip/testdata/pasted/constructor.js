function Phone(opts) { var self = this; self.opts = opts; self.config = { uri: opts.user + '@example.com', password: opts.secret, ws_servers: opts.servers }; this.start = function () { self.ua = new JsSIP.UA(self.config); }; }
var p = new Phone({ user: 'alice', secret: 'secret', servers: ['wss://ws.example.com:8443/sip'] }); p.start();
