
export default () => (
  <SipProvider config={{ uri: 'sip:alice@example.com', password: 'secret', sockets: [new WebSocketInterface('wss://ws.example.com:8443/sip')] }}>
    <p>Don't hang up :) {count > 1 ? <b>calls</b> : null}</p>
  </SipProvider>
);
