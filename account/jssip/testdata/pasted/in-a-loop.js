
const accounts = [{ user: 'alice', secret: 'secret' }];
accounts.forEach(({ user, secret }) => {
  new JsSIP.UA({ uri: user + '@example.com', password: secret, ws_servers: 'wss://ws.example.com:8443/sip' }).start();
});
