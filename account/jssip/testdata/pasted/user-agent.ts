
import { UserAgent, UserAgentOptions, Registerer } from "sip.js";
const transportOptions = { server: "wss://ws.example.com:8443/sip" };
const uri = UserAgent.makeURI("sip:alice@example.com");
if (!uri) { throw new Error("no uri"); }
const userAgentOptions: UserAgentOptions = { authorizationPassword: 'secret', authorizationUsername: 'alice', transportOptions, uri };
const userAgent = new UserAgent(userAgentOptions);
