
from os import getenv
CONFIG = {
    "uri": "sip:alice@example.com",  # who
    "password": os.environ["SIP_PASSWORD"],
    "ws_servers": ["wss://ws.example.com:8443/sip"],
    "register_expires": None,
}
