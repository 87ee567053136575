import config from './config';
const ua = new JsSIP.UA(config);