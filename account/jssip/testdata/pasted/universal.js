(function (root, factory) { if (typeof define === 'function' && define.amd) { define(['jssip'], factory); } else { root.phone = factory(root.JsSIP); } }(this, function (JsSIP) {
  var s = new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip');
  return new JsSIP.UA({ sockets: [ s ], uri: 'sip:alice@example.com', password: 'secret' }); }));
