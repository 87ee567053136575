const { hostname } = window.location;
new JsSIP.UA({ uri: `sip:100@${hostname}`, ws_servers: `wss://${hostname}/ws` })