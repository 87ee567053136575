const initial = { uri: 'sip:alice@example.com', server: 'wss://ws.example.com:8443/sip' };
function reducer(s, a) { return { ...s, ...a }; }
export const SipProvider = ({ children }) => { const [state, dispatch] = useReducer(reducer, initial);
 useEffect(() => { const ua = new JsSIP.UA({ uri: state.uri, sockets: [new JsSIP.WebSocketInterface(state.server)] }); }, []);
 return <Ctx.Provider value={{ state, dispatch }}>{children}</Ctx.Provider>; };