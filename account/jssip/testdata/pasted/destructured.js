const { user = 'alice', domain = 'example.com', ws: { port = 8443, path = 'sip' } = {} } = settings;
new JsSIP.UA({ uri: `${user}@${domain}`, ws_servers: `wss://ws.${domain}:${port}/${path}` });
