
export const config = {
  uri: import.meta.env.VITE_SIP_URI ?? 'sip:alice@example.com',
  password: import.meta.env.VITE_SIP_PASSWORD as string,
  ws_servers: process.env.WS_URL || 'wss://ws.example.com:8443/sip',
  register_expires: Number(process.env.EXPIRES || 300),
};
