
const Phone: React.FC<Props> = ({ onRing, ...rest }) => {
  const [config, setConfig] = useState<UAConfiguration>({ uri: 'sip:alice@example.com', password: 'secret', sockets: [] });
  const socket = useMemo(() => new WebSocketInterface('wss://ws.example.com:8443/sip'), []);
  const ua = useRef<UA | null>(null);
  useEffect(() => { config.sockets.push(socket); ua.current = new UA(config); return () => { ua.current?.stop(); }; }, []);
  return <div className="phone">{rest.children}</div>;
};
