const initialState = { sip: { uri: 'sip:alice@example.com', sockets: [{ url: 'wss://ws.example.com:8443/sip' }] }, ui: {} };
export default (state = initialState, action) => { switch (action.type) { case 'LOGIN': return { ...state, sip: { ...state.sip, password: action.password } }; default: return state; } };
