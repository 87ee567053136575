
module.exports = function () { 'use strict'; return { uri: 'sip:alice@example.com', password: 'secret', sockets: [ new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip') ] }; };
